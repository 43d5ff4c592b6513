//! Runs the suites to their end, on one PostgreSQL, and adds up what they report.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use plinth_embedded::{AfterStop, Cluster, ClusterConfig, Guard, Installation, Profile, SearchOptions};

use crate::command::Workspace;
use crate::suite::{self, Kind};
use crate::totals::Totals;

/// The suites in `only`, or all when that is empty.
pub fn run(workspace: &Workspace, only: &[Kind]) -> Totals {
    let kinds = if only.is_empty() { &suite::ALL } else { only };
    run_with_server(workspace, kinds).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Totals::ONE_FAILED
    })
}

fn run_with_server(workspace: &Workspace, kinds: &[Kind]) -> Result<Totals> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = folder_that_others_can_enter()?;
    let cluster = runtime
        .block_on(start_server(&folder))
        .context("the tests' PostgreSQL")?;
    let url = cluster.url("postgres");
    let totals = kinds
        .iter()
        .map(|kind| suite::run(workspace, *kind, &url))
        .fold(Totals::default(), |sum, one| sum + one);
    runtime.block_on(cluster.destroy())?;
    Ok(totals)
}

async fn start_server(home: &Path) -> Result<Cluster> {
    let installation = Installation::find(&SearchOptions::from_env())?;
    eprintln!(
        "== PostgreSQL {} of `{}`",
        installation.version,
        installation.bin_dir.display()
    );
    let mut config = ClusterConfig::new(home, installation);
    config.profile = Profile::Throwaway;
    config.guard = Some(Guard {
        process_id: std::process::id(),
        after_stop: AfterStop::RemoveHome,
    });
    Ok(Cluster::open(config).await?)
}

/// As root the server runs as another user, who must get through. The server's end, however it comes, removes the folder.
fn folder_that_others_can_enter() -> Result<PathBuf> {
    let mode = std::fs::Permissions::from_mode(0o755);
    Ok(tempfile::Builder::new()
        .prefix("plinth-run-")
        .permissions(mode)
        .tempdir()?
        .keep())
}
