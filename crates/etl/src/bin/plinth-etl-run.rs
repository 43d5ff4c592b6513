//! Runs one pipeline from a JSON document, without a control plane: for tries, benches and tests.
//!
//! `plinth-etl-run job.json` (or `-` for standard input) with `{"pipeline", "epoch", "spec", "source", "destination"}`. Prints the
//! status as one JSON line per change. Ends with 0 when the pipeline is completed or was told to stop, else with 1.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use plinth_etl::checkpoint::Usage;
use plinth_etl::progress::Progress;
use plinth_etl::report::{Metric, Reporter, keep_reporting};
use plinth_etl::run::{Job, Outcome, run};
use plinth_etl::spec::{ConnectionSpec, PipelineSpec};
use plinth_etl::status::PipelineStatus;
use tokio_util::sync::CancellationToken;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    pipeline: String,
    #[serde(default)]
    epoch: i64,
    spec: PipelineSpec,
    source: ConnectionSpec,
    destination: ConnectionSpec,
}

/// Prints.
struct Printer;

impl Reporter for Printer {
    async fn status(&self, status: &PipelineStatus) -> plinth_etl::Result<()> {
        let line = serde_json::to_string(status).unwrap_or_default();
        // Nobody may read the output any more: that is no reason to stop.
        let _ = writeln!(std::io::stdout(), "{line}");
        Ok(())
    }

    async fn metrics(&self, _: &[Metric]) -> plinth_etl::Result<()> {
        Ok(())
    }

    async fn usage(&self, usage: &[Usage]) -> plinth_etl::Result<()> {
        for usage in usage {
            let line = serde_json::to_string(&serde_json::json!({"usage": usage})).unwrap_or_default();
            let _ = writeln!(std::io::stdout(), "{line}");
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let path = std::env::args()
        .nth(1)
        .context("usage: plinth-etl-run <job.json | ->")?;
    let text = match path.as_str() {
        "-" => std::io::read_to_string(std::io::stdin())?,
        path => std::fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))?,
    };
    let document: Document = serde_json::from_str(&text).context("the job cannot be read")?;
    let job = Job {
        pipeline: document.pipeline,
        epoch: document.epoch,
        spec: document.spec,
        source: document.source,
        destination: document.destination,
    };
    let (progress, cancel) = (Progress::default(), CancellationToken::new());
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    let reporting = CancellationToken::new();
    let ended = async {
        let outcome = run(&job, &progress, &Printer, &cancel).await;
        reporting.cancel();
        outcome
    };
    let (outcome, ()) = tokio::join!(Box::pin(ended), keep_reporting(&Printer, &progress, reporting.clone()));
    Ok(if outcome == Outcome::Fenced {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
