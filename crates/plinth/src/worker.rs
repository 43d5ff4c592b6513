//! The worker: a reconciler that carries out pipelines, each in a process of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use plinth_etl::agent::{self, AgentConfig};
use plinth_etl::lifeline;
use plinth_etl::network::Networks;
use tokio_util::sync::CancellationToken;

use crate::settings::{LogFormat, WorkerSettings, check};
use crate::signal::stop_on_signal;
use crate::telemetry;

#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// TOML file with these settings in its table `[worker]`; flags and environment win over it
    #[arg(long, env = "PLINTH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: WorkerSettings,
    /// Stop when standard input ends
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
    /// How logs look
    #[arg(long, env = "PLINTH_LOG_FORMAT", value_name = "FORMAT", default_value = "pretty")]
    log_format: LogFormat,
}

pub async fn run(args: WorkerArgs) -> anyhow::Result<()> {
    let settings = args.settings.resolve(args.config.as_deref())?;
    let capacity = check::within("capacity", settings.capacity.unwrap_or(32), 1, 1000)?;
    let org_capacity = match settings.org_capacity {
        Some(most) => Some(check::within("org_capacity", most, 1, capacity)?),
        None => None,
    };
    let cancel = CancellationToken::new();
    let config = AgentConfig {
        server: settings.server()?,
        token: settings.reconciler_token()?,
        capacity,
        org_capacity,
        files: settings.files.unwrap_or_else(|| PathBuf::from("files")),
        networks: Networks::new(settings.denied_networks, settings.allowed_networks),
        cancel: cancel.clone(),
    };
    let _telemetry = telemetry::start(args.log_format, None)?;
    stop_on_signal(cancel.clone());
    if args.stop_with_stdin {
        // The process that started this one is gone when its input ends; it brings nothing.
        drop(lifeline::hold(cancel.clone()));
    }
    agent::run(config).await
}

/// The process of one pipeline, started by an agent.
pub async fn task() -> anyhow::Result<ExitCode> {
    plinth_etl::task::main().await
}
