//! Starting the binary, reading what it says, and ending it again.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Nothing in these tests takes this long unless it hangs.
pub const LIMIT: Duration = Duration::from_secs(120);

/// The binary, without any setting of whoever runs the tests.
pub fn plinth() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_plinth")))
}

pub fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        let ours = name_text.starts_with("PLINTH_") && !["PLINTH_CACHE", "PLINTH_PG_BIN"].contains(&&*name_text);
        if ours || name_text.starts_with("OTEL_") {
            command.env_remove(&name);
        }
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// The product folder of this repository.
pub fn product() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../products/etl")
}

/// What a command printed, as text.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it printed on standard output.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }
}

pub fn said(command: &mut Command) -> Said {
    Said::of(command.output().unwrap())
}

/// The same, with text on standard input.
pub fn said_to(command: &mut Command, input: &str) -> Said {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Said::of(child.wait_with_output().unwrap())
}

/// A process that goes on until it is told to end, as a person ends it.
pub struct Daemon {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

/// Which of a process's outputs to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hear {
    Output,
    Errors,
}

impl Daemon {
    pub fn start(command: &mut Command, hear: Hear) -> Self {
        command.stdin(Stdio::null());
        match hear {
            Hear::Output => command.stdout(Stdio::piped()).stderr(Stdio::null()),
            Hear::Errors => command.stdout(Stdio::null()).stderr(Stdio::piped()),
        };
        let mut child = command.spawn().unwrap();
        let (said, lines) = channel();
        let output: Box<dyn std::io::Read + Send> = match hear {
            Hear::Output => Box::new(child.stdout.take().unwrap()),
            Hear::Errors => Box::new(child.stderr.take().unwrap()),
        };
        std::thread::spawn(move || {
            // The end of the test is the end of listening, and closes the pipe.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            lines,
            heard: Vec::new(),
        }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Waits for a line with this text and gives what follows it.
    pub fn until(&mut self, text: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("never said `{text}`: {:#?}", self.heard);
            };
            self.heard.push(line.clone());
            if let Some((_, rest)) = line.split_once(text) {
                return rest.trim().to_owned();
            }
        }
    }

    /// Nobody reads any more what the process says.
    pub fn stop_listening(&mut self) {
        self.lines = channel().1;
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Asks it to end, and tells how long that took.
    pub fn end(&mut self) -> Duration {
        let asked = Instant::now();
        if self.is_running() {
            kill(Pid::from_raw(self.pid()), Signal::SIGTERM).unwrap();
        }
        while self.is_running() {
            assert!(asked.elapsed() < LIMIT, "it does not end");
            pause();
        }
        asked.elapsed()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it said: {:#?}", self.heard);
            while let Ok(line) = self.lines.try_recv() {
                eprintln!("{line}");
            }
        }
        self.end();
    }
}

#[expect(clippy::disallowed_methods, reason = "between two looks at a condition")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// A folder that the unprivileged PostgreSQL can pass through.
pub fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Asks again until there is an answer.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        if let Some(answer) = ask() {
            return answer;
        }
        pause();
    }
    panic!("never: {what}")
}
