//! Keeps a worker running beside the server, as a process of its own: another failure domain with its own credential.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use plinth_etl::agent::own_binary;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

const RESTART: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(10);

pub async fn worker(url: String, token_file: PathBuf, files: PathBuf, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = once(&url, &token_file, &files, &shutdown).await {
            tracing::error!(%error, "cannot run a worker");
        }
        tokio::select! {
            () = tokio::time::sleep(RESTART) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

async fn once(url: &str, token_file: &PathBuf, files: &PathBuf, shutdown: &CancellationToken) -> anyhow::Result<()> {
    let mut child = Command::new(own_binary()?)
        .arg0("plinth")
        .args(["worker", "--server", url, "--token-file"])
        .arg(token_file)
        .arg("--files")
        .arg(files)
        // The sample databases are on this machine, and so is everything else while developing.
        .args(["--allowed-networks", "127.0.0.0/8,::1/128"])
        .arg("--stop-with-stdin")
        // Its end tells the worker that this process is gone, however it went.
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0)
        .spawn()?;
    // Taken out, since waiting would close it.
    let stdin = child.stdin.take();
    tokio::select! {
        status = child.wait() => {
            tracing::warn!(status = %status?, "the worker has ended; starting another one");
        }
        () = shutdown.cancelled() => {
            drop(stdin);
            if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                child.kill().await?;
            }
        }
    }
    Ok(())
}
