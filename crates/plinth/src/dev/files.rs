//! The home folder: keys and tokens that survive a restart, readable by their owner only.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rand::RngExt;

#[derive(Debug)]
pub struct Home(PathBuf);

impl Home {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path)?;
        // Others may pass through, since PostgreSQL runs as another user when this one is root; secrets have modes of their own.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&path)
            .with_context(|| format!("cannot create the home folder `{}`", path.display()))?;
        Ok(Self(path))
    }

    pub fn root(&self) -> &Path {
        &self.0
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The key-encryption key, made at the first start.
    pub fn key(&self) -> anyhow::Result<[u8; 32]> {
        let text = self.token("key", || hex::encode(rand::rng().random::<[u8; 32]>()))?;
        let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.with_context(|| format!("`{}` is not 64 hex digits", self.path("key").display()))
    }

    /// The text of a file, made at the first start.
    pub fn token(&self, name: &str, make: impl FnOnce() -> String) -> anyhow::Result<String> {
        let path = self.path(name);
        if let Ok(text) = std::fs::read_to_string(&path)
            && !text.trim().is_empty()
        {
            return Ok(text.trim().to_owned());
        }
        let text = make();
        // A crash in the middle must not leave half of it.
        let partial = self.path(&format!("{name}.new"));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&partial, &path)?;
        Ok(text)
    }
}
