//! Signals: what makes the requests of a principal unusual, and the risk that it comes to.
//!
//! A signal has a fixed weight and counts for a fixed time; the risk is their sum. Both are computed by the org's database,
//! for servers and for SQL sessions alike (`migrations/cell/V10__signals.sql`). Where a request comes from is noted when it
//! enters an org. What is unusual about a user's logins is found without an org: it waits in the directory until a
//! background task has told the orgs of that user. A login from a new device is told before it is answered, so that its
//! first request is already judged by it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use plinth_model::id::{OrgId, SignalId, UserId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Scope, Signals};
use plinth_store::signal::{self as store, FailedLogin, LoginSignal};
use plinth_store::{DirectoryTx, directory};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::error::{Code, ControlError, Result};
use crate::page::{Page, PageRequest};
use crate::{Caller, Control, principal};

pub use store::Part;

/// What can be unusual.
pub const KINDS: [&str; 4] = ["failed_login", "new_device", "new_country", "new_network"];

/// Without a nudge, what waits is looked at this often.
const PERIOD: Duration = Duration::from_secs(5);
/// Most failed logins that wait to be written; lock-out and rate limits keep far below it.
const MOST_PENDING: usize = 4096;
const LONGEST_DEVICE_CHARS: usize = 200;
const ORGS_OF_A_PAGE: i64 = 500;
/// How many principals of a page are looked up at the same time.
const PARALLEL_READS: usize = 8;

/// A signal, as those see it who see policies and its principal.
#[derive(Debug, Clone)]
pub struct Signal {
    pub id: SignalId,
    pub principal: Actor,
    /// One of [`KINDS`].
    pub kind: String,
    /// `address`, `network`, `country`, `device`, as far as they are known.
    pub detail: Value,
    pub weight: i32,
    pub at: Timestamp,
    pub counts_until: Timestamp,
}

/// What a principal's signals come to at this moment.
#[derive(Debug, Clone)]
pub struct Risk {
    /// From 0 to 100.
    pub score: i32,
    /// The most first.
    pub parts: Vec<Part>,
}

/// Wrong passwords that are not written yet: nothing is written while somebody waits who may not be who they say, and the
/// answer takes as long for an address that nobody has.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pending: Mutex<Vec<FailedLogin>>,
    ready: Notify,
}

impl Watch {
    fn add(&self, failed: impl IntoIterator<Item = FailedLogin>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend(failed);
        pending.truncate(MOST_PENDING);
    }

    fn take(&self) -> Vec<FailedLogin> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A wrong password for this user's account. Waits for nothing.
pub(crate) fn note_failure(control: &Control, signals: &Signals, user: UserId) {
    let failed = FailedLogin {
        id: SignalId::generate(),
        user,
        detail: about(control, signals),
        at: Timestamp::now(),
    };
    control.watch().add([failed]);
    control.watch().ready.notify_one();
}

/// A user logs in. Whether it is with a device that is new for them: then the orgs are to be told after the commit, by
/// [`tell_of`].
pub(crate) async fn note_login(
    control: &Control,
    tx: &mut DirectoryTx,
    signals: &Signals,
    user: UserId,
) -> Result<bool> {
    let detail = about(control, signals);
    Ok(store::note_device(tx, user, &device(&signals.user_agent), &detail).await?)
}

fn about(control: &Control, signals: &Signals) -> Value {
    let mut about = Map::new();
    if let Some(address) = address(signals) {
        about.insert("address".to_owned(), json!(address.to_string()));
        let country = control.country_of(Some(address));
        country.map(|country| about.insert("country".to_owned(), json!(country)));
    }
    if !signals.user_agent.is_empty() {
        let shown: String = signals.user_agent.chars().take(LONGEST_DEVICE_CHARS).collect();
        about.insert("device".to_owned(), json!(shown));
    }
    Value::Object(about)
}

pub(crate) fn address(signals: &Signals) -> Option<IpAddr> {
    signals
        .address
        .parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

/// A browser or program and its system, without versions: an update makes no new device.
fn device(user_agent: &str) -> String {
    let plain = user_agent
        .chars()
        .filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | '_' | '/'));
    plain.take(LONGEST_DEVICE_CHARS).collect()
}

