//! All background work of a server, started together and ended by shutdown.

use tokio_util::task::TaskTracker;

use crate::service_account::sql;
use crate::{Control, country, event, housekeeping, mail, product, refusal, sequencer, signal};

/// Starts it; the tracker ends when all of it has.
pub fn start(control: &Control) -> TaskTracker {
    let tasks = TaskTracker::new();
    for cell in control.store().cells() {
        tasks.spawn(sequencer::run(control.clone(), cell.clone()));
        tasks.spawn(event::listen(control.clone(), cell.clone()));
        tasks.spawn(sql::make_way(control.clone(), cell.clone()));
    }
    tasks.spawn(product::follow(control.clone()));
    tasks.spawn(deliver_mail(control.clone()));
    tasks.spawn(housekeeping::run(control.clone()));
    tasks.spawn(refusal::run(control.clone()));
    tasks.spawn(signal::run(control.clone()));
    tasks.spawn(country::run(control.clone()));
    tasks
}

/// A server whose mail cannot leave does not start: nobody could verify an address or reset a password.
async fn deliver_mail(control: Control) {
    if let Err(error) = mail::deliver(control.clone()).await {
        tracing::error!(%error, errors = ?error.errors, cause = ?error.cause, "cannot deliver mail; stopping");
        control.shutdown().cancel();
    }
}
