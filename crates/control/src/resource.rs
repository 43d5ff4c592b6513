//! Resources: create, read, change, delete.
//!
//! Every write is one transaction: idempotency, quota, the row, its references, its usage; the database adds the event.

use plinth_model::permission::Kind;
use plinth_model::resource::{Properties, check_properties};
use plinth_model::{Id, Name, Resource};
use plinth_policy::view;
use plinth_store::Tx;
use plinth_store::resource::{self as stored, Key, NewResource, Sealed, Stored};
use serde_json::Value;

use crate::caller::Caller;
use crate::error::{Code, ControlError, FieldError, Result};
use crate::idempotency::{self, Key as IdempotencyKey};
use crate::product::TypeRules;
use crate::secret::Owner;
use crate::{Catalog, Control, product};

mod change;
mod list;
mod owner;
pub(crate) mod spec;

pub use change::{carry_out, delete, edit, undelete};
pub use list::{Query, SORTS, list};
pub use owner::NewOwner;
pub use spec::Edit;

/// What a caller wants a new resource to be.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub properties: Properties,
    /// Who makes it, when nothing is said.
    pub owner: NewOwner,
    pub spec: Value,
}

/// Whether a write is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Commit,
    /// All checks, and nothing kept.
    DryRun,
}

/// How a write is to be done.
#[derive(Debug, Clone)]
pub struct Options {
    pub mode: Mode,
    /// The version that the caller has seen.
    pub if_version: Option<i64>,
    pub key: Option<IdempotencyKey>,
}

/// A resource after a write; `replayed` when an earlier request with the same key had written it.
#[derive(Debug, Clone)]
pub struct Written {
    pub resource: Resource,
    pub replayed: bool,
}

impl Written {
    fn now(resource: Resource) -> Self {
        Self {
            resource,
            replayed: false,
        }
    }

    fn before(resource: Resource) -> Self {
        Self {
            resource,
            replayed: true,
        }
    }
}

/// # Errors
/// `forbidden`, `validation_failed`, `conflict` (the name is taken), `quota_exceeded`, `idempotency_key_reused`.
pub async fn create(
    control: &Control,
    caller: &Caller,
    plural: &str,
    draft: Draft,
    mode: Mode,
    key: Option<&IdempotencyKey>,
) -> Result<Written> {
    for _ in 0..ATTEMPTS {
        if let Some(created) = try_create(control, caller, plural, draft.clone(), mode, key).await? {
            return Ok(created);
        }
        product::catch_up(control).await?;
    }
    Err(product_changes())
}

/// `/{plural}/actions/{action}` is a question about a draft.
const RESERVED_NAME: &str = "actions";
/// How often a write is checked anew because the product changes under it.
const ATTEMPTS: usize = 8;

fn product_changes() -> ControlError {
    ControlError::new(Code::Unavailable, "the product changes right now; try again").retry_after(1)
}

