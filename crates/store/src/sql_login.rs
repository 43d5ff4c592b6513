//! Logins of service accounts to a cell's database: roles of the database server, made and dropped with their rows.
//! See `migrations/cell/V8__sql_access.sql`.

use jiff::Timestamp;
use plinth_model::id::{ServiceAccountId, SqlLoginId};
use plinth_model::{Actor, Scope};
use postgres_protocol::password::scram_sha_256;
use serde::{Deserialize, Serialize};

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::row::{FromRow, actor, column, row};
use crate::sql;
use crate::tx::{SystemTx, Tx};

/// A login, without its password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqlLogin {
    pub id: SqlLoginId,
    pub name: String,
    /// The role of the database server: the user name to log in with.
    pub login: String,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl FromRow for SqlLogin {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            id: SqlLoginId(column(row, "id")?),
            name: column(row, "name")?,
            login: column(row, "login")?,
            created_by: actor(column(row, "created_by")?)?,
            created_at: column(row, "created_at")?,
            expires_at: column(row, "expires_at")?,
            revoked_at: column(row, "revoked_at")?,
        })
    }
}

/// What a new login is to be.
#[derive(Debug)]
pub struct NewSqlLogin<'a> {
    pub account: ServiceAccountId,
    pub name: &'a str,
    pub password: &'a str,
    pub expires_in_secs: f64,
}

/// The login and its role. The database server gets no more of the password than what it needs to check it.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function of this module.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewSqlLogin<'_>) -> Result<SqlLogin> {
    let id = SqlLoginId::generate();
    let created_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let verifier = scram_sha_256(new.password.as_bytes());
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 8] = [
        &scope.org.0,
        &id.0,
        &new.account.0,
        &new.name,
        &format!("plinth_{id}"),
        &created_by,
        &new.expires_in_secs,
        &verifier,
    ];
    let row = tx.row(sql!("sql_login/create"), &params).await?;
    row.ok_or_else(|| StoreError::internal("create", "no row came back"))
}

/// How many live ones the org has.
pub async fn count(tx: &mut Tx, scope: &Scope) -> Result<usize> {
    tx.count(sql!("sql_login/count"), &[&scope.org.0]).await
}

row! {
    /// What an org, and its cell's server, have for one more login.
    pub struct Room {
        pub plan: String,
        /// Most logins of the org at a time, where it is not as its plan says.
        pub quota: Option<i64>,
        /// Connections.
        pub has_room: bool,
        /// Transactions that outlive their session, and so the end of a login, with all that they have locked.
        pub keeps_transactions: bool,
    }
}

/// Whether there is room for one more; of several who ask for an org, the next one waits for the commit.
pub async fn room(tx: &mut Tx, scope: &Scope) -> Result<Room> {
    let found: Option<Room> = tx.row(sql!("sql_login/room"), &[&scope.org.0]).await?;
    found.ok_or_else(|| StoreError::internal("room", "no row came back"))
}

/// Newest first, before this one; revoked and expired ones too.
pub async fn list(
    store: &Store,
    scope: &Scope,
    account: ServiceAccountId,
    before: Option<SqlLoginId>,
    limit: i64,
) -> Result<Vec<SqlLogin>> {
    let before = before.map(|id| id.0);
    store
        .once(
            scope,
            sql!("sql_login/list"),
            &[&scope.org.0, &account.0, &before, &limit],
        )
        .await
}

/// A login of the account, a revoked or expired one too.
pub async fn get(tx: &mut Tx, scope: &Scope, account: ServiceAccountId, id: SqlLoginId) -> Result<Option<SqlLogin>> {
    tx.row(sql!("sql_login/get"), &[&scope.org.0, &account.0, &id.0]).await
}

/// Shuts a login out and ends its sessions; whether there was one. Its role is left to [`drop_ended_of`].
pub async fn revoke(tx: &mut Tx, scope: &Scope, account: ServiceAccountId, id: SqlLoginId) -> Result<bool> {
    let ended = tx
        .count(sql!("sql_login/revoke"), &[&scope.org.0, &account.0, &id.0])
        .await?;
    Ok(ended > 0)
}

/// Ends those that have run out, and sessions that hold a transaction open for long; how many logins.
pub async fn expire(tx: &mut SystemTx) -> Result<usize> {
    tx.count(sql!("sql_login/end_long"), &[]).await?;
    tx.count(sql!("sql_login/expire"), &[]).await
}

/// Drops the roles of logins that ended in a transaction before this one.
pub async fn drop_ended(tx: &mut SystemTx) -> Result<()> {
    tx.count(sql!("sql_login/drop_ended"), &[]).await?;
    Ok(())
}

/// As [`drop_ended`], at once, by who has ended one.
pub async fn drop_ended_of(store: &Store, scope: &Scope) -> Result<()> {
    let mut tx = store.begin(scope).await?;
    tx.count(sql!("sql_login/drop_ended"), &[]).await?;
    tx.commit().await
}

row! {
    struct Ended {
        ended: i64,
    }
}

/// Ends sessions of logins for which a server waits; how many.
pub async fn end_blocking(tx: &mut SystemTx) -> Result<i64> {
    let found: Option<Ended> = tx.row(sql!("sql_login/end_blocking"), &[]).await?;
    Ok(found.map_or(0, |found| found.ended))
}
