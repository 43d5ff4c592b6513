//! What a killed supervisor or server leaves behind: processes that still run, and files that name dead ones.
//!
//! A process is only ever signalled after the kernel said that it works in our data folder: process numbers are used again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::user::ServerUser;
use crate::{EmbeddedError, Result};

const POLL: Duration = Duration::from_millis(20);

/// What `postmaster.pid` says: lines of process number, data folder, start time, port, socket folder, address, key, status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) status: String,
}

impl PidFile {
    pub(crate) fn read(data_dir: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data_dir.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let status = lines.nth(6).unwrap_or_default().trim().to_owned();
        Some(Self { pid, status })
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }
}

/// Stops what still runs in the data folder and removes the pid file, after which a start finds a clean place.
pub(crate) async fn clear(data_dir: &Path, user: &ServerUser) -> Result<()> {
    let pid_file = PidFile::read(data_dir);
    if let Some(pid) = pid_file
        .as_ref()
        .map(|file| file.pid)
        .filter(|pid| works_in(*pid, data_dir))
    {
        tracing::warn!(pid, data_dir = %data_dir.display(), "a server of an earlier run is still alive, stopping it");
        let steps = [(Signal::SIGINT, 30), (Signal::SIGQUIT, 10), (Signal::SIGKILL, 10)];
        end(pid, data_dir, &steps).await?;
    }
    // Backends outlive a killed postmaster until they next look up; a new server must not start beside them.
    for pid in processes_in(data_dir) {
        end(pid, data_dir, &[(Signal::SIGQUIT, 5), (Signal::SIGKILL, 10)]).await?;
    }
    if pid_file.is_some() {
        user.run(
            "rm",
            &[Path::new("-f"), Path::new("--"), &data_dir.join("postmaster.pid")],
        )?;
    }
    Ok(())
}

async fn end(pid: i32, data_dir: &Path, steps: &[(Signal, u64)]) -> Result<()> {
    for (signal, secs) in steps {
        // An error means that it is gone already, which the next line sees.
        let _ = kill(Pid::from_raw(pid), *signal);
        if gone_within(pid, data_dir, Duration::from_secs(*secs)).await {
            return Ok(());
        }
    }
    Err(EmbeddedError::WillNotEnd {
        pid,
        data_dir: data_dir.to_path_buf(),
    })
}

async fn gone_within(pid: i32, data_dir: &Path, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while works_in(pid, data_dir) {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}

/// Whether this process is a PostgreSQL of this data folder. The server changes into its data folder when it starts.
pub(crate) fn works_in(pid: i32, data_dir: &Path) -> bool {
    let proc = PathBuf::from(format!("/proc/{pid}"));
    if Path::new("/proc/self").exists() {
        return fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd == data_dir)
            && fs::read_link(proc.join("exe")).is_ok_and(|exe| is_postgres(&exe));
    }
    let output = std::process::Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output();
    output.is_ok_and(|output| {
        let arguments = String::from_utf8_lossy(&output.stdout).into_owned();
        arguments.contains("postgres") && arguments.contains(&*data_dir.to_string_lossy())
    })
}

/// A program that was replaced by an upgrade while it ran is shown as `postgres (deleted)`.
fn is_postgres(exe: &Path) -> bool {
    exe.file_name()
        .is_some_and(|name| matches!(&*name.to_string_lossy(), "postgres" | "postgres (deleted)"))
}

/// All of this data folder's processes where the kernel lists them (Linux); elsewhere the pid file must do.
fn processes_in(data_dir: &Path) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| works_in(*pid, data_dir)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_read_from_its_first_line_to_its_status() {
        let text = "1234\n/data\n1700000000\n5432\n/run\n127.0.0.1\n  12345  67\nready   \n";
        let file = PidFile::parse(text).unwrap();
        assert_eq!(
            file,
            PidFile {
                pid: 1234,
                status: "ready".to_owned()
            }
        );
        assert!(file.is_ready());
    }

    #[test]
    fn a_pid_file_that_is_still_being_written_is_not_ready() {
        assert!(!PidFile::parse("1234\n/data\n").unwrap().is_ready());
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn our_own_process_is_not_taken_for_a_server() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!works_in(own, &std::env::current_dir().unwrap()));
    }
}
