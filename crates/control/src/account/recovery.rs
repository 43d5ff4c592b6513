//! Links by e-mail that show whose mailbox it is: to confirm the address, and to choose a new password.

use plinth_model::Signals;
use plinth_model::id::UserId;
use plinth_store::account::{self as store, Purpose};
use plinth_store::{DirectoryTx, session};

use super::password::Password;
use super::{lockout, profile};
use crate::auth::{Identity, Verified};
use crate::error::{Code, ControlError, Result};
use crate::token::{self, TokenKind};
use crate::{Control, mail};

const VERIFY_SECS: f64 = 3.0 * 86_400.0;
const RESET_SECS: f64 = 3600.0;

pub(super) async fn send_verification(control: &Control, tx: &mut DirectoryTx, user: &store::User) -> Result<()> {
    let token = issue(tx, UserId(user.id), Purpose::Verify, VERIFY_SECS).await?;
    mail::enqueue(
        tx,
        &mail::compose_verification(control, &user.email, &user.name, &token),
    )
    .await
}

async fn issue(tx: &mut DirectoryTx, user: UserId, purpose: Purpose, lifetime_secs: f64) -> Result<String> {
    let token = token::generate(TokenKind::Email, None);
    store::create_token(tx, user, purpose, &token::hash(&token), lifetime_secs).await?;
    Ok(token)
}

/// Sends the link again; links sent before stay good. Nothing happens when the address is confirmed already.
///
/// # Errors
/// `invalid_request` when the caller is no user; `rate_limited` when the mailbox had several of them just now.
pub async fn request_verification(control: &Control, identity: &Identity) -> Result<()> {
    let Identity::User {
        id, email, verified, ..
    } = identity
    else {
        return Err(ControlError::new(
            Code::InvalidRequest,
            "only a user has an e-mail address to confirm",
        ));
    };
    if *verified == Verified::Yes {
        return Ok(());
    }
    control.accounts().limits.mail(email)?;
    let mut tx = control.store().directory().await?;
    let Some(user) = store::get(&mut tx, *id).await? else {
        return Ok(());
    };
    send_verification(control, &mut tx, &user).await?;
    tx.commit().await?;
    mail::nudge(control);
    Ok(())
}

/// The address is the user's: the token came by mail to it. Needs no login, as the mail may be read elsewhere.
///
/// # Errors
/// `validation_failed` when the token was used, is too old or never was; `rate_limited`.
pub async fn confirm_verification(control: &Control, signals: &Signals, token: &str) -> Result<()> {
    control.accounts().limits.log_in(signals)?;
    let mut tx = control.store().directory().await?;
    let user = take(&mut tx, Purpose::Verify, token).await?;
    store::verify(&mut tx, user).await?;
    store::drop_tokens(&mut tx, user, Purpose::Verify).await?;
    let secrets = session::secrets(&mut tx, user).await?;
    tx.commit().await?;
    forget(control, &secrets).await;
    Ok(())
}

/// Sends a link to choose a new password, if somebody has this address; the answer is the same if nobody does.
///
/// # Errors
/// `rate_limited`, by the asker's network address.
pub async fn request_reset(control: &Control, signals: &Signals, email: &str) -> Result<()> {
    control.accounts().limits.reset(signals)?;
    let Ok(email) = profile::email(email) else {
        return Ok(());
    };
    // Not an error of its own: it would tell that the address is known.
    if control.accounts().limits.mail(&email).is_err() {
        return Ok(());
    }
    let mut tx = control.store().directory().await?;
    let Some(user) = store::find(&mut tx, &email).await? else {
        return Ok(());
    };
    let token = issue(&mut tx, UserId(user.id), Purpose::Reset, RESET_SECS).await?;
    mail::enqueue(&mut tx, &mail::compose_reset(control, &user.email, &user.name, &token)).await?;
    tx.commit().await?;
    mail::nudge(control);
    Ok(())
}

/// Sets the password, ends all sessions and any lock-out; all other links of the user are void. The address is confirmed
/// by it, too.
///
/// # Errors
/// `validation_failed` when the password may not be chosen (the token stays good then), or the token was used, is too
/// old or never was; `rate_limited`.
pub async fn confirm_reset(control: &Control, signals: &Signals, token: &str, password: Password) -> Result<()> {
    let accounts = control.accounts();
    accounts.limits.log_in(signals)?;
    password
        .check()
        .map_err(|message| ControlError::invalid_field("/password", message))?;
    let password_hash = accounts.hasher.hash(password).await?;
    let mut tx = control.store().directory().await?;
    let user = take(&mut tx, Purpose::Reset, token).await?;
    let changed = store::set_password(&mut tx, user, &password_hash)
        .await?
        .ok_or_else(void)?;
    store::verify(&mut tx, user).await?;
    lockout::clear(&mut tx, &changed.email).await?;
    for purpose in [Purpose::Reset, Purpose::Verify] {
        store::drop_tokens(&mut tx, user, purpose).await?;
    }
    let secrets = session::delete_all(&mut tx, user).await?;
    tx.commit().await?;
    forget(control, &secrets).await;
    Ok(())
}

async fn take(tx: &mut DirectoryTx, purpose: Purpose, token: &str) -> Result<UserId> {
    store::take_token(tx, purpose, &token::hash(token))
        .await?
        .ok_or_else(void)
}

fn void() -> ControlError {
    ControlError::invalid_field("/token", "was used already or is too old: ask for a new link")
}

async fn forget(control: &Control, secrets: &[Vec<u8>]) {
    for token_hash in secrets {
        control.identities().forget_token(token_hash).await;
    }
}
