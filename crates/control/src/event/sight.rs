//! What a reader may see of an event: all of it, what it was before or became, that it happened, or nothing.

use plinth_model::id::OrgId;
use plinth_model::permission::Kind;
use plinth_model::{Actor, Event};
use plinth_policy::view;
use serde_json::{Map, Value, json};

use crate::access::Reach;
use crate::product::TypeRules;
use crate::{Caller, Control};

/// How much of an event is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Whole,
    /// Only the states that are named.
    Part {
        before: bool,
        after: bool,
    },
    Nothing,
}

impl Sight {
    /// The event as it is seen.
    pub fn shown(self, event: Event) -> Option<Event> {
        match self {
            Self::Whole => Some(event),
            Self::Part { before, after } => Some(Event {
                before: event.before.filter(|_| before),
                after: event.after.filter(|_| after),
                ..event
            }),
            Self::Nothing => None,
        }
    }
}

/// What the caller sees of the event, who may see events in general.
pub(super) fn of(control: &Control, caller: &Caller, event: &Event) -> Sight {
    if !caller.permits(Kind::Events, "view", || view_of(caller, event)) {
        return Sight::Nothing;
    }
    let kind = match event.kind.as_str() {
        "org" => Kind::Org,
        "member" => Kind::Members,
        "invitation" => Kind::Invitations,
        "service_account" | "token" | "sql_login" => Kind::ServiceAccounts,
        "policy" => Kind::Policies,
        type_name => return of_resource(control, caller, event, type_name),
    };
    let id = event.subject.text(plinth_model::event::subject_prefix(&event.kind));
    let sees = |state: &Option<Value>| {
        let fields = state.as_ref().and_then(Value::as_object);
        let view = |fields: &Map<String, Value>| {
            let kept = ["name", "email", "roles"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), fields.get(name)?.clone())));
            caller.view_of(kind, &id, Value::Object(kept.collect()))
        };
        fields.is_none_or(|fields| caller.permits(kind, "view", || view(fields)))
    };
    match (sees(&event.before), sees(&event.after)) {
        (true, true) => Sight::Whole,
        (before, after) => Sight::Part { before, after },
    }
}

fn view_of(caller: &Caller, event: &Event) -> Value {
    let prefix = plinth_model::event::subject_prefix(&event.kind);
    let subject = json!({"type": event.kind, "id": event.subject.text(prefix), "name": event.subject_name});
    caller.view_of(Kind::Events, &event.seq.to_string(), json!({"subject": subject}))
}

/// Of a resource that the caller may see neither as it was nor as it became, not even that something happened: the
/// event has its name.
fn of_resource(control: &Control, caller: &Caller, event: &Event, type_name: &str) -> Sight {
    let catalog = control.catalog();
    let Some(rules) = catalog.by_name(type_name) else {
        // Of a type that is not sold any more: nobody can say who may see what of it.
        return Sight::Part {
            before: false,
            after: false,
        };
    };
    let kind = Kind::Resources(&rules.declaration.plural);
    match caller.reach(kind, "view") {
        Reach::Everything => return Sight::Whole,
        Reach::Nothing => return Sight::Nothing,
        Reach::Depends => {}
    }
    let sees = |state: &Option<Value>| {
        let view = state
            .as_ref()
            .map(|state| view_of_state(caller.scope.org, event, rules, state));
        view.map(|view| caller.permits(kind, "view", || view))
    };
    match (sees(&event.before), sees(&event.after)) {
        (Some(false) | None, Some(false) | None) => Sight::Nothing,
        (Some(true) | None, Some(true) | None) => Sight::Whole,
        (before, after) => Sight::Part {
            before: before == Some(true),
            after: after == Some(true),
        },
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
