//! `keys rotate`: takes the previous key out of use while servers go on.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use plinth_control::key::{Rotation, rotate};
use plinth_store::Store;

use crate::cli::output::{print, remark};
use crate::databases::DatabaseArgs;
use crate::server::explain;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Wrap the data keys of all organizations by the current key instead of the previous one
    Rotate(RotateArgs),
}

#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    databases: DatabaseArgs,
}

pub async fn run(command: KeysCommand) -> anyhow::Result<ExitCode> {
    let KeysCommand::Rotate(args) = command;
    let databases = args.databases.resolve()?;
    let previous = databases
        .previous_key
        .context("no previous key: give the one that was in use before as --previous-key-file")?;
    let store = Store::open(&databases.store)?;
    let progress = |done: &Rotation| remark(&format!("{} data keys are done", done.rewrapped + done.current));
    let done = rotate(&store, &databases.key, Some(&previous), progress)
        .await
        .map_err(explain)
        .context("cannot reach the databases; a server has to be started with the current key before")?;
    print(&format!(
        "{} data keys wrapped anew, {} were already.",
        done.rewrapped, done.current
    ))?;
    if done.lost.is_empty() {
        print("The previous key is not needed any more: take it out of the settings of all servers.")?;
        return Ok(ExitCode::SUCCESS);
    }
    for org in &done.lost {
        remark(&format!(
            "error: a data key of {org} opens with neither key; keep both, and look for the key that made it"
        ));
    }
    Ok(ExitCode::FAILURE)
}
