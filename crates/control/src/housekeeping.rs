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

/// All chores, each by itself: one that fails holds up no other.
///
/// # Errors
/// `unavailable` when a database cannot be reached; what is left undone is done by the next step.
pub async fn step(control: &Control) -> Result<Step> {
    let mut failed = None;
    let mut done = |chore: Result<usize>| {
        chore.unwrap_or_else(|error| {
            failed.get_or_insert(error);
            0
        })
    };
    let mut step = Step {
        orgs: done(org::finish_interrupted(control, INTERRUPTED_SECS).await),
        invitations: done(invitation::send_owed(control, INTERRUPTED_SECS).await),
        expired: done(account::sweep(control).await) + done(forget_of_users(control).await),
        ..Step::default()
    };
    for cell in control.store().cells() {
        step.purged += done(purge(control, cell).await);
        step.expired += done(forget(control, cell).await);
        step.expired += done(end_logins(control, cell).await);
        step.expired += done(note_signals(control, cell).await);
    }
    step.bills = done(published::step(control).await);
    failed.map_or(Ok(step), Err)
}

async fn forget_of_users(control: &Control) -> Result<usize> {
    let mut tx = control.store().directory().await?;
    let forgotten = idempotency::forget_of_users(&mut tx).await? + signal::forget_logins(&mut tx).await?;
    tx.commit().await?;
    Ok(forgotten)
}

async fn purge(control: &Control, cell: &str) -> Result<usize> {
    let mut tx = control.store().system(cell, "purge deleted resources").await?;
    let purged = resource::purge(&mut tx, control.config().undelete_secs).await?;
    tx.commit().await?;
    Ok(purged)
}

async fn forget(control: &Control, cell: &str) -> Result<usize> {
    let mut tx = control.store().system(cell, "housekeeping").await?;
    let forgotten =
        idempotency::forget(&mut tx).await? + work::expire_questions(&mut tx).await? + refusal::forget(&mut tx).await?;
    tx.commit().await?;
    Ok(forgotten)
}

/// Roles go in a transaction of their own, after the one in which nobody can log in by them any more.
async fn end_logins(control: &Control, cell: &str) -> Result<usize> {
    let mut tx = control.store().system(cell, "end SQL logins").await?;
    let ended = sql_login::expire(&mut tx).await?;
    tx.commit().await?;
    let mut tx = control.store().system(cell, "drop ended SQL logins").await?;
    sql_login::drop_ended(&mut tx).await?;
    tx.commit().await?;
    Ok(ended)
}

/// What SQL sessions cannot note by themselves, before what is old is forgotten: where they come from.
async fn note_signals(control: &Control, cell: &str) -> Result<usize> {
    let mut tx = control.store().system(cell, "note signals").await?;
    signal::note_sql(&mut tx).await?;
    let forgotten = signal::forget(&mut tx).await?;
    tx.commit().await?;
    Ok(forgotten)
}
