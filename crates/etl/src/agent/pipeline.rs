//! One pipeline under its lease: a process while it should run, none while it is paused; the records removed when it is gone.

use std::time::Duration;

use plinth_client::reconciler::{Context, Outcome, Reconciler};
use plinth_client::work::Work;
use tokio::time::Instant;

use super::place::Bounds;
use super::process::{Orders, Process, exit};
use crate::bill;
use crate::destination::{Destination, Ledger, Owner};
use crate::error::{Error, Retry};
use crate::run;
use crate::status::{PipelineStatus, State, TableState, TableStatus};
use crate::task::job_of;

#[derive(Debug)]
pub(super) struct Pipelines {
    pub server: String,
    pub bounds: Bounds,
}

/// Waits between two starts of a process that dies, growing while it dies soon.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A process that lived this long worked.
const LASTING: Duration = Duration::from_secs(5);

impl Reconciler for Pipelines {
    async fn reconcile(&self, ctx: Context) -> Outcome {
        let mut wait = FIRST_WAIT;
        loop {
            let work = ctx.work();
            if is_paused(&work) {
                return report(&ctx, &work, State::Paused, None, 0).await;
            }
            let started = Instant::now();
            let died = match self.run_once(&ctx).await {
                Ended::Outcome(outcome) => return outcome,
                Ended::Changed => continue,
                Ended::Died(how) => how,
            };
            wait = if started.elapsed() > LASTING {
                FIRST_WAIT
            } else {
                wait.saturating_mul(2).min(LONGEST_WAIT)
            };
            tracing::warn!(
                pipeline = work.resource.id,
                how = died,
                "the process of a pipeline died"
            );
            report(&ctx, &work, State::Connecting, Some(died), 1).await;
            if !ctx.wait(wait).await {
                return Outcome::Done;
            }
        }
    }

    /// Removes checkpoints and unfinished loads. What was copied stays: it is the customer's, and is billed.
    async fn finalize(&self, ctx: Context) -> Outcome {
        let work = ctx.work();
        report(&ctx, &work, State::Deleting, None, 0).await;
        match tokio::time::timeout(Duration::from_secs(20), self.forget(&ctx, &work)).await {
            Ok(Ok(())) => Outcome::Done,
            // A destination that does not exist any more must not keep the pipeline alive for good.
            Ok(Err(error)) if ctx.attempts() >= 3 && error.code != "control_plane" => {
                tracing::warn!(pipeline = work.resource.id, %error, "a deleted pipeline's checkpoints stay behind");
                Outcome::Done
            }
            Err(_) if ctx.attempts() >= 3 => Outcome::Done,
            Ok(Err(error)) => Outcome::retry_after(Duration::from_secs(2), error),
            Err(_) => Outcome::retry_after(Duration::from_secs(2), "the destination did not answer"),
        }
    }
}

enum Ended {
    Outcome(Outcome),
    /// The spec is another one.
    Changed,
    Died(String),
}

impl Pipelines {
    /// One process, until it ends or has to.
    async fn run_once(&self, ctx: &Context) -> Ended {
        let orders = Orders {
            server: self.server.clone(),
            token: ctx.lease().token.clone(),
            epoch: ctx.lease().epoch,
            bounds: self.bounds.clone(),
        };
        let mut process = match Process::start(&orders).await {
            Ok(process) => process,
            Err(error) => return Ended::Died(format!("the worker process cannot be started: {error}")),
        };
        let ended = tokio::select! {
            ended = process.ended() => ended,
            _ = ctx.changed() => {
                process.stop().await;
                return Ended::Changed;
            }
            () = ctx.stopped().cancelled() => {
                process.stop().await;
                return Ended::Outcome(Outcome::Done);
            }
        };
        match ended {
            Ok(status) => match status.code().and_then(|code| u8::try_from(code).ok()) {
                Some(exit::COMPLETED) => Ended::Outcome(Outcome::Done),
                // Given back, so that a pipeline that waits for help takes no place from one that can work.
                // A changed pipeline is looked at in any case.
                Some(exit::STUCK) => {
                    let wait = run::wait(Retry::AfterAction, ctx.attempts());
                    Ended::Outcome(Outcome::retry_after(wait, "the pipeline has failed"))
                }
                Some(exit::FENCED) => Ended::Outcome(Outcome::retry("another process has taken over")),
                _ => Ended::Died(format!(
                    "the worker process ended unexpectedly ({status}) and is started again"
                )),
            },
            Err(error) => Ended::Died(format!("the worker process is lost: {error}")),
        }
    }

    async fn forget(&self, ctx: &Context, work: &Work) -> Result<(), Error> {
        let job = job_of(work, ctx.lease().epoch, &self.bounds)?;
        let owner = Owner {
            pipeline: job.pipeline,
            epoch: job.epoch,
        };
        let mut destination = Destination::open(&job.destination, &job.spec.destination, owner).await?;
        deliver(ctx, &work.resource.id, &mut destination.ledger().await?).await?;
        destination.forget().await
    }
}

/// Hands on what was copied and not yet billed, before its records go.
async fn deliver(ctx: &Context, pipeline: &str, ledger: &mut Ledger) -> Result<(), Error> {
    loop {
        let usage = ledger.usage().await?;
        if usage.is_empty() {
            return Ok(());
        }
        for batch in bill::records(pipeline, &usage).chunks(bill::BATCH) {
            let taken = ctx.record_usage(batch).await;
            taken.map_err(|error| Error::transient("control_plane", error.to_string()))?;
        }
        ledger.acknowledge(&usage).await?;
    }
}

fn is_paused(work: &Work) -> bool {
    work.resource
        .spec
        .get("paused")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false)
}

/// A table that nobody works on while the pipeline is paused.
fn at_rest(state: State, table: TableStatus) -> TableStatus {
    let paused = state == State::Paused && table.state != TableState::Completed;
    TableStatus {
        state: if paused { TableState::Paused } else { table.state },
        ..table
    }
}

/// Keeps what the last status said of tables and counts, and changes the state.
async fn report(ctx: &Context, work: &Work, state: State, message: Option<String>, restarts: u64) -> Outcome {
    // The process reported since this work was read.
    let newest = match ctx.client().work().read().await {
        Ok(work) => work.resource.status,
        Err(_) => work.resource.status.clone(),
    };
    let last = newest
        .and_then(|status| serde_json::from_value::<PipelineStatus>(status).ok())
        .unwrap_or_default();
    let status = PipelineStatus {
        state,
        hint: message
            .as_ref()
            .map(|_| "nothing is lost: the copy carries on from its last commit".to_owned()),
        message,
        source: crate::status::Peer {
            connected: false,
            ..last.source
        },
        destination: crate::status::Peer {
            connected: false,
            ..last.destination
        },
        rows_per_second: 0.0,
        bytes_per_second: 0.0,
        lag_secs: None,
        tables: last.tables.into_iter().map(|table| at_rest(state, table)).collect(),
        restarts: last.restarts + restarts,
        observed_at: jiff::Timestamp::now(),
        ..last
    };
    match ctx.report(&status).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::retry(error),
    }
}
