//! The embedded PostgreSQL of a development home, started again when it dies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use plinth_embedded::{Cluster, ClusterConfig, Installation, SearchOptions};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::files::Home;

/// A running cluster, watched by a task of its own.
#[derive(Debug)]
pub struct Database {
    base: String,
    folder: PathBuf,
    stop: oneshot::Sender<()>,
    watcher: JoinHandle<anyhow::Result<()>>,
}

/// The database name in `base` that [`Database::url`] replaces.
const PLACE: &str = "DATABASE";

pub async fn start(home: &Home) -> anyhow::Result<Database> {
    let folder = home.path("postgres");
    let options = SearchOptions::from_env().major(Cluster::major_version_in(&folder));
    let installation = Installation::find(&options).or_else(|_| Installation::find(&SearchOptions::from_env()))?;
    tracing::info!(version = %installation.version, "starting PostgreSQL");
    let cluster = Cluster::open(ClusterConfig::new(&folder, installation))
        .await
        .context("cannot start PostgreSQL")?;
    // SQL logins are for the cell alone, and it is nobody else's server.
    plinth_store::migrate::close_server(&cluster.url("postgres"))
        .await
        .context("cannot close the other databases")?;
    let (base, folder) = (cluster.url(PLACE), cluster.server_dir().to_owned());
    let (stop, stopped) = oneshot::channel();
    let watcher = tokio::spawn(watch(cluster, stopped));
    Ok(Database {
        base,
        folder,
        stop,
        watcher,
    })
}

/// Between two tries to start PostgreSQL again, when a disk is full, say.
const RESTART: Duration = Duration::from_secs(2);

async fn watch(mut cluster: Cluster, mut stopped: oneshot::Receiver<()>) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            _ = cluster.exited() => tracing::warn!("PostgreSQL has died; starting it again"),
            _ = &mut stopped => {
                cluster.stop().await?;
                return Ok(());
            }
        }
        while let Err(error) = cluster.restart().await {
            tracing::error!(%error, "cannot start PostgreSQL again");
            tokio::select! {
                () = tokio::time::sleep(RESTART) => {}
                _ = &mut stopped => return Ok(()),
            }
        }
    }
}

impl Database {
    pub fn url(&self, database: &str) -> String {
        self.base.replacen(&format!("/{PLACE}"), &format!("/{database}"), 1)
    }

    /// Where its data is, with links followed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        // The receiver is gone only when the watcher is, whose result tells why.
        let _ = self.stop.send(());
        self.watcher.await?
    }
}
