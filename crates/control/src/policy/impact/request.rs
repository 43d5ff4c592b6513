//! The requests of the last days, judged again: those that were allowed stand in the event log, those that were refused in
//! the refusals.
//!
//! A request counts as changed when the policies as they are still answer it as it was answered, and the drafted ones do
//! not. It is judged by what its principal is and belongs to now, and about what the event or the refusal keeps of the
//! thing. A refusal keeps its circumstances; of an allowed request the moment is known, and no address and no login.

use std::collections::HashMap;
use std::time::Instant;

use jiff::Timestamp;
use plinth_model::event::{BUILT_IN_KINDS, Operation, subject_prefix};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Event};
use plinth_policy::view;
use plinth_store::event::{self as log, Filter};
use plinth_store::refusal::{self as refusals, Refused};
use plinth_store::resource::Direction;
use serde_json::Value;

use super::{Drafted, Example, LONGEST, blocking};
use crate::access::Reach;
use crate::circumstance::Supposed;
use crate::error::{Code, Result};
use crate::event::{self, Stretch, read, sees_states, view_of_noun, view_of_state};
use crate::principal;
use crate::refusal::kept_since;
use crate::standing::Somebody;
use crate::{Caller, Control, resource};

/// Most events that are looked at, and most refusals.
pub const MOST_REQUESTS: usize = 5000;
const SECTION: u16 = 500;
/// Most examples of each kind.
const MOST_EXAMPLES: usize = 5;

/// What the requests of the last days would have got.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    pub since: Timestamp,
    /// How many were judged.
    pub considered: i64,
    pub would_be_refused: i64,
    pub would_be_allowed: i64,
    /// Those that would be refused first, newest first.
    pub examples: Vec<Past>,
}

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Allowed,
    Refused,
}

/// A request that would be answered otherwise.
#[derive(Debug, Clone)]
pub struct Past {
    pub time: Timestamp,
    pub actor: Actor,
    pub action: String,
    /// `None` when it was about no one thing.
    pub subject: Option<Example>,
    pub then: Then,
}

/// A request as far as policies look at it.
#[derive(Debug)]
struct Asked {
    past: Past,
    /// How often.
    count: i64,
    /// Of the principal in [`Judge::somebodies`].
    who: usize,
    context: Value,
    /// What it was done to, as it was and as it became; none when that is not known.
    states: Vec<Value>,
}

