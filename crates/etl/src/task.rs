//! The process of one pipeline: reads what to do from the control plane with its lease's token, does it, and reports.
//!
//! Started by the agent as a hidden command of its own binary. It ends when its standard input does, and so with its agent.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use plinth_client::Client;
use plinth_client::metric::Point;
use plinth_client::usage::UsageRecord;
use plinth_client::work::Work;
use tokio_util::sync::CancellationToken;

use crate::agent::place::Bounds;
use crate::agent::process::{Orders, exit};
use crate::checkpoint::Usage;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::report::{Metric, Reporter, keep_reporting};
use crate::run::{Ended, Job, JobSource, Outcome, run_until_stuck};
use crate::spec::ConnectionSpec;
use crate::status::PipelineStatus;
use crate::{bill, lifeline};

/// How long the process may take to end once it is told to.
const GRACE: Duration = Duration::from_secs(4);

/// Runs the pipeline that the orders on standard input name.
///
/// # Errors
/// When there are no orders, or the control plane cannot be asked at all.
pub async fn main() -> anyhow::Result<ExitCode> {
    let cancel = CancellationToken::new();
    let line = lifeline::hold(cancel.clone()).await?;
    let orders: Orders = serde_json::from_str(&line).context("no orders on standard input")?;
    let client = Client::builder(&orders.server).token(&orders.token).build()?;
    let pipeline = Pipeline::new(client, orders, cancel.clone());
    let code = tokio::select! {
        code = Box::pin(pipeline.work(&cancel)) => code?,
        () = async { cancel.cancelled().await; tokio::time::sleep(GRACE).await } => exit::STOPPED,
    };
    Ok(ExitCode::from(code))
}

/// One pipeline, seen from its process.
struct Pipeline {
    client: Client,
    orders: Orders,
    /// Cancelled when the lease is lost, too.
    cancel: CancellationToken,
    lost: CancellationToken,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    id: String,
    generation: u64,
}

impl Pipeline {
    fn new(client: Client, orders: Orders, cancel: CancellationToken) -> Self {
        Self {
            client,
            orders,
            cancel,
            lost: CancellationToken::new(),
            seen: Mutex::default(),
        }
    }

    async fn work(&self, cancel: &CancellationToken) -> anyhow::Result<u8> {
        let progress = Progress::default();
        let work = match self.client.work().read().await {
            Err(error) if error.is_lease_lost() => return Ok(exit::FENCED),
            read => read?,
        };
        if let Some(last) = work.resource.status.clone() {
            let last: PipelineStatus = serde_json::from_value(last).unwrap_or_default();
            progress.resume(&last);
        }
        self.see(&work);
        let reporting = CancellationToken::new();
        let running = async {
            let ended = run_until_stuck(self, &progress, self, cancel, &mut 0).await;
            reporting.cancel();
            ended
        };
        let (ended, (), ()) = tokio::join!(
            Box::pin(running),
            keep_reporting(self, &progress, reporting.clone()),
            self.bill_time(&progress, reporting.clone())
        );
        Ok(match ended {
            Ended::Stuck(_) => exit::STUCK,
            Ended::Over(Outcome::Completed) => exit::COMPLETED,
            Ended::Over(Outcome::Cancelled) if !self.lost.is_cancelled() => exit::STOPPED,
            Ended::Over(Outcome::Cancelled | Outcome::Fenced) => exit::FENCED,
        })
    }

