//! Runs the policy compiler's oracle at length. The test itself is `crates/policy/tests/it/oracle/mod.rs`.
//!
//! Optimised, since Cedar reads a schema for each policy; without link-time optimisation, which takes longer than it saves.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Workspace};

pub fn run(workspace: &Workspace, cases: u64, seed: Option<u64>) -> Result<ExitCode> {
    let mut test = workspace.cargo(["test", "--release", "--package", "plinth-policy", "--test", "it"]);
    test.args(["--", "oracle::", "--nocapture"]);
    test.env("CARGO_PROFILE_RELEASE_LTO", "off");
    test.env("PLINTH_ORACLE_CASES", cases.to_string());
    if let Some(seed) = seed {
        test.env("PLINTH_ORACLE_SEED", seed.to_string());
    }
    command::run(&mut test)?;
    Ok(ExitCode::SUCCESS)
}
