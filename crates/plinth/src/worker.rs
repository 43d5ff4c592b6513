//! The worker: a reconciler that carries out pipelines, each in a process of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use plinth_etl::agent::{self, AgentConfig};
use plinth_etl::lifeline;
use tokio_util::sync::CancellationToken;

use crate::settings::LogFormat;
use crate::signal::stop_on_signal;
use crate::telemetry;

#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Address of the control plane
    #[arg(
        long,
        env = "PLINTH_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
    /// Token with which to claim work
    #[arg(
        long,
        env = "PLINTH_RECONCILER_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        conflicts_with = "token_file"
    )]
    token: Option<String>,
    /// File that holds the token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Folder below which connections of kind `files` must lie
    #[arg(long, env = "PLINTH_FILES", value_name = "DIR", default_value = "files")]
    files: PathBuf,
    /// Pipelines that this worker carries out at once
    #[arg(long, env = "PLINTH_CAPACITY", value_name = "N", default_value_t = 8)]
    capacity: usize,
    /// Stop when standard input ends
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
    /// How logs look
    #[arg(long, env = "PLINTH_LOG_FORMAT", value_name = "FORMAT", default_value = "pretty")]
    log_format: LogFormat,
}

pub async fn run(args: WorkerArgs) -> anyhow::Result<()> {
    let _telemetry = telemetry::start(args.log_format, None)?;
    let token = match (args.token, &args.token_file) {
        (Some(token), _) => token,
        (None, Some(path)) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read the token file `{}`", path.display()))?
        }
        (None, None) => anyhow::bail!("no token: give --token-file, or PLINTH_RECONCILER_TOKEN"),
    };
    let cancel = CancellationToken::new();
    stop_on_signal(cancel.clone());
    if args.stop_with_stdin {
        // The process that started this one is gone when its input ends; it brings nothing.
        drop(lifeline::hold(cancel.clone()));
    }
    let config = AgentConfig {
        server: args.server,
        token: token.trim().to_owned(),
        capacity: args.capacity,
        files: args.files,
        cancel,
    };
    agent::run(config).await
}

/// The process of one pipeline, started by an agent.
pub async fn task() -> anyhow::Result<ExitCode> {
    plinth_etl::task::main().await
}
