//! The runtime's numbers. How long a lease lives is the server's.

use std::time::Duration;

use crate::Backoff;

#[derive(Debug, Clone)]
pub struct Options {
    /// How many resources are worked on at the same time.
    pub capacity: usize,
    /// How many of them may be one org's, so that no org fills an agent; half of `capacity`, rounded up, when not said.
    pub org_capacity: Option<usize>,
    /// Places beyond `capacity` for resources that are being deleted, so that a deletion waits for nobody's work.
    pub deletion_capacity: usize,
    /// How long the server may hold a claim while there is no work.
    pub claim_wait: Duration,
    /// How often a lease is renewed; each third of its life when not said.
    pub renew_every: Option<Duration>,
    /// What a handler gets to end after deletion or shutdown.
    pub stop_grace: Duration,
    /// What a handler gets to end after its lease is lost.
    pub lost_grace: Duration,
    /// Waits between failed tries of one resource.
    pub retry: Backoff,
    /// Waits while the server cannot be reached.
    pub reconnect: Backoff,
    /// What an action may take; the server's caller waits 20 s.
    pub action_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            capacity: 64,
            org_capacity: None,
            deletion_capacity: 4,
            claim_wait: Duration::from_secs(20),
            renew_every: None,
            stop_grace: Duration::from_secs(10),
            lost_grace: Duration::from_secs(1),
            retry: Backoff::new(Duration::from_secs(1), Duration::from_secs(300)),
            reconnect: Backoff::new(Duration::from_millis(200), Duration::from_secs(10)),
            action_timeout: Duration::from_secs(18),
        }
    }
}

impl Options {
    /// How long after a renewal the handler may run: it has to be out before
    /// the server gives the lease to another. Counted from before the renewal is
    /// sent, by this machine's monotonic clock: no clock needs to be right.
    pub(super) fn good_for(&self, ttl: Duration) -> Duration {
        ttl.saturating_sub(self.lost_grace)
    }

    pub(super) fn org_capacity(&self) -> usize {
        self.org_capacity.unwrap_or_else(|| self.capacity.div_ceil(2))
    }

    pub(super) fn renew_every(&self, ttl: Duration) -> Duration {
        self.renew_every.unwrap_or(ttl / 3)
    }
}
