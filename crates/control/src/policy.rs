//! An org's own policies: written, versioned, reverted.
//!
//! A policy is valid, and compiled for the database, in the transaction that writes it; with the commit it holds for the
//! next statement of everybody.

mod draft;
pub mod impact;

use jiff::Timestamp;
use plinth_model::id::PolicyId;
use plinth_model::permission::Kind;
use plinth_model::{Actor, Name, Role};
use plinth_policy::{Effect, Policy as Cedar, Row};
use plinth_store::policy::{self as store, ClassSize, CompiledRow, Wording};
use plinth_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::access::compiled;
use crate::error::{Code, ControlError, FieldError, Result};
use crate::grant::OWNERS_ONLY;
use crate::idempotency::{self, Key};
use crate::page::{Page, PageRequest};
use crate::resource::Mode;
use crate::{Caller, Catalog, Control, product};

/// More policies in one org are refused.
const MOST_POLICIES: usize = 1000;
const LONGEST_DESCRIPTION_CHARS: usize = 1000;
/// The longest that the predicates of one class of actions may be together: the database joins them at each statement, and
/// asks them of each row.
const MOST_PREDICATE_KIB: i64 = 256;

/// A policy of an org.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    pub description: String,
    /// Cedar.
    pub text: String,
    pub version: i64,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub updated_by: Actor,
    pub updated_at: Timestamp,
}

impl From<store::Policy> for Policy {
    fn from(row: store::Policy) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            text: row.text,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_by: row.updated_by,
            updated_at: row.updated_at,
        }
    }
}

pub use self::draft::{Checked, Says, check, forms};
use self::draft::{Ready, read};
pub use plinth_store::policy::Version;

/// What a policy is to be.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub description: String,
    pub says: Says,
}

/// The product's roles as policies, which hold in every org.
///
/// # Errors
/// `forbidden`.
pub fn roles(control: &Control, caller: &Caller) -> Result<Vec<(String, String)>> {
    caller.require(Kind::Policies, "view")?;
    let catalog = control.catalog();
    let roles = catalog.roles.iter();
    let shown = |(name, policy): &(String, Cedar)| {
        let name = name.strip_prefix("role ").unwrap_or(name);
        (name.to_owned(), policy.text().to_owned())
    };
    Ok(roles.map(shown).collect())
}

fn unknown() -> ControlError {
    ControlError::not_found("policy")
}

/// # Errors
/// `forbidden`, `validation_failed`, `conflict` when the name is taken or the org has too many.
pub async fn create(
    control: &Control,
    caller: &Caller,
    draft: &Draft,
    mode: Mode,
    key: Option<&Key>,
) -> Result<Policy> {
    make(control, caller, (None, draft), mode, key).await
}

/// A new policy, or a deleted one, by its id, anew.
async fn make(
    control: &Control,
    caller: &Caller,
    (deleted, draft): (Option<Deleted>, &Draft),
    mode: Mode,
    key: Option<&Key>,
) -> Result<Policy> {
    let id = deleted.map(|deleted| deleted.id);
    caller.require_on(Kind::Policies, "create", || view(caller, id, &draft.name))?;
    let catalog = control.catalog();
    let ready = prepare(control, &catalog, caller, draft)?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(policy) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(policy);
    }
    hold(control, &mut tx, &catalog).await?;
    if store::count(&mut tx, scope).await? >= MOST_POLICIES {
        let detail = format!("an org has at most {MOST_POLICIES} policies: delete some, or make one of several");
        return Err(ControlError::new(Code::Conflict, detail));
    }
    let wording = wording(draft, &ready);
    let created = match deleted {
        None => store::create(&mut tx, scope, PolicyId::generate(), wording).await,
        Some(Deleted { id, version, wanted }) => {
            require_version(version, wanted)?;
            store::restore(&mut tx, scope, id, wording).await
        }
    };
    let policy = Policy::from(created.map_err(|error| taken(error, &draft.name))?);
    compile_rows(&mut tx, caller, policy.id, &compiled(&ready.rows, &catalog.vocabulary)).await?;
    idempotency::keep(key, &mut tx, scope, &policy).await?;
    finish(control, caller, tx, mode).await?;
    Ok(policy)
}

