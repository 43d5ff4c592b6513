//! What connections may name: folders below their org's own, hosts in networks that are open to them.

use std::path::{Component, Path, PathBuf};

use plinth_model::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::Networks;
use crate::spec::{ConnectionSpec, FilesSpec};

/// What an agent's operator lets connections reach.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// Holds a folder for each org, named by its id.
    pub files: PathBuf,
    pub networks: Networks,
}

impl Bounds {
    /// Puts the folder of a files connection below the folder of its org, or refuses it. A database's address is judged
    /// when it is known, which is when it is connected to.
    ///
    /// # Errors
    /// `folder_not_allowed`; `control_plane` when `org` is no org's id.
    pub(crate) fn confine(&self, org: &str, connection: ConnectionSpec) -> Result<ConnectionSpec> {
        match connection {
            ConnectionSpec::Files(spec) => below(spec, self.files.join(folder_of(org)?)),
            ConnectionSpec::Postgres(mut spec) => {
                spec.networks = self.networks.clone();
                Ok(ConnectionSpec::Postgres(spec))
            }
        }
    }
}

/// The name of an org's folder, which is its id in the one way that ids are written.
fn folder_of(org: &str) -> Result<String> {
    let id: OrgId = org.parse().map_err(|_| {
        Error::transient(
            "control_plane",
            "the control plane does not say whose connection this is",
        )
    })?;
    Ok(id.to_string())
}

