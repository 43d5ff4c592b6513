//! Changes of resources that exist: edit, delete, undelete.

use plinth_model::Resource;
use plinth_model::permission::Kind;
use plinth_policy::view;
use plinth_store::Tx;
use plinth_store::resource::{self as stored, Desired, Generation, Stored};
use serde_json::json;

use super::{
    ATTEMPTS, Edit, Options, Written, finish, lock, missing, named, owner, product_changes, refer, rules_for, spec,
};
use crate::caller::Caller;
use crate::error::{Code, ControlError, Offender, Result};
use crate::product::TypeRules;
use crate::secret::Owner;
use crate::{Control, idempotency, pointer, product};

/// What a caller asks to be changed.
#[derive(Clone)]
enum Wish<'a> {
    Edit(Edit),
    Verb(&'a str),
}

impl<'a> Wish<'a> {
    /// The action that the caller must be permitted, and what it comes to: a verb is the patch that its type declares.
    fn of(self, rules: &TypeRules) -> Result<(&'a str, Edit)> {
        let name = match self {
            Self::Edit(edit) => return Ok(("update", edit)),
            Self::Verb(name) => name,
        };
        let verb = rules.declaration.verb(name);
        let verb = verb.ok_or_else(|| ControlError::not_found("verb"))?;
        Ok((name, Edit::Patch(json!({"spec": verb.set.spec}))))
    }
}

/// # Errors
/// `forbidden`, `not_found`, `version_mismatch`, `validation_failed`, `conflict` when it is deleted,
/// `idempotency_key_reused`.
pub async fn edit(
    control: &Control,
    caller: &Caller,
    at: (&str, &str),
    edit: Edit,
    options: &Options,
) -> Result<Written> {
    change(control, caller, at, Wish::Edit(edit), options).await
}

/// Does what the type declares under the name of a verb, for whoever is permitted that verb.
///
/// # Errors
/// `not_found` also when the type has no such verb; else as [`edit`].
pub async fn carry_out(
    control: &Control,
    caller: &Caller,
    at: (&str, &str),
    verb: &str,
    options: &Options,
) -> Result<Written> {
    change(control, caller, at, Wish::Verb(verb), options).await
}

async fn change(
    control: &Control,
    caller: &Caller,
    at: (&str, &str),
    wish: Wish<'_>,
    options: &Options,
) -> Result<Written> {
    for _ in 0..ATTEMPTS {
        if let Some(changed) = try_change(control, caller, at, wish.clone(), options).await? {
            return Ok(changed);
        }
        product::catch_up(control).await?;
    }
    Err(product_changes())
}

async fn try_change(
    control: &Control,
    caller: &Caller,
    (plural, key): (&str, &str),
    wish: Wish<'_>,
    options: &Options,
) -> Result<Option<Written>> {
    let catalog = control.catalog();
    let rules = catalog.by_plural(plural)?;
    let (action, edit) = wish.of(rules)?;
    caller.require_some(Kind::Resources(plural), action)?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(resource) = idempotency::replay(options.key.as_ref(), &mut tx, scope).await? {
        return Ok(Some(Written::before(resource)));
    }
    let before = lock(&mut tx, caller, rules, (key, action), options).await?;
    if before.resource.deleted_at.is_some() {
        return Err(ControlError::new(
            Code::Conflict,
            "it is deleted: undelete it before you change it",
        ));
    }
    let Some(after) = apply(control, &mut tx, caller, (rules, action), before, edit).await? else {
        return Ok(None);
    };
    idempotency::keep(options.key.as_ref(), &mut tx, scope, &after).await?;
    finish(tx, options.mode).await?;
    Ok(Some(Written::now(after)))
}

/// The resource as it becomes; `None` when the product has changed since it was checked. An edit that changes nothing
/// writes nothing.
async fn apply(
    control: &Control,
    tx: &mut Tx,
    caller: &Caller,
    (rules, action): (&TypeRules, &str),
    before: Stored,
    edit: Edit,
) -> Result<Option<Resource>> {
    let scope = &caller.scope;
    let id = before.resource.id;
    let place = Owner { org: scope.org, id };
    let known = control.keys().open(tx, scope, place, &before.sealed).await?;
    let wanted = spec::merge(rules, &before.resource, &known, edit)?;
    let changed: Vec<_> = wanted
        .secrets
        .iter()
        .filter(|secret| !known.contains(secret))
        .cloned()
        .collect();
    let mut sealed = control.keys().seal(tx, scope, place, &changed).await?;
    for (pointer, value) in &before.sealed {
        if wanted.secrets.iter().any(|(kept, _)| kept == pointer) && !sealed.contains_key(pointer) {
            sealed.insert(pointer.clone(), value.clone());
        }
    }
    let moves = wanted.spec != before.resource.spec || sealed != before.sealed;
    let new_owner = wanted.owner != before.resource.owner;
    if !moves && !new_owner && wanted.properties == before.resource.properties {
        return Ok(Some(before.resource));
    }
    if new_owner {
        owner::check(tx, caller, wanted.owner.as_deref()).await?;
    }
    caller.require_to_write(&rules.declaration.plural, action, || {
        let becomes = Resource {
            properties: wanted.properties.clone(),
            owner: wanted.owner.clone(),
            spec: wanted.spec.clone(),
            ..before.resource.clone()
        };
        view::resource(&becomes)
    })?;
    let changes_generation = if moves { Generation::Next } else { Generation::Keep };
    let desired = Desired {
        properties: &wanted.properties,
        owner: wanted.owner.as_deref(),
        spec: &wanted.spec,
        sealed: &sealed,
        changes_generation,
        revision: rules.revision,
        action,
    };
    let Some(after) = stored::update(tx, scope, id, &desired).await? else {
        return Ok(None);
    };
    // What it referred to before it may go on referring to, whether or not the caller may see it.
    let references = spec::references(rules, &wanted.spec);
    if references != spec::references(rules, &before.resource.spec) {
        refer(tx, caller, id, &references).await?;
    }
    Ok(Some(after.resource))
}

