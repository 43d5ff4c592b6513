//! The folders that connections of kind `files` may name: those below the agent's own.

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::spec::ConnectionSpec;

/// Puts the folder of a files connection below `root`, or refuses it. Other connections stay as they are.
///
/// # Errors
/// `folder_not_allowed`.
pub(crate) fn confine(connection: ConnectionSpec, root: &Path) -> Result<ConnectionSpec> {
    let ConnectionSpec::Files(mut spec) = connection else {
        return Ok(connection);
    };
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
    let wanted = root.join(&spec.directory);
    if !resolved(&wanted).starts_with(root) {
        return Err(refused());
    }
    spec.directory = wanted;
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
        };
        match confine(ConnectionSpec::Files(spec), root) {
            Ok(ConnectionSpec::Files(spec)) => Some(spec.directory),
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