/// # Errors
/// As [`create`], and `not_found`, `version_mismatch`.
pub async fn update(
    control: &Control,
    caller: &Caller,
    id: PolicyId,
    draft: &Draft,
    (mode, if_version): (Mode, Option<i64>),
    key: Option<&Key>,
) -> Result<Policy> {
    caller.require_some(Kind::Policies, "update")?;
    let catalog = control.catalog();
    let ready = prepare(control, &catalog, caller, draft)?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(policy) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(policy);
    }
    hold(control, &mut tx, &catalog).await?;
    let before = lock(&mut tx, caller, "update", id, if_version).await?;
    // As the policy is, and as it becomes.
    caller.require_on(Kind::Policies, "update", || view(caller, Some(id), &draft.name))?;
    let policy = if before.name == draft.name && before.description == draft.description && before.text == ready.text {
        before.into()
    } else {
        if before.text != ready.text {
            leave_bounds(caller, &before.name)?;
        }
        let updated = store::update(&mut tx, scope, id, wording(draft, &ready)).await;
        let policy = updated
            .map_err(|error| taken(error, &draft.name))?
            .ok_or_else(unknown)?;
        compile_rows(&mut tx, caller, id, &compiled(&ready.rows, &catalog.vocabulary)).await?;
        Policy::from(policy)
    };
    idempotency::keep(key, &mut tx, scope, &policy).await?;
    finish(control, caller, tx, mode).await?;
    Ok(policy)
}

/// A policy that is no more, its last version, and the one that the caller knows of.
#[derive(Debug, Clone, Copy)]
struct Deleted {
    id: PolicyId,
    version: i64,
    wanted: Option<i64>,
}

/// Gives the policy the wording that it had in a version. That makes a new version, also of a policy that is deleted: whoever
/// may create it brings it back.
///
/// # Errors
/// As [`update`] and [`create`]; `not_found` also when there is no such version, `conflict` for the one that deleted it.
pub async fn revert(
    control: &Control,
    caller: &Caller,
    id: PolicyId,
    version: i64,
    (mode, if_version): (Mode, Option<i64>),
    key: Option<&Key>,
) -> Result<Policy> {
    caller.require_some(Kind::Policies, "view")?;
    let newest = newest(control, caller, id).await?;
    caller.require_some(Kind::Policies, if newest.text.is_none() { "create" } else { "update" })?;
    let found = store::versions(control.store(), &caller.scope, id, Some(version.saturating_add(1)), 1).await?;
    let found = found.into_iter().find(|found| found.version == version);
    let found = found.ok_or_else(|| ControlError::not_found("version"))?;
    let Some(text) = found.text else {
        let detail = "that version deleted the policy: choose one before it";
        return Err(ControlError::new(Code::Conflict, detail));
    };
    let draft = Draft {
        name: found.name,
        description: found.description,
        says: Says::Cedar(text),
    };
    if newest.text.is_none() {
        let deleted = Deleted {
            id,
            version: newest.version,
            wanted: if_version,
        };
        let made = make(control, caller, (Some(deleted), &draft), mode, key).await;
        return made.map_err(|error| reverted(error, &draft.name));
    }
    let updated = update(control, caller, id, &draft, (mode, if_version), key).await;
    updated.map_err(|error| reverted(error, &draft.name))
}

/// Whoever reverts chooses no name.
fn reverted(error: ControlError, name: &str) -> ControlError {
    let is_taken = error.code == Code::Conflict && error.errors.iter().any(|error| error.pointer == "/name");
    if !is_taken {
        return error;
    }
    let detail =
        format!("another policy has the name `{name}`, which that version had: rename or delete that one first");
    ControlError {
        detail,
        errors: vec![FieldError::new("/version", "has a name that is taken")],
        ..error
    }
}

