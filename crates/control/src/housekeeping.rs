//! Small chores: what is old enough goes, what a crash left half done is finished or forgotten.

use std::time::Duration;

use plinth_store::{idempotency, resource, work};

use crate::error::Result;
use crate::{Control, org};

const PERIOD: Duration = Duration::from_secs(60);
/// An org that is still being created after so long was left behind by a crash.
const INTERRUPTED_SECS: f64 = 60.0;

/// Runs until shutdown. Each chore reads state and may be done twice, or by several servers at once.
pub async fn run(control: Control) {
    loop {
        if let Err(error) = step(&control).await {
            tracing::warn!(error = %error, cause = ?error.cause, "housekeeping failed; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = control.shutdown().cancelled() => return,
        }
    }
}

async fn step(control: &Control) -> Result<()> {
    org::finish_interrupted(control, INTERRUPTED_SECS).await?;
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "housekeeping").await?;
        let purged = resource::purge(&mut tx, control.config().undelete_secs).await?;
        idempotency::forget(&mut tx).await?;
        work::expire_questions(&mut tx).await?;
        tx.commit().await?;
        if purged > 0 {
            tracing::info!(%cell, purged, "purged deleted resources");
        }
    }
    Ok(())
}
