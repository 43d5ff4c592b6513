//! How long to wait before trying again: exponential, capped, with full jitter,
//! so that many clients which failed together do not come back together.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// A schedule of waits. The n-th wait is drawn from the upper half of
/// `min(cap, base * 2^n)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub base: Duration,
    pub cap: Duration,
}

impl Backoff {
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// The longest wait that `attempt` (from 0) may get.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// A wait for `attempt` (from 0), between half of its ceiling and all of it.
    pub fn wait(&self, attempt: u32) -> Duration {
        self.ceiling(attempt).mul_f64(rand::random_range(0.5..=1.0))
    }

    /// Waits for `attempt`; shorter when `shutdown` comes.
    pub(crate) async fn pause(&self, attempt: u32, shutdown: &CancellationToken) {
        tokio::select! {
            () = tokio::time::sleep(self.wait(attempt)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}
