//! `openapi/plinth.json`: written by the code, checked in so that a change of the API is seen in review.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command::{self, Workspace};

const FILE: &str = "openapi/plinth.json";

pub fn write(workspace: &Workspace) -> Result<ExitCode> {
    std::fs::write(workspace.root.join(FILE), generate(workspace)?)
        .with_context(|| format!("cannot write `{FILE}`"))?;
    println!("{FILE} is written");
    Ok(ExitCode::SUCCESS)
}

/// Before the document was first written there is nothing to drift from.
pub fn check(workspace: &Workspace) -> Result<()> {
    if !workspace.has(FILE) {
        return Ok(());
    }
    let checked_in = std::fs::read_to_string(workspace.root.join(FILE))?;
    if generate(workspace)? != checked_in {
        bail!("`{FILE}` is not what the code says; run `cargo x openapi` and review the difference");
    }
    Ok(())
}

/// By the build that the tests use: with other packages, dependencies would have other features and be built anew.
fn generate(workspace: &Workspace) -> Result<String> {
    command::run(&mut workspace.cargo(["build", "--quiet", "--workspace", "--all-targets"]))?;
    let binary = workspace.target_dir().join("debug/plinth");
    let mut plinth = workspace.command(".", &binary.to_string_lossy());
    let output = plinth.arg("openapi").output().context("cannot run `plinth`")?;
    if !output.status.success() {
        bail!("`plinth openapi`: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("the document is not UTF-8")
}
