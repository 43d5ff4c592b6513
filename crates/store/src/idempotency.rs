//! Answers kept for repeated requests, in the transaction of the work that they are the answer to.

use plinth_model::Scope;
use serde_json::Value;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::{DirectoryTx, SystemTx, Tx};

row! {
    /// What a request with this key was, and what it was answered.
    pub struct Kept {
        pub request_hash: Vec<u8>,
        pub body: Option<Value>,
    }
}

/// Takes the key; `Some` when an earlier request has it. Waits for one that is still under way.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn reserve(tx: &mut Tx, scope: &Scope, key: &str, request_hash: &[u8]) -> Result<Option<Kept>> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [&scope.org.0, &scope.actor.id, &key, &request_hash];
    if tx.count(sql!("idempotency/reserve"), &params).await? == 1 {
        return Ok(None);
    }
    tx.row(sql!("idempotency/find"), &[&scope.org.0, &scope.actor.id, &key])
        .await
}

/// Keeps the answer; it becomes visible with the work itself.
pub async fn answer(tx: &mut Tx, scope: &Scope, key: &str, body: &Value) -> Result<()> {
    tx.count(sql!("idempotency/answer"), &[&scope.org.0, &scope.actor.id, &key, body])
        .await?;
    Ok(())
}

/// Frees the key as long as this is what is kept under it.
pub async fn give_back(tx: &mut Tx, scope: &Scope, key: &str, body: &Value) -> Result<()> {
    tx.count(
        sql!("idempotency/give_back"),
        &[&scope.org.0, &scope.actor.id, &key, body],
    )
    .await?;
    Ok(())
}

/// Drops keys that are older than a day.
pub async fn forget(tx: &mut SystemTx) -> Result<usize> {
    tx.count(sql!("idempotency/forget"), &[]).await
}

/// What a user's request outside of any org was answered.
pub async fn find_of_user(tx: &mut DirectoryTx, actor_id: &str, key: &str) -> Result<Option<Kept>> {
    tx.row(sql!("directory/idempotency/find"), &[&actor_id, &key]).await
}

/// Keeps the answer to a user's request outside of any org; 0 when the key has one already.
pub async fn keep_of_user(
    tx: &mut DirectoryTx,
    actor_id: &str,
    key: &str,
    request_hash: &[u8],
    body: &Value,
) -> Result<usize> {
    tx.count(
        sql!("directory/idempotency/keep"),
        &[&actor_id, &key, &request_hash, body],
    )
    .await
}

/// Drops users' keys that are older than a day.
pub async fn forget_of_users(tx: &mut DirectoryTx) -> Result<usize> {
    tx.count(sql!("directory/idempotency/forget"), &[]).await
}
