//! Processes of a test: started with their output in a file, looked at from outside, killed by number.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::Instant;

/// Nothing here takes this long unless it hangs.
pub const LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(20);

/// The program under test: the build of this run, or the one that `PLINTH_BIN` names.
pub fn binary() -> PathBuf {
    std::env::var_os("PLINTH_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_plinth")), PathBuf::from)
}

/// A command of the program, without settings of whoever runs the test.
pub fn plinth<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLINTH_")) {
        if !matches!(&*name.to_string_lossy(), "PLINTH_PG_BIN" | "PLINTH_CACHE") {
            command.env_remove(name);
        }
    }
    // The databases of a test are on this machine, which workers keep away from.
    command.env("PLINTH_ALLOWED_NETWORKS", "127.0.0.0/8,::1");
    command.args(arguments).env("RUST_BACKTRACE", "1").kill_on_drop(true);
    command
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within `limit`, with what was waited for.
pub async fn wait_for<T>(what: impl AsRef<str>, limit: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {limit:?} in vain: {}", what.as_ref());
        tokio::time::sleep(POLL).await;
    }
}

/// What the processes of a test write; kept when the test fails.
#[derive(Debug)]
pub struct Logs(Option<TempDir>);

impl Logs {
    pub fn new(test: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("plinth-{test}-")).tempdir();
        Self(Some(folder.unwrap()))
    }

    pub fn folder(&self) -> &Path {
        self.0.as_ref().unwrap().path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(format!("{name}.log"))
    }

    /// All lines of all logs that hold `text`.
    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.folder()).unwrap();
        let mut found = Vec::new();
        for file in files.map(|file| file.unwrap().path()) {
            let content = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            found.extend(
                content
                    .lines()
                    .filter(|line| line.contains(text))
                    .map(|line| format!("{name}: {line}")),
            );
        }
        found
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.0.take()
        {
            eprintln!("the logs of the processes are in {}", folder.keep().display());
        }
    }
}

/// A log that lies elsewhere and goes with its owner; copied to the others when the test fails.
#[derive(Debug)]
pub struct Kept {
    from: PathBuf,
    to: PathBuf,
}

impl Kept {
    pub fn new(from: PathBuf, logs: &Logs, name: &str) -> Self {
        Self {
            from,
            to: logs.path(name),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The test has failed already, with more to say than that a log is missing.
            let _ = std::fs::copy(&self.from, &self.to);
        }
    }
}

/// Opens a log to append to, twice.
fn output(path: &Path) -> (File, File) {
    let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    (file.try_clone().unwrap(), file)
}

/// A process of this test, killed with its value.
#[derive(Debug)]
pub struct Process {
    name: String,
    pub pid: i32,
    /// Open until it is taken.
    pub stdin: Option<ChildStdin>,
    child: Child,
    log: PathBuf,
}

impl Process {
    pub fn start(name: &str, logs: &Logs, mut command: Command) -> Self {
        let log = logs.path(name);
        let (out, errors) = output(&log);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(errors)
            .spawn()
            .unwrap();
        Self {
            name: name.to_owned(),
            pid: child.id().unwrap().cast_signed(),
            stdin: child.stdin.take(),
            child,
            log,
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid), signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        match tokio::time::timeout(LIMIT, self.child.wait()).await {
            Ok(status) => status.unwrap(),
            Err(_) => panic!("waited {LIMIT:?} in vain: the end of `{}`\n{}", self.name, self.said()),
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its exit code after this signal.
    pub async fn end(&mut self, signal: Signal) -> Option<i32> {
        self.signal(signal);
        self.ended().await.code()
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

/// One line of the system's table of processes.
#[derive(Debug)]
struct Entry {
    pid: i32,
    parent: i32,
    is_zombie: bool,
    command: String,
}

fn table() -> Vec<Entry> {
    let columns = ["-A", "-o", "pid=,ppid=,stat=,args="];
    let output = std::process::Command::new("ps").args(columns).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(entry).collect()
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace();
    Some(Entry {
        pid: words.next()?.parse().ok()?,
        parent: words.next()?.parse().ok()?,
        is_zombie: words.next()?.starts_with('Z'),
        command: words.collect::<Vec<_>>().join(" "),
    })
}

/// The living children of a process whose command line holds `text`.
pub fn children(parent: i32, text: &str) -> Vec<i32> {
    let wanted = |entry: &Entry| entry.parent == parent && !entry.is_zombie && entry.command.contains(text);
    table().into_iter().filter(wanted).map(|entry| entry.pid).collect()
}

/// The processes that a worker has started for pipelines.
pub fn tasks(worker: i32) -> Vec<i32> {
    children(worker, "etl-task")
}

pub fn is_alive(pid: i32) -> bool {
    table().iter().any(|entry| entry.pid == pid && !entry.is_zombie)
}

/// Waits until a process that may not be a child of ours is gone.
pub async fn gone(what: &str, pid: i32, limit: Duration) {
    wait_for(format!("the end of {what} ({pid})"), limit, async || {
        (!is_alive(pid)).then_some(())
    })
    .await;
}

/// `kill -9`; it may be gone already.
pub fn kill_9(pid: i32) {
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
}
