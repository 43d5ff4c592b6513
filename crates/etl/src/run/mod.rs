//! A run: one pipeline from its checkpoint to done, or on and on; and the loop that starts it again after a failure.
//!
//! It must not know PostgreSQL or files, only what `source` and `destination` promise.

mod follow;
mod plan;
mod snapshot;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::checkpoint::TableCheckpoint;
use crate::destination::{Destination, Ledger, Owner};
use crate::error::{Error, Result, Retry};
use crate::progress::Progress;
use crate::report::Reporter;
use crate::source::{Source, SourceTable};
use crate::spec::{ConnectionSpec, Mode, PipelineSpec};
use crate::status::{State, TableState};
use crate::table::TableName;

/// One pipeline with everything that it needs to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Names the pipeline in checkpoints and usage records.
    pub pipeline: String,
    /// Of the lease under which the job runs; a smaller one is shut out.
    pub epoch: i64,
    pub spec: PipelineSpec,
    pub source: ConnectionSpec,
    pub destination: ConnectionSpec,
}

/// Where the job comes from: asked before each attempt, so that a password mended meanwhile is used.
pub trait JobSource: Send + Sync {
    /// The job as it is wanted now.
    fn job(&self) -> impl Future<Output = Result<Job>> + Send;
}

impl JobSource for Job {
    async fn job(&self) -> Result<Job> {
        Ok(self.clone())
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is copied; there is nothing more to do.
    Completed,
    /// The caller said stop.
    Cancelled,
    /// Another process has taken over.
    Fenced,
}

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// When somebody has to act first, looking very often does not help.
const FIRST_WAIT_FOR_ACTION: Duration = Duration::from_secs(5);
const LONGEST_WAIT_FOR_ACTION: Duration = Duration::from_secs(60);
/// An attempt that lasted this long worked: its failure begins a new row of failures.
const LASTING: Duration = Duration::from_secs(60);

/// Runs the job until it is completed, cancelled or fenced; failures are reported and tried again with back-off.
pub async fn run(
    jobs: &impl JobSource,
    progress: &Progress,
    reporter: &impl Reporter,
    cancel: &CancellationToken,
) -> Outcome {
    let mut failures = 0;
    loop {
        let retry = match run_until_stuck(jobs, progress, reporter, cancel, &mut failures).await {
            Ended::Over(outcome) => return outcome,
            Ended::Stuck(retry) => retry,
        };
        tokio::select! {
            () = tokio::time::sleep(wait(retry, failures)) => {}
            () = cancel.cancelled() => return Outcome::Cancelled,
        }
    }
}

/// How a run ended that does not wait for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Over(Outcome),
    /// It failed, and nobody knows for how long: try again later, from the beginning.
    Stuck(Retry),
}

/// As [`run`], but comes back instead of waiting once the job shows as `failed`: what is waited for may take days, and
/// others could use the place. `failures` are those in a row so far.
pub async fn run_until_stuck(
    jobs: &impl JobSource,
    progress: &Progress,
    reporter: &impl Reporter,
    cancel: &CancellationToken,
    failures: &mut u32,
) -> Ended {
    loop {
        let started = tokio::time::Instant::now();
        let error = match attempt(jobs, progress, reporter, cancel).await {
            Ok(()) => return Ended::Over(Outcome::Completed),
            Err(error) => error,
        };
        if cancel.is_cancelled() {
            return Ended::Over(Outcome::Cancelled);
        }
        if error.retry == Retry::Never {
            return Ended::Over(Outcome::Fenced);
        }
        *failures = if started.elapsed() > LASTING { 1 } else { *failures + 1 };
        tracing::warn!(code = error.code, %error, failures, "an attempt failed");
        let state = state_after(&error, *failures);
        progress.failed(state, &error);
        if state == State::Failed {
            return Ended::Stuck(error.retry);
        }
        tokio::select! {
            () = tokio::time::sleep(wait(error.retry, *failures)) => {}
            () = cancel.cancelled() => return Ended::Over(Outcome::Cancelled),
        }
    }
}

/// A fault that soon passes shows as `connecting`; one that stays, or that somebody must mend, as `failed`.
fn state_after(error: &Error, failures: u32) -> State {
    match error.retry {
        Retry::Soon if failures < 5 && error.code != "disk_full" => State::Connecting,
        _ => State::Failed,
    }
}

/// Before the next try, after so many failures in a row: from half a second to half a minute, or from 5 seconds to a minute
/// when somebody has to act first; up to a quarter less, so that many do not come at once.
pub(crate) fn wait(retry: Retry, failures: u32) -> Duration {
    let (first, longest) = match retry {
        Retry::AfterAction => (FIRST_WAIT_FOR_ACTION, LONGEST_WAIT_FOR_ACTION),
        _ => (FIRST_WAIT, LONGEST_WAIT),
    };
    let wait = first
        .saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)))
        .min(longest);
    wait.mul_f64(rand::random_range(0.75..1.0))
}