    fn see(&self, work: &Work) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.id.clone_from(&work.resource.id);
        seen.generation = work.resource.generation;
    }

    fn seen(&self) -> (String, u64) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.id.clone(), seen.generation)
    }

    /// Bills running time, a minute at a time. A minute that was not reported when the process is killed is not billed, nor
    /// is time in which nothing was or could be copied.
    async fn bill_time(&self, progress: &Progress, ended: CancellationToken) {
        let process = Timestamp::now().as_millisecond();
        let (mut unsent, mut billed) = (Vec::<UsageRecord>::new(), 0);
        for number in 0u64.. {
            let over = tokio::select! {
                () = ended.cancelled() => true,
                () = tokio::time::sleep(Duration::from_secs(60)) => false,
            };
            let ran = millionths_of_hours(progress.ran());
            if ran > billed {
                let id = format!("hours/{}/{process}/{number}", self.orders.epoch);
                let (pipeline, quantity) = (self.seen().0, hours(ran - billed));
                unsent.push(bill::record(
                    &pipeline,
                    "pipeline_hours",
                    id,
                    quantity,
                    Timestamp::now(),
                ));
                billed = ran;
            }
            if !unsent.is_empty() {
                match self.client.work().usage(&unsent).await {
                    Ok(_) => unsent.clear(),
                    Err(error) => tracing::warn!(%error, "running time did not arrive; it is kept"),
                }
            }
            if over {
                return;
            }
        }
    }

    /// A lost lease ends the run: what this process would report is no longer wanted.
    fn arrived<T>(&self, answer: plinth_client::Result<T>) -> Result<T> {
        answer.map_err(|error| {
            if error.is_lease_lost() {
                self.lost.cancel();
                self.cancel.cancel();
                return Error::fenced();
            }
            Error::transient("control_plane", error.to_string())
        })
    }
}

/// Finer than a hundredth of a second.
const fn millionths_of_hours(elapsed: Duration) -> u128 {
    elapsed.as_micros() / 3600
}

/// Decimal hours.
fn hours(millionths: u128) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

impl JobSource for Pipeline {
    async fn job(&self) -> Result<Job> {
        let work = self.arrived(self.client.work().read().await)?;
        self.see(&work);
        job_of(&work, self.orders.epoch, &self.orders.bounds)
    }
}

impl Reporter for Pipeline {
    async fn status(&self, status: &PipelineStatus) -> Result<()> {
        let generation = self.seen().1;
        self.arrived(self.client.work().status(generation, status).await)
    }

    async fn metrics(&self, metrics: &[Metric]) -> Result<()> {
        let points: Vec<Point> = metrics
            .iter()
            .map(|metric| Point {
                name: metric.name.to_owned(),
                resource: None,
                at: metric.at,
                value: metric.value,
                labels: metric
                    .table
                    .iter()
                    .map(|table| ("table".to_owned(), table.clone()))
                    .collect(),
            })
            .collect();
        self.arrived(self.client.work().metrics(&points).await).map(|_| ())
    }

    async fn usage(&self, usage: &[Usage]) -> Result<()> {
        let records = bill::records(&self.seen().0, usage);
        for batch in records.chunks(bill::BATCH) {
            self.arrived(self.client.work().usage(batch).await)?;
        }
        Ok(())
    }
}

/// The job that a pipeline resource and its connections describe.
///
/// # Errors
/// `invalid_spec`, or `folder_not_allowed`.
pub(crate) fn job_of(work: &Work, epoch: u64, bounds: &Bounds) -> Result<Job> {
    let invalid =
        |what: &str, error: serde_json::Error| Error::new("invalid_spec", format!("{what} cannot be read: {error}"));
    let connection = |pointer: &str| -> Result<ConnectionSpec> {
        let reference = work.references.get(pointer).ok_or_else(|| {
            Error::new(
                "no_such_connection",
                format!("the connection at `{pointer}` does not exist"),
            )
            .hint("choose another connection, or make one of that name")
        })?;
        let spec = serde_json::from_value(reference.spec.clone())
            .map_err(|error| invalid(&format!("connection `{}`", reference.name), error))?;
        bounds.confine(&work.resource.org, spec)
    };
    Ok(Job {
        pipeline: work.resource.id.clone(),
        epoch: epoch.cast_signed(),
        spec: serde_json::from_value(work.resource.spec.clone()).map_err(|error| invalid("the pipeline", error))?,
        source: connection("/source/connection")?,
        destination: connection("/destination/connection")?,
    })
}
