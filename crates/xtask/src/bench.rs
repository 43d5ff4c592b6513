//! Builds what is shipped and runs the measurements of `bench/` on it; they print figures and fail beyond a limit.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Workspace};

/// What to measure, as `bench/src/main.rs` wants to hear it, and where it is.
const BINARIES: &[(&str, &str)] = &[("PLINTH_BIN", "plinth"), ("PLINTH_ETL_RUN_BIN", "plinth-etl-run")];

pub fn run(workspace: &Workspace, name: Option<&str>) -> Result<ExitCode> {
    let release = workspace.target_dir().join("release");
    if given("PLINTH_BIN").is_none() {
        command::run(&mut workspace.command(".", "scripts/build.sh"))?;
    }
    let mut build = workspace.cargo([
        "build",
        "--release",
        "--package",
        "plinth-bench",
        "--bin",
        "plinth-bench",
    ]);
    if given("PLINTH_ETL_RUN_BIN").is_none() {
        build.args(["--package", "plinth-etl", "--bin", "plinth-etl-run"]);
    }
    command::run(&mut build)?;
    let mut bench = workspace.command(".", &release.join("plinth-bench").to_string_lossy());
    bench.args(name);
    for (variable, binary) in BINARIES {
        bench.env(variable, given(variable).unwrap_or_else(|| release.join(binary)));
    }
    Ok(match command::run(&mut bench) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// A binary that was built before.
fn given(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}
