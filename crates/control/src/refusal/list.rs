//! What was refused to whom, for those who may see policies; of things and people that they may see themselves.

use std::collections::HashMap;

use jiff::Timestamp;
use plinth_model::Actor;
use plinth_model::permission::Kind;
use plinth_store::refusal::{self as store, Place};

use super::kept_since;
use crate::error::{Code, ControlError, Result};
use crate::page::{Page, PageRequest};
use crate::policy::impact::{Example, named};
use crate::{Caller, Control, policy, principal, resource};

/// The same request of the same principal, refused once or often.
#[derive(Debug, Clone)]
pub struct Refused {
    pub actor: Actor,
    /// Such as `pipelines:delete`.
    pub action: String,
    /// `None` when it was about no one thing, or about one that did not exist yet.
    pub subject: Option<Example>,
    /// How often, in the days that refusals are kept.
    pub count: i64,
    pub last_at: Timestamp,
}

/// What a refusal was about, as the caller sees it.
enum Thing {
    Seen(Option<Example>),
    Hidden,
}

/// Newest first. Left out is what was refused to somebody whom the caller does not see, or who has left, and what was about
/// a thing that the caller does not see, or that is gone.
///
/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<Refused>> {
    caller.require(Kind::Policies, "view")?;
    let after: Option<Place> = request.position()?;
    let rows = store::list(
        control.store(),
        &caller.scope,
        kept_since(),
        after.as_ref(),
        request.fetch()?,
    )
    .await?;
    let page = request.page(rows, |row| {
        let (principal, action, subject) = (row.principal.clone(), row.action.clone(), row.subject.clone());
        (row.last_at, principal, action, subject)
    })?;
    let mut people = People::default();
    let mut items: Vec<Refused> = Vec::with_capacity(page.items.len());
    for row in page.items {
        if let Some(refused) = told(control, caller, &mut people, row).await? {
            add(&mut items, refused);
        }
    }
    Ok(Page { items, next: page.next })
}

/// What was asked for by name and what was asked for by id are the same.
fn add(items: &mut Vec<Refused>, refused: Refused) {
    let same = |known: &&mut Refused| {
        known.subject.is_some()
            && known.subject == refused.subject
            && (&known.actor.id, &known.action) == (&refused.actor.id, &refused.action)
    };
    match items.iter_mut().find(same) {
        Some(known) => known.count += refused.count,
        None => items.push(refused),
    }
}

async fn told(control: &Control, caller: &Caller, people: &mut People, row: store::Refused) -> Result<Option<Refused>> {
    let Some(actor) = people.find(control, caller, &row.principal).await? else {
        return Ok(None);
    };
    let Thing::Seen(subject) = thing(control, caller, people, &row).await? else {
        return Ok(None);
    };
    Ok(Some(Refused {
        actor,
        action: row.action,
        subject,
        count: row.count,
        last_at: row.last_at,
    }))
}

async fn thing(control: &Control, caller: &Caller, people: &mut People, row: &store::Refused) -> Result<Thing> {
    let (plural, action) = row.action.split_once(':').unwrap_or((&row.action, ""));
    let kind = Kind::named(plural);
    if !row.subject.is_empty() {
        match kind {
            Kind::Resources(_) => return of_resource(control, caller, plural, &row.subject).await,
            Kind::Members | Kind::ServiceAccounts => {
                let found = people.find(control, caller, &row.subject).await?;
                return Ok(found.map_or(Thing::Hidden, |actor| Thing::Seen(Some(person(kind, actor)))));
            }
            Kind::Policies => return of_policy(control, caller, &row.subject).await,
            _ => {}
        }
    }
    // What is measured is about a thing that is not named here.
    let exists = !matches!(
        kind,
        Kind::Org | Kind::Metrics | Kind::Usage | Kind::Bill | Kind::Events
    );
    Ok(match &row.view {
        Some(view) if exists && !caller.permits(kind, "view", || view.clone()) => Thing::Hidden,
        Some(view) if exists => Thing::Seen(named(caller, view, action)),
        _ => Thing::Seen(None),
    })
}

/// As it is now: what was seen when it was refused may be hidden by now.
async fn of_resource(control: &Control, caller: &Caller, plural: &str, key: &str) -> Result<Thing> {
    let found = unless_hidden(resource::get(control, caller, plural, key).await)?;
    Ok(found.map_or(Thing::Hidden, |found| {
        let id = found.id.text(&found.type_name);
        Thing::Seen(Some(example(&found.type_name, id, found.name)))
    }))
}

async fn of_policy(control: &Control, caller: &Caller, id: &str) -> Result<Thing> {
    let Ok(id) = id.parse() else {
        return Ok(Thing::Hidden);
    };
    let found = unless_hidden(policy::get(control, caller, id).await)?;
    Ok(found.map_or(Thing::Hidden, |found| {
        Thing::Seen(Some(example("policy", found.id.to_string(), found.name)))
    }))
}

fn person(kind: Kind<'_>, actor: Actor) -> Example {
    let type_name = match kind {
        Kind::Members => "member",
        _ => "service_account",
    };
    example(type_name, actor.id, actor.name)
}

fn example(type_name: &str, id: String, name: String) -> Example {
    Example {
        type_name: type_name.to_owned(),
        id,
        name,
    }
}

fn unless_hidden<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_hidden(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_hidden(error: &ControlError) -> bool {
    // What is no id of anybody names nobody.
    matches!(error.code, Code::NotFound | Code::Forbidden | Code::ValidationFailed)
}

/// Those whom the caller sees, each looked up once.
#[derive(Default)]
struct People {
    known: HashMap<String, Option<Actor>>,
}

impl People {
    async fn find(&mut self, control: &Control, caller: &Caller, id: &str) -> Result<Option<Actor>> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let found = unless_hidden(principal::find(control, caller, id).await)?;
        let actor = found.map(|found| found.actor);
        self.known.insert(id.to_owned(), actor.clone());
        Ok(actor)
    }
}
