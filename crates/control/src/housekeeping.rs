//! What time and crashes leave behind, put in order. It takes no input: it reads state, does one step, and reports; any
//! number of servers may do it at once.

use std::time::Duration;

use plinth_store::idempotency;

use crate::error::Result;
use crate::{Control, account, invitation, org};

const PERIOD: Duration = Duration::from_secs(30);
/// Older than any request that may still be at work on it.
const INTERRUPTED_AGE_SECS: f64 = 90.0;

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Orgs whose creation was finished or forgotten.
    pub orgs: usize,
    /// Invitations whose mail was sent late.
    pub invitations: usize,
    /// Rows that had run out.
    pub expired: usize,
}

/// # Errors
/// `unavailable` when a database cannot be reached; what comes after it is done next time.
pub async fn step(control: &Control) -> Result<Step> {
    let orgs = org::finish_interrupted(control, INTERRUPTED_AGE_SECS).await?;
    let invitations = invitation::send_owed(control, INTERRUPTED_AGE_SECS).await?;
    let expired = account::sweep(control).await? + forget_keys(control).await?;
    Ok(Step { orgs, invitations, expired })
}

async fn forget_keys(control: &Control) -> Result<usize> {
    let mut tx = control.store().directory().await?;
    let mut forgotten = idempotency::forget_of_users(&mut tx).await?;
    tx.commit().await?;
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "old idempotency keys").await?;
        forgotten += idempotency::forget(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(forgotten)
}

/// A step now and every half minute, until the control plane shuts down.
pub async fn run(control: &Control) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = control.shutdown().cancelled() => return,
            _ = ticks.tick() => {}
        }
        match step(control).await {
            Ok(step) if step == Step::default() => {}
            Ok(step) => tracing::debug!(?step, "put in order"),
            Err(error) => tracing::warn!(%error, "housekeeping is put off"),
        }
    }
}
