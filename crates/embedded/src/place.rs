//! Which files a cluster has and where: the home folder is the caller's, the server folder inside it is the server's.
//!
//! ```text
//! <home>/lock          held while a supervisor runs
//! <home>/password      of the superuser, 0600, ours
//! <home>/port          the loopback port of last time
//! <home>/socket_dir    where the socket was last time
//! <home>/server.log    what the server says
//! <home>/guard         the process that ends the server together with another one, if that was asked for
//! <home>/server/       0700, owned by the server's user: data/, sockets/
//! ```
//!
//! When we are root and the server's user cannot enter the home (below a 0700 `/root`, say), `server` is a link to
//! `/var/lib/plinth/<random>`. The name is random, so that a new home at an old path never meets another home's data.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rand::RngExt;

use crate::error::IoContext;
use crate::user::ServerUser;
use crate::{EmbeddedError, Result};

const REACHABLE_ROOT: &str = "/var/lib/plinth";

/// The kernel's limit of a socket's whole path is 104 bytes on macOS and 108 on Linux; `.s.PGSQL.65535.lock` takes 20.
const LONGEST_SOCKET_DIR: usize = 82;

/// The files of one cluster, locked for this process.
#[derive(Debug)]
pub(crate) struct Place {
    home: PathBuf,
    server_dir: PathBuf,
    _lock: File,
}

impl Place {
    pub(crate) fn open(home: &Path, user: &ServerUser) -> Result<Self> {
        fs::create_dir_all(home).context("create", home)?;
        let home = home.canonicalize().context("resolve", home)?;
        let lock = lock(&home)?;
        let link = home.join("server");
        if link.symlink_metadata().is_err() {
            create_server_dir(&home, &link, user)?;
        }
        let server_dir = link.canonicalize().context("resolve", &link)?;
        if let Some(account) = user.account()
            && !user.can_enter(&server_dir)?
        {
            return Err(EmbeddedError::Unreachable {
                user: account.name.clone(),
                path: server_dir,
            });
        }
        Ok(Self {
            home,
            server_dir,
            _lock: lock,
        })
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn server_dir(&self) -> &Path {
        &self.server_dir
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.server_dir.join("data")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// The superuser's password; made together with a new cluster, and never again.
    pub(crate) fn password(&self) -> Result<String> {
        let file = self.home.join("password");
        match fs::read_to_string(&file) {
            Ok(password) if !password.trim().is_empty() => Ok(password.trim().to_owned()),
            _ if self.data_dir().exists() => Err(EmbeddedError::PasswordMissing {
                home: self.home.clone(),
                file,
            }),
            _ => {
                let password = random_hex::<24>();
                write_private(&file, &password)?;
                Ok(password)
            }
        }
    }

    pub(crate) fn last_port(&self) -> Option<u16> {
        fs::read_to_string(self.home.join("port")).ok()?.trim().parse().ok()
    }

    pub(crate) fn remember_port(&self, port: u16) -> Result<()> {
        let file = self.home.join("port");
        fs::write(&file, port.to_string()).context("write", &file)
    }

    /// An empty folder for the socket that only the server's user can enter. Called when no server runs: what lies in there is
    /// left over, and would stop the next server if the process number in its lock file was in use again.
    pub(crate) fn fresh_socket_dir(&self, user: &ServerUser) -> Result<PathBuf> {
        let note = self.home.join("socket_dir");
        if let Ok(old) = fs::read_to_string(&note) {
            user.run("rm", &[Path::new("-rf"), Path::new("--"), Path::new(old.trim())])?;
        }
        let inside = self.server_dir.join("sockets");
        let folder = if inside.as_os_str().len() <= LONGEST_SOCKET_DIR {
            user.run("mkdir", &[Path::new("-p"), Path::new("-m"), Path::new("700"), &inside])?;
            inside
        } else {
            PathBuf::from(user.run("mktemp", &[Path::new("-d"), Path::new("/tmp/plinth-XXXXXXXX")])?)
        };
        fs::write(&note, folder.as_os_str().as_encoded_bytes()).context("write", &note)?;
        Ok(folder)
    }
}

/// The major version of the cluster in `home`, as its `PG_VERSION` says; `None` when there is no cluster yet.
pub(crate) fn data_major(home: &Path) -> Option<u32> {
    fs::read_to_string(home.join("server/data/PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Removes the home and, if the server's folder lies elsewhere, that too.
pub(crate) fn remove(home: &Path) -> Result<()> {
    let server_dir = home.join("server").canonicalize();
    if let Ok(server_dir) = server_dir.as_deref()
        && server_dir.starts_with(REACHABLE_ROOT)
    {
        fs::remove_dir_all(server_dir).context("remove", server_dir)?;
    }
    fs::remove_dir_all(home).context("remove", home)
}

fn lock(home: &Path) -> Result<File> {
    let file = home.join("lock");
    let lock = File::create(&file).context("create", &file)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::HomeInUse {
            home: home.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(source).context("lock", &file),
    }
}

fn create_server_dir(home: &Path, link: &Path, user: &ServerUser) -> Result<()> {
    let Some(account) = user.account() else {
        return fs::DirBuilder::new().mode(0o700).create(link).context("create", link);
    };
    let reachable = user.can_enter(home)?;
    let folder = if reachable {
        link.to_path_buf()
    } else {
        Path::new(REACHABLE_ROOT).join(random_hex::<8>())
    };
    if !reachable {
        fs::create_dir_all(REACHABLE_ROOT).context("create", Path::new(REACHABLE_ROOT))?;
    }
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .context("create", &folder)?;
    lchown(&folder, Some(account.uid), Some(account.gid)).context("chown", &folder)?;
    if !reachable {
        tracing::info!(user = account.name, folder = %folder.display(), "home cannot be entered, data goes elsewhere");
        symlink(&folder, link).context("link", link)?;
    }
    Ok(())
}

fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()))
        .context("write", file)
}

fn random_hex<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    rand::rng().fill(&mut bytes);
    hex::encode(bytes)
}