/// # Errors
/// `forbidden`, `not_found`, `version_mismatch`.
pub async fn delete(
    control: &Control,
    caller: &Caller,
    id: PolicyId,
    (mode, if_version): (Mode, Option<i64>),
    key: Option<&Key>,
) -> Result<()> {
    caller.require_some(Kind::Policies, "delete")?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(done);
    }
    let found = lock(&mut tx, caller, "delete", id, if_version).await?;
    leave_bounds(caller, &found.name)?;
    store::delete(&mut tx, scope, id).await?;
    idempotency::keep(key, &mut tx, scope, &()).await?;
    finish(control, caller, tx, mode).await
}

/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller, id: PolicyId) -> Result<Policy> {
    caller.require_some(Kind::Policies, "view")?;
    let found = store::get(control.store(), &caller.scope, id).await?;
    found.map(Policy::from).ok_or_else(unknown)
}

/// By name.
///
/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<Policy>> {
    caller.require_some(Kind::Policies, "view")?;
    let after: Option<String> = request.position()?;
    let rows = store::list(control.store(), &caller.scope, after.as_deref(), request.fetch()?).await?;
    Ok(request.page(rows, |row| row.name.clone())?.map(Policy::from))
}

/// What the policy said before, newest first; also of one that is deleted.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid_request`, `invalid_cursor`.
pub async fn versions(
    control: &Control,
    caller: &Caller,
    id: PolicyId,
    request: &PageRequest,
) -> Result<Page<Version>> {
    caller.require_some(Kind::Policies, "view")?;
    let before = request.position()?;
    let rows = store::versions(control.store(), &caller.scope, id, before, request.fetch()?).await?;
    newest(control, caller, id).await?;
    request.page(rows, |row| row.version)
}

/// The last version of a policy, which may have deleted it, as far as the caller may see it under its last name.
async fn newest(control: &Control, caller: &Caller, id: PolicyId) -> Result<Version> {
    let found = store::versions(control.store(), &caller.scope, id, None, 1).await?;
    let seen = |version: &Version| caller.permits(Kind::Policies, "view", || view(caller, Some(id), &version.name));
    found.into_iter().next().filter(seen).ok_or_else(unknown)
}

fn sees(caller: &Caller, policy: &store::Policy) -> bool {
    caller.permits(Kind::Policies, "view", || view(caller, Some(policy.id), &policy.name))
}

/// What policies see of a policy, or of one that has no id yet.
fn view(caller: &Caller, id: Option<PolicyId>, name: &str) -> serde_json::Value {
    let id = id.map_or_else(String::new, |id| id.to_string());
    caller.view_of(Kind::Policies, &id, serde_json::json!({"name": name}))
}

fn prepare(control: &Control, catalog: &Catalog, caller: &Caller, draft: &Draft) -> Result<Ready> {
    if let Err(error) = draft.name.parse::<Name>() {
        return Err(ControlError::invalid_field("/name", error.to_string()));
    }
    if draft.description.chars().count() > LONGEST_DESCRIPTION_CHARS {
        let message = format!("has more than {LONGEST_DESCRIPTION_CHARS} characters");
        return Err(ControlError::invalid_field("/description", message));
    }
    let ready = read(control, &draft.says, &catalog.vocabulary)?;
    keep_to_owners(caller, &ready.rows)?;
    Ok(ready)
}

fn keep_to_owners(caller: &Caller, rows: &[Row]) -> Result<()> {
    if caller.roles.contains(&Role::Owner) {
        return Ok(());
    }
    let given = OWNERS_ONLY.into_iter().find(|action| {
        rows.iter()
            .any(|row| row.effect == Effect::Permit && row.is_for(action))
    });
    match given {
        None => Ok(()),
        Some(action) => {
            let detail =
                format!("only an owner may write a policy that permits `{action}`: name the actions that you mean");
            Err(ControlError {
                permission: Some(action.into()),
                ..ControlError::new(Code::Forbidden, detail)
            })
        }
    }
}

