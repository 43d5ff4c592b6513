//! What a handler sees of the runtime: its work, news of it, and the way to report.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    Client, Result,
    metric::Point,
    usage::{Accepted, UsageRecord},
    work::{Lease, Work},
};

/// Why a handler has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody else may work on this resource now: touch nothing more.
    LeaseLost,
    /// The resource is deleted: `finalize` is next.
    Deleted,
    /// The agent ends; another goes on.
    Shutdown,
}

/// That a handler has to end, and why. `lost` is the lease's, the rest one call's.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop {
    lost: CancellationToken,
    token: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
}

impl Stop {
    /// For one call of the handler under the same lease.
    pub(super) fn for_one_call(&self) -> Self {
        Self {
            lost: self.lost.clone(),
            token: self.lost.child_token(),
            reason: Arc::default(),
        }
    }

    pub(super) fn now(&self, reason: StopReason) {
        let _ = self.reason.set(reason);
        if reason == StopReason::LeaseLost {
            self.lost.cancel();
        }
        self.token.cancel();
    }

    /// The first reason stands, but for a lost lease, which outdoes the others.
    pub(super) fn reason(&self) -> Option<StopReason> {
        if self.lost.is_cancelled() {
            return Some(StopReason::LeaseLost);
        }
        self.reason.get().copied()
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }
}

/// One handler's view. Clones share it.
#[derive(Debug, Clone)]
pub struct Context {
    pub(super) client: Client,
    pub(super) lease: Arc<Lease>,
    pub(super) work: watch::Receiver<Arc<Work>>,
    pub(super) seen: Arc<AtomicU64>,
    pub(super) attempts: u32,
    pub(super) stop: Stop,
}

impl Context {
    /// The newest state, read from the server with secrets and references.
    /// From now on this is the generation that reports speak of.
    pub fn work(&self) -> Arc<Work> {
        let work = Arc::clone(&self.work.borrow());
        self.seen.fetch_max(work.resource.generation, Ordering::AcqRel);
        work
    }

    /// Waits for a newer generation than the one seen last, and gives it; those
    /// overtaken in between are left out. Never ends when none comes.
    pub async fn changed(&self) -> Arc<Work> {
        let mut work = self.work.clone();
        let newer = |work: &Arc<Work>| work.resource.generation > self.observed_generation();
        if work.wait_for(newer).await.is_err() {
            std::future::pending::<()>().await;
        }
        self.work()
    }

    /// Whether a newer generation is there than the one seen last.
    pub fn is_outdated(&self) -> bool {
        self.work.borrow().resource.generation > self.observed_generation()
    }

    /// The generation that was seen last.
    pub fn observed_generation(&self) -> u64 {
        self.seen.load(Ordering::Acquire)
    }

    /// Tries since the last success.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Cancelled when the handler has to end.
    pub fn stopped(&self) -> &CancellationToken {
        self.stop.token()
    }

    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// Writes the status, as of the generation seen last.
    pub async fn report(&self, status: &impl Serialize) -> Result<()> {
        let generation = self.observed_generation();
        self.noting_loss(self.client.work().status(generation, status).await)
    }

    pub async fn record_metrics(&self, points: &[Point]) -> Result<Accepted> {
        self.noting_loss(self.client.work().metrics(points).await)
    }

    pub async fn record_usage(&self, records: &[UsageRecord]) -> Result<Accepted> {
        self.noting_loss(self.client.work().usage(records).await)
    }

    /// The lease itself, for a process of its own that reports in this one's
    /// stead. Its token opens this resource only and dies with the lease.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// A client with the lease's token.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends when the handler has to end or `wait` is over; `true` for the latter.
    pub async fn wait(&self, wait: Duration) -> bool {
        tokio::time::timeout(wait, self.stopped().cancelled()).await.is_err()
    }

    fn noting_loss<T>(&self, answer: Result<T>) -> Result<T> {
        if answer.as_ref().is_err_and(crate::Error::is_lease_lost) {
            self.stop.now(StopReason::LeaseLost);
        }
        answer
    }
}
