//! Service accounts: principals of an org that are programs, and the tokens with which they get in.
//!
//! Nobody may make an account, or a token of one, that can do more than they could give away themselves.

use jiff::Timestamp;
use plinth_model::id::{ServiceAccountId, TokenId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Name, Role};
use plinth_store::{StoreError, invitation, service_account as store};

use crate::error::{Code, ControlError, FieldError, Result};
use crate::member::{known_roles, may_invite, parse_roles, require_grant, texts};
use crate::org::require_verified;
use crate::page::{Page, PageRequest};
use crate::token::{self, TokenKind};
use crate::{Caller, Control};

const DAY_SECS: u64 = 24 * 3600;
const DEFAULT_LIFETIME_SECS: u64 = 90 * DAY_SECS;
const SHORTEST_LIFETIME_SECS: u64 = 60;
const LONGEST_LIFETIME_SECS: u64 = 365 * DAY_SECS;
const LONGEST_TOKEN_NAME_CHARS: usize = 100;

#[derive(Debug, Clone, PartialEq)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub name: String,
    pub roles: Vec<Role>,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

impl From<store::ServiceAccount> for ServiceAccount {
    fn from(row: store::ServiceAccount) -> Self {
        Self {
            id: row.id,
            name: row.name,
            roles: known_roles(&row.roles),
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl From<store::Token> for Token {
    fn from(row: store::Token) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A token together with its secret, which is not kept.
pub struct Issued {
    pub token: Token,
    pub secret: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("token", &self.token).finish_non_exhaustive()
    }
}

fn unknown() -> ControlError {
    ControlError::not_found("service account")
}

/// # Errors
/// `forbidden`, `email_not_verified`, `validation_failed`, `conflict` when the name is taken.
pub async fn create(control: &Control, caller: &Caller, name: &str, roles: &[String]) -> Result<ServiceAccount> {
    caller.require(Kind::ServiceAccounts, "create")?;
    let name: Name = name.parse().map_err(|error| ControlError::invalid_field("/name", format!("{error}")))?;
    let roles = parse_roles(roles)?;
    require_grant(caller, Kind::ServiceAccounts, &[], &roles)?;
    require_verified(control, caller).await?;
    let id = ServiceAccountId::generate();
    let created = store::create(control.store(), &caller.scope, id, name.as_str(), &texts(&roles)).await;
    Ok(created.map_err(|error| taken(error, &name))?.into())
}

fn taken(error: StoreError, name: &Name) -> ControlError {
    if !error.is_taken("service_accounts_name") {
        return error.into();
    }
    let detail = format!("a service account has the name `{name}`: choose another one");
    let errors = vec![FieldError::new("/name", "is taken")];
    ControlError { errors, ..ControlError::new(Code::Conflict, detail) }
}

/// # Errors
/// `forbidden`, `not_found`.
pub async fn get(control: &Control, caller: &Caller, id: ServiceAccountId) -> Result<ServiceAccount> {
    caller.require(Kind::ServiceAccounts, "view")?;
    let found = store::get(control.store(), &caller.scope, id).await?;
    found.map(ServiceAccount::from).ok_or_else(unknown)
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<ServiceAccount>> {
    caller.require(Kind::ServiceAccounts, "view")?;
    let after = request.position()?;
    let rows = store::list(control.store(), &caller.scope, after, request.fetch()?).await?;
    Ok(request.page(rows, |row| row.id)?.map(ServiceAccount::from))
}

/// Gives the account other roles; its tokens have them at once.
///
/// # Errors
/// `forbidden`, `not_found`, `validation_failed`.
pub async fn set_roles(
    control: &Control,
    caller: &Caller,
    id: ServiceAccountId,
    roles: &[String],
) -> Result<ServiceAccount> {
    caller.require(Kind::ServiceAccounts, "update")?;
    let roles = parse_roles(roles)?;
    let mut tx = control.store().begin(&caller.scope).await?;
    let before = store::lock(&mut tx, &caller.scope, id).await?.ok_or_else(unknown)?;
    require_grant(caller, Kind::ServiceAccounts, &known_roles(&before.roles), &roles)?;
    if !may_invite(&roles, &known_roles(&before.roles)) {
        invitation::revoke_by(&mut tx, &caller.scope, &id.to_string()).await?;
    }
    let after = store::set_roles(&mut tx, &caller.scope, id, &texts(&roles)).await?;
    let hashes = store::token_hashes(&mut tx, &caller.scope, id).await?;
    tx.commit().await?;
    forget(control, &hashes).await;
    after.map(ServiceAccount::from).ok_or_else(unknown)
}

/// Deletes the account; its tokens end at once, and so do its open invitations.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn delete(control: &Control, caller: &Caller, id: ServiceAccountId) -> Result<()> {
    caller.require(Kind::ServiceAccounts, "delete")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    let before = store::lock(&mut tx, &caller.scope, id).await?.ok_or_else(unknown)?;
    require_grant(caller, Kind::ServiceAccounts, &known_roles(&before.roles), &[])?;
    let hashes = store::token_hashes(&mut tx, &caller.scope, id).await?;
    invitation::revoke_by(&mut tx, &caller.scope, &id.to_string()).await?;
    store::delete(&mut tx, &caller.scope, id).await?;
    tx.commit().await?;
    forget(control, &hashes).await;
    Ok(())
}

/// Makes a token of the account. Its secret is in the answer and nowhere else.
///
/// # Errors
/// `forbidden`, `email_not_verified`, `not_found`, `validation_failed`.
pub async fn issue(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    name: &str,
    expires_in_secs: Option<u64>,
) -> Result<Issued> {
    caller.require(Kind::ServiceAccounts, "update")?;
    let lifetime_secs = check_token(name, expires_in_secs)?;
    require_verified(control, caller).await?;
    let secret = token::generate(TokenKind::ServiceAccount, Some(caller.scope.org));
    let new = store::NewToken {
        id: TokenId::generate(),
        account,
        name: name.trim(),
        token_hash: &token::hash(&secret),
        expires_in_secs: f64::from(lifetime_secs),
    };
    let mut tx = control.store().begin(&caller.scope).await?;
    let found = store::lock(&mut tx, &caller.scope, account).await?.ok_or_else(unknown)?;
    require_grant(caller, Kind::ServiceAccounts, &[], &known_roles(&found.roles))?;
    let token = store::issue(&mut tx, &caller.scope, &new).await?;
    tx.commit().await?;
    Ok(Issued { token: token.into(), secret })
}

/// The token's lifetime.
fn check_token(name: &str, expires_in_secs: Option<u64>) -> Result<u32> {
    let mut errors = Vec::new();
    let named = (1..=LONGEST_TOKEN_NAME_CHARS).contains(&name.trim().chars().count());
    if !named || name.chars().any(char::is_control) {
        let message = format!("must be 1 to {LONGEST_TOKEN_NAME_CHARS} characters, none of them a control character");
        errors.push(FieldError::new("/name", message));
    }
    let secs = expires_in_secs.unwrap_or(DEFAULT_LIFETIME_SECS);
    let bounds = SHORTEST_LIFETIME_SECS..=LONGEST_LIFETIME_SECS;
    let lifetime = u32::try_from(secs).ok().filter(|_| bounds.contains(&secs));
    if lifetime.is_none() {
        let message = format!("must be {SHORTEST_LIFETIME_SECS} (a minute) to {LONGEST_LIFETIME_SECS} (a year)");
        errors.push(FieldError::new("/expires_in_secs", message));
    }
    lifetime.filter(|_| errors.is_empty()).ok_or_else(|| ControlError::invalid(errors))
}

/// Newest first, with those that are revoked or have run out.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid_request`, `invalid_cursor`.
pub async fn tokens(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    request: &PageRequest,
) -> Result<Page<Token>> {
    let before = request.position()?;
    get(control, caller, account).await?;
    let rows = store::tokens(control.store(), &caller.scope, account, before, request.fetch()?).await?;
    Ok(request.page(rows, |row| row.id)?.map(Token::from))
}

/// Ends a token at once.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn revoke(control: &Control, caller: &Caller, account: ServiceAccountId, token: TokenId) -> Result<()> {
    caller.require(Kind::ServiceAccounts, "update")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    let hash = store::revoke(&mut tx, &caller.scope, account, token).await?;
    let hash = hash.ok_or_else(|| ControlError::not_found("token"))?;
    tx.commit().await?;
    forget(control, &[hash]).await;
    Ok(())
}

/// What is remembered of these tokens is no longer so.
async fn forget(control: &Control, token_hashes: &[Vec<u8>]) {
    for hash in token_hashes {
        control.identities().forget_token(hash).await;
    }
}
