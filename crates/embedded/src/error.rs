//! Everything that can go wrong around a server process, each said so that a person can act on it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::Version;

/// Why an embedded PostgreSQL could not be found, made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL {minimum} or later found (looked at {looked}); install the server package of your system, set \
         `PLINTH_PG_BIN` to the folder of its programs, or fetch the pinned archive with `scripts/fetch-postgres.sh`"
    )]
    NotFound { minimum: u32, looked: String },

    #[error("`PLINTH_PG_BIN` is `{}`, but {reason}", path.display())]
    UnusableBinDir { path: PathBuf, reason: String },

    #[error("the archive `{}` is not the pinned one: its SHA-512 is `{found}`, not `{expected}`; delete it and fetch it again", path.display())]
    ArchiveIntegrity {
        path: PathBuf,
        expected: String,
        found: String,
    },

    #[error("cannot unpack `{}`: {reason}", path.display())]
    Archive { path: PathBuf, reason: String },

    #[error(
        "`{}` was made by PostgreSQL {found}, but the server found is {} in `{}`; set `PLINTH_PG_BIN` to the programs of \
         a PostgreSQL {found}, or upgrade the data with `pg_upgrade`, or use another home folder",
        data_dir.display(), installed, bin_dir.display()
    )]
    WrongMajor {
        data_dir: PathBuf,
        found: String,
        installed: Version,
        bin_dir: PathBuf,
    },

    #[error("`{}` is used by another running process; stop it first", home.display())]
    HomeInUse { home: PathBuf },

    #[error("`{}` holds a cluster, but its password file `{}` is missing; restore it or use another home folder", home.display(), file.display())]
    PasswordMissing { home: PathBuf, file: PathBuf },

    #[error("PostgreSQL refuses to run as root, and there is no user `{wanted}` to run it as")]
    NoServerUser { wanted: String },

    #[error("the user `{user}`, who runs PostgreSQL, cannot enter `{}`; open the folders above it or use another place", path.display())]
    Unreachable { user: String, path: PathBuf },

    #[error("`{program}` failed ({status}): {output}")]
    Program {
        program: String,
        status: ExitStatus,
        output: String,
    },

    #[error("PostgreSQL stopped while starting ({status}); the end of `{}`:\n{tail}", log.display())]
    StoppedWhileStarting {
        status: ExitStatus,
        log: PathBuf,
        tail: String,
    },

    #[error("PostgreSQL was not ready after {} s; the end of `{}`:\n{tail}", waited.as_secs(), log.display())]
    StartTimeout {
        waited: Duration,
        log: PathBuf,
        tail: String,
    },

    #[error("the process {pid} of `{}` does not end", data_dir.display())]
    WillNotEnd { pid: i32, data_dir: PathBuf },

    #[error("cannot {doing} `{}`", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error("no free port on the loopback address")]
    NoPort(#[source] io::Error),
}

/// Adds to an I/O error what was being done, and to which file.
pub(crate) trait IoContext<T> {
    fn context(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::Io {
            doing,
            path: path.to_path_buf(),
            source,
        })
    }
}
