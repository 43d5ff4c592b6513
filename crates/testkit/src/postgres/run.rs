//! The server that a whole test run shares: who starts it, how the others find it, and when it ends.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use plinth_embedded::{AfterStop, Cluster, ClusterConfig, Guard, Installation, Profile, SearchOptions};
use uuid::Uuid;

use super::MAJOR_VARIABLE;

/// What the tests' servers are started from: the version that `PLINTH_TEST_PG` asks for, else the newest there is.
pub(super) fn installation() -> Result<Installation> {
    let options = SearchOptions::from_env();
    let Ok(major) = std::env::var(MAJOR_VARIABLE) else {
        return Ok(Installation::find(&options)?);
    };
    let major = major
        .parse()
        .with_context(|| format!("`{MAJOR_VARIABLE}={major}` must be a major version, such as `18`"))?;
    let options = SearchOptions {
        bin_dir: None,
        ..options.major(Some(major))
    };
    Ok(Installation::find(&options)?)
}

/// The URL of the server of this kind that this test run shares, started by whoever comes first.
pub(super) async fn shared_url(kind: &str, installation: Installation) -> Result<String> {
    let run = TestRun::current();
    let home = temporary_folder(&format!("plinth-{kind}-{}", run.name))?;
    let lock = File::create(home.join("start.lock"))?;
    lock.lock()?;
    let url_file = home.join("url");
    if let Ok(url) = fs::read_to_string(&url_file) {
        return Ok(url);
    }
    let mut config = ClusterConfig::new(&home, installation);
    config.profile = Profile::Throwaway;
    config.guard = Some(Guard {
        process_id: run.process_id,
        after_stop: AfterStop::RemoveHome,
    });
    let cluster = Cluster::open(config).await?;
    let url = cluster.url("postgres");
    fs::write(&url_file, &url)?;
    fs::set_permissions(&url_file, fs::Permissions::from_mode(0o600))?;
    cluster.detach();
    Ok(url)
}

/// Which processes belong together, and the one whose end is the end of all.
struct TestRun {
    name: String,
    process_id: u32,
}

impl TestRun {
    fn current() -> Self {
        match std::env::var("NEXTEST_RUN_ID") {
            Ok(id) => Self {
                name: id,
                process_id: std::os::unix::process::parent_id(),
            },
            Err(_) => Self {
                name: format!("{}-{}", std::process::id(), short_id()),
                process_id: std::process::id(),
            },
        }
    }
}

/// A folder that the unprivileged server's user can pass through; what is secret in it has its own mode.
pub(super) fn temporary_folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

pub(super) fn short_id() -> String {
    // The last digits of a UUIDv7 are the random ones.
    let id = Uuid::now_v7().simple().to_string();
    id[id.len() - 12..].to_owned()
}
