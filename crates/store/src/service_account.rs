//! Service accounts and their tokens. Tokens are kept as hashes.

use jiff::Timestamp;
use plinth_model::id::{OrgId, ServiceAccountId, TokenId};
use plinth_model::{Actor, Scope};
use serde_json::Value;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::member::{Standing, known};
use crate::row::{FromRow, actor, column, row};
use crate::sql;
use crate::tx::Tx;

row! {
    /// The account that a token belongs to.
    pub struct AuthenticatedAccount {
        pub id: Uuid,
        pub name: String,
        pub roles: Vec<String>,
        pub groups: Vec<String>,
        pub attributes: Value,
        /// When the token was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
}

/// The account of a live token of this org; `None` when it is expired, revoked, or of another org.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function of this module, unless it says more.
pub async fn authenticate(store: &Store, org: OrgId, token_hash: &[u8]) -> Result<Option<AuthenticatedAccount>> {
    let scope = Scope::system("authenticate", org);
    let found = store
        .once(&scope, sql!("service_account/authenticate"), &[&org.0, &token_hash])
        .await;
    Ok(known(found)?.and_then(|rows: Vec<AuthenticatedAccount>| rows.into_iter().next()))
}

#[derive(Debug, Clone)]
pub struct ServiceAccount {
    pub id: ServiceAccountId,
    pub name: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    pub attributes: Value,
    pub created_by: Actor,
    pub created_at: Timestamp,
}

impl FromRow for ServiceAccount {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            id: ServiceAccountId(column(row, "id")?),
            name: column(row, "name")?,
            roles: column(row, "roles")?,
            groups: column(row, "groups")?,
            attributes: column(row, "attributes")?,
            created_by: actor(column(row, "created_by")?)?,
            created_at: column(row, "created_at")?,
        })
    }
}

/// # Errors
/// [`StoreError`]: `Taken` (`service_accounts_name`).
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    id: ServiceAccountId,
    name: &str,
    standing: &Standing,
) -> Result<ServiceAccount> {
    let created_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let Standing {
        roles,
        groups,
        attributes,
    } = standing;
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&scope.org.0, &id.0, &name, roles, groups, attributes, &created_by];
    let row = tx.row(sql!("service_account/create"), &params).await?;
    row.ok_or_else(|| StoreError::internal("create", "no row came back"))
}

pub async fn get(store: &Store, scope: &Scope, id: ServiceAccountId) -> Result<Option<ServiceAccount>> {
    Ok(store
        .read(scope, sql!("service_account/get"), &[&scope.org.0, &id.0])
        .await?
        .into_iter()
        .next())
}

/// The account, held until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: ServiceAccountId) -> Result<Option<ServiceAccount>> {
    tx.row(sql!("service_account/lock"), &[&scope.org.0, &id.0]).await
}

/// Oldest first, after this one.
pub async fn list(
    store: &Store,
    scope: &Scope,
    after: Option<ServiceAccountId>,
    limit: i64,
) -> Result<Vec<ServiceAccount>> {
    let after = after.map(|id| id.0);
    store
        .read(scope, sql!("service_account/list"), &[&scope.org.0, &after, &limit])
        .await
}

pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    id: ServiceAccountId,
    standing: &Standing,
) -> Result<Option<ServiceAccount>> {
    let Standing {
        roles,
        groups,
        attributes,
    } = standing;
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] = [&scope.org.0, &id.0, roles, groups, attributes];
    tx.row(sql!("service_account/update"), &params).await
}

/// Deletes the account and its tokens.
pub async fn delete(tx: &mut Tx, scope: &Scope, id: ServiceAccountId) -> Result<usize> {
    tx.count(sql!("service_account/delete"), &[&scope.org.0, &id.0]).await
}

row! {
    struct Seen {
        id: Uuid,
    }
}

/// Those of these accounts that the policies of the org let the actor see.
pub async fn seen(store: &Store, scope: &Scope, accounts: &[Uuid]) -> Result<Vec<ServiceAccountId>> {
    let rows: Vec<Seen> = store
        .read(scope, sql!("service_account/seen"), &[&scope.org.0, &accounts])
        .await?;
    Ok(rows.into_iter().map(|row| ServiceAccountId(row.id)).collect())
}

#[derive(Debug, Clone)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl FromRow for Token {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            id: TokenId(column(row, "id")?),
            name: column(row, "name")?,
            created_by: actor(column(row, "created_by")?)?,
            created_at: column(row, "created_at")?,
            expires_at: column(row, "expires_at")?,
            revoked_at: column(row, "revoked_at")?,
        })
    }
}

#[derive(Debug)]
pub struct NewToken<'a> {
    pub id: TokenId,
    pub account: ServiceAccountId,
    pub name: &'a str,
    pub token_hash: &'a [u8],
    pub expires_in_secs: f64,
}

pub async fn issue(tx: &mut Tx, scope: &Scope, new: &NewToken<'_>) -> Result<Token> {
    let created_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &scope.org.0,
        &new.id.0,
        &new.account.0,
        &new.name,
        &new.token_hash,
        &created_by,
        &new.expires_in_secs,
    ];
    let row = tx.row(sql!("service_account/issue"), &params).await?;
    row.ok_or_else(|| StoreError::internal("issue", "no row came back"))
}

/// Newest first, before this one; revoked and expired ones too.
pub async fn tokens(
    store: &Store,
    scope: &Scope,
    account: ServiceAccountId,
    before: Option<TokenId>,
    limit: i64,
) -> Result<Vec<Token>> {
    let before = before.map(|id| id.0);
    store
        .once(
            scope,
            sql!("service_account/tokens"),
            &[&scope.org.0, &account.0, &before, &limit],
        )
        .await
}

/// A token of the account, a revoked or expired one too.
pub async fn token(tx: &mut Tx, scope: &Scope, account: ServiceAccountId, token: TokenId) -> Result<Option<Token>> {
    tx.row(sql!("service_account/token"), &[&scope.org.0, &account.0, &token.0])
        .await
}

row! {
    struct Hash {
        token_hash: Vec<u8>,
    }
}

/// Ends a token; its hash, so that whoever remembers it can forget it.
pub async fn revoke(tx: &mut Tx, scope: &Scope, account: ServiceAccountId, token: TokenId) -> Result<Option<Vec<u8>>> {
    let row = tx
        .row::<Hash>(sql!("service_account/revoke"), &[&scope.org.0, &account.0, &token.0])
        .await?;
    Ok(row.map(|row| row.token_hash))
}

/// The hashes of all tokens that the account ever had.
pub async fn token_hashes(tx: &mut Tx, scope: &Scope, account: ServiceAccountId) -> Result<Vec<Vec<u8>>> {
    let rows: Vec<Hash> = tx
        .rows(sql!("service_account/token_hashes"), &[&scope.org.0, &account.0])
        .await?;
    Ok(rows.into_iter().map(|row| row.token_hash).collect())
}
