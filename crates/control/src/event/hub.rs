//! Who waits for something to happen in a cell, and how they hear of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plinth_model::id::OrgId;
use plinth_store::event::{self as stored, Hint};
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use super::tail::Tail;
use crate::Control;

/// Wakes whoever waits for something to happen in a cell. A wake-up is only a hint: who is woken reads by cursor.
#[derive(Debug)]
pub struct Hub {
    orgs: Mutex<HashMap<OrgId, Arc<Tail>>>,
    actions: broadcast::Sender<Option<Uuid>>,
    any: watch::Sender<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            orgs: Mutex::default(),
            actions: broadcast::Sender::new(256),
            any: watch::Sender::new(0),
        }
    }
}

impl Hub {
    /// The end of the org's log, shared by all who follow it from here; `head` is a `seq` that the log has.
    pub fn tail(&self, org: OrgId, head: i64) -> Arc<Tail> {
        let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
        // Those whom nobody follows any more go when somebody new comes.
        orgs.retain(|_, tail| Arc::strong_count(tail) > 1);
        Arc::clone(orgs.entry(org).or_insert_with(|| Arc::new(Tail::new(head))))
    }

    /// Changes when any log may have grown.
    pub fn any(&self) -> watch::Receiver<u64> {
        self.any.subscribe()
    }

    /// Questions asked (`None`) and answered.
    pub fn actions(&self) -> broadcast::Receiver<Option<Uuid>> {
        self.actions.subscribe()
    }

    fn wake(&self, hint: Hint) {
        match hint {
            Hint::Events(orgs) => {
                let known = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
                let concerned = |org: &OrgId| orgs.is_empty() || orgs.contains(org);
                for (_, tail) in known.iter().filter(|(org, _)| concerned(org)) {
                    tail.grew();
                }
                self.any.send_modify(|count| *count += 1);
            }
            // Nobody has to wait.
            Hint::Action(id) => drop(self.actions.send(id)),
        }
    }
}

/// Passes on what a cell calls out, for as long as the process lives.
pub async fn listen(control: Control, cell: plinth_store::CellName) {
    loop {
        match stored::listen(control.store(), &cell).await {
            Ok(mut hints) => {
                // What was called out before is lost: everybody looks once.
                control.hub().wake(Hint::Events(Vec::new()));
                loop {
                    tokio::select! {
                        hint = hints.recv() => match hint {
                            Some(hint) => control.hub().wake(hint),
                            None => break,
                        },
                        () = control.shutdown().cancelled() => return,
                    }
                }
            }
            Err(error) => tracing::warn!(%error, %cell, "cannot listen to the cell"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = control.shutdown().cancelled() => return,
        }
    }
}
