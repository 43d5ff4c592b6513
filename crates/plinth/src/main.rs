//! One binary: the development stack, the server, the worker, migrations, and the commands of the client.
//!
//! What it prints goes through `cli::output`: the macros of the standard library panic when nobody reads any more.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod audit;
mod cli;
mod console;
mod databases;
mod dev;
mod keys;
mod server;
mod settings;
mod signal;
mod telemetry;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::cli::output::{is_closed_pipe, remark};
use self::cli::{shorthand, usage};

/// The control plane of an infrastructure service.
#[derive(Debug, Parser)]
#[command(name = "plinth", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: cli::GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything on this machine: PostgreSQL, server, console, worker and sample data
    Dev(Box<dev::DevArgs>),
    /// Run the server on your PostgreSQL
    Serve(Box<settings::ServeArgs>),
    /// Run the worker that carries out pipelines
    Worker(worker::WorkerArgs),
    /// Bring the databases to this version's schema, and stop
    Migrate(Box<settings::ServeArgs>),
    /// Print the OpenAPI document of a product folder
    Openapi(server::OpenapiArgs),
    /// The log of events: prove that it is what was written
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The key that protects secrets: replace it
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// One pipeline of a worker, in its own process
    #[command(hide = true)]
    EtlTask,
    #[command(flatten)]
    Client(cli::ClientCommand),
}

fn main() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    let cli: Cli =
        shorthand::parse(&line).unwrap_or_else(|error| usage::without_environment(error, Cli::command(), &line).exit());
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        remark("error: a TLS provider is installed already");
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            remark(&format!("error: no runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            remark(&format!("error: {}", one_line(&error)));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Dev(args) => Box::pin(dev::run(*args)).await?,
        Command::Serve(args) => Box::pin(server::serve(*args)).await?,
        Command::Migrate(args) => server::migrate(*args).await?,
        Command::Worker(args) => worker::run(args).await?,
        Command::Openapi(args) => server::openapi(&args)?,
        Command::Audit(command) => return Box::pin(audit::run(command, &cli.global)).await,
        Command::Keys(command) => return Box::pin(keys::run(command)).await,
        Command::EtlTask => return worker::task().await,
        Command::Client(command) => return Box::pin(cli::run(command, cli.global, Cli::command())).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// The error with its causes. Some say themselves what caused them; that is not said again.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for text in error.chain().map(ToString::to_string) {
        if line.ends_with(&text) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let cause = anyhow::anyhow!("no such file");
        let error = cause.context("cannot read `key`").context("cannot start");
        assert_eq!(one_line(&error), "cannot start: cannot read `key`: no such file");
        let cause = anyhow::anyhow!("no such file");
        let error = cause.context("cannot read `key`: no such file").context("cannot start");
        assert_eq!(one_line(&error), "cannot start: cannot read `key`: no such file");
    }
}
