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

/// What is heard of questions to agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    Asked,
    Answered(Uuid),
    /// Something may have been called out while nobody listened.
    Unheard,
}

/// Wakes whoever waits for something to happen in a cell. A wake-up is only a hint: who is woken reads by cursor.
#[derive(Debug)]
pub struct Hub {
    orgs: Mutex<HashMap<OrgId, Arc<Tail>>>,
    actions: broadcast::Sender<Called>,
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

    /// Questions asked and answered.
    pub(crate) fn actions(&self) -> broadcast::Receiver<Called> {
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
            // Kept elsewhere: see `listen`.
            Hint::Policies(_) => {}
            // Nobody has to wait.
            Hint::Action(id) => drop(self.actions.send(id.map_or(Called::Asked, Called::Answered))),
        }
    }

    /// What was called out before is lost: everybody looks once.
    fn wake_all(&self) {
        self.wake(Hint::Events(Vec::new()));
        // Nobody has to wait.
        let _ = self.actions.send(Called::Unheard);
    }
}

/// Passes on what a cell calls out, for as long as the process lives.
pub async fn listen(control: Control, cell: plinth_store::CellName) {
    loop {
        match stored::listen(control.store(), &cell).await {
            Ok(mut hints) => {
                control.hub().wake_all();
                loop {
                    tokio::select! {
                        hint = hints.recv() => match hint {
                            Some(Hint::Policies(org)) => control.accesses().forget(org).await,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim, or a question's asker, that was not told would wait its whole time for what is there already.
    #[tokio::test]
    async fn who_listens_again_wakes_all_who_wait() {
        let hub = Hub::default();
        let org = OrgId::generate();
        let tail = hub.tail(org, 0);
        let (grown, any, mut actions) = (tail.grown(), hub.any(), hub.actions());
        hub.wake_all();
        assert!(grown.has_changed().unwrap() && any.has_changed().unwrap());
        assert_eq!(actions.recv().await.unwrap(), Called::Unheard);
        hub.wake(Hint::Events(vec![OrgId::generate()]));
        assert_eq!(*grown.borrow(), 1, "another org's log");
    }
}