/// Where each principal stands in the list of them, by its id.
type Known<'a> = HashMap<&'a str, (usize, &'a Actor)>;

pub(super) async fn judge(
    control: &Control,
    caller: &Caller,
    drafted: &Drafted,
    somebodies: &[Somebody],
) -> Result<(Requests, bool)> {
    let since = kept_since();
    let known = somebodies.iter().enumerate();
    let known: Known<'_> = known
        .map(|(at, who)| (who.actor.id.as_str(), (at, &who.actor)))
        .collect();
    let mut judge = Judge {
        caller: caller.clone(),
        drafted: drafted.clone(),
        somebodies: somebodies.to_vec(),
        refused: Vec::new(),
        allowed: Vec::new(),
        requests: Requests {
            since,
            ..Requests::default()
        },
    };
    let mut complete = true;
    if caller.may(Kind::Events, "view") {
        (judge, complete) = allowed(control, caller, &known, judge).await?;
    }
    let found = refusals::newest(
        control.store(),
        &caller.scope,
        since,
        i64::try_from(MOST_REQUESTS).unwrap_or(i64::MAX),
    )
    .await?;
    complete &= found.len() < MOST_REQUESTS;
    let asked = refused(control, caller, &known, found).await?;
    let judge = blocking(move || judge.all(asked)).await?;
    Ok((judge.told(), complete))
}

/// What stands in the event log, as far as the caller sees all of it.
async fn allowed(control: &Control, caller: &Caller, known: &Known<'_>, mut judge: Judge) -> Result<(Judge, bool)> {
    let mut rest = (0, log::head(control.store(), &caller.scope).await?);
    let (began, mut count) = (Instant::now(), 0);
    while rest.0 < rest.1 {
        let part = (Direction::Descending, rest);
        let Stretch { events, rest: left } = read(control, caller, &Filter::default(), part, SECTION.into()).await?;
        rest = left;
        count += events.len();
        let is_end = events.last().is_some_and(|last| last.at < judge.requests.since);
        let recent = events.iter().filter(|event| event.at >= judge.requests.since);
        let seen = event::known(control, caller, recent.clone()).await?;
        let asked = recent.filter_map(|event| done(control, caller, (known, &seen), event));
        let asked: Vec<Asked> = asked.collect();
        judge = blocking(move || judge.all(asked)).await?;
        if is_end {
            break;
        }
        // Of much that is hidden, few count.
        if count >= MOST_REQUESTS || began.elapsed() > LONGEST {
            return Ok((judge, false));
        }
    }
    Ok((judge, true))
}

/// The request that an event tells of; `None` for what no member or service account asked for by a permission of theirs.
fn done(
    control: &Control,
    caller: &Caller,
    (known, seen): (&Known<'_>, &principal::Known),
    event: &Event,
) -> Option<Asked> {
    let (who, _) = *known.get(event.actor.id.as_str())?;
    if !sees_states(control, caller, seen, event) {
        return None;
    }
    let (action, states) = match event.kind.as_str() {
        kind if BUILT_IN_KINDS.contains(&kind) => of_built_in(caller, event)?,
        type_name => of_resource(control, caller, event, type_name)?,
    };
    let subject = Example {
        type_name: event.kind.clone(),
        id: event.subject.text(subject_prefix(&event.kind)),
        name: event.subject_name.clone(),
    };
    let context = Supposed {
        time: Some(event.at),
        ..Supposed::default()
    };
    Some(Asked {
        past: Past {
            time: event.at,
            actor: event.actor.clone(),
            action,
            subject: Some(subject),
            then: Then::Allowed,
        },
        count: 1,
        who,
        context: context.view(&caller.zone),
        states,
    })
}

fn of_built_in(caller: &Caller, event: &Event) -> Option<(String, Vec<Value>)> {
    let (kind, action) = match (event.kind.as_str(), event.operation) {
        ("org", Operation::Update) => (Kind::Org, "update"),
        ("member", Operation::Update) => (Kind::Members, "update"),
        // Everybody may leave.
        ("member", Operation::Delete) if event.subject.text("user") != event.actor.id => (Kind::Members, "delete"),
        ("invitation", Operation::Create) => (Kind::Invitations, "create"),
        ("invitation", Operation::Delete) => (Kind::Invitations, "delete"),
        ("service_account", Operation::Create) => (Kind::ServiceAccounts, "create"),
        ("service_account", Operation::Update) => (Kind::ServiceAccounts, "update"),
        ("service_account", Operation::Delete) => (Kind::ServiceAccounts, "delete"),
        ("token" | "sql_login", Operation::Create) => (Kind::Tokens, "create"),
        // It is ended, and its row stays.
        ("token" | "sql_login", Operation::Update) => (Kind::Tokens, "delete"),
        ("policy", Operation::Create) => (Kind::Policies, "create"),
        ("policy", Operation::Update) => (Kind::Policies, "update"),
        ("policy", Operation::Delete) => (Kind::Policies, "delete"),
        _ => return None,
    };
    let views = match (kind, action) {
        (Kind::Org, _) => vec![caller.view_of_all(kind)],
        _ => {
            let states = match action {
                "create" => [None, event.after.as_ref()],
                "update" => [event.before.as_ref(), event.after.as_ref()],
                _ => [event.before.as_ref(), None],
            };
            let states = states.into_iter().flatten();
            states.map(|state| view_of_noun(caller, kind, event, state)).collect()
        }
    };
    Some((format!("{}:{action}", kind.as_str()), views))
}

fn of_resource(control: &Control, caller: &Caller, event: &Event, type_name: &str) -> Option<(String, Vec<Value>)> {
    let catalog = control.catalog();
    let rules = catalog.by_name(type_name)?;
    let action = match event.operation {
        Operation::Create => "create",
        Operation::Update => verb(&rules.declaration.verbs, event).unwrap_or("update"),
        Operation::Delete => "delete",
        Operation::Undelete => "undelete",
        Operation::Status | Operation::Finalize | Operation::Purge => return None,
    };
    let states = [&event.before, &event.after].into_iter().flatten();
    let states = states.map(|state| view_of_state(caller.scope.org, event, rules, state));
    Some((format!("{}:{action}", rules.declaration.plural), states.collect()))
}

/// The verb that an update comes to: the log does not say by which name it was asked for.
fn verb<'a>(verbs: &'a [plinth_model::product::Verb], event: &Event) -> Option<&'a str> {
    let (before, after) = (event.before.as_ref()?, event.after.as_ref()?);
    if ["properties", "owner"]
        .iter()
        .any(|field| before.get(field) != after.get(field))
    {
        return None;
    }
    let is = |verb: &&plinth_model::product::Verb| {
        let mut spec = before.get("spec").cloned().unwrap_or_default();
        json_patch::merge(&mut spec, &Value::Object(verb.set.spec.clone()));
        Some(&spec) == after.get("spec")
    };
    verbs.iter().find(is).map(|verb| verb.name.as_str())
}

