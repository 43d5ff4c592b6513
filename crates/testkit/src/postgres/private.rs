//! A server that one test has for itself: to kill, to restart, to configure.

use std::path::{Path, PathBuf};

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use plinth_embedded::{AfterStop, Cluster, ClusterConfig, Guard, Installation};

use super::run::{installation, short_id, temporary_folder};

/// A server of one test alone, which it may kill, restart and configure; it forces its data to disk like a real one.
#[derive(Debug)]
pub struct PrivateServer {
    pub cluster: Cluster,
    home: PathBuf,
}

/// Starts a [`PrivateServer`] with these settings over the usual ones.
pub async fn private_server(settings: &[(&str, &str)]) -> Result<PrivateServer> {
    private_server_of(installation()?, settings).await
}

/// The same, of a chosen installation.
pub async fn private_server_of(installation: Installation, settings: &[(&str, &str)]) -> Result<PrivateServer> {
    let home = temporary_folder(&format!("plinth-private-{}", short_id()))?;
    let mut config = ClusterConfig::new(&home, installation);
    config.settings = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    config.guard = Some(Guard {
        process_id: std::process::id(),
        after_stop: AfterStop::RemoveHome,
    });
    Ok(PrivateServer {
        cluster: Cluster::open(config).await?,
        home,
    })
}

impl PrivateServer {
    /// `kill -9` of the postmaster; its other processes see that and end by themselves. [`Cluster::restart`] starts it again.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn kill(&mut self) {
        let pid = self.cluster.pid().expect("a server that runs").cast_signed();
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("a server that runs");
        self.cluster.exited().await.expect("a server that was killed");
    }

    /// Where the cluster lives, to open it again after [`Cluster::stop`] or a kill.
    pub fn home(&self) -> &Path {
        &self.home
    }
}
