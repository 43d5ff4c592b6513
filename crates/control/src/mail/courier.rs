//! The background task that carries queued mail to a mail server, or into a folder while developing.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use plinth_model::Id;
use plinth_store::mail::{self as store, Email};

use crate::error::{ControlError, Result};
use crate::{Control, MailTransport};

/// Looks for mail that other servers queued, and for retries that are due.
const INTERVAL: Duration = Duration::from_secs(3);
/// For one command of the protocol, and for the whole delivery: less than a message is claimed for.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(150);
/// With the back-off below: given up after about three days.
const MOST_ATTEMPTS: i32 = 21;
const LONGEST_PAUSE_SECS: f64 = 6.0 * 3600.0;

/// One way out of the house.
enum Courier {
    Folder(PathBuf),
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// Trying again would give the same answer.
    #[error("refused for good: {0}")]
    Permanent(String),
    #[error("not now: {0}")]
    Transient(String),
}

enum Step {
    /// There may be more.
    Delivered,
    Idle,
}

/// Sends mail until the control plane shuts down; the message under way is finished first. Runs on each server.
///
/// # Errors
/// `internal`, at once, when the configured transport or sender makes no sense.
pub async fn deliver(control: Control) -> Result<()> {
    let config = control.config();
    let courier = Courier::new(&config.mail).map_err(ControlError::internal)?;
    let from = sender(&config.mail_from).map_err(ControlError::internal)?;
    while !control.shutdown().is_cancelled() {
        match step(&control, &courier, &from).await {
            Ok(Step::Delivered) => continue,
            Ok(Step::Idle) => {}
            Err(error) => tracing::warn!(%error, cause = ?error.cause, "mail cannot be sent now"),
        }
        tokio::select! {
            () = control.shutdown().cancelled() => {}
            () = control.postbox().ready.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
    Ok(())
}

async fn step(control: &Control, courier: &Courier, from: &Mailbox) -> Result<Step> {
    let mut tx = control.store().directory().await?;
    let email = store::claim(&mut tx).await?;
    tx.commit().await?;
    let Some(email) = email else { return Ok(Step::Idle) };
    let outcome = courier.send(from, &email).await;
    let mut tx = control.store().directory().await?;
    record(&mut tx, courier, &email, outcome).await?;
    tx.commit().await?;
    Ok(Step::Delivered)
}

async fn record(
    tx: &mut plinth_store::DirectoryTx,
    courier: &Courier,
    email: &Email,
    outcome: std::result::Result<(), Refusal>,
) -> Result<()> {
    let id = Id(email.id).text("mail");
    match (outcome, courier) {
        (Ok(()), Courier::Folder(_)) => store::filed(tx, email.id).await?,
        (Ok(()), Courier::Smtp(_)) => store::sent(tx, email.id).await?,
        (Err(Refusal::Transient(error)), _) if email.attempts < MOST_ATTEMPTS => {
            tracing::warn!(mail = id, attempts = email.attempts, error, "mail is tried again later");
            store::retry(tx, email.id, pause_secs(email.attempts), &error).await?
        }
        (Err(error), _) => {
            tracing::error!(mail = id, attempts = email.attempts, %error, "mail is given up");
            store::give_up(tx, email.id, &error.to_string()).await?
        }
    };
    Ok(())
}

/// 15 s, 30 s, 1 min ... 6 h.
fn pause_secs(attempts: i32) -> f64 {
    (15.0 * 2_f64.powi(attempts.max(1) - 1)).min(LONGEST_PAUSE_SECS)
}

/// Says what is wrong with the settings of mail before a server starts that could not send any. Nothing is sent.
///
/// # Errors
/// One line for the operator, without the password of the URL.
pub fn check(transport: &MailTransport, from: &str) -> std::result::Result<(), String> {
    Courier::new(transport)?;
    sender(from)?;
    if let MailTransport::Outbox(folder) = transport {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("`outbox`: cannot make the folder `{}`: {error}", folder.display()))?;
    }
    Ok(())
}

fn sender(text: &str) -> std::result::Result<Mailbox, String> {
    let wrong = |error| format!("`mail_from` must be an address such as `Example <no-reply@example.com>`: {error}");
    text.parse().map_err(wrong)
}

impl Courier {
    fn new(transport: &MailTransport) -> std::result::Result<Self, String> {
        match transport {
            MailTransport::Outbox(folder) => Ok(Self::Folder(folder.clone())),
            MailTransport::Smtp { url } => {
                require_tls(url)?;
                // The URL may hold a password, and the library's error the URL.
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|_| "`smtp_url` must be a URL such as smtps://user:password@mail.example.com:465")?;
                Ok(Self::Smtp(Box::new(transport.timeout(Some(COMMAND_TIMEOUT)).build())))
            }
        }
    }

    async fn send(&self, from: &Mailbox, email: &Email) -> std::result::Result<(), Refusal> {
        let message = message(from, email).map_err(Refusal::Permanent)?;
        match self {
            Self::Folder(folder) => file(folder, email, &message.formatted())
                .await
                .map_err(|error| Refusal::Transient(error.to_string())),
            Self::Smtp(transport) => match tokio::time::timeout(DELIVERY_TIMEOUT, transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) if error.is_permanent() => Err(Refusal::Permanent(causes(&error))),
                Ok(Err(error)) => Err(Refusal::Transient(causes(&error))),
                Err(_) => Err(Refusal::Transient("the mail server takes too long".to_owned())),
            },
        }
    }
}

