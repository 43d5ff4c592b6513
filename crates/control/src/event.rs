//! The event log as callers see it, and the hub that tells open streams that it grew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plinth_model::id::OrgId;
use plinth_model::permission::Kind;
use plinth_model::{Event, Permission, Role};
use plinth_store::event::{self as stored, Filter, Hint};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::Control;
use crate::caller::Caller;
use crate::error::{Code, ControlError, Result};
use crate::page::{Page, PageRequest};

pub use plinth_store::event::Filter as EventFilter;
pub use plinth_store::resource::Direction;

/// Wakes whoever waits for something to happen in a cell. A wake-up is only a hint: who is woken reads by cursor.
#[derive(Debug)]
pub struct Hub {
    orgs: Mutex<HashMap<OrgId, watch::Sender<u64>>>,
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
    /// Changes when the org's log may have grown.
    pub fn org(&self, org: OrgId) -> watch::Receiver<u64> {
        let mut orgs = self.orgs.lock().unwrap_or_else(PoisonError::into_inner);
        // Those whom nobody listens to any more go when somebody new comes.
        orgs.retain(|_, sender| sender.receiver_count() > 0);
        orgs.entry(org).or_default().subscribe()
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
                for sender in known.iter().filter(|(org, _)| concerned(org)).map(|(_, sender)| sender) {
                    sender.send_modify(|count| *count += 1);
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

/// What to list of the log, as a caller writes it.
#[derive(Debug, Clone)]
pub struct Query {
    pub filter: Filter,
    pub page: PageRequest,
    pub direction: Direction,
    /// Only events after this one.
    pub after: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    seq: i64,
    ascending: bool,
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, query: &Query) -> Result<Page<Event>> {
    caller.require(Kind::Events, "view")?;
    let ascending = query.direction == Direction::Ascending;
    let from = match query.page.position::<Cursor>()? {
        Some(cursor) if cursor.ascending != ascending => {
            let detail = "the cursor is from this list in another order: begin again without one";
            return Err(ControlError::new(Code::InvalidCursor, detail));
        }
        Some(cursor) => cursor.seq,
        None if ascending => query.after.unwrap_or(0),
        None => i64::MAX,
    };
    let mut items = read(
        control,
        caller,
        &query.filter,
        (query.direction, from),
        query.page.fetch()?,
    )
    .await?;
    items.retain(|event| query.after.is_none_or(|after| event.seq > after));
    query.page.page(items, |last| Cursor {
        seq: last.seq,
        ascending,
    })
}

/// The events after `seq`, for a stream that is open already; the caller's rights are looked at again.
///
/// # Errors
/// `forbidden` when the right is gone.
pub async fn after(control: &Control, caller: &Caller, filter: &Filter, seq: i64, limit: i64) -> Result<Vec<Event>> {
    caller.require(Kind::Events, "view")?;
    read(control, caller, filter, (Direction::Ascending, seq), limit).await
}

/// The org's newest `seq`.
///
/// # Errors
/// `forbidden`, or the database is gone.
pub async fn head(control: &Control, caller: &Caller) -> Result<i64> {
    caller.require(Kind::Events, "view")?;
    Ok(stored::head(control.store(), &caller.scope).await?)
}

async fn read(
    control: &Control,
    caller: &Caller,
    filter: &Filter,
    from: (Direction, i64),
    limit: i64,
) -> Result<Vec<Event>> {
    let events = stored::list(control.store(), &caller.scope, filter, from, limit).await?;
    Ok(events
        .into_iter()
        .map(|event| readable(control, &caller.roles, event))
        .collect())
}

/// What the reader may not see of the subject is left out of the event.
fn readable(control: &Control, roles: &[Role], event: Event) -> Event {
    let catalog = control.catalog();
    let kind = match event.kind.as_str() {
        "org" => Kind::Org,
        "member" => Kind::Members,
        "invitation" => Kind::Invitations,
        "service_account" | "token" => Kind::ServiceAccounts,
        type_name => match catalog.by_name(type_name) {
            Some(rules) => Kind::Resources(&rules.declaration.plural),
            None => {
                return Event {
                    before: None,
                    after: None,
                    ..event
                };
            }
        },
    };
    if Permission::new(kind, "view").granted_to(roles) {
        event
    } else {
        Event {
            before: None,
            after: None,
            ..event
        }
    }
}