/// What an owner's policy permits, and another one forbids to some, is not got by taking that one back.
fn leave_bounds(caller: &Caller, policy: &str) -> Result<()> {
    let access = caller.access();
    let bounded = OWNERS_ONLY.into_iter().find(|action| access.bounds(policy, action));
    match bounded {
        Some(action) if !caller.roles.contains(&Role::Owner) => {
            let detail =
                format!("only an owner may change a policy that forbids `{action}`, as long as one permits it");
            Err(ControlError {
                permission: Some(action.into()),
                ..ControlError::new(Code::Forbidden, detail)
            })
        }
        _ => Ok(()),
    }
}

/// # Errors
/// `conflict` when all policies of the org together would be too much for a class of actions.
async fn compile_rows(tx: &mut Tx, caller: &Caller, id: PolicyId, rows: &[CompiledRow]) -> Result<()> {
    store::compile(tx, &caller.scope, id, rows).await?;
    let ClassSize { class, bytes } = store::largest_class(tx, &caller.scope).await?;
    if bytes <= MOST_PREDICATE_KIB * 1024 {
        return Ok(());
    }
    let class = if class == plinth_policy::compile::EVERY_CLASS {
        "all actions"
    } else {
        &class
    };
    let detail = format!(
        "with this, the conditions of all policies of the org for `{class}` would compile to {} KiB, and \
         {MOST_PREDICATE_KIB} KiB is the most: delete policies, or put their cases into attributes and properties",
        (bytes + 1023) / 1024
    );
    Err(ControlError::new(Code::Conflict, detail))
}

/// Keeps the product as it is until the commit: the policy was read by its words.
async fn hold(control: &Control, tx: &mut Tx, catalog: &Catalog) -> Result<()> {
    if store::hold_product(tx).await? <= catalog.revision {
        return Ok(());
    }
    product::catch_up(control).await?;
    let detail = "the product has changed just now; try again";
    Err(ControlError::new(Code::Unavailable, detail).retry_after(1))
}

async fn lock(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    id: PolicyId,
    if_version: Option<i64>,
) -> Result<store::Policy> {
    let found = store::lock(tx, &caller.scope, id).await?;
    let found = found.filter(|policy| sees(caller, policy)).ok_or_else(unknown)?;
    caller.require_on(Kind::Policies, action, || view(caller, Some(found.id), &found.name))?;
    require_version(found.version, if_version)?;
    Ok(found)
}

fn require_version(version: i64, wanted: Option<i64>) -> Result<()> {
    if wanted.is_none_or(|wanted| wanted == version) {
        return Ok(());
    }
    let detail = format!("it has version {version} by now: read it again, then repeat your change");
    Err(ControlError::new(Code::VersionMismatch, detail))
}

fn wording<'a>(draft: &'a Draft, ready: &'a Ready) -> Wording<'a> {
    Wording {
        name: &draft.name,
        description: &draft.description,
        text: &ready.text,
    }
}

fn taken(error: StoreError, name: &str) -> ControlError {
    if !error.is_taken("policies_name") {
        return error.into();
    }
    let errors = vec![FieldError::new("/name", "is taken")];
    ControlError {
        errors,
        ..ControlError::new(
            Code::Conflict,
            format!("a policy has the name `{name}`: choose another one"),
        )
    }
}

async fn finish(control: &Control, caller: &Caller, tx: Tx, mode: Mode) -> Result<()> {
    if mode == Mode::DryRun {
        return Ok(tx.rollback().await?);
    }
    tx.commit().await?;
    control.accesses().forget(caller.scope.org).await;
    Ok(())
}
