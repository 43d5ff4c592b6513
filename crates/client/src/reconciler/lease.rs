//! The keeper of one lease: renews it, reads the work anew when its generation
//! moved, and says so when the lease is gone. Must not know what the work is.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until},
};

use super::{
    Options,
    context::{Stop, StopReason},
};
use crate::{Client, Error, work::Work};

pub(super) struct Keeper {
    pub(super) client: Client,
    pub(super) options: Arc<Options>,
    /// Rung when a claim told that the generation moved.
    pub(super) bell: Arc<Notify>,
    pub(super) work: watch::Sender<Arc<Work>>,
    pub(super) stop: Stop,
    /// How long the lease lives after a renewal, as the server said last.
    pub(super) ttl: Duration,
    /// No renewal until then, and the lease may be another's.
    pub(super) good_until: Instant,
}

impl Keeper {
    /// Runs until the lease is lost; dropped when the work is done.
    pub(super) async fn run(mut self) {
        // At once: the claim's answer does not tell how old the lease is.
        let mut next = Instant::now();
        let mut failures = 0;
        loop {
            let told = tokio::select! {
                () = sleep_until(self.good_until) => return self.stop.now(StopReason::LeaseLost),
                () = self.bell.notified() => true,
                () = sleep_until(next) => false,
            };
            match self.renew(told).await {
                Ok(()) => {
                    failures = 0;
                    next = Instant::now() + self.options.renew_every(self.ttl);
                }
                Err(error) if error.is_final() => {
                    tracing::warn!(%error, "lease is lost");
                    return self.stop.now(StopReason::LeaseLost);
                }
                Err(error) => {
                    tracing::warn!(%error, failures, "lease was not renewed");
                    next = Instant::now() + self.options.reconnect.wait(failures);
                    failures = failures.saturating_add(1);
                }
            }
        }
    }

    /// Renews, and reads the work when `told` of a change or when its generation moved.
    async fn renew(&mut self, told: bool) -> Result<(), Error> {
        let scope = self.client.work();
        let sent = Instant::now();
        let left = self.good_until.saturating_duration_since(sent);
        let renewed = tokio::select! {
            renewed = scope.renew(left) => renewed?,
            () = sleep(left) => return Ok(()),
        };
        self.ttl = renewed.ttl();
        self.good_until = sent + self.options.good_for(self.ttl);
        if told || renewed.generation > self.work.borrow().resource.generation {
            let left = self.good_until.saturating_duration_since(Instant::now());
            let work = tokio::select! {
                work = scope.read() => work?,
                () = sleep(left) => return Ok(()),
            };
            self.work.send_replace(Arc::new(work));
        }
        Ok(())
    }
}
