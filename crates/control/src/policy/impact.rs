//! What a change of a policy would do: who gains what, who loses what, and which requests of the last days would have got
//! another answer.
//!
//! The policies as they are and as they would be are asked side by side, about each member and service account that the
//! change concerns. It tells no more than the caller may see: resources are read under the caller's own scope, people and
//! requests are those that the caller may see. Nothing is written, and no lock is held. What is looked at is bounded; an
//! answer that reached a bound says so.

mod gap;
mod request;

use std::sync::Arc;
use std::time::{Duration, Instant};

use plinth_model::id::PolicyId;
use plinth_model::{Actor, Resource};
use plinth_policy::Policy as Cedar;
use plinth_store::policy as store;
use plinth_store::resource::{self as stored, Deleted, Direction, Page, Position, SortColumn};

use self::gap::Gaps;
pub(crate) use self::request::named;
pub use self::request::{Past, Requests, Then};
use super::Policy;
use crate::access::{self, Access, in_short};
use crate::circumstance::Supposed;
use crate::error::{ControlError, Result};
use crate::product::TypeRules;
use crate::{Caller, Control, principal};

/// Most members and service accounts that are looked at.
pub const MOST_PRINCIPALS: usize = 1000;
/// Most resources that are looked at, of all types.
pub const MOST_RESOURCES: usize = 10_000;
/// Most pairs of decisions about resources.
pub const MOST_COMPARISONS: usize = 100_000;
/// Most changes that are told.
pub const MOST_CHANGES: usize = 100;
/// No page of resources, or of events, is begun later.
const LONGEST: Duration = Duration::from_secs(10);
const PAGE: i64 = 500;
/// Most examples of a change.
const MOST_EXAMPLES: usize = 3;

/// What a change of a policy would do.
#[derive(Debug, Clone, Default)]
pub struct Impact {
    /// How many principals would gain something, and how many would lose something.
    pub gain: usize,
    pub lose: usize,
    /// Losses first, the largest first; [`MOST_CHANGES`] at most.
    pub changes: Vec<Change>,
    /// How many there are.
    pub changes_count: usize,
    pub requests: Requests,
    /// Whether everything was looked at.
    pub complete: bool,
}

/// What one principal gains or loses of one action.
#[derive(Debug, Clone)]
pub struct Change {
    pub principal: Actor,
    pub loses: bool,
    pub action: String,
    /// To how many things that there are now; 1 for what is not done to one resource.
    pub count: usize,
    pub examples: Vec<Example>,
}

/// A thing by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub type_name: String,
    pub id: String,
    pub name: String,
}

/// The policies as they are and as they would be.
#[derive(Debug, Clone)]
struct Drafted {
    before: Arc<Access>,
    after: Arc<Access>,
    /// The names of the policy that changes.
    names: Vec<String>,
}

impl Drafted {
    /// Whether the change has anything to say to this principal about the action.
    fn concerns(&self, who: &Caller, action: &str) -> bool {
        let (kind, memberships) = who.belongs();
        let concerns = |access: &Access, name: &String| access.concerns(name, (kind, &memberships), action);
        let mut names = self.names.iter();
        names.any(|name| concerns(&self.before, name) || concerns(&self.after, name))
    }
}

/// What it would do if the policy became `after`, or were deleted.
///
/// # Errors
/// `unavailable` when a database cannot be reached.
pub async fn of(control: &Control, caller: &Caller, id: PolicyId, after: Option<&Policy>) -> Result<Impact> {
    // Never closed.
    let _turn = control
        .accesses()
        .turns
        .acquire()
        .await
        .map_err(ControlError::internal)?;
    let drafted = drafted(control, caller, id, after).await?;
    let (mut somebodies, all) = principal::all(control, caller, MOST_PRINCIPALS).await?;
    // Everybody sees themselves.
    if !somebodies.iter().any(|who| who.actor.id == caller.scope.actor.id) {
        somebodies.push(caller.as_somebody());
    }
    let context = Supposed::default().view(&caller.zone);
    let mut gaps = {
        let (asking, drafted, somebodies) = (caller.clone(), drafted.clone(), somebodies.clone());
        blocking(move || Gaps::open(&asking, &drafted, &somebodies, &context)).await?
    };
    let complete = look_at_resources(control, caller, &mut gaps).await?;
    let (requests, all_requests) = request::judge(control, caller, &drafted, &somebodies).await?;
    let mut impact = gaps.told();
    impact.requests = requests;
    impact.complete = all && complete && all_requests;
    Ok(impact)
}

async fn drafted(control: &Control, caller: &Caller, id: PolicyId, after: Option<&Policy>) -> Result<Drafted> {
    let known = store::get(control.store(), &caller.scope, id).await?;
    let out = known.map(|policy| policy.name);
    let before = access::of_org_now(control, &caller.scope).await?;
    let add = after.map(|policy| (policy.name.clone(), policy.text.clone()));
    blocking(move || {
        let names = out
            .iter()
            .cloned()
            .chain(add.iter().map(|(name, _)| name.clone()))
            .collect();
        let add = match add {
            Some((name, text)) => {
                let policy = Cedar::parse(&text, before.vocabulary());
                Some((
                    name,
                    policy.map_err(|findings| ControlError::internal(in_short(&findings)))?,
                ))
            }
            None => None,
        };
        let after = before.changed(out.as_deref(), add).map_err(ControlError::internal)?;
        Ok(Drafted {
            before,
            after: Arc::new(after),
            names,
        })
    })
    .await?
}

/// Work that takes a processor, away from those that serve requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(ControlError::internal)
}

/// Whether all of them were looked at.
async fn look_at_resources(control: &Control, caller: &Caller, gaps: &mut Gaps) -> Result<bool> {
    let catalog = control.catalog();
    let (began, mut looked_at) = (Instant::now(), 0);
    let asked: Vec<_> = catalog
        .types()
        .filter(|rules| gaps.asks_about(&rules.declaration.plural))
        .collect();
    for rules in asked {
        let mut after = None;
        loop {
            let page = page(control, caller, rules, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(Position {
                value: last.name.clone(),
                id: last.id.0,
            });
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            looked_at += page.len();
            let plural = rules.declaration.plural.clone();
            let mut looking = std::mem::take(gaps);
            *gaps = blocking(move || {
                looking.look(&plural, &page);
                looking
            })
            .await?;
            if is_last {
                break;
            }
            if looked_at >= MOST_RESOURCES || gaps.comparisons >= MOST_COMPARISONS || began.elapsed() > LONGEST {
                return Ok(false);
            }
        }
    }
    Ok(gaps.comparisons < MOST_COMPARISONS)
}

/// Live ones that the caller may see, by name.
async fn page(control: &Control, caller: &Caller, rules: &TypeRules, after: Option<Position>) -> Result<Vec<Resource>> {
    let wanted = Page {
        type_name: &rules.declaration.name,
        include_deleted: Deleted::Without,
        name_contains: None,
        matches: None,
        sort: SortColumn::Name,
        direction: Direction::Ascending,
        after,
        limit: PAGE,
        search: caller.search(&rules.declaration.plural),
    };
    let rows = stored::list(control.store(), &caller.scope, &wanted).await?;
    Ok(rows.into_iter().map(|row| row.resource).collect())
}
