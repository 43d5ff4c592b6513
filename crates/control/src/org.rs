//! Orgs: how they come to be, and what their members see of them.
//!
//! A new org is written to two databases in three steps: the directory reserves its slug and hints at the creator's
//! membership, the cell gets the org and its owner, the directory makes it active. Each step can be repeated. What a
//! crash leaves behind is in the state `creating`, which nobody can enter; it is finished by [`finish_interrupted`], or
//! by the creator who tries again with the same slug.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use plinth_model::id::{OrgId, UserId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Name, Permission, Product, RequestId, Role, Scope, Signals};
use plinth_store::directory::{self, Creation, Place, Unfinished};
use plinth_store::{account, org as store};

use crate::auth::Identity;
use crate::error::{Code, ControlError, FieldError, Result};
use crate::member::known_roles;
use crate::sample;
use crate::page::{Page, PageRequest};
use crate::{Caller, Control};

const LONGEST_NAME_CHARS: usize = 100;
/// How many orgs of one user are read at the same time.
const PARALLEL_READS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub plan: String,
    pub created_at: Timestamp,
}

impl From<store::Org> for Org {
    fn from(org: store::Org) -> Self {
        Self { id: OrgId(org.id), slug: org.slug, name: org.name, plan: org.plan, created_at: org.created_at }
    }
}

/// An org, and the roles that somebody has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            _ => Err(ControlError::new(Code::Forbidden, "only a user can do this: log in as one")),
        }
    }

    pub(crate) fn scope(&self, actor: Actor, org: OrgId) -> Scope {
        Scope { actor, org, request_id: self.request_id.clone(), signals: self.signals.clone() }
    }
}

impl Person<'_> {
    pub(crate) fn actor(&self) -> Actor {
        Actor::user(self.id, self.email)
    }
}

/// What somebody wants a new org to be.
#[derive(Debug, Clone)]
pub struct NewOrg {
    pub slug: String,
    pub name: String,
    /// A plan of the product; the caller has chosen it.
    pub plan: String,
}

/// Creates an org with the visitor as its owner.
///
/// # Errors
/// `validation_failed`, or `conflict` when the slug is taken.
pub async fn create(control: &Control, visitor: &Visitor, new: &NewOrg) -> Result<Org> {
    let owner = visitor.person()?;
    let slug = check(new)?;
    let creation = Creation { name: new.name.trim().to_owned(), plan: new.plan.clone() };
    let org = reserve(control, owner.id, &slug, &creation).await?;
    let scope = visitor.scope(owner.actor(), org);
    finish(control, &scope, slug.as_str(), &creation, owner).await?;
    let found = store::get(control.store(), &scope).await?;
    found.map(Org::from).ok_or_else(|| ControlError::internal(format!("`{org}` is active but not in its cell")))
}

fn check(new: &NewOrg) -> Result<Name> {
    let slug = new.slug.parse::<Name>();
    let mut errors = Vec::new();
    if let Err(error) = &slug {
        errors.push(FieldError::new("/slug", error.to_string()));
    }
    errors.extend(check_name(&new.name).err());
    slug.ok().filter(|_| errors.is_empty()).ok_or_else(|| ControlError::invalid(errors))
}

fn check_name(name: &str) -> std::result::Result<(), FieldError> {
    let count = name.trim().chars().count();
    if (1..=LONGEST_NAME_CHARS).contains(&count) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let message = format!("must be 1 to {LONGEST_NAME_CHARS} characters, none of them a control character");
    Err(FieldError::new("/name", message))
}

/// Step 1. The hint goes first: a membership without one could not be found.
async fn reserve(control: &Control, creator: UserId, slug: &Name, creation: &Creation) -> Result<OrgId> {
    let mut tx = control.store().directory().await?;
    let reserved = directory::reserve(&mut tx, OrgId::generate(), slug.as_str(), creator, creation).await?;
    let Some(Place { id, .. }) = reserved else {
        return Err(match directory::find(&mut tx, slug.as_str()).await? {
            Some(_) => taken(slug),
            None => ControlError::internal("the directory has no cell for a new org"),
        });
    };
    directory::hint(&mut tx, creator, OrgId(id)).await?;
    tx.commit().await?;
    Ok(OrgId(id))
}

fn taken(slug: &Name) -> ControlError {
    let detail = format!("the slug `{slug}` is taken: choose another one");
    let errors = vec![FieldError::new("/slug", "is taken")];
    ControlError { errors, ..ControlError::new(Code::Conflict, detail) }
}

