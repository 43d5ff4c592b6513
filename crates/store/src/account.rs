//! Users of the directory, the single-use secrets that travel to them by e-mail, and who guesses their passwords.

use jiff::Timestamp;
use plinth_model::id::UserId;
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::DirectoryTx;

row! {
    pub struct User {
        pub id: Uuid,
        /// Lower case.
        pub email: String,
        pub name: String,
        /// PHC string.
        pub password_hash: String,
        pub email_verified_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }
}

/// What a secret in an e-mail is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Verify,
    Reset,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }
}

row! {
    struct Owner {
        user_id: Uuid,
    }
}

row! {
    struct Lock {
        secs: i64,
    }
}

/// # Errors
/// [`crate::StoreError`]: `Taken` by `users_email_key` when somebody has this address; else, here and in each function
/// of this module, when the directory cannot be reached.
pub async fn create(
    tx: &mut DirectoryTx,
    id: UserId,
    email: &str,
    name: &str,
    password_hash: &str,
) -> Result<Option<User>> {
    tx.row(sql!("directory/user/create"), &[&id.0, &email, &name, &password_hash])
        .await
}

pub async fn find(tx: &mut DirectoryTx, email: &str) -> Result<Option<User>> {
    tx.row(sql!("directory/user/find"), &[&email]).await
}

pub async fn get(tx: &mut DirectoryTx, id: UserId) -> Result<Option<User>> {
    tx.row(sql!("directory/user/get"), &[&id.0]).await
}

/// The user has shown that the address is theirs.
pub async fn verify(tx: &mut DirectoryTx, id: UserId) -> Result<usize> {
    tx.count(sql!("directory/user/verify"), &[&id.0]).await
}

pub async fn set_password(tx: &mut DirectoryTx, id: UserId, password_hash: &str) -> Result<Option<User>> {
    tx.row(sql!("directory/user/set_password"), &[&id.0, &password_hash])
        .await
}

/// Counts an attempt to log in as wrong until [`clear_attempts`]; `false` when the address is locked, and nothing counted.
pub async fn charge_attempt(tx: &mut DirectoryTx, email_hash: &[u8]) -> Result<bool> {
    Ok(tx.count(sql!("directory/login_failure/charge"), &[&email_hash]).await? == 1)
}

/// For how many seconds the address is still locked.
pub async fn locked_secs(tx: &mut DirectoryTx, email_hash: &[u8]) -> Result<Option<i64>> {
    let lock: Option<Lock> = tx.row(sql!("directory/login_failure/locked"), &[&email_hash]).await?;
    Ok(lock.map(|lock| lock.secs))
}

pub async fn clear_attempts(tx: &mut DirectoryTx, email_hash: &[u8]) -> Result<usize> {
    tx.count(sql!("directory/login_failure/clear"), &[&email_hash]).await
}

/// Drops failures that count for nothing any more.
pub async fn forget_attempts(tx: &mut DirectoryTx) -> Result<usize> {
    tx.count(sql!("directory/login_failure/forget"), &[]).await
}

pub async fn create_token(
    tx: &mut DirectoryTx,
    user: UserId,
    purpose: Purpose,
    token_hash: &[u8],
    lifetime_secs: f64,
) -> Result<usize> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&token_hash, &user.0, &purpose.as_str(), &lifetime_secs];
    tx.count(sql!("directory/email_token/create"), &params).await
}

/// Uses the secret up; `None` when it was used before, is too old, or never was.
pub async fn take_token(tx: &mut DirectoryTx, purpose: Purpose, token_hash: &[u8]) -> Result<Option<UserId>> {
    let owner: Option<Owner> = tx
        .row(sql!("directory/email_token/take"), &[&token_hash, &purpose.as_str()])
        .await?;
    Ok(owner.map(|owner| UserId(owner.user_id)))
}

/// Makes all secrets of this purpose void that are still under way to the user.
pub async fn drop_tokens(tx: &mut DirectoryTx, user: UserId, purpose: Purpose) -> Result<usize> {
    tx.count(sql!("directory/email_token/drop"), &[&user.0, &purpose.as_str()])
        .await
}

/// Drops secrets that are too old to be used.
pub async fn forget_tokens(tx: &mut DirectoryTx) -> Result<usize> {
    tx.count(sql!("directory/email_token/forget"), &[]).await
}
