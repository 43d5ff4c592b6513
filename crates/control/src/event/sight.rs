//! What a reader may see of an event: all of it, what it was before or became, that it happened, or nothing. A name is told
//! where what it belongs to may be seen.

use std::collections::HashSet;

use plinth_model::id::{OrgId, ServiceAccountId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Event};
use plinth_policy::view;
use serde_json::{Map, Value, json};

use crate::access::Reach;
use crate::principal::Known;
use crate::product::TypeRules;
use crate::{Caller, Control};

/// How much of an event is seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    Whole,
    /// Without the states and names that are hidden.
    Cut(Box<Event>),
    Nothing,
}

/// Which states of an event are seen; one that there is not hides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct States {
    before: bool,
    after: bool,
}

impl States {
    const ALL: Self = Self {
        before: true,
        after: true,
    };

    /// The name of the subject is part of each of its states, and is told with them alone.
    fn show_name(self, event: &Event) -> bool {
        let seen = [(self.before, &event.before), (self.after, &event.after)];
        self == Self::ALL || seen.iter().any(|(seen, state)| *seen && state.is_some())
    }
}

/// Those who stand in an event by id and name, beside its actor.
const NAMED: [&str; 3] = ["created_by", "invited_by", "updated_by"];

/// Whom a look at these events asks for.
pub(super) fn people<'a>(events: impl Iterator<Item = &'a Event>) -> HashSet<String> {
    let mut ids = HashSet::new();
    for event in events {
        ids.insert(event.actor.id.clone());
        for state in [&event.before, &event.after].into_iter().flatten() {
            ids.extend(named(state).map(str::to_owned));
            ids.extend(account_of(event, state));
        }
    }
    ids
}

fn named(state: &Value) -> impl Iterator<Item = &str> {
    NAMED
        .into_iter()
        .filter_map(|name| state.get(name)?.get("id")?.as_str())
}

/// The service account of a token or an SQL login.
fn account_of(event: &Event, state: &Value) -> Option<String> {
    if !matches!(event.kind.as_str(), "token" | "sql_login") {
        return None;
    }
    let id = state.get("service_account_id")?.as_str()?.parse().ok()?;
    Some(ServiceAccountId(id).to_string())
}

/// What the caller, who may see events in general, sees of the event, knowing these [`people`].
pub(super) fn of(control: &Control, caller: &Caller, known: &Known, event: &Event) -> Seen {
    let Some(states) = states(control, caller, known, event) else {
        return Seen::Nothing;
    };
    let all = [&event.before, &event.after].into_iter().flatten();
    let knows_all = known.has(&event.actor.id) && all.flat_map(named).all(|id| known.has(id));
    let shows_name = states.show_name(event);
    if states == States::ALL && knows_all && shows_name {
        return Seen::Whole;
    }
    let mut cut = event.clone();
    cut.before.take_if(|_| !states.before);
    cut.after.take_if(|_| !states.after);
    if !shows_name {
        cut.subject_name.clear();
    }
    known.conceal(&mut cut.actor);
    for state in [&mut cut.before, &mut cut.after].into_iter().flatten() {
        conceal(known, state);
    }
    let left = [&cut.before, &cut.after].into_iter().flatten();
    cut.bytes = left.map(|state| state.to_string().len()).sum();
    Seen::Cut(Box::new(cut))
}

fn conceal(known: &Known, state: &mut Value) {
    for name in NAMED {
        let Some(Value::Object(actor)) = state.get_mut(name) else {
            continue;
        };
        let id = actor.get("id").and_then(Value::as_str);
        if id.is_some_and(|id| !known.has(id)) {
            actor.insert("name".to_owned(), Value::from(""));
        }
    }
}

/// Whether the caller sees all states of the event.
pub(super) fn sees_states(control: &Control, caller: &Caller, known: &Known, event: &Event) -> bool {
    states(control, caller, known, event) == Some(States::ALL)
}

/// `None` when not even that something happened is seen.
fn states(control: &Control, caller: &Caller, known: &Known, event: &Event) -> Option<States> {
    if !caller.permits(Kind::Events, "view", || view_of(caller, event)) {
        return None;
    }
    let kind = match event.kind.as_str() {
        "org" => Kind::Org,
        "member" => Kind::Members,
        "invitation" => Kind::Invitations,
        "service_account" => Kind::ServiceAccounts,
        "token" | "sql_login" => Kind::Tokens,
        "policy" => Kind::Policies,
        type_name => return of_resource(control, caller, event, type_name),
    };
    let sees = |state: &Option<Value>| {
        state.as_ref().is_none_or(|state| {
            account_of(event, state).is_none_or(|account| known.has(&account))
                && caller.permits(kind, "view", || view_of_noun(caller, kind, event, state))
        })
    };
    Some(States {
        before: sees(&event.before),
        after: sees(&event.after),
    })
}

/// What policies see of a state that is no resource's.
pub(crate) fn view_of_noun(caller: &Caller, kind: Kind<'_>, event: &Event, state: &Value) -> Value {
    let id = event.subject.text(plinth_model::event::subject_prefix(&event.kind));
    let fields = ["name", "email", "roles"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), state.get(name)?.clone())));
    let account = account_of(event, state).map(|account| ("service_account".to_owned(), Value::from(account)));
    caller.view_of(kind, &id, Value::Object(fields.chain(account).collect()))
}

fn view_of(caller: &Caller, event: &Event) -> Value {
    let prefix = plinth_model::event::subject_prefix(&event.kind);
    let subject = json!({"type": event.kind, "id": event.subject.text(prefix), "name": event.subject_name});
    caller.view_of(Kind::Events, &event.seq.to_string(), json!({"subject": subject}))
}

/// Of a resource that the caller may see neither as it was nor as it became, not even that something happened.
fn of_resource(control: &Control, caller: &Caller, event: &Event, type_name: &str) -> Option<States> {
    let catalog = control.catalog();
    let Some(rules) = catalog.by_name(type_name) else {
        // Of a type that is not sold any more: nobody can say who may see what of it.
        return Some(States {
            before: false,
            after: false,
        });
    };
    let kind = Kind::Resources(&rules.declaration.plural);
    match caller.reach(kind, "view") {
        Reach::Everything => return Some(States::ALL),
        Reach::Nothing => return None,
        Reach::Depends => {}
    }
    let sees = |state: &Option<Value>| {
        let view = state
            .as_ref()
            .map(|state| view_of_state(caller.scope.org, event, rules, state));
        view.map(|view| caller.permits(kind, "view", || view))
    };
    match (sees(&event.before), sees(&event.after)) {
        (Some(false) | None, Some(false) | None) => None,
        (before, after) => Some(States {
            before: before != Some(false),
            after: after != Some(false),
        }),
    }
}

pub(crate) fn view_of_state(org: OrgId, event: &Event, rules: &TypeRules, state: &Value) -> Value {
    let field = |name| state.get(name).cloned();
    let properties = match field("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    let name = field("name").and_then(|name| name.as_str().map(str::to_owned));
    let owner = field("owner");
    let created_by = field("created_by").and_then(|by| serde_json::from_value(by).ok());
    let draft = view::Draft {
        id: event.subject,
        type_name: &rules.declaration.name,
        name: name.as_deref().unwrap_or(&event.subject_name),
        org,
        properties: &properties,
        spec: &field("spec").unwrap_or(Value::Null),
        created_by: &created_by.unwrap_or_else(|| Actor::system("unknown")),
        owner: owner.as_ref().and_then(Value::as_str),
    };
    draft.view()
}
