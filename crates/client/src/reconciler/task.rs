//! One resource under one lease: handler, watch, outcome, release.
//! Must not know how the lease came here, nor what other leases there are.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    Context, Options, Outcome, Reconciler,
    context::{Stop, StopReason},
    lease::Keeper,
};
use crate::{
    Client, Result,
    work::{ClaimedItem, Lease, Release, ReleaseOutcome, Work},
};

type BoxedOutcome = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// [`Reconciler`] with its futures boxed, so that a runtime can hold several kinds.
pub(super) trait Handler: Send + Sync {
    fn reconcile(self: Arc<Self>, ctx: Context) -> BoxedOutcome;
    fn finalize(self: Arc<Self>, ctx: Context) -> BoxedOutcome;
}

impl<R: Reconciler> Handler for R {
    fn reconcile(self: Arc<Self>, ctx: Context) -> BoxedOutcome {
        Box::pin(async move { Reconciler::reconcile(&*self, ctx).await })
    }

    fn finalize(self: Arc<Self>, ctx: Context) -> BoxedOutcome {
        Box::pin(async move { Reconciler::finalize(&*self, ctx).await })
    }
}

/// What a task needs from the runtime.
pub(super) struct Seat {
    pub(super) client: Client,
    pub(super) options: Arc<Options>,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) bell: Arc<Notify>,
    pub(super) shutdown: CancellationToken,
}

struct Task {
    seat: Seat,
    client: Client,
    lease: Arc<Lease>,
    attempts: u32,
    work: watch::Receiver<Arc<Work>>,
    seen: Arc<AtomicU64>,
    /// Lives as long as the lease; each call of the handler gets its own below it.
    stop: Stop,
}

/// The server keeps no work back for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// How often a report is tried; with the waits between, about 15 s of absence are bridged.
const REPORT_ATTEMPTS: u32 = 8;

/// How the lease ends.
enum End {
    Lost,
    Finalize,
    Release(ReleaseOutcome, Option<Duration>),
}

pub(super) async fn run(seat: Seat, item: ClaimedItem) {
    let resource = item.resource.id.clone();
    if let Err(error) = work_under_lease(seat, item).await {
        tracing::warn!(%resource, %error, "work was left to its lease's end");
    }
}

async fn work_under_lease(seat: Seat, item: ClaimedItem) -> Result<()> {
    let ttl = item.lease.ttl();
    let good_until = Instant::now() + seat.options.good_for(ttl);
    // Long enough for a server that starts anew, short enough for the lease.
    let patience = ttl / 2;
    let client = seat.client.with_token(&item.lease.token)?;
    let client = client.with_retries(REPORT_ATTEMPTS, seat.options.reconnect, patience);
    let (sender, work) = watch::channel(Arc::new(client.work().read().await?));
    let stop = Stop::default();
    let keeper = Keeper {
        client: client.clone(),
        options: Arc::clone(&seat.options),
        bell: Arc::clone(&seat.bell),
        work: sender,
        stop: stop.clone(),
        ttl,
        good_until,
    };
    let keeper = AbortOnDropHandle::new(tokio::spawn(keeper.run()));
    let mut task = Task {
        seat,
        client,
        lease: Arc::new(item.lease),
        attempts: item.attempts,
        work,
        seen: Arc::default(),
        stop,
    };
    let end = task.until_end().await;
    let answer = task.close(end).await;
    drop(keeper);
    answer
}

impl Task {
    /// Calls the handler for as long as there is something newer to do.
    async fn until_end(&mut self) -> End {
        loop {
            let deleted = is_deleted(&self.work);
            let (outcome, reason) = if deleted {
                self.finalize().await
            } else {
                self.reconcile().await
            };
            match (reason, outcome) {
                (Some(StopReason::LeaseLost), _) => return End::Lost,
                // Another agent goes on where this one was told to stop.
                (Some(StopReason::Shutdown), _) => {
                    return End::Release(ReleaseOutcome::Retry, Some(Duration::ZERO));
                }
                // What failed or is done was overtaken.
                (_, Outcome::Retry { .. } | Outcome::Done) if !deleted && self.has_news() => {}
                (_, Outcome::Retry { reason, after }) => {
                    let wait = after.unwrap_or_else(|| self.seat.options.retry.wait(self.attempts));
                    tracing::info!(resource = self.id(), %reason, ?wait, "work is tried again");
                    return End::Release(ReleaseOutcome::Retry, Some(wait));
                }
                (_, Outcome::Done) if deleted => return End::Finalize,
                (_, Outcome::Done) => return End::Release(ReleaseOutcome::Done, None),
            }
        }
    }