/// What was refused, as far as the caller sees what it was about.
async fn refused(control: &Control, caller: &Caller, known: &Known<'_>, found: Vec<Refused>) -> Result<Vec<Asked>> {
    let mut looked_up: HashMap<(String, String), Option<Value>> = HashMap::new();
    let mut asked = Vec::new();
    for row in found {
        let Some((who, actor)) = known.get(row.principal.as_str()).copied() else {
            continue;
        };
        let (plural, action) = row.action.split_once(':').unwrap_or((&row.action, ""));
        let kind = Kind::named(plural);
        let is_resource = matches!(kind, Kind::Resources(_));
        let state = match row.view.clone() {
            None if is_resource && !row.subject.is_empty() => {
                let key = (plural.to_owned(), row.subject.clone());
                if !looked_up.contains_key(&key) {
                    let found = look_up(control, caller, plural, &row.subject).await?;
                    looked_up.insert(key.clone(), found);
                }
                // It is not there any more, or was never seen.
                let Some(state) = looked_up.get(&key).cloned().flatten() else {
                    continue;
                };
                Some(state)
            }
            view => view,
        };
        let hidden = |state: &Value| !caller.permits(kind, "view", || state.clone());
        let exists = !matches!(kind, Kind::Metrics | Kind::Usage | Kind::Org);
        if exists && state.as_ref().is_some_and(hidden) {
            continue;
        }
        asked.push(Asked {
            past: Past {
                time: row.last_at,
                actor: actor.clone(),
                action: row.action.clone(),
                subject: state.as_ref().and_then(|state| named(caller, state, action)),
                then: Then::Refused,
            },
            count: row.count,
            who,
            context: row.context,
            states: state.into_iter().collect(),
        });
    }
    Ok(asked)
}

async fn look_up(control: &Control, caller: &Caller, plural: &str, key: &str) -> Result<Option<Value>> {
    match resource::get(control, caller, plural, key).await {
        Ok(found) => Ok(Some(view::resource(&found))),
        Err(error) if matches!(error.code, Code::NotFound | Code::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// By its name, unless it does not exist yet or is the kind as a whole.
pub(crate) fn named(caller: &Caller, state: &Value, action: &str) -> Option<Example> {
    let field = |name: &str| state.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (type_name, id) = (field("type"), field("id"));
    if action == "create" || id.is_empty() || id == caller.scope.org.to_string() {
        return None;
    }
    let type_name = match type_name.as_str() {
        "members" => "member",
        "invitations" => "invitation",
        "service-accounts" => "service_account",
        "policies" => "policy",
        "tokens" if id.starts_with("sql_") => "sql_login",
        "tokens" => "token",
        other => other,
    };
    let name = if field("name").is_empty() {
        field("email")
    } else {
        field("name")
    };
    Some(Example {
        type_name: type_name.to_owned(),
        id,
        name,
    })
}

/// Adds up what is judged. No I/O.
#[derive(Debug)]
struct Judge {
    caller: Caller,
    drafted: Drafted,
    somebodies: Vec<Somebody>,
    refused: Vec<Past>,
    allowed: Vec<Past>,
    requests: Requests,
}

impl Judge {
    fn all(mut self, asked: Vec<Asked>) -> Self {
        asked.into_iter().for_each(|asked| self.one(asked));
        self
    }

    fn one(&mut self, asked: Asked) {
        self.requests.considered += asked.count;
        let Some(who) = self.somebodies.get(asked.who) else {
            return;
        };
        let was = self.caller.talk_about(who, &self.drafted.before, asked.context.clone());
        let (plural, _) = asked.past.action.split_once(':').unwrap_or_default();
        let concerned = [asked.past.action.clone(), format!("{plural}:view")];
        if !concerned.iter().any(|action| self.drafted.concerns(&was, action)) {
            return;
        }
        let is = was.by(&self.drafted.after);
        let (count, examples) = match (asked.past.then, allows(&was, &asked), allows(&is, &asked)) {
            (Then::Allowed, true, false) => (&mut self.requests.would_be_refused, &mut self.refused),
            (Then::Refused, false, true) => (&mut self.requests.would_be_allowed, &mut self.allowed),
            _ => return,
        };
        *count += asked.count;
        if examples.len() < MOST_EXAMPLES {
            examples.push(asked.past);
        }
    }

    fn told(self) -> Requests {
        Requests {
            examples: self.refused.into_iter().chain(self.allowed).collect(),
            ..self.requests
        }
    }
}

fn allows(who: &Caller, asked: &Asked) -> bool {
    let (plural, action) = asked.past.action.split_once(':').unwrap_or_default();
    let kind = Kind::named(plural);
    let is_resource = matches!(kind, Kind::Resources(_));
    if asked.states.is_empty() {
        return match who.reach(kind, action) {
            Reach::Nothing => false,
            Reach::Everything => true,
            // A list is answered with what may be seen; of the rest, nobody knows what it was about.
            Reach::Depends if is_resource => action == "view",
            Reach::Depends => who.permits(kind, action, || who.view_of_all(kind)),
        };
    }
    asked.states.iter().all(|state| {
        let sees = !is_resource || who.permits(kind, "view", || state.clone());
        sees && who.permits(kind, action, || state.clone())
    })
}
