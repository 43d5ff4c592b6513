//! Tokens of service accounts: shown once, kept as hashes. What is kept for a repeated request is sealed.

use jiff::Timestamp;
use plinth_model::Actor;
use plinth_model::id::{Id, ServiceAccountId, TokenId};
use plinth_model::permission::Kind;
use plinth_store::resource::Sealed;
use plinth_store::{Tx, service_account as store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ServiceAccount, forget, get, sees, unknown};
use crate::error::{ControlError, FieldError, Result};
use crate::grant::require_grant;
use crate::idempotency::{self, Key};
use crate::org::require_verified;
use crate::page::{Page, PageRequest};
use crate::secret::Owner;
use crate::token::{self, TokenKind};
use crate::{Caller, Control};

const DAY_SECS: u64 = 24 * 3600;
const DEFAULT_LIFETIME_SECS: u64 = 90 * DAY_SECS;
const SHORTEST_LIFETIME_SECS: u64 = 60;
const LONGEST_LIFETIME_SECS: u64 = 365 * DAY_SECS;
const LONGEST_NAME_CHARS: usize = 100;

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        f.debug_struct("Issued")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// What a new token is to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub name: String,
    /// A minute to a year; 90 days when unset.
    pub expires_in_secs: Option<u64>,
}

/// The kept answer to a request with an `Idempotency-Key`.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept<T> {
    credential: T,
    secret: Sealed,
}

/// Makes a token of the account. Its secret is in the answer and nowhere else in readable form.
///
/// # Errors
/// `forbidden`, `email_not_verified`, `not_found`, `validation_failed`.
pub async fn issue(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    new: &NewToken,
    key: Option<&Key>,
) -> Result<Issued> {
    caller.require_some(Kind::Tokens, "create")?;
    let lifetime_secs = check(new)?;
    require_verified(control, caller).await?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(kept) = idempotency::replay(key, &mut tx, scope).await? {
        let (token, secret) = unseal(control, &mut tx, caller, kept, |token: &Token| token.id.0).await?;
        return Ok(Issued { token, secret });
    }
    let found = account_of(&mut tx, caller, account).await?;
    require_making(caller, &found, new.name.trim())?;
    let issued = write(&mut tx, caller, account, new.name.trim(), lifetime_secs).await?;
    if key.is_some() {
        let sealed = (issued.token.id.0, issued.token.clone(), issued.secret.as_str());
        let kept = seal(control, &mut tx, caller, sealed).await?;
        idempotency::keep(key, &mut tx, scope, &kept).await?;
    }
    tx.commit().await?;
    Ok(issued)
}

/// The account, locked, as far as the caller may see it.
pub(super) async fn account_of(tx: &mut Tx, caller: &Caller, account: ServiceAccountId) -> Result<ServiceAccount> {
    let found = store::lock(tx, &caller.scope, account).await?;
    let found = found.map(ServiceAccount::from);
    found.filter(|account| sees(caller, account)).ok_or_else(unknown)
}

/// For whoever makes a token, or an SQL login, of the account: with it they are the account.
///
/// # Errors
/// `forbidden`.
pub(super) fn require_making(caller: &Caller, account: &ServiceAccount, name: &str) -> Result<()> {
    caller.require_on(Kind::Tokens, "create", || view(caller, account.id, "", name))?;
    require_grant(caller, None, Some(&account.clone().into()))
}

/// What policies see of a token or an SQL login, or of one that has no id yet.
pub(super) fn view(caller: &Caller, account: ServiceAccountId, id: &str, name: &str) -> Value {
    let rest = json!({"name": name, "service_account": account.to_string()});
    caller.view_of(Kind::Tokens, id, rest)
}

/// For whoever ends one.
///
/// # Errors
/// `forbidden`, or `not_found` when the caller may not even see it; `what` it is then.
pub(super) fn require_ending(
    caller: &Caller,
    account: ServiceAccountId,
    found: Option<(String, &str)>,
    what: &str,
) -> Result<()> {
    let seen = found.map(|(id, name)| view(caller, account, &id, name));
    let seen = seen.filter(|view| caller.permits(Kind::Tokens, "view", || view.clone()));
    let seen = seen.ok_or_else(|| ControlError::not_found(what))?;
    caller.require_on(Kind::Tokens, "delete", || seen)
}

/// A page of what the caller may see of a longer list.
pub(super) struct Sieve<T> {
    /// As many as are wanted, and as are read at once.
    pub limit: i64,
    pub items: Vec<T>,
}

impl<T> Sieve<T> {
    /// # Errors
    /// As [`PageRequest::fetch`].
    pub fn of(request: &PageRequest) -> Result<Self> {
        Ok(Self {
            limit: request.fetch()?,
            items: Vec::new(),
        })
    }

