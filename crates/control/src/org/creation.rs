//! How an org comes to be.
//!
//! It is written to two databases in three steps: the directory reserves its slug and hints at the creator's membership,
//! the cell gets the org and its owner, the directory makes it active. Each step can be repeated. What a crash leaves
//! behind is in the state `creating`, which nobody can enter; it is finished by [`finish_interrupted`], or by the creator
//! who tries again with the same slug. A request with an `Idempotency-Key` keeps the org's id with the reservation, so
//! that its repetition finds the org at whatever step it is.

use plinth_model::id::{OrgId, UserId};
use plinth_model::{Name, Scope};
use plinth_store::directory::{self, Creation, Place, Unfinished};
use plinth_store::{DirectoryTx, org as store};

use super::{Org, Person, Visitor, check_name};
use crate::error::{Code, ControlError, FieldError, Result};
use crate::idempotency::Key;
use crate::{Control, sample};

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
/// `forbidden` for programs, `validation_failed`, or `conflict` when the slug is taken.
pub async fn create(control: &Control, visitor: &Visitor, new: &NewOrg, key: Option<&Key>) -> Result<Org> {
    let owner = visitor.person()?;
    let slug = check(new)?;
    let creation = Creation {
        name: new.name.trim().to_owned(),
        plan: new.plan.clone(),
    };
    let place = reserve(control, owner.id, &slug, &creation, key).await?;
    let org = OrgId(place.id);
    let scope = visitor.scope(owner.actor(), org);
    if place.state != "active" {
        finish(control, &scope, slug.as_str(), &creation, owner).await?;
    }
    let found = store::get(control.store(), &scope).await?;
    found
        .map(Org::from)
        .ok_or_else(|| ControlError::internal(format!("`{org}` is active but not in its cell")))
}

fn check(new: &NewOrg) -> Result<Name> {
    let slug = new.slug.parse::<Name>();
    let mut errors = Vec::new();
    if let Err(error) = &slug {
        errors.push(FieldError::new("/slug", error.to_string()));
    }
    errors.extend(check_name(&new.name).err());
    slug.ok()
        .filter(|_| errors.is_empty())
        .ok_or_else(|| ControlError::invalid(errors))
}

/// Step 1. The hint goes first: a membership without one could not be found.
async fn reserve(
    control: &Control,
    creator: UserId,
    slug: &Name,
    creation: &Creation,
    key: Option<&Key>,
) -> Result<Place> {
    let mut tx = control.store().directory().await?;
    if let Some(key) = key
        && let Some(org) = key.replay_of_user::<OrgId>(&mut tx, creator).await?
    {
        let place = directory::find(&mut tx, slug.as_str()).await?;
        return place
            .filter(|place| place.id == org.0)
            .ok_or_else(|| ControlError::not_found("org"));
    }
    let reserved = directory::reserve(&mut tx, OrgId::generate(), slug.as_str(), creator, creation).await?;
    let Some(place) = reserved else {
        return Err(unreserved(&mut tx, slug).await?);
    };
    let org = OrgId(place.id);
    directory::hint(&mut tx, creator, org).await?;
    if let Some(key) = key {
        key.keep_of_user(&mut tx, creator, &org).await?;
    }
    tx.commit().await?;
    Ok(place)
}

async fn unreserved(tx: &mut DirectoryTx, slug: &Name) -> Result<ControlError> {
    Ok(match directory::find(tx, slug.as_str()).await? {
        Some(_) => taken(slug),
        None => ControlError::internal("the directory has no cell for a new org"),
    })
}

fn taken(slug: &Name) -> ControlError {
    let detail = format!("the slug `{slug}` is taken: choose another one");
    let errors = vec![FieldError::new("/slug", "is taken")];
    ControlError {
        errors,
        ..ControlError::new(Code::Conflict, detail)
    }
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
    // While nobody is in it yet, so that a repetition does not bring back what somebody has deleted.
    sample::seed(control, scope.org).await;
    let mut tx = control.store().directory().await?;
    directory::activate(&mut tx, scope.org).await?;
    Ok(tx.commit().await?)
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
    let Unfinished {
        org,
        slug,
        creation,
        creator,
        person,
    } = unfinished;
    let mut scope = Scope::system("finish an interrupted creation", *org);
    if let Some((email, name)) = person {
        let owner = Person {
            id: *creator,
            email,
            name,
        };
        scope.actor = owner.actor();
        return finish(control, &scope, slug, creation, owner).await;
    }
    store::remove(control.store(), &scope).await?;
    let mut tx = control.store().directory().await?;
    directory::forget(&mut tx, *org).await?;
    Ok(tx.commit().await?)
}
