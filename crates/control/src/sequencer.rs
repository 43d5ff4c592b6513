//! Keeps the sequencer of a cell running: here, or on another server while that one leads.

use std::time::Duration;

use plinth_store::sequencer::{self, Leadership};
use plinth_store::{CellName, StoreError};

use crate::Control;

/// How often the leader looks at the inbox when nothing wakes it, and a standby at the lead.
const IDLE: Duration = Duration::from_millis(20);
const STANDBY: Duration = Duration::from_secs(1);

/// Runs until shutdown.
pub async fn run(control: Control, cell: CellName) {
    while !control.shutdown().is_cancelled() {
        match sequencer::lead(control.store(), &cell).await {
            Ok(Some(leadership)) => {
                tracing::info!(%cell, "leads the event sequence");
                if let Err(error) = work(&control, &cell, leadership).await {
                    tracing::warn!(%error, %cell, "lost the lead of the event sequence");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, %cell, "cannot take the lead of the event sequence"),
        }
        tokio::select! {
            () = tokio::time::sleep(STANDBY) => {}
            () = control.shutdown().cancelled() => {}
        }
    }
}

async fn work(control: &Control, cell: &CellName, mut leadership: Leadership) -> Result<(), StoreError> {
    let written = control.store().written(cell);
    loop {
        if leadership.step().await?.events > 0 {
            continue;
        }
        tokio::select! {
            () = written.notified() => {}
            () = tokio::time::sleep(IDLE) => {}
            // What is committed by now is numbered once more before the lead is given up.
            () = control.shutdown().cancelled() => {
                leadership.step().await?;
                return Ok(());
            }
        }
    }
}