/// The risk of the scope's principal, of which this request is. Takes note of where it comes from.
///
/// # Errors
/// `unavailable` when the database cannot be reached.
pub(crate) async fn risk(
    control: &Control,
    scope: &Scope,
    address: Option<IpAddr>,
    country: Option<&str>,
) -> Result<i32> {
    let who = (scope.org, scope.actor.id.clone());
    let memory = control.identities();
    let place = (who.clone(), address, country.map(str::to_owned));
    let mut noted = None;
    let note = async {
        noted = Some(store::note_use(control.store(), scope, &who.1, address, country).await?);
        Ok(Some(()))
    };
    memory.places.get(place, note).await?;
    let Some(risk) = noted else {
        let again = async {
            Ok(Some(
                store::note_use(control.store(), scope, &who.1, address, country).await?,
            ))
        };
        return Ok(memory.risks.get(who.clone(), again).await?.unwrap_or_default());
    };
    // The place was new to this server, and may have been so to the org: what is remembered may be too little.
    if memory.risks.get(who.clone(), async { Ok(Some(risk)) }).await? != Some(risk) {
        memory.risks.forget(who).await;
    }
    Ok(risk)
}

/// Tells the orgs about logins, when there is something to tell and every few seconds, until shutdown.
pub async fn run(control: Control) {
    loop {
        tokio::select! {
            () = control.watch().ready.notified() => {}
            () = tokio::time::sleep(PERIOD) => {}
            () = control.shutdown().cancelled() => return,
        }
        if let Err(error) = step(&control).await {
            tracing::warn!(error = %error, cause = ?error.cause, "orgs are not told about logins; it is tried again");
        }
    }
}

/// Writes what was noted and tells the orgs; how many signals were told.
///
/// # Errors
/// `unavailable` when a database cannot be reached; what is left is done by the next step.
pub async fn step(control: &Control) -> Result<usize> {
    let failed = control.watch().take();
    if !failed.is_empty()
        && let Err(error) = write(control, &failed).await
    {
        control.watch().add(failed);
        return Err(error);
    }
    tell(control, None).await
}

async fn write(control: &Control, failed: &[FailedLogin]) -> Result<()> {
    let mut tx = control.store().directory().await?;
    store::add_failed(&mut tx, failed).await?;
    Ok(tx.commit().await?)
}

/// Tells the orgs of a user who has just logged in. When that fails, the background task goes on with it.
pub(crate) async fn tell_of(control: &Control, user: UserId) {
    if let Err(error) = tell(control, Some(user)).await {
        tracing::warn!(error = %error, cause = ?error.cause, "orgs are not told about a login; it is tried again");
    }
}

/// Tells the orgs of each user what waits, of one user when it is given; how many signals. Twice is as good as once.
async fn tell(control: &Control, user: Option<UserId>) -> Result<usize> {
    let mut tx = control.store().directory().await?;
    let waiting = store::waiting(&mut tx, user).await?;
    tx.rollback().await?;
    let mut of_users: BTreeMap<UserId, Vec<&LoginSignal>> = BTreeMap::new();
    for signal in &waiting {
        of_users.entry(UserId(signal.user_id)).or_default().push(signal);
    }
    let mut failure = None;
    let mut told = Vec::new();
    for (user, signals) in of_users {
        match tell_orgs(control, user, &signals).await {
            Ok(()) => told.extend(signals.iter().map(|signal| signal.id)),
            Err(error) => failure = Some(error),
        }
    }
    if !told.is_empty() {
        let mut tx = control.store().directory().await?;
        store::told(&mut tx, &told).await?;
        tx.commit().await?;
    }
    failure.map_or(Ok(told.len()), Err)
}

