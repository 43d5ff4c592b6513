//! `cargo x`: the repository's own commands. `cargo x check` is exactly what CI runs.
//!
//! Nothing of the product depends on this crate.

mod bench;
mod chaos;
mod command;
mod dependencies;
mod lint;
mod openapi;
mod oracle;
mod suite;
mod test;
mod tidy;
mod totals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command::Workspace;
use crate::suite::Kind;
use crate::totals::Totals;

/// Commands for people who work on Plinth.
#[derive(Debug, Parser)]
#[command(name = "cargo x", bin_name = "cargo x")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Everything that CI runs: `lint`, then `test`.
    Check,
    /// Format, clippy, tidy, and what is generated but checked in.
    Lint,
    /// All suites to their end; the last line is `N passed, N failed`.
    Test {
        /// Only these suites.
        #[arg(long, value_enum)]
        only: Vec<Kind>,
    },
    /// The rules of this repository: floors, where SQL and HTTP may be, sizes, module docs.
    Tidy,
    /// Writes openapi/plinth.json anew from the code.
    Openapi,
    /// Measures a release build against the limits of bench/.
    Bench {
        /// Only those whose name contains this: create, list, events, copy.
        name: Option<String>,
    },
    /// Kills server, worker and PostgreSQL of a release build at random moments of a copy of a million rows.
    Chaos {
        #[arg(long, default_value_t = 20)]
        rounds: u32,
        /// Repeats the blows of a run that printed this seed.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Compares PostgreSQL's answer to random policies with that of Cedar's authorizer.
    Oracle {
        /// How many questions.
        #[arg(long, default_value_t = 1_000_000)]
        cases: u64,
        /// Other policies and rows than those of the ordinary run, which has seed 0.
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> ExitCode {
    let workspace = Workspace::here();
    let outcome = match Arguments::parse().command {
        Task::Check => Ok(finish(lint::run(&workspace) + test::run(&workspace, &[]))),
        Task::Lint => Ok(finish(lint::run(&workspace))),
        Task::Test { only } => Ok(finish(test::run(&workspace, &only))),
        Task::Tidy => tidy::run(&workspace),
        Task::Openapi => openapi::write(&workspace),
        Task::Bench { name } => bench::run(&workspace, name.as_deref()),
        Task::Chaos { rounds, seed } => chaos::run(&workspace, rounds, seed),
        Task::Oracle { cases, seed } => oracle::run(&workspace, cases, seed),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// The last line that a check prints, for people and for machines.
fn finish(totals: Totals) -> ExitCode {
    println!("{totals}");
    if totals.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