/// Marks it as deleted. A reconciled type is gone when its reconciler has torn it down; until then, and for the
/// configured time for other types, it can be undeleted.
///
/// # Errors
/// `forbidden`, `not_found`, `version_mismatch`, `conflict` with the live resources that refer to it,
/// `idempotency_key_reused`.
pub async fn delete(control: &Control, caller: &Caller, plural: &str, key: &str, options: &Options) -> Result<Written> {
    let catalog = control.catalog();
    let rules = rules_for(&catalog, caller, plural, "delete")?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(resource) = idempotency::replay(options.key.as_ref(), &mut tx, scope).await? {
        return Ok(Written::before(resource));
    }
    let found = lock(&mut tx, caller, rules, (key, "delete"), options).await?;
    let deleted = if found.resource.deleted_at.is_some() {
        found.resource
    } else {
        mark(&mut tx, caller, rules, &found.resource).await?
    };
    idempotency::keep(options.key.as_ref(), &mut tx, scope, &deleted).await?;
    finish(tx, options.mode).await?;
    Ok(Written::now(deleted))
}

async fn mark(tx: &mut Tx, caller: &Caller, rules: &TypeRules, found: &Resource) -> Result<Resource> {
    let referrers = stored::referrers(tx, &caller.scope, found.id).await?;
    if stored::is_referred_to(tx, &caller.scope, found.id).await? {
        // Those that the caller may not see stand in the way all the same, without a name.
        let detail = match referrers.len() {
            0 => format!("`{}` is in use by something that you may not see", found.name),
            _ => format!("`{}` is in use: delete or change what refers to it first", found.name),
        };
        let offenders = referrers.iter().map(|stored| offender(&stored.resource)).collect();
        return Err(ControlError::new(Code::Conflict, detail).with_offenders(offenders));
    }
    let deleted = stored::delete(tx, &caller.scope, found.id).await?;
    Ok(deleted.ok_or_else(|| missing(rules))?.resource)
}

fn offender(resource: &Resource) -> Offender {
    Offender {
        org: None,
        org_slug: None,
        type_name: resource.type_name.clone(),
        id: resource.id.text(&resource.type_name),
        name: resource.name.clone(),
        errors: Vec::new(),
    }
}

/// # Errors
/// `forbidden`, `not_found`, `conflict` when it is torn down already or its name is taken, `quota_exceeded`,
/// `validation_failed` when the product has changed since and it does not fit any more, `idempotency_key_reused`.
pub async fn undelete(
    control: &Control,
    caller: &Caller,
    plural: &str,
    key: &str,
    options: &Options,
) -> Result<Written> {
    for _ in 0..ATTEMPTS {
        if let Some(restored) = try_undelete(control, caller, plural, key, options).await? {
            return Ok(restored);
        }
        product::catch_up(control).await?;
    }
    Err(product_changes())
}

async fn try_undelete(
    control: &Control,
    caller: &Caller,
    plural: &str,
    key: &str,
    options: &Options,
) -> Result<Option<Written>> {
    let catalog = control.catalog();
    let rules = rules_for(&catalog, caller, plural, "undelete")?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(resource) = idempotency::replay(options.key.as_ref(), &mut tx, scope).await? {
        return Ok(Some(Written::before(resource)));
    }
    let found = lock(&mut tx, caller, rules, (key, "undelete"), options).await?;
    let restored = if found.resource.deleted_at.is_some() {
        restore(control, &mut tx, caller, rules, found).await?
    } else {
        Some(found.resource)
    };
    let Some(restored) = restored else { return Ok(None) };
    idempotency::keep(options.key.as_ref(), &mut tx, scope, &restored).await?;
    finish(tx, options.mode).await?;
    Ok(Some(Written::now(restored)))
}

async fn restore(
    control: &Control,
    tx: &mut Tx,
    caller: &Caller,
    rules: &TypeRules,
    found: Stored,
) -> Result<Option<Resource>> {
    let scope = &caller.scope;
    if found.resource.finalized_at.is_some() {
        return Err(ControlError::new(
            Code::Conflict,
            "it is torn down already: create it anew",
        ));
    }
    check_fit(control, tx, caller, rules, &found).await?;
    let Resource { id, name, spec, .. } = found.resource;
    stored::require_quota(tx, scope, &rules.declaration.name, &rules.quotas).await?;
    // What it refers to may be gone by now.
    refer(tx, caller, id, &spec::references(rules, &spec)).await?;
    let restored = named(stored::undelete(tx, scope, id, rules.revision).await, &name)?;
    Ok(restored.map(|restored| restored.resource))
}

/// Deleted resources do not stand in the way of a new product; they have to fit it when they come back.
async fn check_fit(control: &Control, tx: &mut Tx, caller: &Caller, rules: &TypeRules, found: &Stored) -> Result<()> {
    let owner = Owner {
        org: caller.scope.org,
        id: found.resource.id,
    };
    let mut full = found.resource.spec.clone();
    for (pointer, value) in control.keys().open(tx, &caller.scope, owner, &found.sealed).await? {
        pointer::put(&mut full, &pointer, value);
    }
    let errors = spec::errors(rules, &full);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ControlError::invalid(errors))
    }
}