    /// Takes the next rows; whether there are enough, or no more.
    pub fn take(&mut self, rows: Vec<T>, sees: impl Fn(&T) -> bool) -> bool {
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = rows.len() < wanted;
        self.items.extend(rows.into_iter().filter(sees));
        self.items.truncate(wanted);
        is_last || self.items.len() == wanted
    }
}

async fn write(
    tx: &mut Tx,
    caller: &Caller,
    account: ServiceAccountId,
    name: &str,
    lifetime_secs: u32,
) -> Result<Issued> {
    let secret = token::generate(TokenKind::ServiceAccount, Some(caller.scope.org));
    let new = store::NewToken {
        id: TokenId::generate(),
        account,
        name,
        token_hash: &token::hash(&secret),
        expires_in_secs: f64::from(lifetime_secs),
    };
    let token = store::issue(tx, &caller.scope, &new).await?.into();
    Ok(Issued { token, secret })
}

fn owner(caller: &Caller, id: Uuid) -> Owner {
    Owner {
        org: caller.scope.org,
        id: Id(id),
    }
}

/// What is kept of a credential with this id.
pub(super) async fn seal<T>(
    control: &Control,
    tx: &mut Tx,
    caller: &Caller,
    (id, credential, secret): (Uuid, T, &str),
) -> Result<Kept<T>> {
    let values = [("/secret".to_owned(), Value::String(secret.to_owned()))];
    let secret = control
        .keys()
        .seal(tx, &caller.scope, owner(caller, id), &values)
        .await?;
    Ok(Kept { credential, secret })
}

/// The credential and its secret.
pub(super) async fn unseal<T>(
    control: &Control,
    tx: &mut Tx,
    caller: &Caller,
    kept: Kept<T>,
    id: impl FnOnce(&T) -> Uuid,
) -> Result<(T, String)> {
    let Kept { credential, secret } = kept;
    let owner = owner(caller, id(&credential));
    let values = control.keys().open(tx, &caller.scope, owner, &secret).await?;
    let secret = values
        .into_iter()
        .find_map(|(_, value)| value.as_str().map(str::to_owned));
    let secret = secret.ok_or_else(|| ControlError::internal("a kept credential has no secret"))?;
    Ok((credential, secret))
}

/// The credential's lifetime in seconds.
pub(super) fn check(NewToken { name, expires_in_secs }: &NewToken) -> Result<u32> {
    let mut errors = Vec::new();
    let named = (1..=LONGEST_NAME_CHARS).contains(&name.trim().chars().count());
    if !named || name.chars().any(char::is_control) {
        let message = format!("must be 1 to {LONGEST_NAME_CHARS} characters, none of them a control character");
        errors.push(FieldError::new("/name", message));
    }
    let secs = expires_in_secs.unwrap_or(DEFAULT_LIFETIME_SECS);
    let bounds = SHORTEST_LIFETIME_SECS..=LONGEST_LIFETIME_SECS;
    let lifetime = u32::try_from(secs).ok().filter(|_| bounds.contains(&secs));
    if lifetime.is_none() {
        let message = format!("must be {SHORTEST_LIFETIME_SECS} (a minute) to {LONGEST_LIFETIME_SECS} (a year)");
        errors.push(FieldError::new("/expires_in_secs", message));
    }
    lifetime
        .filter(|_| errors.is_empty())
        .ok_or_else(|| ControlError::invalid(errors))
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
    let mut before = request.position()?;
    get(control, caller, account).await?;
    caller.require_some(Kind::Tokens, "view")?;
    let is_seen = |row: &store::Token| {
        let view = || view(caller, account, &row.id.to_string(), &row.name);
        caller.permits(Kind::Tokens, "view", view)
    };
    let mut sieve = Sieve::of(request)?;
    loop {
        let rows = store::tokens(control.store(), &caller.scope, account, before, sieve.limit).await?;
        before = rows.last().map(|row| row.id);
        if sieve.take(rows, is_seen) {
            return Ok(request.page(sieve.items, |row| row.id)?.map(Token::from));
        }
    }
}

/// Ends a token at once.
///
/// # Errors
/// `forbidden`, `not_found`, `idempotency_key_reused`.
pub async fn revoke(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    token: TokenId,
    key: Option<&Key>,
) -> Result<()> {
    caller.require_some(Kind::Tokens, "delete")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(done);
    }
    account_of(&mut tx, caller, account).await?;
    let found = store::token(&mut tx, &caller.scope, account, token).await?;
    let named = found.as_ref().map(|found| (token.to_string(), found.name.as_str()));
    require_ending(caller, account, named, "token")?;
    let hash = store::revoke(&mut tx, &caller.scope, account, token).await?;
    let hash = hash.ok_or_else(|| ControlError::not_found("token"))?;
    idempotency::keep(key, &mut tx, &caller.scope, &()).await?;
    tx.commit().await?;
    forget(control, &[hash]).await;
    Ok(())
}
