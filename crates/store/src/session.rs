//! Logins of users, kept by the hash of their secret.

use jiff::Timestamp;
use plinth_model::id::{SessionId, UserId};
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::DirectoryTx;

/// A login that is about to begin.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: SessionId,
    pub user: UserId,
    /// The hash that the password was checked against.
    pub password_hash: &'a str,
    pub token_hash: &'a [u8],
    /// `cookie` or `bearer`.
    pub kind: &'a str,
    pub user_agent: &'a str,
    pub address: &'a str,
    pub lifetime_secs: f64,
}

row! {
    /// Whose secret it is.
    pub struct Bearer {
        pub session_id: Uuid,
        pub user_id: Uuid,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub email: String,
        pub name: String,
        pub email_verified_at: Option<Timestamp>,
    }
}

row! {
    pub struct Session {
        pub id: Uuid,
        pub kind: String,
        pub user_agent: String,
        pub address: String,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }
}

row! {
    struct End {
        expires_at: Timestamp,
    }
}

row! {
    struct Secret {
        token_hash: Vec<u8>,
    }
}

/// When the session ends; `None` when the user's password is no longer the one that was checked.
///
/// # Errors
/// [`crate::StoreError`] when the directory cannot be reached; so for each function of this module.
pub async fn create(tx: &mut DirectoryTx, session: &NewSession<'_>) -> Result<Option<Timestamp>> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 8] = [
        &session.id.0,
        &session.user.0,
        &session.password_hash,
        &session.token_hash,
        &session.kind,
        &session.user_agent,
        &session.address,
        &session.lifetime_secs,
    ];
    let end: Option<End> = tx.row(sql!("directory/session/create"), &params).await?;
    Ok(end.map(|end| end.expires_at))
}

/// The session that has not ended.
pub async fn find(tx: &mut DirectoryTx, token_hash: &[u8]) -> Result<Option<Bearer>> {
    tx.row(sql!("directory/session/find"), &[&token_hash]).await
}

/// The user's sessions that have not ended, newest first, 500 at most.
pub async fn list(tx: &mut DirectoryTx, user: UserId) -> Result<Vec<Session>> {
    tx.rows(sql!("directory/session/list"), &[&user.0]).await
}

/// Ends a session of the user; gives the hash of its secret.
pub async fn delete(tx: &mut DirectoryTx, user: UserId, session: SessionId) -> Result<Option<Vec<u8>>> {
    let secret: Option<Secret> = tx.row(sql!("directory/session/delete"), &[&user.0, &session.0]).await?;
    Ok(secret.map(|secret| secret.token_hash))
}

/// Ends all sessions of the user; gives the hashes of their secrets.
pub async fn delete_all(tx: &mut DirectoryTx, user: UserId) -> Result<Vec<Vec<u8>>> {
    let secrets: Vec<Secret> = tx.rows(sql!("directory/session/delete_all"), &[&user.0]).await?;
    Ok(secrets.into_iter().map(|secret| secret.token_hash).collect())
}

/// The hashes of the secrets of all sessions of the user.
pub async fn secrets(tx: &mut DirectoryTx, user: UserId) -> Result<Vec<Vec<u8>>> {
    let secrets: Vec<Secret> = tx.rows(sql!("directory/session/secrets"), &[&user.0]).await?;
    Ok(secrets.into_iter().map(|secret| secret.token_hash).collect())
}

/// Drops sessions that have ended.
pub async fn forget(tx: &mut DirectoryTx) -> Result<usize> {
    tx.count(sql!("directory/session/forget"), &[]).await
}