/// Steps 2 and 3.
async fn finish(control: &Control, scope: &Scope, slug: &str, creation: &Creation, owner: Person<'_>) -> Result<()> {
    let founding = store::Founding {
        slug,
        name: &creation.name,
        plan: &creation.plan,
        owner: owner.id,
        owner_email: owner.email,
        owner_name: owner.name,
    };
    store::found(control.store(), scope, &founding).await?;
    let mut tx = control.store().directory().await?;
    directory::activate(&mut tx, scope.org).await?;
    tx.commit().await?;
    sample::seed(control, scope.org).await;
    Ok(())
}

/// Finishes the creations that were interrupted at least this long ago, and forgets those whose creator is gone.
///
/// # Errors
/// `unavailable` when the directory cannot be reached. An org that cannot be finished is logged and left for later.
pub async fn finish_interrupted(control: &Control, age_secs: f64) -> Result<usize> {
    let mut tx = control.store().directory().await?;
    let unfinished = directory::stale(&mut tx, age_secs).await?;
    tx.rollback().await?;
    let mut done = 0;
    for creation in &unfinished {
        match resume(control, creation).await {
            Ok(()) => done += 1,
            Err(error) => tracing::warn!(org = %creation.org, %error, "an interrupted creation cannot be finished yet"),
        }
    }
    Ok(done)
}

async fn resume(control: &Control, unfinished: &Unfinished) -> Result<()> {
    let Unfinished { org, slug, creation, creator, person } = unfinished;
    let mut scope = Scope {
        actor: Actor::system("finish an interrupted creation"),
        org: *org,
        request_id: RequestId::generate(),
        signals: Signals::default(),
    };
    if let Some((email, name)) = person {
        let owner = Person { id: *creator, email, name };
        scope.actor = owner.actor();
        return finish(control, &scope, slug, creation, owner).await;
    }
    store::remove(control.store(), &scope).await?;
    let mut tx = control.store().directory().await?;
    directory::forget(&mut tx, *org).await?;
    Ok(tx.commit().await?)
}

/// The visitor's orgs by slug: all of a user's, the one of a service account.
///
/// # Errors
/// `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, visitor: &Visitor, request: &PageRequest) -> Result<Page<Membership>> {
    match &visitor.identity {
        Identity::User { id, email, .. } => list_of_user(control, visitor, &Actor::user(*id, email), *id, request).await,
        Identity::ServiceAccount { org, id, name, roles } => {
            let scope = visitor.scope(Actor::service_account(*id, name), *org);
            let found = store::get(control.store(), &scope).await?;
            let items = found.map(|org| Membership { org: org.into(), roles: roles.clone() });
            Ok(Page { items: items.into_iter().collect(), next: None })
        }
        _ => Ok(Page { items: Vec::new(), next: None }),
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
    let items = items.map(|found| Membership { org: found.org.into(), roles: known_roles(&found.roles) });
    Ok(Page { items: items.collect(), next: page.next })
}

/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller) -> Result<Org> {
    caller.require(Kind::Org, "view")?;
    let found = store::get(control.store(), &caller.scope).await?;
    found.map(Org::from).ok_or_else(|| ControlError::not_found("org"))
}

/// # Errors
/// `forbidden`, `validation_failed`.
pub async fn rename(control: &Control, caller: &Caller, name: &str) -> Result<Org> {
    caller.require(Kind::Org, "update")?;
    check_name(name).map_err(|error| ControlError::invalid(vec![error]))?;
    let renamed = store::rename(control.store(), &caller.scope, name.trim()).await?;
    renamed.map(Org::from).ok_or_else(|| ControlError::not_found("org"))
}

/// All that the caller may do in the org: `pipelines:create`, `members:view` ...
pub fn permissions(caller: &Caller, product: &Product) -> Vec<String> {
    let built_in = Kind::BUILT_IN.into_iter().flat_map(|kind| kind.actions().iter().map(move |action| (kind, *action)));
    let sold = product.types.iter().flat_map(|kind| {
        let resources = Kind::Resources(&kind.plural);
        let verbs = kind.verbs.iter().map(String::as_str);
        resources.actions().iter().copied().chain(verbs).map(move |action| (resources, action))
    });
    let all = built_in.chain(sold).filter(|(kind, action)| caller.may(*kind, action));
    all.map(|(kind, action)| Permission::new(kind, action).to_string()).collect()
}

/// Whether the user has shown that the e-mail address is theirs; a service account was made by somebody who had.
pub(crate) async fn require_verified(control: &Control, caller: &Caller) -> Result<()> {
    let Ok(user) = caller.scope.actor.id.parse::<UserId>() else { return Ok(()) };
    let mut tx = control.store().directory().await?;
    let found = account::get(&mut tx, user).await?;
    tx.rollback().await?;
    if found.is_some_and(|user| user.email_verified_at.is_some()) {
        return Ok(());
    }
    let detail = "confirm your e-mail address first: we have sent you a link, and can send it again";
    Err(ControlError::new(Code::EmailNotVerified, detail))
}
