//! Each kind of test suite: whether the repository has it, what it needs, how it is run, and how its totals are read.

use std::process::{Command, ExitStatus};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use plinth_embedded::ARCHIVE_VERSION;

use crate::command::{self, Workspace};
use crate::lint::install_web;
use crate::totals::{self, Totals};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// All crates, by cargo-nextest.
    Rust,
    /// web/, by vitest.
    Web,
    /// sdk/python, by pytest.
    Sdk,
    /// e2e/, in Chromium, by node's test runner.
    Browser,
}

pub const ALL: [Kind; 4] = [Kind::Rust, Kind::Web, Kind::Sdk, Kind::Browser];

/// Runs one suite; what keeps it from running to its end counts as one failure.
pub fn run(workspace: &Workspace, kind: Kind, server_url: &str) -> Totals {
    let marker = kind.marker();
    if !workspace.has(marker) {
        eprintln!("== {kind:?}: there is no `{marker}`");
        return Totals::default();
    }
    eprintln!("== {kind:?}");
    let begin = Instant::now();
    let totals = kind
        .run(workspace, server_url)
        .and_then(plausible)
        .unwrap_or_else(|error| {
            eprintln!("== {kind:?}: FAILED: {error:#}");
            Totals::ONE_FAILED
        });
    eprintln!("== {kind:?}: {totals}, {:.1} s", begin.elapsed().as_secs_f64());
    totals
}

/// A runner that fails without a failed test has a reason of its own: that counts, whatever the totals say.
fn plausible((status, totals): (ExitStatus, Totals)) -> Result<Totals> {
    if totals.is_empty() {
        bail!("it exists, but it reports no tests ({status})");
    }
    if !status.success() && totals.failed == 0 {
        return Ok(totals + Totals::ONE_FAILED);
    }
    Ok(totals)
}

impl Kind {
    /// The file that says that there is such a suite.
    fn marker(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Web => "web/package.json",
            Self::Sdk => "sdk/python/pyproject.toml",
            Self::Browser => "e2e/package.json",
        }
    }

    fn run(self, workspace: &Workspace, server_url: &str) -> Result<(ExitStatus, Totals)> {
        match self {
            Self::Rust => rust(workspace, server_url),
            Self::Web => web(workspace),
            Self::Sdk => python(workspace, server_url),
            Self::Browser => browser(workspace, server_url),
        }
    }
}

/// What speaks SQL of the control plane, for a run on the newest PostgreSQL; the other crates that depend on its version
/// have tests that start both versions.
const SQL: &str = "package(plinth-store) + package(plinth-control) + package(plinth-api)";

fn rust(workspace: &Workspace, server_url: &str) -> Result<(ExitStatus, Totals)> {
    command::run(&mut workspace.command(".", "scripts/fetch-postgres.sh"))?;
    let on_given = |run: &mut Command| {
        run.env("PLINTH_TEST_PG_URL", server_url);
    };
    let (status, on_given) = nextest(workspace, on_given, totals::of_nextest)?;
    let major = ARCHIVE_VERSION.split('.').next().unwrap_or(ARCHIVE_VERSION);
    eprintln!("== PostgreSQL {major}");
    // Ignored tests would run here, so that what is skipped is what the filter leaves out.
    let on_newest = |run: &mut Command| {
        run.args(["--run-ignored", "all", "-E", SQL])
            .env("PLINTH_TEST_PG", major);
    };
    let (status_on_newest, on_newest) = nextest(workspace, on_newest, totals::of_nextest_part)?;
    let status = if status.success() { status_on_newest } else { status };
    Ok((status, on_given + on_newest + examples(workspace)?))
}

/// Of the whole workspace, also where a part is run: other packages would mean other features, and all built anew.
fn nextest(
    workspace: &Workspace,
    set_up: impl FnOnce(&mut Command),
    read: fn(&str) -> Option<Totals>,
) -> Result<(ExitStatus, Totals)> {
    let mut run = workspace.cargo(["nextest", "run", "--workspace", "--no-fail-fast", "--color", "never"]);
    set_up(&mut run);
    let (status, output) = command::run_and_read(&mut run)?;
    let totals = read(&output).context("no summary of cargo-nextest: it did not get to run the tests")?;
    Ok((status, totals))
}

/// The examples in the documentation, which people copy; cargo-nextest does not run those.
fn examples(workspace: &Workspace) -> Result<Totals> {
    let mut doctest = workspace.cargo(["test", "--doc", "--workspace", "--color", "never"]);
    let (_, output) = command::run_and_read(&mut doctest)?;
    totals::of_libtest(&output).context("no result of `cargo test --doc`: it did not get to run the examples")
}

fn web(workspace: &Workspace) -> Result<(ExitStatus, Totals)> {
    install_web(workspace)?;
    let report = tempfile::NamedTempFile::new()?;
    let mut vitest = workspace.command("web", "npx");
    vitest.args(["vitest", "run", "--reporter=default", "--reporter=json"]);
    vitest.arg(format!("--outputFile.json={}", report.path().display()));
    let (status, _) = command::run_and_read(&mut vitest)?;
    Ok((status, totals::of_vitest(&std::fs::read_to_string(report.path())?)?))
}

fn python(workspace: &Workspace, server_url: &str) -> Result<(ExitStatus, Totals)> {
    build(workspace)?;
    command::run(&mut workspace.command(".", "scripts/install-python.sh"))?;
    let report = tempfile::NamedTempFile::new()?;
    let mut pytest = workspace.command("sdk/python", ".venv/bin/python");
    pytest
        .args(["-m", "pytest", "--color=no"])
        .arg(format!("--junitxml={}", report.path().display()));
    let (status, _) = command::run_and_read(with_product(workspace, &mut pytest, server_url))?;
    Ok((status, totals::of_junit(&std::fs::read_to_string(report.path())?)?))
}

fn browser(workspace: &Workspace, server_url: &str) -> Result<(ExitStatus, Totals)> {
    build(workspace)?;
    command::run(workspace.command("e2e", "npm").args(["ci", "--no-audit", "--no-fund"]))?;
    let mut node = workspace.command("e2e", "npm");
    node.arg("test");
    let (status, output) = command::run_and_read(with_product(workspace, &mut node, server_url))?;
    let totals =
        totals::of_node(&output).context("no totals of node's test runner: it did not get to run the tests")?;
    Ok((status, totals))
}

/// A debug build, which shares its dependencies with the Rust suite: optimising would take longer than all of these tests.
fn build(workspace: &Workspace) -> Result<()> {
    command::run(workspace.command(".", "scripts/build.sh").arg("debug"))
}

/// The product and the server that suites outside Rust run against.
fn with_product<'a>(workspace: &Workspace, command: &'a mut Command, server_url: &str) -> &'a mut Command {
    let binary = workspace.target_dir().join("debug/plinth");
    command.env("PLINTH_BIN", binary).env("PLINTH_TEST_PG_URL", server_url)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const FAILED: i32 = 1 << 8;

    #[test]
    fn a_suite_without_tests_is_an_error() {
        assert!(plausible((ExitStatus::from_raw(0), Totals::default())).is_err());
    }

    #[test]
    fn a_runner_that_fails_is_a_failure_even_when_all_tests_passed() {
        let all_passed = Totals { passed: 3, failed: 0 };
        assert_eq!(plausible((ExitStatus::from_raw(0), all_passed)).unwrap(), all_passed);
        assert_eq!(
            plausible((ExitStatus::from_raw(FAILED), all_passed)).unwrap(),
            Totals { passed: 3, failed: 1 }
        );
    }
}
