//! Service accounts: principals of an org that are programs, and the tokens with which they get in.
//!
//! Nobody may make an account, or a token of one, that can do more than they could give away themselves.

mod credential;
pub mod sql;

use jiff::Timestamp;
use plinth_model::id::ServiceAccountId;
use plinth_model::permission::Kind;
use plinth_model::resource::{Properties, check_properties};
use plinth_model::{Actor, Name, Role};
use plinth_store::member::Standing as Stored;
use plinth_store::{StoreError, invitation, service_account as store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Code, ControlError, FieldError, Result};
use crate::grant::require_grant;
use crate::idempotency::{self, Key};
use crate::member::may_invite;
use crate::org::require_verified;
use crate::page::{Page, PageRequest};
use crate::standing::{self, Somebody, Standing, flat, known_roles, parse_groups, parse_roles, texts};
use crate::{Caller, Control};

pub use credential::{Issued, NewToken, Token, issue, revoke, tokens};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub name: String,
    pub roles: Vec<Role>,
    /// What policies call `Group::"<name>"`.
    pub groups: Vec<String>,
    /// Flat, like the properties of a resource.
    pub attributes: Properties,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

impl From<store::ServiceAccount> for ServiceAccount {
    fn from(row: store::ServiceAccount) -> Self {
        Self {
            id: row.id,
            name: row.name,
            roles: known_roles(&row.roles),
            groups: row.groups,
            attributes: flat(row.attributes),
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

impl From<ServiceAccount> for Somebody {
    fn from(account: ServiceAccount) -> Self {
        Self {
            actor: Actor::service_account(account.id, &account.name),
            email: None,
            standing: Standing {
                roles: account.roles,
                groups: account.groups,
                attributes: account.attributes,
            },
        }
    }
}

/// What policies see of an account, or of one that has no id yet.
fn view(caller: &Caller, id: Option<ServiceAccountId>, name: &str, roles: &[Role]) -> Value {
    let id = id.map_or_else(String::new, |id| id.to_string());
    caller.view_of(Kind::ServiceAccounts, &id, json!({"name": name, "roles": texts(roles)}))
}

fn permits(caller: &Caller, action: &str, ServiceAccount { id, name, roles, .. }: &ServiceAccount) -> Result<()> {
    caller.require_on(Kind::ServiceAccounts, action, || view(caller, Some(*id), name, roles))
}

/// # Errors
/// `forbidden`, or `not_found` when the caller may not even see it.
fn permit(caller: &Caller, action: &str, account: &store::ServiceAccount) -> Result<()> {
    let account = ServiceAccount::from(account.clone());
    if !sees(caller, &account) {
        return Err(unknown());
    }
    permits(caller, action, &account)
}

fn sees(caller: &Caller, account: &ServiceAccount) -> bool {
    permits(caller, "view", account).is_ok()
}

fn unknown() -> ControlError {
    ControlError::not_found("service account")
}

/// What a new account is to be.
#[derive(Debug, Clone, Default)]
pub struct NewServiceAccount {
    pub name: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    pub attributes: Properties,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ServiceAccountPatch {
    pub roles: Option<Vec<String>>,
    /// Takes the place of all groups.
    pub groups: Option<Vec<String>>,
    /// Takes the place of all attributes.
    pub attributes: Option<Properties>,
}

fn checked(attributes: &Properties) -> Result<()> {
    check_properties(attributes).map_err(|error| ControlError::invalid_field("/attributes", error.to_string()))
}

/// # Errors
/// `forbidden`, `email_not_verified`, `validation_failed`, `conflict` when the name is taken.
pub async fn create(
    control: &Control,
    caller: &Caller,
    new: &NewServiceAccount,
    key: Option<&Key>,
) -> Result<ServiceAccount> {
    caller.require_some(Kind::ServiceAccounts, "create")?;
    let name: Name = new
        .name
        .parse()
        .map_err(|error| ControlError::invalid_field("/name", format!("{error}")))?;
    let roles = parse_roles(&new.roles)?;
    let groups = parse_groups(&new.groups)?;
    checked(&new.attributes)?;
    caller.require_on(Kind::ServiceAccounts, "create", || {
        view(caller, None, name.as_str(), &roles)
    })?;
    let id = ServiceAccountId::generate();
    let wanted = Somebody {
        actor: Actor::service_account(id, name.as_str()),
        email: None,
        standing: Standing {
            roles,
            groups,
            attributes: new.attributes.clone(),
        },
    };
    require_grant(caller, None, Some(&wanted))?;
    require_verified(control, caller).await?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(account) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(account);
    }
    let created = store::create(&mut tx, scope, id, name.as_str(), &stored(wanted.standing)).await;
    let account = ServiceAccount::from(created.map_err(|error| taken(error, &name))?);
    idempotency::keep(key, &mut tx, scope, &account).await?;
    tx.commit().await?;
    Ok(account)
}

fn stored(standing: Standing) -> Stored {
    Stored {
        roles: texts(&standing.roles),
        groups: standing.groups,
        attributes: Value::Object(standing.attributes),
    }
}

fn taken(error: StoreError, name: &Name) -> ControlError {
    if !error.is_taken("service_accounts_name") {
        return error.into();
    }
    let detail = format!("a service account has the name `{name}`: choose another one");
    let errors = vec![FieldError::new("/name", "is taken")];
    ControlError {
        errors,
        ..ControlError::new(Code::Conflict, detail)
    }
}

/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller, id: ServiceAccountId) -> Result<ServiceAccount> {
    caller.require_some(Kind::ServiceAccounts, "view")?;
    let found = store::get(control.store(), &caller.scope, id).await?;
    found.map(ServiceAccount::from).ok_or_else(unknown)
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<ServiceAccount>> {
    caller.require_some(Kind::ServiceAccounts, "view")?;
    let after = request.position()?;
    let rows = store::list(control.store(), &caller.scope, after, request.fetch()?).await?;
    Ok(request.page(rows, |row| row.id)?.map(ServiceAccount::from))
}

/// Gives the account other roles, groups or attributes; its tokens have them at once.
///
/// # Errors
/// `forbidden`, `not_found`, `validation_failed`, `idempotency_key_reused`.
pub async fn update(
    control: &Control,
    caller: &Caller,
    id: ServiceAccountId,
    patch: &ServiceAccountPatch,
    key: Option<&Key>,
) -> Result<ServiceAccount> {
    caller.require_some(Kind::ServiceAccounts, "update")?;
    if patch.roles.is_none() && patch.groups.is_none() && patch.attributes.is_none() {
        return Err(standing::nothing_changes());
    }
    let wanted = patch.roles.as_deref().map(parse_roles).transpose()?;
    let groups = patch.groups.as_deref().map(parse_groups).transpose()?;
    patch.attributes.as_ref().map(checked).transpose()?;
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(account) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(account);
    }
    let before = store::lock(&mut tx, &caller.scope, id).await?.ok_or_else(unknown)?;
    permit(caller, "update", &before)?;
    let before = ServiceAccount::from(before);
    let wanted = ServiceAccount {
        roles: wanted.unwrap_or_else(|| before.roles.clone()),
        groups: groups.unwrap_or_else(|| before.groups.clone()),
        attributes: patch.attributes.clone().unwrap_or_else(|| before.attributes.clone()),
        ..before.clone()
    };
    if wanted == before {
        idempotency::keep(key, &mut tx, &caller.scope, &before).await?;
        tx.commit().await?;
        return Ok(before);
    }
    // As the account is, and as it becomes.
    permits(caller, "update", &wanted)?;
    let wanted = Somebody::from(wanted);
    require_grant(caller, Some(&before.clone().into()), Some(&wanted))?;
    if !may_invite(caller, &wanted, &before.roles) {
        invitation::revoke_by(&mut tx, &caller.scope, &id.to_string()).await?;
    }
    let after = store::update(&mut tx, &caller.scope, id, &stored(wanted.standing)).await?;
    let after = after.map(ServiceAccount::from).ok_or_else(unknown)?;
    let hashes = store::token_hashes(&mut tx, &caller.scope, id).await?;
    idempotency::keep(key, &mut tx, &caller.scope, &after).await?;
    tx.commit().await?;
    forget(control, &hashes).await;
    Ok(after)
}

/// Deletes the account; its tokens end at once, and so do its open invitations.
///
/// # Errors
/// `forbidden`, `not_found`, `idempotency_key_reused`.
pub async fn delete(control: &Control, caller: &Caller, id: ServiceAccountId, key: Option<&Key>) -> Result<()> {
    caller.require_some(Kind::ServiceAccounts, "delete")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(done);
    }
    let before = store::lock(&mut tx, &caller.scope, id).await?.ok_or_else(unknown)?;
    permit(caller, "delete", &before)?;
    require_grant(caller, Some(&ServiceAccount::from(before).into()), None)?;
    let hashes = store::token_hashes(&mut tx, &caller.scope, id).await?;
    invitation::revoke_by(&mut tx, &caller.scope, &id.to_string()).await?;
    store::delete(&mut tx, &caller.scope, id).await?;
    idempotency::keep(key, &mut tx, &caller.scope, &()).await?;
    tx.commit().await?;
    forget(control, &hashes).await;
    sql::drop_ended(control, caller).await;
    Ok(())
}

/// What is remembered of these tokens is no longer so.
async fn forget(control: &Control, token_hashes: &[Vec<u8>]) {
    for hash in token_hashes {
        control.identities().forget_token(hash).await;
    }
}
