//! Errors about the command line, told as if the environment were empty: clap counts a variable as an option that was
//! given, and its usage then shows the option as one that has to be.
//! Must not change which error it is.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Command, Error};

/// The same error with the usage of who has set no variable.
pub fn without_environment(error: Error, command: Command, line: &[OsString]) -> Error {
    // A help text names the variables.
    let helps = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if helps {
        return error;
    }
    match unset(command).try_get_matches_from(line) {
        Err(told) if told.kind() == error.kind() => told,
        // It is about what a variable holds.
        _ => error,
    }
}

fn unset(command: Command) -> Command {
    command
        .mut_args(|argument| argument.env(Resettable::Reset))
        .mut_subcommands(unset)
}
