//! Requests that policies refused, kept for some days: so that a draft of a policy can be judged by what people asked for.
//!
//! Nothing is written while a request waits. What is refused is added up in memory and written by a background task; when
//! more comes than that keeps up with, it is shed and counted. What is noted is what a member or service account of the
//! org was answered with 403. Who is not in the org is answered 404, and leaves no trace in it; so is who asks for
//! something that is hidden.

mod list;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{Span, Timestamp};
use plinth_model::Scope;
use plinth_model::id::OrgId;
use plinth_store::refusal::{self as store, Refused};
use serde_json::Value;

use crate::Control;
use crate::error::{Refusal, Result};

pub use self::list::{Refused as RefusedRequest, list};

/// How long they are kept.
const KEPT_DAYS: i64 = 7;
const PERIOD: Duration = Duration::from_secs(1);
/// Most different refusals that wait to be written, of all orgs and of one: nobody crowds out the others.
const MOST_PENDING: usize = 4096;
const MOST_PENDING_OF_ORG: usize = 512;
/// Views that are larger are not kept.
const LARGEST_VIEW_BYTES: usize = 16 * 1024;
const LONGEST_SUBJECT_BYTES: usize = 128;

/// From when on they are kept.
pub(crate) fn kept_since() -> Timestamp {
    Timestamp::now() - Span::new().hours(24 * KEPT_DAYS)
}

/// The same request of the same principal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    principal: String,
    action: String,
    subject: String,
}

#[derive(Debug)]
struct Pending {
    principal_name: String,
    view: Option<Value>,
    context: Arc<Value>,
    count: i64,
    last_at: Timestamp,
}

/// What was refused and is not written yet.
#[derive(Debug, Default)]
pub struct Refusals {
    pending: Mutex<HashMap<OrgId, HashMap<Key, Pending>>>,
    /// Held while what was taken is written: a step that is over has left nothing of before it unwritten.
    writing: tokio::sync::Mutex<()>,
    shed: AtomicU64,
}

impl Refusals {
    /// Takes note of a refusal; `subject` is the id or name in the request's path, which counts when policies did not look
    /// at a thing. Waits for nothing.
    pub fn note(&self, refusal: &Refusal, subject: Option<&str>) {
        let (subject, view) = about(refusal, subject);
        let key = Key {
            principal: refusal.actor.id.clone(),
            action: refusal.action.clone(),
            subject,
        };
        let noted = Pending {
            principal_name: refusal.actor.name.clone(),
            view,
            context: Arc::clone(&refusal.context),
            count: 1,
            last_at: Timestamp::now(),
        };
        self.add(refusal.org, key, noted);
    }

    /// How many were not kept, since too many came at once.
    pub fn shed_count(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    fn add(&self, org: OrgId, key: Key, noted: Pending) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = pending.values().map(HashMap::len).sum();
        let of_org = pending.entry(org).or_default();
        let is_full = all >= MOST_PENDING || of_org.len() >= MOST_PENDING_OF_ORG;
        match of_org.entry(key) {
            Entry::Occupied(mut known) => {
                let count = known.get().count + noted.count;
                *known.get_mut() = Pending { count, ..noted };
            }
            Entry::Vacant(place) if !is_full => _ = place.insert(noted),
            Entry::Vacant(_) => _ = self.shed.fetch_add(noted.count.unsigned_abs(), Ordering::Relaxed),
        }
    }

    fn take(&self) -> HashMap<OrgId, HashMap<Key, Pending>> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a refusal is filed under, and the view that is kept of it.
fn about(refusal: &Refusal, subject: Option<&str>) -> (String, Option<Value>) {
    // Of what does not exist yet, the id says nothing.
    let is_new = refusal.action.ends_with(":create");
    let id = refusal.view.as_ref().and_then(|view| view.get("id")?.as_str());
    let org = refusal.org.to_string();
    let id = id.filter(|id| *id != org).or(subject);
    let plain = |text: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        text.len() <= LONGEST_SUBJECT_BYTES && text.chars().all(plain)
    };
    let subject = id.filter(plain).filter(|_| !is_new).unwrap_or_default().to_owned();
    let fits = |view: &&Value| {
        let text = view.to_string();
        // `jsonb` holds no NUL.
        text.len() <= LARGEST_VIEW_BYTES && !text.contains("\\u0000")
    };
    (subject, refusal.view.as_ref().filter(fits).cloned())
}