async fn tell_orgs(control: &Control, user: UserId, signals: &[&LoginSignal]) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let mut tx = control.store().directory().await?;
        let orgs = directory::places_of(&mut tx, user, after.as_deref(), ORGS_OF_A_PAGE).await?;
        tx.rollback().await?;
        let Some(last) = orgs.last() else { return Ok(()) };
        after = Some(last.slug.clone());
        for org in orgs.iter().map(|org| OrgId(org.id)) {
            store::add(control.store(), &Scope::system("signals", org), user, signals).await?;
            control.identities().risks.forget((org, user.to_string())).await;
        }
    }
}

/// What was noted, newest first; of one principal when it is given by its id. Of those whom the caller may see.
///
/// # Errors
/// `forbidden` without the right to see policies, and members or service accounts; `not_found` for a principal that the
/// caller may not see; `invalid_request`, `invalid_cursor`.
pub async fn list(
    control: &Control,
    caller: &Caller,
    principal: Option<&str>,
    request: &PageRequest,
) -> Result<Page<Signal>> {
    permit(caller)?;
    if let Some(id) = principal {
        find(control, caller, id).await?;
    }
    let before = request.position()?;
    let rows = store::list(control.store(), &caller.scope, principal, before, request.fetch()?).await?;
    let page = request.page(rows, |row| (row.at, SignalId(row.id)))?;
    let mut actors = BTreeMap::new();
    for row in &page.items {
        actors.entry(row.principal.clone()).or_insert(None);
    }
    let ids: Vec<String> = actors.keys().cloned().collect();
    let finding = ids
        .into_iter()
        .map(|id| async move { find(control, caller, &id).await });
    let found: Vec<_> = stream::iter(finding).buffered(PARALLEL_READS).collect().await;
    for (known, found) in actors.values_mut().zip(found) {
        *known = match found {
            Ok(actor) => Some(actor),
            Err(error) if matches!(error.code, Code::NotFound | Code::Forbidden) => None,
            Err(error) => return Err(error),
        };
    }
    let seen = page.items.into_iter().filter_map(|row| {
        let actor = actors.get(&row.principal)?.clone()?;
        Some(Signal {
            id: SignalId(row.id),
            principal: actor,
            kind: row.kind,
            detail: row.detail,
            weight: row.weight,
            at: row.at,
            counts_until: row.counts_until,
        })
    });
    Ok(Page {
        items: seen.collect(),
        next: page.next,
    })
}

/// The risk of a principal by its id, with its parts.
///
/// # Errors
/// As [`list`].
pub async fn risk_of(control: &Control, caller: &Caller, principal: &str) -> Result<Risk> {
    permit(caller)?;
    let actor = find(control, caller, principal).await?;
    let parts = store::parts(control.store(), &caller.scope, &actor.id).await?;
    let score = parts.iter().map(|part| part.points).sum::<i32>().min(100);
    Ok(Risk { score, parts })
}

fn permit(caller: &Caller) -> Result<()> {
    caller.require(Kind::Policies, "view")?;
    if caller.may(Kind::ServiceAccounts, "view") {
        return Ok(());
    }
    caller.require_some(Kind::Members, "view")
}

async fn find(control: &Control, caller: &Caller, id: &str) -> Result<Actor> {
    let found = principal::find(control, caller, id).await;
    let actor = found.map(|found| found.actor);
    actor.map_err(|error| match error.code {
        // There is no body here for a pointer to lead into.
        Code::ValidationFailed => {
            let detail = "`principal` must be the id of a user (`user_..`) or of a service account (`sa_..`)";
            ControlError::new(Code::InvalidRequest, detail)
        }
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_makes_no_new_device_and_another_browser_does() {
        let firefox = |version: &str, system: &str| {
            device(&format!(
                "Mozilla/5.0 ({system}; rv:{version}) Gecko/20100101 Firefox/{version}"
            ))
        };
        let linux = "X11; Linux x86_64";
        assert_eq!(firefox("140.0", linux), firefox("141.0.2", linux));
        assert_ne!(firefox("140.0", linux), firefox("140.0", "Windows NT 10.0"));
        assert_ne!(device("curl/8.5.0"), device("plinth/0.1.0"));
        assert!(device(&"x".repeat(1000)).len() <= LONGEST_DEVICE_CHARS);
    }
}
