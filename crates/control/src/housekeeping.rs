//! Small chores: what is old enough goes, what a crash left half done is finished or forgotten. Each chore takes no
//! input, reads state, and may be done twice or by several servers at once.

use std::time::Duration;

use plinth_store::{idempotency, refusal, resource, signal, sql_login, work};

use crate::bill::published;
use crate::error::Result;
use crate::{Control, account, invitation, org};

const PERIOD: Duration = Duration::from_secs(30);
/// Older than any request that may still be at work on it: what is half done by now was left behind by a crash.
const INTERRUPTED_SECS: f64 = 90.0;

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Orgs whose creation was finished or forgotten.
    pub orgs: usize,
    /// Invitations whose mail was sent late.
    pub invitations: usize,
    /// Deleted resources that are gone for good.
    pub purged: usize,
    /// Orgs whose bills were written down for SQL clients.
    pub bills: usize,
    /// Sessions, links, logins, keys, questions, refusals and signals that had run out.
    pub expired: usize,
}

/// A step now and every half minute, until shutdown.
pub async fn run(control: Control) {
    loop {
        match step(&control).await {
            // Bills are written down all the time.
            Ok(step) if (Step { bills: 0, ..step }) == Step::default() => {}
            Ok(step) => tracing::info!(?step, "housekeeping"),
            Err(error) => {
                tracing::warn!(error = %error, cause = ?error.cause, "housekeeping failed; it is tried again")
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = control.shutdown().cancelled() => return,
        }
    }
}

/// # Errors
/// `unavailable` when a database cannot be reached; what is left undone is done by the next step.
pub async fn step(control: &Control) -> Result<Step> {
    let orgs = org::finish_interrupted(control, INTERRUPTED_SECS).await?;
    let invitations = invitation::send_owed(control, INTERRUPTED_SECS).await?;
    let mut step = Step {
        orgs,
        invitations,
        purged: 0,
        bills: 0,
        expired: account::sweep(control).await?,
    };
    let mut tx = control.store().directory().await?;
    step.expired += idempotency::forget_of_users(&mut tx).await? + signal::forget_logins(&mut tx).await?;
    tx.commit().await?;
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "housekeeping").await?;
        step.purged += resource::purge(&mut tx, control.config().undelete_secs).await?;
        step.expired += idempotency::forget(&mut tx).await? + work::expire_questions(&mut tx).await?;
        step.expired += sql_login::expire(&mut tx).await? + refusal::forget(&mut tx).await?;
        // Before the end of what is old: SQL sessions cannot note by themselves where they come from.
        signal::note_sql(&mut tx).await?;
        step.expired += signal::forget(&mut tx).await?;
        tx.commit().await?;
    }
    step.bills = published::step(control).await?;
    Ok(step)
}