/// Writes what was noted, each second, until shutdown and then once more.
pub async fn run(control: Control) {
    loop {
        let ends = tokio::select! {
            () = tokio::time::sleep(PERIOD) => false,
            () = control.shutdown().cancelled() => true,
        };
        if let Err(error) = step(&control).await {
            tracing::warn!(error = %error, cause = ?error.cause, "refusals are not written; it is tried again");
        }
        if ends {
            return;
        }
    }
}

/// Writes what was noted so far, org by org; how many rows. What cannot be written stays for the next step.
///
/// # Errors
/// Of the last org whose database cannot be reached.
pub async fn step(control: &Control) -> Result<usize> {
    let _writing = control.refusals().writing.lock().await;
    let (mut written, mut failure) = (0, None);
    for (org, noted) in control.refusals().take() {
        let rows: Vec<Refused> = noted.iter().map(|(key, pending)| row(key, pending)).collect();
        match store::note(control.store(), &Scope::system("refusals", org), &rows).await {
            Ok(()) => written += rows.len(),
            // Its org has gone meanwhile.
            Err(error) if error.kind == plinth_store::ErrorKind::UnknownOrg => {}
            Err(error) => {
                noted
                    .into_iter()
                    .for_each(|(key, pending)| control.refusals().add(org, key, pending));
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(written), |error| Err(error.into()))
}

fn row(key: &Key, pending: &Pending) -> Refused {
    Refused {
        principal: key.principal.clone(),
        action: key.action.clone(),
        subject: key.subject.clone(),
        principal_name: pending.principal_name.clone(),
        view: pending.view.clone(),
        context: (*pending.context).clone(),
        count: pending.count,
        last_at: pending.last_at,
    }
}

#[cfg(test)]
mod tests {
    use plinth_model::Actor;
    use plinth_model::id::UserId;
    use serde_json::json;

    use super::*;

    fn refusal(action: &str, view: Option<Value>) -> Refusal {
        Refusal {
            org: OrgId::generate(),
            actor: Actor::user(UserId::generate(), "vera"),
            action: action.to_owned(),
            view,
            context: Arc::default(),
        }
    }

    #[test]
    fn what_is_too_much_is_shed_and_counted_and_what_is_known_goes_on() {
        let refusals = Refusals::default();
        let known = refusal("pumps:view", Some(json!({"id": "pump_1"})));
        refusals.note(&known, None);
        for number in 1..MOST_PENDING_OF_ORG {
            refusals.note(&known, Some("unused"));
            let mut other = known.clone();
            other.action = format!("pumps:verb-{number}");
            refusals.note(&other, None);
        }
        assert_eq!(refusals.shed_count(), 0);
        let mut other = known.clone();
        other.action = "pumps:one-more".to_owned();
        refusals.note(&other, None);
        refusals.note(&known, None);
        assert_eq!(refusals.shed_count(), 1);
        // Other orgs have their places all the same, until there are none.
        for _ in MOST_PENDING_OF_ORG..MOST_PENDING {
            refusals.note(&refusal("pumps:view", None), None);
        }
        assert_eq!(refusals.shed_count(), 1);
        refusals.note(&refusal("pumps:view", None), None);
        assert_eq!(refusals.shed_count(), 2);
        let taken = refusals.take();
        assert_eq!(taken.values().map(HashMap::len).sum::<usize>(), MOST_PENDING);
        let most = taken[&known.org].values().map(|pending| pending.count).max();
        assert_eq!(most, i64::try_from(MOST_PENDING_OF_ORG).ok().map(|count| count + 1));
    }

    #[test]
    fn a_refusal_is_filed_under_what_it_was_about() {
        let filed = |action: &str, view: Option<Value>, path: Option<&str>| {
            let (subject, view) = about(&refusal(action, view), path);
            (subject, view.is_some())
        };
        let view = Some(json!({"id": "pump_1"}));
        assert_eq!(
            filed("pumps:update", view.clone(), Some("main")),
            ("pump_1".to_owned(), true)
        );
        assert_eq!(filed("pumps:update", None, Some("main")), ("main".to_owned(), false));
        assert_eq!(filed("pumps:create", view, None), (String::new(), true));
        assert_eq!(filed("pumps:update", None, Some("a b%00")), (String::new(), false));
        let large = Some(json!({"id": "pump_1", "spec": "x".repeat(LARGEST_VIEW_BYTES)}));
        assert_eq!(filed("pumps:update", large, None), ("pump_1".to_owned(), false));
        let nul = Some(json!({"id": "pump_1", "name": "\0"}));
        assert_eq!(filed("pumps:update", nul, None), ("pump_1".to_owned(), false));
        let mut of_all = refusal("org:update", None);
        of_all.view = Some(json!({"id": of_all.org.to_string()}));
        assert_eq!(about(&of_all, None).0, "");
    }
}
