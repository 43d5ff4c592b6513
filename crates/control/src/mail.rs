//! Mail to people: written in the transaction that causes it, sent afterwards by a background task.
//!
//! A message is sent at least once: a server that dies between the mail server's answer and the note of it sends again.

mod courier;
mod text;

use jiff::Timestamp;
use plinth_model::Id;
use plinth_store::{DirectoryTx, mail as store};
use tokio::sync::Notify;

use crate::error::{ControlError, Result};
use crate::{Control, MailTransport};

pub use courier::{check, deliver};
pub use text::{Invite, compose_invitation, compose_reset, compose_verification};

/// A plain-text message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub recipient: String,
    pub subject: String,
    pub body: String,
}

/// Wakes the task that sends, when there is something to send.
#[derive(Debug, Default)]
pub(crate) struct Postbox {
    ready: Notify,
}

/// Puts a message into the queue; it goes out when `tx` is committed. Call [`nudge`] then, so that it goes at once.
///
/// # Errors
/// `unavailable` when the directory cannot be reached.
pub async fn enqueue(tx: &mut DirectoryTx, message: &Message) -> Result<()> {
    store::enqueue(tx, &message.recipient, &message.subject, &message.body).await?;
    Ok(())
}

/// Wakes this process's delivery task; without it mail leaves some seconds later.
pub fn nudge(control: &Control) {
    control.postbox().ready.notify_one();
}

/// A message as the outbox page shows it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: String,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub created_at: Timestamp,
}

/// The newest messages, newest first, while developing; it holds everybody's secrets, so there is none elsewhere.
///
/// # Errors
/// `not_found` unless this is a development server that keeps its mail.
pub async fn outbox(control: &Control) -> Result<Vec<Sent>> {
    if !control.config().development || !matches!(control.config().mail, MailTransport::Outbox(_)) {
        return Err(ControlError::not_found("page"));
    }
    let mut tx = control.store().directory().await?;
    let emails = store::list(&mut tx).await?;
    Ok(emails.into_iter().map(Sent::from).collect())
}

impl From<store::Email> for Sent {
    fn from(email: store::Email) -> Self {
        Self {
            id: Id(email.id).text("mail"),
            recipient: email.recipient,
            subject: email.subject,
            body: email.body,
            created_at: email.created_at,
        }
    }
}
