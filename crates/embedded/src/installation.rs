//! Where the PostgreSQL programs are: on this machine, or in the pinned archive. Starts nothing but `postgres --version`.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{EmbeddedError, Result, archive};

/// The oldest major version that callers may rely on.
const MINIMUM_MAJOR: u32 = 15;

/// A server version such as 15.18; ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; a `19beta1` is 19.0.
    fn parse(output: &str) -> Option<Self> {
        let number = output.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
        let mut parts = number.split('.').map(leading_number);
        Some(Self {
            major: parts.next()??,
            minor: parts.next().flatten().unwrap_or(0),
        })
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// A folder with `postgres` and `initdb` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    pub bin_dir: PathBuf,
    pub version: Version,
}

/// Where to look. [`SearchOptions::from_env`] is what a program wants; the rest is for tests.
#[derive(Debug, Clone, Default)]
pub struct SearchOptions {
    /// Use this folder and no other.
    pub bin_dir: Option<PathBuf>,
    /// Like the environment variable `PATH`.
    pub path: Option<OsString>,
    /// Folders to look at besides `path`.
    pub folders: Vec<PathBuf>,
    /// Where the pinned archive was put; it is used when the machine has no other.
    pub cache_dir: Option<PathBuf>,
    /// Only this major version, for data that exists already.
    pub major: Option<u32>,
}

impl SearchOptions {
    /// `PLINTH_PG_BIN`, `PATH`, the usual folders of distributions, Homebrew and Postgres.app, then the archive in the cache.
    pub fn from_env() -> Self {
        Self {
            bin_dir: std::env::var_os("PLINTH_PG_BIN")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            path: std::env::var_os("PATH"),
            folders: usual_folders(),
            cache_dir: Some(archive::cache_dir()),
            major: None,
        }
    }

    /// Only the pinned archive.
    pub fn archive_only(cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            cache_dir: Some(cache_dir.into()),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn major(mut self, major: Option<u32>) -> Self {
        self.major = major;
        self
    }

    fn accepts(&self, version: Version) -> bool {
        version.major >= MINIMUM_MAJOR && self.major.is_none_or(|major| version.major == major)
    }
}

impl Installation {
    /// The newest one that fits.
    pub fn find(options: &SearchOptions) -> Result<Self> {
        if let Some(bin_dir) = &options.bin_dir {
            return Self::explicit(bin_dir);
        }
        let candidates = candidates(options);
        let found = candidates.iter().filter_map(|folder| Self::at(folder).ok());
        let newest = found
            .filter(|found| options.accepts(found.version))
            .max_by_key(|found| found.version);
        if let Some(newest) = newest {
            return Ok(newest);
        }
        if let Some(cache_dir) = &options.cache_dir
            && options.accepts(archive::version())
            && let Some(bin_dir) = archive::unpacked_bin_dir(cache_dir)?
        {
            return Self::at(&bin_dir).map_err(|reason| EmbeddedError::Archive { path: bin_dir, reason });
        }
        Err(EmbeddedError::NotFound {
            minimum: options.major.unwrap_or(MINIMUM_MAJOR),
            looked: describe(&candidates, options.cache_dir.as_deref()),
        })
    }

    /// The caller named the folder: anything else would be a surprise, so nothing else is looked at.
    fn explicit(bin_dir: &Path) -> Result<Self> {
        let unusable = |reason| EmbeddedError::UnusableBinDir {
            path: bin_dir.to_path_buf(),
            reason,
        };
        let found = Self::at(bin_dir).map_err(unusable)?;
        if found.version.major < MINIMUM_MAJOR {
            return Err(unusable(format!(
                "it holds PostgreSQL {}; {MINIMUM_MAJOR} is the oldest",
                found.version
            )));
        }
        Ok(found)
    }

    /// Looks into one folder. Links are followed to the real programs, for the server finds its libraries from there.
    fn at(folder: &Path) -> Result<Self, String> {
        let postgres = folder
            .join("postgres")
            .canonicalize()
            .map_err(|_| "it holds no `postgres`".to_owned())?;
        let bin_dir = postgres.parent().unwrap_or(folder).to_path_buf();
        if !bin_dir.join("initdb").exists() {
            return Err("it holds no `initdb`".to_owned());
        }
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&text).ok_or_else(|| format!("`postgres --version` says `{}`", text.trim()))?;
        Ok(Self { bin_dir, version })
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(major: u32) -> Self {
        Self {
            bin_dir: PathBuf::from("/nowhere"),
            version: Version { major, minor: 0 },
        }
    }
}

fn candidates(options: &SearchOptions) -> Vec<PathBuf> {
    let path = options.path.iter().flat_map(std::env::split_paths);
    let mut folders: Vec<PathBuf> = path.chain(options.folders.iter().cloned()).collect();
    folders.retain(|folder| folder.join("postgres").exists());
    folders
}

fn describe(candidates: &[PathBuf], cache_dir: Option<&Path>) -> String {
    let mut looked: Vec<String> = candidates
        .iter()
        .map(|folder| format!("`{}`", folder.display()))
        .collect();
    looked.push("PATH and the usual folders".to_owned());
    looked.extend(cache_dir.map(|folder| format!("`{}`", folder.join(archive::archive_file_name()).display())));
    looked.join(", ")
}

/// `(folder, what its children's names begin with, what lies below each child)`.
const FOLDER_PATTERNS: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

fn usual_folders() -> Vec<PathBuf> {
    FOLDER_PATTERNS
        .iter()
        .flat_map(|(parent, prefix, below)| matching_folders(parent, prefix, below))
        .collect()
}

fn matching_folders(parent: &str, prefix: &str, below: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    let matching = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    matching.map(|entry| entry.path().join(below)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_server_prints() {
        for (output, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, 18))),
            ("postgres (PostgreSQL) 18.4", Some((18, 4))),
            ("postgres (PostgreSQL) 19beta1", Some((19, 0))),
            ("something else", None),
        ] {
            let found = Version::parse(output).map(|version| (version.major, version.minor));
            assert_eq!(found, expected, "{output}");
        }
    }

    #[test]
    fn newer_versions_are_greater() {
        assert!(Version { major: 15, minor: 18 } < Version { major: 18, minor: 4 });
        assert!(Version { major: 15, minor: 9 } < Version { major: 15, minor: 18 });
    }

    #[test]
    fn a_named_folder_without_programs_is_an_error_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let options = SearchOptions {
            bin_dir: Some(folder.path().to_path_buf()),
            ..SearchOptions::from_env()
        };
        let error = Installation::find(&options).unwrap_err();
        assert!(error.to_string().contains("it holds no `postgres`"), "{error}");
    }

    #[test]
    fn nothing_found_says_what_to_do() {
        let empty = tempfile::tempdir().unwrap();
        let error = Installation::find(&SearchOptions::archive_only(empty.path())).unwrap_err();
        assert!(error.to_string().contains("scripts/fetch-postgres.sh"), "{error}");
    }
}
