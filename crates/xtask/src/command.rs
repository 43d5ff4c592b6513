//! Running other programs: shown, in the workspace's folder, with what they print passed on and kept.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// The repository's root folder.
#[derive(Debug)]
pub struct Workspace {
    pub root: PathBuf,
}

impl Workspace {
    pub fn here() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.ancestors().nth(2).unwrap_or(manifest);
        Self {
            root: root.to_path_buf(),
        }
    }

    pub fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// A program in a folder of the workspace.
    pub fn command(&self, folder: &str, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root.join(folder));
        command
    }

    pub fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(".", &std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        command.args(arguments);
        command
    }

    /// Where cargo puts what it builds.
    pub fn target_dir(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |folder| self.root.join(folder))
    }

    /// The paths of all files that are or could be checked in.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut git = self.command(".", "git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let output = git.output().context("cannot run `git`")?;
        if !output.status.success() {
            bail!("`git ls-files`: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let mut files: Vec<String> = names
            .split('\0')
            .filter(|name| self.has(name) && !name.is_empty())
            .map(Into::into)
            .collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }
}

/// Runs a program that must succeed.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command
        .status()
        .with_context(|| format!("cannot run `{}`", text(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", text(command));
    }
    Ok(())
}

/// Runs a program, shows what it prints, and gives that back, both streams together, line by line.
pub fn run_and_read(command: &mut Command) -> Result<(ExitStatus, String)> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run `{}`", text(command)))?;
    let errors = child
        .stderr
        .take()
        .map(|stream| thread::spawn(move || copy(stream, std::io::stderr())));
    let output = child
        .stdout
        .take()
        .map(|stream| copy(stream, std::io::stdout()))
        .unwrap_or_default();
    let errors = errors.and_then(|reader| reader.join().ok()).unwrap_or_default();
    Ok((child.wait()?, output + &errors))
}

fn copy(stream: impl Read, mut to: impl Write) -> String {
    let mut kept = String::new();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // Nobody left to show it to is no reason to stop the program.
        let _ = writeln!(to, "{line}");
        kept.push_str(&line);
        kept.push('\n');
    }
    kept
}

fn announce(command: &Command) {
    eprintln!("$ {}", text(command));
}

fn text(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
