//! Runs the proof that kills are survived, at length and on a release build. The test itself is `crates/plinth/tests/it/chaos.rs`.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Workspace};

const TEST: &[&str] = &[
    "test",
    "--package",
    "plinth",
    "--test",
    "it",
    "--",
    "chaos::",
    "--nocapture",
];

pub fn run(workspace: &Workspace, rounds: u32, seed: Option<u64>) -> Result<ExitCode> {
    command::run(&mut workspace.command(".", "scripts/build.sh"))?;
    let mut test = workspace.cargo(TEST);
    test.env("PLINTH_BIN", workspace.target_dir().join("release/plinth"));
    test.env("PLINTH_CHAOS_ROUNDS", rounds.to_string());
    if let Some(seed) = seed {
        test.env("PLINTH_CHAOS_SEED", seed.to_string());
    }
    command::run(&mut test)?;
    Ok(ExitCode::SUCCESS)
}
