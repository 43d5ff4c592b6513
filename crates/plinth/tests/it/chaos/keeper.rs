//! Keeps a process running as systemd or Kubernetes do: whenever it has ended, another one is started.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::process::{LIMIT, kill_9};

const PAUSE: Duration = Duration::from_millis(200);

pub struct Keeper {
    name: &'static str,
    pid: Arc<AtomicI32>,
    starts: Arc<AtomicUsize>,
    stop: CancellationToken,
    keeping: JoinHandle<Option<i32>>,
}

impl Keeper {
    pub fn start(name: &'static str, log: PathBuf, make: impl Fn() -> Command + Send + 'static) -> Self {
        let (pid, starts, stop) = (
            Arc::<AtomicI32>::default(),
            Arc::<AtomicUsize>::default(),
            CancellationToken::new(),
        );
        let (now, count, told) = (Arc::clone(&pid), Arc::clone(&starts), stop.clone());
        let keeping = tokio::spawn(async move {
            loop {
                let file = OpenOptions::new().create(true).append(true).open(&log).unwrap();
                let mut command = make();
                command
                    .stdout(file.try_clone().unwrap())
                    .stderr(file)
                    .stdin(std::process::Stdio::null());
                let mut child = command.spawn().unwrap();
                now.store(child.id().unwrap().cast_signed(), Ordering::SeqCst);
                count.fetch_add(1, Ordering::SeqCst);
                tokio::select! {
                    ended = child.wait() => { ended.unwrap(); }
                    () = told.cancelled() => {
                        kill(Pid::from_raw(now.load(Ordering::SeqCst)), Signal::SIGTERM).unwrap();
                        return tokio::time::timeout(LIMIT, child.wait()).await.ok()?.unwrap().code();
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self {
            name,
            pid,
            starts,
            stop,
            keeping,
        }
    }

    pub fn pid(&self) -> i32 {
        self.pid.load(Ordering::SeqCst)
    }

    pub fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }

    pub fn kill(&self) {
        kill_9(self.pid());
    }

    /// Asks it to end; it has to, in order.
    pub async fn stop(self) {
        self.stop.cancel();
        assert_eq!(
            self.keeping.await.unwrap(),
            Some(0),
            "`{}` ends with 0 when it is told to",
            self.name
        );
    }
}
