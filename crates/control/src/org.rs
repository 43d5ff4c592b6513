//! Orgs, and what their members see of them. How they come to be is in [`creation`].

mod creation;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use plinth_model::id::{OrgId, UserId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, RequestId, Role, Scope, Signals};
use plinth_store::{account, directory, org as store};
use serde::{Deserialize, Serialize};

use crate::error::{Code, ControlError, FieldError, Result};
use crate::idempotency::{self, Key};
use crate::identity::Identity;
use crate::page::{Page, PageRequest};
use crate::standing::known_roles;
use crate::{Caller, Control, zone};

pub use creation::{NewOrg, create, finish_interrupted};

const LONGEST_NAME_CHARS: usize = 100;
/// How many orgs of one user are read at the same time.
const PARALLEL_READS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub plan: String,
    /// IANA name.
    #[serde(default = "default_zone")]
    pub time_zone: String,
    pub created_at: Timestamp,
}

/// Of answers that were kept before orgs had clocks.
fn default_zone() -> String {
    zone::DEFAULT.to_owned()
}

impl From<store::Org> for Org {
    fn from(org: store::Org) -> Self {
        Self {
            id: OrgId(org.id),
            slug: org.slug,
            name: org.name,
            plan: org.plan,
            time_zone: org.time_zone,
            created_at: org.created_at,
        }
    }
}

/// An org, and the roles that somebody has in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub org: Org,
    pub roles: Vec<Role>,
}

/// Somebody who has not entered an org: to make one, to join one, or to ask which ones are theirs.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub identity: Identity,
    pub request_id: RequestId,
    pub signals: Signals,
}

/// A user as a membership copies it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub id: UserId,
    pub email: &'a str,
    pub name: &'a str,
}

impl Visitor {
    /// # Errors
    /// `forbidden` for programs: only people make and join orgs.
    pub(crate) fn person(&self) -> Result<Person<'_>> {
        match &self.identity {
            Identity::User { id, email, name, .. } => Ok(Person { id: *id, email, name }),
            _ => Err(ControlError::new(
                Code::Forbidden,
                "only a user can do this: log in as one",
            )),
        }
    }

    pub(crate) fn scope(&self, actor: Actor, org: OrgId) -> Scope {
        Scope::new(actor, org, self.request_id.clone(), self.signals.clone())
    }
}

impl Person<'_> {
    pub(crate) fn actor(&self) -> Actor {
        Actor::user(self.id, self.name)
    }
}

/// The visitor's orgs by slug: all of a user's, the one of a service account.
///
/// # Errors
/// `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, visitor: &Visitor, request: &PageRequest) -> Result<Page<Membership>> {
    match &visitor.identity {
        Identity::User { id, name, .. } => list_of_user(control, visitor, &Actor::user(*id, name), *id, request).await,
        Identity::ServiceAccount {
            org,
            id,
            name,
            standing,
            ..
        } => {
            let scope = visitor.scope(Actor::service_account(*id, name), *org);
            let found = store::get(control.store(), &scope).await?;
            let items = found.map(|org| Membership {
                org: org.into(),
                roles: standing.roles.clone(),
            });
            Ok(Page {
                items: items.into_iter().collect(),
                next: None,
            })
        }
        _ => Ok(Page {
            items: Vec::new(),
            next: None,
        }),
    }
}

/// A hint without a membership is passed over.
async fn list_of_user(
    control: &Control,
    visitor: &Visitor,
    actor: &Actor,
    user: UserId,
    request: &PageRequest,
) -> Result<Page<Membership>> {
    let after: Option<String> = request.position()?;
    let mut tx = control.store().directory().await?;
    let places = directory::places_of(&mut tx, user, after.as_deref(), request.fetch()?).await?;
    tx.rollback().await?;
    let page = request.page(places, |place| place.slug.clone())?;
    let reads = page.items.into_iter().map(|place| {
        let scope = visitor.scope(actor.clone(), OrgId(place.id));
        async move { store::of_member(control.store(), &scope, user).await }
    });
    let found: Vec<_> = stream::iter(reads).buffered(PARALLEL_READS).try_collect().await?;
    let items = found.into_iter().flatten();
    let items = items.map(|found| Membership {
        org: found.org.into(),
        roles: known_roles(&found.roles),
    });
    Ok(Page {
        items: items.collect(),
        next: page.next,
    })
}

fn check_name(name: &str) -> std::result::Result<(), FieldError> {
    let count = name.trim().chars().count();
    if (1..=LONGEST_NAME_CHARS).contains(&count) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let message = format!("must be 1 to {LONGEST_NAME_CHARS} characters, none of them a control character");
    Err(FieldError::new("/name", message))
}

/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller) -> Result<Org> {
    caller.require(Kind::Org, "view")?;
    let found = store::get(control.store(), &caller.scope).await?;
    found.map(Org::from).ok_or_else(|| ControlError::not_found("org"))
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OrgPatch {
    pub name: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
}

/// # Errors
/// `forbidden`, `validation_failed`, `idempotency_key_reused`.
pub async fn update(control: &Control, caller: &Caller, patch: &OrgPatch, key: Option<&Key>) -> Result<Org> {
    caller.require(Kind::Org, "update")?;
    if patch.name.is_none() && patch.time_zone.is_none() {
        return Err(ControlError::invalid_field(
            "",
            "changes nothing: give `name`, `time_zone` or both",
        ));
    }
    let mut errors: Vec<FieldError> = patch.name.iter().filter_map(|name| check_name(name).err()).collect();
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(org) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(org);
    }
    let time_zone = match &patch.time_zone {
        Some(wanted) => zone::check(&mut tx, wanted)
            .await?
            .map_err(|error| errors.push(error))
            .ok(),
        None => None,
    };
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    let name = patch.name.as_deref().map(str::trim);
    let updated = store::update(&mut tx, &caller.scope, name, time_zone.as_deref()).await?;
    let updated = updated.map(Org::from).ok_or_else(|| ControlError::not_found("org"))?;
    idempotency::keep(key, &mut tx, &caller.scope, &updated).await?;
    tx.commit().await?;
    control.identities().zones.forget(caller.scope.org).await;
    Ok(updated)
}

/// All that the caller may do in the org, to something at least: `pipelines:create`, `members:view` ...
pub fn permissions(caller: &Caller) -> Vec<String> {
    caller.permitted().map(|permission| permission.to_string()).collect()
}

/// Whether the user has shown that the e-mail address is theirs; a service account was made by somebody who had.
pub(crate) async fn require_verified(control: &Control, caller: &Caller) -> Result<()> {
    let Ok(user) = caller.scope.actor.id.parse::<UserId>() else {
        return Ok(());
    };
    let mut tx = control.store().directory().await?;
    let found = account::get(&mut tx, user).await?;
    tx.rollback().await?;
    if found.is_some_and(|user| user.email_verified_at.is_some()) {
        return Ok(());
    }
    let detail = "confirm your e-mail address first: we have sent you a link, and can send it again";
    Err(ControlError::new(Code::EmailNotVerified, detail))
}
