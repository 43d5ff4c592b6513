//! Telling the world how a pipeline is doing: the door through which status, metrics and usage leave the engine.
//!
//! The engine knows only the trait [`Reporter`]; the agent puts the control plane behind it, tests put a list.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::checkpoint::Usage;
use crate::error::{Result, Retry};
use crate::progress::Progress;
use crate::status::{PipelineStatus, State};

/// One measured point.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub table: Option<String>,
    pub value: f64,
    pub at: Timestamp,
}

/// Where reports go. An error means: not arrived, to be tried again; `fenced` means that the work is no longer ours.
pub trait Reporter: Send + Sync + 'static {
    /// Called at most once a second, and when the state changes.
    fn status(&self, status: &PipelineStatus) -> impl Future<Output = Result<()>> + Send;

    /// Called every few seconds. Points that do not arrive are lost.
    fn metrics(&self, metrics: &[Metric]) -> impl Future<Output = Result<()>> + Send;

    /// The same record may come again until it has once been accepted: its id tells.
    fn usage(&self, usage: &[Usage]) -> impl Future<Output = Result<()>> + Send;
}

const STATUS_EVERY: Duration = Duration::from_secs(1);
/// A status that did not change is sent again now and then, so that readers see that we live.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Tries of the last status, a second apart.
const LAST_TRIES: u32 = 300;
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Reports until cancelled, then once more.
pub async fn keep_reporting(reporter: &impl Reporter, progress: &Progress, cancel: CancellationToken) {
    let mut sent = Sent::default();
    loop {
        let last = cancel.is_cancelled();
        sent.report(reporter, progress).await;
        if last {
            return sent.insist(reporter, progress).await;
        }
        // Not sooner than a second after the last one, whatever happens meanwhile.
        tokio::select! {
            () = cancel.cancelled() => {}
            () = tokio::time::sleep(STATUS_EVERY) => {}
        }
    }
}

#[derive(Debug)]
struct Sent {
    status: Option<PipelineStatus>,
    status_at: tokio::time::Instant,
    metrics_at: tokio::time::Instant,
    counted: HashMap<String, (u64, u64)>,
}

impl Default for Sent {
    fn default() -> Self {
        let now = tokio::time::Instant::now();
        Self {
            status: None,
            status_at: now,
            metrics_at: now,
            counted: HashMap::new(),
        }
    }
}

impl Sent {
    async fn report(&mut self, reporter: &impl Reporter, progress: &Progress) {
        let status = progress.status();
        if self.is_news(&status) {
            match reporter.status(&status).await {
                Ok(()) => {
                    self.status = Some(status.clone());
                    self.status_at = tokio::time::Instant::now();
                }
                Err(error) => tracing::warn!(%error, "a status did not arrive"),
            }
        }
        // A table that is new is measured at once: its counter needs a beginning to grow from.
        let is_new = status
            .tables
            .iter()
            .any(|table| !self.counted.contains_key(&table.name));
        if is_new || self.metrics_at.elapsed() >= METRICS_EVERY {
            self.measure(reporter, &status).await;
        }
    }

    async fn measure(&mut self, reporter: &impl Reporter, status: &PipelineStatus) {
        self.metrics_at = tokio::time::Instant::now();
        let metrics = self.metrics(status);
        if metrics.is_empty() {
            return;
        }
        match reporter.metrics(&metrics).await {
            Ok(()) => {
                let counted = status
                    .tables
                    .iter()
                    .map(|table| (table.name.clone(), (table.rows, table.bytes)));
                self.counted = counted.collect();
            }
            Err(error) => tracing::warn!(%error, "metrics did not arrive"),
        }
    }

    /// Nobody reports after the last time: it has to arrive, unless the work is no longer ours.
    async fn insist(&mut self, reporter: &impl Reporter, progress: &Progress) {
        let status = progress.status();
        self.measure(reporter, &status).await;
        if !self.is_news(&status) {
            return;
        }
        for _ in 0..LAST_TRIES {
            match reporter.status(&status).await {
                Err(error) if error.retry == Retry::Soon => tokio::time::sleep(STATUS_EVERY).await,
                _ => return,
            }
        }
    }

    /// Times that only say "still here" are no news by themselves.
    fn is_news(&self, status: &PipelineStatus) -> bool {
        let Some(last) = &self.status else { return true };
        let quiet = |status: &PipelineStatus| PipelineStatus {
            observed_at: Timestamp::UNIX_EPOCH,
            last_read_at: None,
            lag_secs: None,
            ..status.clone()
        };
        quiet(last) != quiet(status) || self.status_at.elapsed() >= HEARTBEAT
    }

    /// Counters are running totals, sent when they moved, so that a point that was lost is made good by the next one.
    fn metrics(&self, status: &PipelineStatus) -> Vec<Metric> {
        let at = status.observed_at;
        let mut metrics = Vec::new();
        for table in &status.tables {
            if self.counted.get(&table.name) == Some(&(table.rows, table.bytes)) {
                continue;
            }
            for (name, total) in [("rows_copied", table.rows), ("bytes_copied", table.bytes)] {
                metrics.push(Metric {
                    name,
                    table: Some(table.name.clone()),
                    value: total as f64,
                    at,
                });
            }
        }
        if matches!(status.state, State::Snapshotting | State::Streaming) {
            metrics.push(Metric {
                name: "rows_per_second",
                table: None,
                value: status.rows_per_second,
                at,
            });
            metrics.extend(status.lag_secs.map(|lag| Metric {
                name: "lag_seconds",
                table: None,
                value: lag,
                at,
            }));
        }
        metrics
    }
}
