//! The process of one pipeline: started with its orders on standard input, which stays open as long as the agent lives.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use super::place::Bounds;

/// Name of the hidden command that runs [`crate::task::main`].
pub const SUBCOMMAND: &str = "etl-task";

/// How long a process gets to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// What the process is told: one line of JSON, because arguments and environment can be read by others.
#[derive(Serialize, Deserialize)]
pub(crate) struct Orders {
    pub server: String,
    /// Of the lease: opens this one resource and dies with the lease.
    pub token: String,
    pub epoch: u64,
    pub bounds: Bounds,
}

/// Exit codes of the process.
pub(crate) mod exit {
    /// Everything is copied.
    pub(crate) const COMPLETED: u8 = 0;
    /// Told to stop.
    pub(crate) const STOPPED: u8 = 3;
    /// The lease is lost, or a newer process has taken over.
    pub(crate) const FENCED: u8 = 4;
    /// Failed, until something changes: to be started again later.
    pub(crate) const STUCK: u8 = 5;
}

/// The binary that runs now, also when an upgrade has removed it or put another in its place: on Linux by the kernel's own
/// link to it, since the path may name nothing, or another version, by the time it is used.
///
/// # Errors
/// When the system cannot tell.
pub fn own_binary() -> std::io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    match running.exists() {
        true => Ok(running.to_owned()),
        false => std::env::current_exe(),
    }
}

/// Dies with its value.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Process {
    pub(super) async fn start(orders: &Orders) -> std::io::Result<Self> {
        let mut child = Command::new(own_binary()?)
            // What `ps` shows; the link's name would tell nothing.
            .arg0("plinth")
            .arg(SUBCOMMAND)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()?;
        let mut line = serde_json::to_vec(orders)?;
        line.push(b'\n');
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            stdin.write_all(&line).await?;
            stdin.flush().await?;
        }
        Ok(Self { child, stdin })
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> std::io::Result<std::process::ExitStatus> {
        self.child.wait().await
    }

    /// Closes its standard input, which tells it to end, and kills it when it does not.
    pub(super) async fn stop(mut self) {
        drop(self.stdin.take());
        if tokio::time::timeout(GRACE, self.child.wait()).await.is_err() {
            // Killed when dropped; nothing more to do when it is gone already.
            let _ = self.child.kill().await;
        }
    }
}
