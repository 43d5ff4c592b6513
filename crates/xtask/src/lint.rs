//! The checks that are not tests: format, lints, the repository's rules, and generated files that must not drift.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::command::{self, Workspace};
use crate::totals::Totals;
use crate::{dependencies, openapi, tidy};

type Step = (&'static str, fn(&Workspace) -> Result<()>);

const STEPS: &[Step] = &[
    ("format", format),
    ("clippy", clippy),
    ("tidy", tidy::check),
    ("dependencies", dependencies::check),
    ("openapi drift", openapi::check),
    ("web lint", web_lint),
    ("web drift", web_drift),
];

/// Runs all steps, also after one that failed; each failed one counts.
pub fn run(workspace: &Workspace) -> Totals {
    let failed: Vec<&str> = STEPS
        .iter()
        .filter(|step| !passes(workspace, step))
        .map(|(name, _)| *name)
        .collect();
    if !failed.is_empty() {
        eprintln!("failed: {}", failed.join(", "));
    }
    Totals {
        passed: 0,
        failed: failed.len() as u64,
    }
}

fn passes(workspace: &Workspace, (name, step): &Step) -> bool {
    eprintln!("== {name}");
    let begin = Instant::now();
    let outcome = step(workspace);
    match &outcome {
        Ok(()) => eprintln!("== {name}: ok, {:.1} s", begin.elapsed().as_secs_f64()),
        Err(error) => eprintln!("== {name}: FAILED: {error:#}"),
    }
    outcome.is_ok()
}

fn format(workspace: &Workspace) -> Result<()> {
    command::run(&mut workspace.cargo(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    command::run(&mut workspace.cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

fn web_lint(workspace: &Workspace) -> Result<()> {
    if !workspace.has("web/package.json") {
        return Ok(());
    }
    install_web(workspace)?;
    command::run(workspace.command("web", "npm").args(["run", "--silent", "lint"]))
}

/// Generates the TypeScript client anew; nothing may change.
fn web_drift(workspace: &Workspace) -> Result<()> {
    if !workspace.has("web/package.json") || !workspace.has("openapi/plinth.json") {
        return Ok(());
    }
    install_web(workspace)?;
    let before = contents(workspace, "web/client/")?;
    command::run(workspace.command("web", "npm").args(["run", "--silent", "generate"]))?;
    let after = contents(workspace, "web/client/")?;
    let changed: Vec<&String> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .map(|(path, _)| path)
        .collect();
    if !changed.is_empty() {
        bail!("generated anew, these differ: {changed:?}; check in what is there now");
    }
    Ok(())
}

pub fn install_web(workspace: &Workspace) -> Result<()> {
    command::run(&mut workspace.command(".", "scripts/install-web.sh"))
}

fn contents(workspace: &Workspace, folder: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let files = workspace.files()?.into_iter().filter(|path| path.starts_with(folder));
    files
        .map(|path| Ok((path.clone(), std::fs::read(workspace.root.join(path))?)))
        .collect()
}
