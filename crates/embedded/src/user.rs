//! Whom the server's processes run as: PostgreSQL refuses root, so root picks an unprivileged user that exists.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::unistd::User;

use crate::error::IoContext;
use crate::{EmbeddedError, Result};

const DEFAULT_NAMES: [&str; 2] = ["postgres", "nobody"];

/// The user of all server processes; `account` is `None` when that is ourselves.
#[derive(Debug, Clone)]
pub(crate) struct ServerUser {
    account: Option<Account>,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl ServerUser {
    pub(crate) fn choose(user_if_root: Option<&str>) -> Result<Self> {
        if !nix::unistd::geteuid().is_root() {
            return Ok(Self { account: None });
        }
        let wanted: Vec<&str> = user_if_root.map_or_else(|| DEFAULT_NAMES.to_vec(), |name| vec![name]);
        let found = wanted.iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = found
            .filter(|user| !user.uid.is_root())
            .ok_or_else(|| EmbeddedError::NoServerUser {
                wanted: wanted.join("` or `"),
            })?;
        Ok(Self {
            account: Some(Account {
                name: user.name,
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
            }),
        })
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// A command with this user's rights, in a folder that everybody can enter, in its own process group (so that Ctrl-C in a
    /// terminal reaches the supervisor alone), without settings of the caller's `PG*` environment.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C");
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid).env("HOME", "/");
        }
        command
    }

    /// Runs one of the system's small tools. Files of the server are only touched with the server's own rights: root
    /// following a link that the server's user has put there would be a hole.
    pub(crate) fn run(&self, program: &str, arguments: &[&Path]) -> Result<String> {
        let output = self.output(program, arguments)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(EmbeddedError::Program {
            program: program.to_owned(),
            status: output.status,
            output: text,
        })
    }

    /// The kernel answers, so that access lists and namespaces count too.
    pub(crate) fn can_enter(&self, folder: &Path) -> Result<bool> {
        let check = [Path::new("-c"), Path::new("cd -- \"$1\""), Path::new("sh"), folder];
        Ok(self.output("/bin/sh", &check)?.status.success())
    }

    /// Writes a file that only this user can read.
    pub(crate) fn write_private(&self, file: &Path, text: &str) -> Result<()> {
        let mut command = self.command("/bin/sh");
        command.arg("-c").arg("umask 077; cat >\"$1\"").arg("sh").arg(file);
        let mut child = command.stdin(Stdio::piped()).spawn().context("write", file)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes()).context("write", file)?;
        }
        let status = child.wait().context("write", file)?;
        if status.success() {
            return Ok(());
        }
        Err(EmbeddedError::Program {
            program: "cat".to_owned(),
            status,
            output: file.display().to_string(),
        })
    }

    fn output(&self, program: &str, arguments: &[&Path]) -> Result<Output> {
        self.command(program)
            .args(arguments)
            .output()
            .context("run", Path::new(program))
    }
}