/// One attempt, from connecting to the end or the first error.
///
/// # Errors
/// What went wrong; `cancelled` when the caller said stop.
pub async fn attempt(
    jobs: &impl JobSource,
    progress: &Progress,
    reporter: &impl Reporter,
    cancel: &CancellationToken,
) -> Result<()> {
    let job = unless(cancel, jobs.job()).await?;
    job.spec.validate()?;
    let mut attempt = unless(cancel, Attempt::open(&job, progress)).await?;
    let mut ledger = unless(cancel, attempt.destination.ledger()).await?;
    let ended = tokio::select! {
        ended = Box::pin(attempt.work()) => ended,
        error = bill(&mut ledger, reporter) => Err(error),
        () = cancel.cancelled() => Err(Error::cancelled()),
    };
    if cancel.is_cancelled() {
        // A pause may last: what is copied is billed now. What does not arrive is kept.
        let _ = tokio::time::timeout(LAST_BILL, flush(&mut ledger, reporter)).await;
    }
    // After a failure the records stay where they are, and the failure is what counts.
    ended?;
    unless(cancel, settle(&mut ledger, reporter)).await
}

async fn unless<T>(cancel: &CancellationToken, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        ended = Box::pin(work) => ended,
        () = cancel.cancelled() => Err(Error::cancelled()),
    }
}

/// How long a run that is told to stop takes for its bill.
const LAST_BILL: Duration = Duration::from_secs(2);

const BILL_EVERY: Duration = Duration::from_secs(2);

/// Hands usage records on as they are committed. Ends only with an error.
async fn bill(ledger: &mut Ledger, reporter: &impl Reporter) -> Error {
    loop {
        if let Err(error) = flush(ledger, reporter).await {
            return error;
        }
        tokio::time::sleep(BILL_EVERY).await;
    }
}

/// Waits until the last record is delivered: nobody looks for the records of a pipeline that is completed.
async fn settle(ledger: &mut Ledger, reporter: &impl Reporter) -> Result<()> {
    while flush(ledger, reporter).await? == Delivered::Later {
        tokio::time::sleep(BILL_EVERY).await;
    }
    Ok(())
}

/// Whether the control plane has all usage records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivered {
    All,
    /// Some wait in the destination for a better moment.
    Later,
}

/// Records that cannot be delivered now stay where they are; only `fenced` and the destination's own faults are errors.
async fn flush(ledger: &mut Ledger, reporter: &impl Reporter) -> Result<Delivered> {
    loop {
        let usage = ledger.usage().await?;
        if usage.is_empty() {
            return Ok(Delivered::All);
        }
        match reporter.usage(&usage).await {
            Ok(()) => ledger.acknowledge(&usage).await?,
            Err(error) if error.retry == Retry::Never => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "usage did not arrive; it is kept");
                return Ok(Delivered::Later);
            }
        }
    }
}

/// What one attempt works with.
struct Attempt<'a> {
    job: &'a Job,
    progress: &'a Progress,
    source: Source,
    destination: Destination,
    /// Columns whose values turned out not to fit their Arrow type.
    misfits: HashMap<TableName, BTreeSet<String>>,
}

/// A table with its state, once it is decided what to do with it.
#[derive(Debug, Clone)]
struct Tracked {
    source: SourceTable,
    checkpoint: TableCheckpoint,
}

impl<'a> Attempt<'a> {
    async fn open(job: &'a Job, progress: &'a Progress) -> Result<Self> {
        progress.enter(State::Connecting);
        progress.source(None);
        progress.destination(None);
        let application = format!("plinth etl source {}", job.pipeline);
        let source = Source::connect(&job.source, &application)
            .await
            .map_err(|error| error.at("source"))?;
        progress.source(Some(source.server()));
        let owner = Owner {
            pipeline: job.pipeline.clone(),
            epoch: job.epoch,
        };
        let destination = Destination::open(&job.destination, &job.spec.destination, owner)
            .await
            .map_err(|error| error.at("destination"))?;
        progress.destination(Some(destination.server()));
        Ok(Self {
            job,
            progress,
            source,
            destination,
            misfits: HashMap::new(),
        })
    }

    /// Copies what is missing and follows changes; plans anew when tables come, go or change their shape.
    async fn work(&mut self) -> Result<()> {
        loop {
            let ended = Box::pin(self.round()).await;
            match ended {
                Ok(Round::Done) => return Ok(()),
                Ok(Round::Again) => {}
                Err(Error {
                    misfit: Some(misfit), ..
                }) => {
                    let (table, column) = *misfit;
                    tracing::info!(%table, %column, "a value does not fit: the column is copied as text");
                    self.misfits.entry(table).or_default().insert(column);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn round(&mut self) -> Result<Round> {
        let (tables, unfinished) = self.plan().await?;
        let mut tracked = tables;
        if !unfinished.is_empty() {
            self.progress.enter(State::Snapshotting);
            tracked.extend(Box::pin(self.copy(unfinished)).await?);
        }
        if self.job.spec.mode == Mode::Snapshot {
            for table in &tracked {
                self.progress
                    .enter_table(&table.checkpoint.table, TableState::Completed);
            }
            self.progress.enter(State::Completed);
            return Ok(Round::Done);
        }
        Box::pin(self.follow(tracked)).await?;
        Ok(Round::Again)
    }
}

enum Round {
    Done,
    /// The tables are not what they were.
    Again,
}