/// An error with what it came from: the mail server's own words stand at the end.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn message(from: &Mailbox, email: &Email) -> std::result::Result<lettre::Message, String> {
    let to: Mailbox = email.recipient.parse().map_err(|error| format!("recipient: {error}"))?;
    let host = from.email.domain();
    lettre::Message::builder()
        .from(from.clone())
        .to(to)
        .subject(email.subject.clone())
        // The same in each attempt, so that a mailbox can tell a repetition.
        .message_id(Some(format!("<{}@{host}>", Id(email.id).text("mail"))))
        .header(ContentType::TEXT_PLAIN)
        .body(email.body.clone())
        .map_err(|error| error.to_string())
}

/// Under a name of its own, and whole or not at all: filing a message twice leaves one file.
async fn file(folder: &Path, email: &Email, text: &[u8]) -> std::io::Result<()> {
    let name = Id(email.id).text("mail");
    let (draft, done) = (folder.join(format!(".{name}")), folder.join(format!("{name}.eml")));
    tokio::fs::create_dir_all(folder).await?;
    tokio::fs::write(&draft, text).await?;
    tokio::fs::rename(&draft, &done).await
}

/// Without TLS anybody on the way reads the links: `smtp://` has to say `?tls=`, unless the server is this machine.
fn require_tls(url: &str) -> std::result::Result<(), &'static str> {
    let Some(rest) = url.strip_prefix("smtp://") else {
        return Ok(());
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let says_how = url.split_once('?').is_some_and(|(_, query)| query.contains("tls="));
    if local || says_how {
        return Ok(());
    }
    Err("`smtp_url` would send in the clear: begin it with `smtps://`, or add `?tls=required`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_does_not_cross_a_network_in_the_clear_by_accident() {
        for good in [
            "smtps://mail.example",
            "smtp://u:p@mail.example:587?tls=required",
            "smtp://[::1]:25",
            "smtp://127.0.0.1:2525",
        ] {
            assert!(require_tls(good).is_ok(), "{good}");
        }
        for bad in [
            "smtp://mail.example",
            "smtp://localhost@mail.example:25",
            "smtp://127.0.0.1.example/",
        ] {
            assert!(require_tls(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_is_given_up_after_days_rather_than_hours() {
        let total: f64 = (1..MOST_ATTEMPTS).map(pause_secs).sum();
        assert!((2.0..4.0).contains(&(total / 86_400.0)), "{total}");
    }
}
