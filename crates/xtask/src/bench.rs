//! Runs the measurements in bench/. Each script prints its ratio and fails when that is beyond the limit.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::command::{self, Workspace};

pub fn run(workspace: &Workspace, name: Option<&str>) -> Result<ExitCode> {
    let scripts = scripts(workspace, name.unwrap_or_default())?;
    if scripts.is_empty() {
        bail!("no such script in bench/");
    }
    command::run(&mut workspace.command(".", "scripts/build.sh"))?;
    let failed = scripts.iter().filter(|script| !passes(workspace, script)).count();
    println!("{} measured, {failed} failed", scripts.len());
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn passes(workspace: &Workspace, script: &Path) -> bool {
    let mut command = Command::new(script);
    command
        .current_dir(&workspace.root)
        .env("PLINTH_BIN", workspace.target_dir().join("release/plinth"));
    command::run(&mut command)
        .inspect_err(|error| eprintln!("{error:#}"))
        .is_ok()
}

/// The executable files of bench/, in the order of their names.
fn scripts(workspace: &Workspace, part_of_name: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(workspace.root.join("bench"))?.flatten();
    let executable = entries.filter(|entry| {
        entry
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    });
    let mut scripts: Vec<PathBuf> = executable
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains(part_of_name))
        .collect();
    scripts.sort();
    Ok(scripts)
}
