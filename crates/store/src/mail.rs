//! Outgoing mail, as the directory keeps it until it is sent. Knows nothing of SMTP.

use jiff::Timestamp;
use plinth_model::Id;
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::DirectoryTx;

row! {
    pub struct Email {
        pub id: Uuid,
        pub recipient: String,
        pub subject: String,
        /// Plain text; empty once a message has left by SMTP.
        pub body: String,
        /// Deliveries begun, this one included.
        pub attempts: i32,
        pub created_at: Timestamp,
    }
}

/// # Errors
/// [`crate::StoreError`] when the directory cannot be reached; so for each function of this module.
pub async fn enqueue(tx: &mut DirectoryTx, recipient: &str, subject: &str, body: &str) -> Result<usize> {
    tx.count(
        sql!("directory/email/enqueue"),
        &[&Id::generate().0, &recipient, &subject, &body],
    )
    .await
}

/// Takes the message that is due first. It is due again in three minutes, unless its end is recorded before.
pub async fn claim(tx: &mut DirectoryTx) -> Result<Option<Email>> {
    tx.row(sql!("directory/email/claim"), &[]).await
}

/// A server took it; its text is dropped.
pub async fn sent(tx: &mut DirectoryTx, id: Uuid) -> Result<usize> {
    tx.count(sql!("directory/email/sent"), &[&id]).await
}

/// It lies in the outbox, and stays readable.
pub async fn filed(tx: &mut DirectoryTx, id: Uuid) -> Result<usize> {
    tx.count(sql!("directory/email/filed"), &[&id]).await
}

pub async fn retry(tx: &mut DirectoryTx, id: Uuid, after_secs: f64, error: &str) -> Result<usize> {
    tx.count(sql!("directory/email/retry"), &[&id, &after_secs, &error])
        .await
}

pub async fn give_up(tx: &mut DirectoryTx, id: Uuid, error: &str) -> Result<usize> {
    tx.count(sql!("directory/email/give_up"), &[&id, &error]).await
}

/// The newest 200, newest first.
pub async fn list(tx: &mut DirectoryTx) -> Result<Vec<Email>> {
    tx.rows(sql!("directory/email/list"), &[]).await
}

/// Drops what left more than 30 days ago.
pub async fn forget(tx: &mut DirectoryTx) -> Result<usize> {
    tx.count(sql!("directory/email/forget"), &[]).await
}
