//! Runs the policy compiler's oracle at length. The test itself is `crates/policy/tests/it/oracle/mod.rs`.
//!
//! It is a debug build as in the ordinary run: more than half of the time is PostgreSQL's and that of reading schemas, and
//! an optimised build of Cedar takes longer than it saves.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Workspace};

pub fn run(workspace: &Workspace, cases: u64, seed: Option<u64>) -> Result<ExitCode> {
    let mut test = workspace.cargo(["test", "--package", "plinth-policy", "--test", "it"]);
    test.args(["--", "oracle::", "--nocapture"]);
    test.env("PLINTH_ORACLE_CASES", cases.to_string());
    if let Some(seed) = seed {
        test.env("PLINTH_ORACLE_SEED", seed.to_string());
    }
    command::run(&mut test)?;
    Ok(ExitCode::SUCCESS)
}
