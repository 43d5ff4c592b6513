//! What connections may name: folders below the agent's own, hosts in networks that are open to them.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::Networks;
use crate::spec::{ConnectionSpec, FilesSpec};

/// What an agent's operator lets connections reach.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bounds {
    pub files: PathBuf,
    pub networks: Networks,
}

impl Bounds {
    /// Puts the folder of a files connection below the agent's own, or refuses it. A database's address is judged when it is
    /// known, which is when it is connected to.
    ///
    /// # Errors
    /// `folder_not_allowed`.
    pub(crate) fn confine(&self, connection: ConnectionSpec) -> Result<ConnectionSpec> {
        match connection {
            ConnectionSpec::Files(spec) => below(spec, &self.files),
            ConnectionSpec::Postgres(mut spec) => {
                spec.networks = self.networks.clone();
                Ok(ConnectionSpec::Postgres(spec))
            }
        }
    }
}

fn below(mut spec: FilesSpec, root: &Path) -> Result<ConnectionSpec> {
    let refused = || {
        Error::new(
            "folder_not_allowed",
            format!(
                "the folder `{}` lies outside of the workers' files",
                spec.directory.display()
            ),
        )
        .hint("name a folder relative to the workers' own folder of files")
    };
    if spec
        .directory
        .components()
        .any(|part| matches!(part, Component::ParentDir))
    {
        return Err(refused());
    }
    if !resolved(&root.join(&spec.directory)).starts_with(root) {
        return Err(refused());
    }
    spec.root = root.to_owned();
    Ok(ConnectionSpec::Files(spec))
}

/// The path with links followed, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut at = path;
    loop {
        if let Ok(real) = at.canonicalize() {
            return missing.iter().rev().fold(real, |path, part| path.join(part));
        }
        match (at.parent(), at.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name.to_owned());
                at = parent;
            }
            _ => return path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{FileFormat, FilesSpec};

    fn confined(directory: &str, root: &Path) -> Option<PathBuf> {
        let spec = FilesSpec {
            directory: directory.into(),
            format: FileFormat::Csv,
            root: PathBuf::new(),
        };
        match below(spec, root) {
            Ok(ConnectionSpec::Files(spec)) => Some(spec.path()),
            _ => None,
        }
    }

    #[test]
    fn folders_outside_are_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
        assert_eq!(confined("shop/new", &root), Some(root.join("shop/new")));
        assert_eq!(
            confined(root.join("abs").to_str().unwrap(), &root),
            Some(root.join("abs"))
        );
        for outside in ["/etc", "../x", "a/../../x", "link", "link/deeper"] {
            assert_eq!(confined(outside, &root), None, "{outside}");
        }
    }
}