fn below(mut spec: FilesSpec, home: PathBuf) -> Result<ConnectionSpec> {
    let inward = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !spec.directory.components().all(inward) || !resolved(&home.join(&spec.directory)).starts_with(&home) {
        return Err(Error::new(
            "folder_not_allowed",
            format!(
                "the folder `{}` lies outside of your organization's files",
                spec.directory.display()
            ),
        )
        .hint("name a folder relative to your organization's own folder of files"));
    }
    spec.root = home;
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
    use crate::progress::Progress;
    use crate::report::{Metric, Reporter};
    use crate::run::{Job, attempt};
    use crate::spec::FileFormat;
    use crate::task::job_of;
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    fn confined(directory: &str, home: &Path) -> Option<PathBuf> {
        let spec = FilesSpec {
            directory: directory.into(),
            format: FileFormat::Csv,
            root: PathBuf::new(),
        };
        match below(spec, home.to_owned()) {
            Ok(ConnectionSpec::Files(spec)) => Some(spec.path()),
            _ => None,
        }
    }

    #[test]
    fn folders_outside_are_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("org")).unwrap();
        std::fs::create_dir(root.join("other")).unwrap();
        let home = root.join("org");
        std::os::unix::fs::symlink("/etc", home.join("link")).unwrap();
        std::os::unix::fs::symlink("../other", home.join("neighbour")).unwrap();
        assert_eq!(confined("shop/new", &home), Some(home.join("shop/new")));
        let absolute = home.join("absolute");
        for outside in [
            "/etc",
            "../x",
            "../other",
            "a/../../x",
            "link",
            "link/deeper",
            "neighbour",
            "neighbour/deeper",
            absolute.to_str().unwrap(),
        ] {
            assert_eq!(confined(outside, &home), None, "{outside}");
        }
    }

    #[test]
    fn without_an_org_there_is_no_folder() {
        for org in [
            "",
            ".",
            "..",
            "/",
            "shop",
            "org_1",
            "pipeline_00000000000000000000000001",
        ] {
            assert_eq!(folder_of(org).unwrap_err().code, "control_plane", "{org}");
        }
    }

    /// Hears nothing.
    struct Nobody;

    impl Reporter for Nobody {
        async fn status(&self, _: &crate::status::PipelineStatus) -> Result<()> {
            Ok(())
        }

        async fn metrics(&self, _: &[Metric]) -> Result<()> {
            Ok(())
        }

        async fn usage(&self, _: &[crate::checkpoint::Usage]) -> Result<()> {
            Ok(())
        }
    }

    /// The job of a pipeline of `org` from one folder to another.
    fn job(bounds: &Bounds, org: &str, from: &str, to: &str) -> Result<Job> {
        let connection = |directory: &str| json!({"id": "connection_1", "org": org, "type": "connection", "name": "c", "spec": {"kind": "files", "directory": directory, "format": "csv"}});
        let spec = json!({"source": {"connection": "c"}, "destination": {"connection": "c"}, "mode": "snapshot"});
        let work = json!({
            "resource": {"id": "pipeline_1", "org": org, "type": "pipeline", "name": "p", "spec": spec},
            "references": {"/source/connection": connection(from), "/destination/connection": connection(to)},
        });
        job_of(&serde_json::from_value(work).unwrap(), 1, bounds)
    }

    #[tokio::test]
    async fn an_org_reads_and_writes_no_file_of_another() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        let bounds = Bounds {
            files: root.clone(),
            networks: Networks::default(),
        };
        let (acme, evil) = (OrgId::generate().to_string(), OrgId::generate().to_string());
        let run = async |org: &str, from: &str, to: &str| {
            let job = job(&bounds, org, from, to)?;
            let cancel = CancellationToken::new();
            attempt(&job, &Progress::default(), &Nobody, &cancel).await
        };
        std::fs::create_dir_all(root.join(&acme).join("lake")).unwrap();
        std::fs::write(root.join(&acme).join("lake/goods.csv"), "a\nacme\n").unwrap();
        run(&acme, "lake", "copy").await.unwrap();
        let copied = root.join(&acme).join("copy/public.goods/part-1-00000.csv");
        assert_eq!(std::fs::read_to_string(&copied).unwrap(), "a\nacme\n");

        // The same name is another folder, and no other name leads there.
        let unseen = run(&evil, "lake", "mine").await.unwrap_err();
        assert_eq!(unseen.code, "no_such_file");
        std::fs::create_dir_all(root.join(&evil).join("lake")).unwrap();
        std::fs::write(root.join(&evil).join("lake/goods.csv"), "a\nevil\n").unwrap();
        let link = root.join(&evil).join("lake/stolen.csv");
        std::os::unix::fs::symlink(root.join(&acme).join("lake/goods.csv"), &link).unwrap();
        let refused = run(&evil, "lake", "mine").await.unwrap_err();
        assert_eq!(refused.code, "folder_not_allowed", "{refused}");
        std::fs::remove_file(link).unwrap();
        run(&evil, "lake", "copy").await.unwrap();
        assert_eq!(std::fs::read_to_string(&copied).unwrap(), "a\nacme\n");
        let own = root.join(&evil).join("copy/public.goods/part-1-00000.csv");
        assert_eq!(std::fs::read_to_string(own).unwrap(), "a\nevil\n");
        let absolute = root.join(&acme).join("lake");
        let ways = [
            format!("../{acme}/lake"),
            absolute.display().to_string(),
            format!("{acme}/lake"),
        ];
        for way in &ways {
            let read = run(&evil, way, "mine").await.unwrap_err();
            assert!(
                ["folder_not_allowed", "no_such_file"].contains(&read.code),
                "{way}: {read}"
            );
            assert!(
                way.starts_with('/') || !read.to_string().contains(root.to_str().unwrap()),
                "{read}"
            );
        }
        for way in &ways[..2] {
            let written = run(&evil, "lake", way).await.unwrap_err();
            assert_eq!(written.code, "folder_not_allowed", "{way}");
        }
        run(&evil, "lake", &ways[2]).await.unwrap();
        let names = |folder: PathBuf| std::fs::read_dir(folder).unwrap().count();
        assert_eq!(names(root.join(&acme)), 2, "`lake` and `copy`");
        assert_eq!(names(root.join(&acme).join("lake")), 1, "`goods.csv`");
    }
}
