//! One run of the server program: its arguments, waiting until it accepts connections, and stopping it.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::error::IoContext;
use crate::leftovers::PidFile;
use crate::logfile::LogFile;
use crate::place::Place;
use crate::user::ServerUser;
use crate::{ClusterConfig, EmbeddedError, Result};

const POLL: Duration = Duration::from_millis(10);
const STOP_STEPS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(30)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(10)),
];
const PORT_ATTEMPTS: usize = 5;

/// A server that accepted connections when this was made.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pid: u32,
    pub(crate) port: u16,
    pub(crate) socket_dir: PathBuf,
}

impl Server {
    /// Starts on the port of last time if that is free, else on another. Nothing else may run in the data folder.
    pub(crate) async fn start(config: &ClusterConfig, place: &Place, user: &ServerUser) -> Result<Self> {
        let socket_dir = place.fresh_socket_dir(user)?;
        let mut attempts = PORT_ATTEMPTS;
        loop {
            attempts -= 1;
            let port = free_port(place.last_port().filter(|_| attempts + 1 == PORT_ATTEMPTS))?;
            let (log, file) = LogFile::open(place.log_file())?;
            let child = spawn(config, place, user, port, &socket_dir, file)?;
            match ready(child, config.start_timeout, &place.data_dir(), &log).await {
                Ok((child, pid)) => {
                    place.remember_port(port)?;
                    return Ok(Self {
                        child,
                        pid,
                        port,
                        socket_dir,
                    });
                }
                // Between looking and binding, somebody else took the port.
                Err(EmbeddedError::StoppedWhileStarting { tail, .. })
                    if attempts > 0 && tail.contains("Address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) async fn exited(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Fast shutdown: sessions are ended, everything is written down; harder when that takes too long.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        for (signal, limit) in STOP_STEPS {
            self.signal(signal);
            if let Ok(exited) = tokio::time::timeout(limit, self.child.wait()).await {
                return exited.context("wait for", Path::new("postgres")).map(drop);
            }
        }
        Err(EmbeddedError::WillNotEnd {
            pid: self.raw_pid(),
            data_dir: PathBuf::from("postgres"),
        })
    }

    /// For destructors: no waiting for sessions or for the disk; the next start recovers.
    pub(crate) fn stop_now(&mut self) {
        self.signal(Signal::SIGQUIT);
        let deadline = Instant::now() + Duration::from_secs(5);
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                return self.signal(Signal::SIGKILL);
            }
            #[expect(clippy::disallowed_methods, reason = "a destructor cannot await")]
            std::thread::sleep(POLL);
        }
    }

    fn signal(&mut self, signal: Signal) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may end between the question and the signal; not reaped, its number is still its own.
            let _ = kill(Pid::from_raw(self.raw_pid()), signal);
        }
    }

    fn raw_pid(&self) -> i32 {
        self.pid.cast_signed()
    }
}

fn spawn(
    config: &ClusterConfig,
    place: &Place,
    user: &ServerUser,
    port: u16,
    socket_dir: &Path,
    log: File,
) -> Result<Child> {
    let program = config.installation.program("postgres");
    let log_copy = log.try_clone().context("open", &place.log_file())?;
    let mut command = user.command(&program);
    command
        .arg("-D")
        .arg(place.data_dir())
        .arg("-p")
        .arg(port.to_string())
        .arg("-k")
        .arg(socket_dir);
    command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_permissions=0700"]);
    for (name, value) in config.effective_settings() {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.stdout(Stdio::from(log)).stderr(Stdio::from(log_copy));
    Command::from(command).spawn().context("run", &program)
}

/// Waits for the status that the server itself writes down when it accepts connections.
async fn ready(mut child: Child, limit: Duration, data_dir: &Path, log: &LogFile) -> Result<(Child, u32)> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("wait for", Path::new("postgres"))? {
            return Err(EmbeddedError::StoppedWhileStarting {
                status,
                log: log.path().into(),
                tail: log.tail(),
            });
        }
        let pid = child.id().unwrap_or_default();
        if PidFile::read(data_dir).is_some_and(|file| file.pid == pid.cast_signed() && file.is_ready()) {
            return Ok((child, pid));
        }
        if begin.elapsed() > limit {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGQUIT);
            return Err(EmbeddedError::StartTimeout {
                waited: limit,
                log: log.path().into(),
                tail: log.tail(),
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

fn free_port(wanted: Option<u16>) -> Result<u16> {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| listener.local_addr());
    let address = wanted.and_then(|port| free(port).ok());
    address
        .map_or_else(|| free(0), Ok)
        .map(|address| address.port())
        .map_err(EmbeddedError::NoPort)
}