/// `None` when the product has changed since it was checked: nothing was written.
async fn try_create(
    control: &Control,
    caller: &Caller,
    plural: &str,
    draft: Draft,
    mode: Mode,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Written>> {
    let catalog = control.catalog();
    let rules = rules_for(&catalog, caller, plural, "create")?;
    let checked = check_draft(rules, caller, draft)?;
    caller.require_to_write(plural, "create", || checked.view(caller, &rules.declaration.name))?;
    if key.is_none() && mode == Mode::Commit && checked.stands_alone(caller) {
        let sealed = Sealed::new();
        let new = checked.row(rules, &sealed);
        let created = named(
            stored::create_once(control.store(), &caller.scope, &new).await,
            &checked.name,
        )?;
        return Ok(created.map(|created| Written::now(created.resource)));
    }
    create_in_steps(control, caller, rules, &checked, mode, key).await
}

async fn create_in_steps(
    control: &Control,
    caller: &Caller,
    rules: &TypeRules,
    checked: &Checked,
    mode: Mode,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Written>> {
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(resource) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(Some(Written::before(resource)));
    }
    owner::check(&mut tx, caller, checked.owner.as_deref()).await?;
    let place = Owner {
        org: scope.org,
        id: checked.id,
    };
    let sealed = control.keys().seal(&mut tx, scope, place, &checked.secrets).await?;
    let new = checked.row(rules, &sealed);
    let created = named(stored::create(&mut tx, scope, &new).await, &checked.name)?;
    let Some(Stored { resource, .. }) = created else {
        return Ok(None);
    };
    refer(&mut tx, caller, checked.id, &checked.references).await?;
    idempotency::keep(key, &mut tx, scope, &resource).await?;
    finish(tx, mode).await?;
    Ok(Some(Written::now(resource)))
}

async fn finish(tx: Tx, mode: Mode) -> Result<()> {
    match mode {
        Mode::Commit => tx.commit().await?,
        Mode::DryRun => tx.rollback().await?,
    }
    Ok(())
}

/// What was written, unless its name is taken.
fn named(row: plinth_store::error::Result<Option<Stored>>, name: &str) -> Result<Option<Stored>> {
    match row {
        Ok(stored) => Ok(stored),
        Err(error) if error.is_taken("resources_name") => {
            let detail =
                format!("there is one with the name `{name}` already: choose another name, or change that one");
            Err(ControlError {
                errors: vec![FieldError::new("/name", "is taken")],
                ..ControlError::new(Code::Conflict, detail)
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// A draft that keeps the rules of its type, taken apart.
struct Checked {
    id: Id,
    name: String,
    properties: Properties,
    owner: Option<String>,
    /// Without secrets.
    spec: Value,
    secrets: Vec<(String, Value)>,
    references: Vec<spec::Reference>,
}

impl Checked {
    /// Whether nothing beside its own row is to be read or written.
    fn stands_alone(&self, caller: &Caller) -> bool {
        self.secrets.is_empty() && self.references.is_empty() && owner::is_known(caller, self.owner.as_deref())
    }

    /// What policies see of it.
    fn view(&self, caller: &Caller, type_name: &str) -> Value {
        let draft = view::Draft {
            id: self.id,
            type_name,
            name: &self.name,
            org: caller.scope.org,
            properties: &self.properties,
            spec: &self.spec,
            created_by: &caller.scope.actor,
            owner: self.owner.as_deref(),
        };
        draft.view()
    }

    fn row<'a>(&'a self, rules: &'a TypeRules, sealed: &'a Sealed) -> NewResource<'a> {
        NewResource {
            id: self.id,
            type_name: &rules.declaration.name,
            name: &self.name,
            properties: &self.properties,
            owner: self.owner.as_deref(),
            spec: &self.spec,
            status: &rules.first_status,
            sealed,
            meters: &rules.created_meters,
            quotas: &rules.quotas,
            revision: rules.revision,
        }
    }
}

fn check_draft(rules: &TypeRules, caller: &Caller, draft: Draft) -> Result<Checked> {
    let mut errors = Vec::new();
    match draft.name.parse::<Name>() {
        Ok(_) if draft.name == RESERVED_NAME => {
            errors.push(FieldError::new("/name", "is reserved: choose another one"))
        }
        Ok(_) => {}
        Err(error) => errors.push(FieldError::new("/name", error.to_string())),
    }
    if let Err(error) = check_properties(&draft.properties) {
        errors.push(FieldError::new("/properties", error.to_string()));
    }
    let mut spec = draft.spec;
    spec::normalize(rules, &mut spec);
    errors.extend(spec::errors(rules, &spec));
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    let secrets = spec::take_secrets(rules, &mut spec);
    let references = spec::references(rules, &spec);
    Ok(Checked {
        id: Id::generate(),
        name: draft.name,
        properties: draft.properties,
        owner: draft.owner.or(caller.scope.actor.as_owner()).map(str::to_owned),
        spec,
        secrets,
        references,
    })
}

/// Records what the resource refers to; each target is kept from deletion until the commit.
async fn refer(tx: &mut Tx, caller: &Caller, from: Id, references: &[spec::Reference]) -> Result<()> {
    let mut targets = Vec::new();
    let mut errors = Vec::new();
    for reference in references {
        match stored::lock_target(tx, &caller.scope, &reference.type_name, &reference.name).await? {
            Some(target) => targets.push((reference.pointer.clone(), target.resource.id)),
            None => {
                let message = format!("there is no {} with the name `{}`", reference.type_name, reference.name);
                errors.push(FieldError::new(format!("/spec{}", reference.pointer), message));
            }
        }
    }
    if !errors.is_empty() {
        return Err(ControlError::invalid(errors));
    }
    stored::set_references(tx, &caller.scope, from, &targets).await?;
    Ok(())
}

/// The resource that a path names; a name finds a live one, an id also a deleted one.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller, plural: &str, key: &str) -> Result<Resource> {
    let catalog = control.catalog();
    let rules = rules_for(&catalog, caller, plural, "view")?;
    let key = parse_key(rules, key)?;
    let found = stored::get_once(control.store(), &caller.scope, &rules.declaration.name, &key).await?;
    Ok(found.ok_or_else(|| missing(rules))?.resource)
}

fn rules_for<'a>(catalog: &'a Catalog, caller: &Caller, plural: &str, action: &str) -> Result<&'a TypeRules> {
    let rules = catalog.by_plural(plural)?;
    caller.require_some(Kind::Resources(plural), action)?;
    Ok(rules)
}

fn missing(rules: &TypeRules) -> ControlError {
    ControlError::not_found(&rules.declaration.title.to_lowercase())
}

/// An id has an underscore, a name has none.
pub(crate) fn parse_key(rules: &TypeRules, text: &str) -> Result<Key> {
    if text.contains('_') {
        return Id::parse(&rules.declaration.name, text)
            .map(Key::Id)
            .map_err(|_| missing(rules));
    }
    if text.parse::<Name>().is_err() {
        return Err(missing(rules));
    }
    Ok(Key::Name(text.to_owned()))
}

/// The row for a write: locked, live, of the version that the caller has seen, and one that it may do this to.
async fn lock(
    tx: &mut Tx,
    caller: &Caller,
    rules: &TypeRules,
    (key, action): (&str, &str),
    options: &Options,
) -> Result<Stored> {
    let key = parse_key(rules, key)?;
    let found = stored::lock(tx, &caller.scope, &rules.declaration.name, &key)
        .await?
        .ok_or_else(|| missing(rules))?;
    let kind = Kind::Resources(&rules.declaration.plural);
    caller.require_on(kind, action, || view::resource(&found.resource))?;
    if options
        .if_version
        .is_some_and(|version| version != found.resource.version)
    {
        let detail = format!(
            "it has version {} by now: read it again, then repeat your change",
            found.resource.version
        );
        return Err(ControlError::new(Code::VersionMismatch, detail));
    }
    Ok(found)
}
