//! Stored logins: profiles in one TOML file that only its owner can read.
//! Must not talk to a server.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

const DEFAULT_PROFILE: &str = "default";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Config {
    /// The profile that is used when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Profile {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("url", &self.url)
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// `$PLINTH_CONFIG_DIR`, else `plinth` in the user's configuration folder.
    pub fn path() -> anyhow::Result<PathBuf> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = set("PLINTH_CONFIG_DIR")
            .or_else(|| Some(set("XDG_CONFIG_HOME")?.join("plinth")))
            .or_else(|| Some(set("HOME")?.join(".config/plinth")))
            .context("no place for logins: set HOME or PLINTH_CONFIG_DIR")?;
        Ok(folder.join("config.toml"))
    }

    pub fn load(path: &Path) -> anyhow::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("cannot read `{}`", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
    }

    /// Replaces the file in one step: a crash leaves the old one or the new one.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let folder = path.parent().context("the configuration has no folder")?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        let fresh = folder.join(format!(".config.toml.{}", std::process::id()));
        let written = self.write(&fresh).and_then(|()| Ok(fs::rename(&fresh, path)?));
        if written.is_err() {
            // The error that counts is the one above.
            let _ = fs::remove_file(&fresh);
        }
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(toml::to_string(self)?.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    /// The name of the profile in use.
    pub fn profile_name(&self, asked: Option<&str>) -> String {
        let name = asked.or(self.current.as_deref());
        name.unwrap_or(DEFAULT_PROFILE).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_login_survives_and_only_its_owner_can_read_it() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b/config.toml");
        assert!(Config::load(&path)?.profiles.is_empty());
        let mut config = Config::default();
        let profile = Profile {
            url: "http://127.0.0.1:8080".into(),
            token: Some("plinth_ses_x".into()),
            org: None,
        };
        config.profiles.insert("default".into(), profile);
        config.save(&path)?;
        config.save(&path)?;
        let again = Config::load(&path)?;
        let token = again.profiles["default"].token.as_deref();
        assert_eq!(token, Some("plinth_ses_x"));
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        let entries = fs::read_dir(path.parent().context("no parent")?)?.count();
        assert_eq!(entries, 1, "a temporary file was left");
        Ok(())
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let profile = Profile {
            token: Some("plinth_ses_secret".into()),
            ..Profile::default()
        };
        assert!(!format!("{profile:?}").contains("secret"));
    }
}