    async fn reconcile(&self) -> (Outcome, Option<StopReason>) {
        let ctx = self.context();
        let mut work = self.work.clone();
        let deleted = async move {
            let gone = work.wait_for(|work| work.resource.deleted_at.is_some());
            if gone.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let call = Arc::clone(&self.seat.handler).reconcile(ctx.clone());
        self.drive(&ctx.stop, call, deleted).await
    }

    async fn finalize(&self) -> (Outcome, Option<StopReason>) {
        let ctx = self.context();
        let call = Arc::clone(&self.seat.handler).finalize(ctx.clone());
        self.drive(&ctx.stop, call, std::future::pending()).await
    }

    /// Runs one call of the handler to its end, or to the end of its grace.
    async fn drive(
        &self,
        stop: &Stop,
        call: BoxedOutcome,
        deleted: impl Future<Output = ()>,
    ) -> (Outcome, Option<StopReason>) {
        // In a task of its own, so that a panic ends the call and not the agent.
        let mut call = AbortOnDropHandle::new(tokio::spawn(call));
        tokio::select! {
            biased;
            () = stop.lost().cancelled() => {}
            ended = &mut call => return (ended.unwrap_or_else(panicked), stop.reason()),
            () = deleted => stop.now(StopReason::Deleted),
            () = self.seat.shutdown.cancelled() => stop.now(StopReason::Shutdown),
        }
        let options = &self.seat.options;
        let in_grace = async {
            tokio::select! {
                ended = timeout(options.stop_grace, &mut call) => ended.ok(),
                () = async {
                    stop.lost().cancelled().await;
                    tokio::time::sleep(options.lost_grace).await;
                } => None,
            }
        };
        let outcome = match in_grace.await {
            Some(ended) => ended.unwrap_or_else(panicked),
            None => Outcome::retry("the handler did not stop in time and was dropped"),
        };
        (outcome, stop.reason())
    }

    /// The context of one call: it is stopped with the lease, or alone.
    fn context(&self) -> Context {
        let ctx = Context {
            client: self.client.clone(),
            lease: Arc::clone(&self.lease),
            work: self.work.clone(),
            seen: Arc::clone(&self.seen),
            attempts: self.attempts,
            stop: self.stop.for_one_call(),
        };
        // Counts as seen even if the handler never looks.
        ctx.work();
        ctx
    }

    async fn close(&self, end: End) -> Result<()> {
        let (outcome, wait) = match end {
            End::Lost => return Ok(()),
            End::Finalize => return self.client.work().finalize().await,
            End::Release(outcome, wait) => (outcome, wait),
        };
        let release = Release {
            outcome,
            observed_generation: self.seen.load(Ordering::Acquire),
            retry_after_secs: wait.map(|wait| wait.min(LONGEST_WAIT).as_secs_f64().ceil() as u64),
        };
        self.client.work().release(&release).await
    }

    fn has_news(&self) -> bool {
        let seen = self.seen.load(Ordering::Acquire);
        let work = self.work.borrow();
        work.resource.generation > seen || work.resource.deleted_at.is_some()
    }

    fn id(&self) -> String {
        self.work.borrow().resource.id.clone()
    }
}

fn is_deleted(work: &watch::Receiver<Arc<Work>>) -> bool {
    work.borrow().resource.deleted_at.is_some()
}

fn panicked(error: tokio::task::JoinError) -> Outcome {
    Outcome::retry(format!("the handler crashed: {error}"))
}
