//! People and their logins: sign-up, login and logout. Knows no org: a user without any is a user all the same.

mod limit;
mod lockout;
mod password;
mod profile;
mod recovery;
mod session;
mod user;

use plinth_model::Signals;
use plinth_model::id::UserId;
use plinth_store::account as store;

use crate::error::{Code, ControlError, FieldError, Result};
use crate::{Control, ControlConfig, mail, signal};
use password::wrong;

pub use password::Password;
pub(crate) use profile::email;
pub use recovery::{confirm_reset, confirm_verification, request_reset, request_verification};
pub use session::{Login, Session, SessionKind, log_out, revoke_session, sessions};
pub use user::{User, user};

/// What keeps guessers and their load in check.
#[derive(Debug)]
pub(crate) struct Accounts {
    limits: limit::Limits,
    hasher: password::Hasher,
}

impl Accounts {
    pub(crate) fn new(config: &ControlConfig) -> Self {
        Self {
            limits: limit::Limits::new(config.development),
            hasher: password::Hasher::default(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct SignUp {
    pub email: String,
    pub name: String,
    pub password: Password,
    pub session: SessionKind,
}

#[derive(Debug, Clone)]
pub struct Credentials {
    pub email: String,
    pub password: Password,
    pub session: SessionKind,
}

/// Creates a user and logs it in; a link to confirm the e-mail address is on its way.
///
/// # Errors
/// `validation_failed`; `conflict` at `/email` when the address has a user; `rate_limited`.
pub async fn sign_up(control: &Control, signals: &Signals, new: SignUp) -> Result<Login> {
    let accounts = control.accounts();
    accounts.limits.sign_up(signals)?;
    let (email, name) = check(&new)?;
    let password_hash = accounts.hasher.hash(new.password).await?;
    let mut tx = control.store().directory().await?;
    let created = store::create(&mut tx, UserId::generate(), &email, &name, &password_hash).await;
    let user = match created {
        Err(error) if error.is_taken("users_email_key") => return Err(taken()),
        created => created?.ok_or_else(|| ControlError::internal("sign-up returned no row"))?,
    };
    recovery::send_verification(control, &mut tx, &user).await?;
    signal::note_login(control, &mut tx, signals, UserId(user.id)).await?;
    let login = session::begin(control, &mut tx, signals, user, new.session).await?;
    tx.commit().await?;
    mail::nudge(control);
    Ok(login)
}

fn check(new: &SignUp) -> Result<(String, String)> {
    match (
        profile::email(&new.email),
        profile::name(&new.name),
        new.password.check(),
    ) {
        (Ok(email), Ok(name), Ok(())) => Ok((email, name)),
        (email, name, password) => {
            let at = |pointer, message: String| FieldError::new(pointer, message);
            let errors = [
                email.err().map(|message| at("/email", message)),
                name.err().map(|message| at("/name", message)),
                password.err().map(|message| at("/password", message)),
            ];
            Err(ControlError::invalid(errors.into_iter().flatten().collect()))
        }
    }
}

fn taken() -> ControlError {
    let errors = vec![FieldError::new("/email", "has an account already")];
    let detail = "this e-mail address has an account already: log in, or reset your password";
    ControlError {
        errors,
        ..ControlError::new(Code::Conflict, detail)
    }
}

/// Checks e-mail address and password. For an address that nobody has, answer, work and lock-out are the same.
///
/// # Errors
/// `unauthenticated`, whichever of the two is wrong; `locked_out` after too many wrong ones; `rate_limited`.
pub async fn log_in(control: &Control, signals: &Signals, credentials: Credentials) -> Result<Login> {
    let accounts = control.accounts();
    accounts.limits.log_in(signals)?;
    // What is no address cannot be anybody's, so that saying so at once tells nothing.
    let Ok(email) = profile::email(&credentials.email) else {
        return Err(wrong());
    };
    let user = lockout::charge(control, &email).await?;
    let expected = user.as_ref().map(|user| user.password_hash.clone());
    let matches = accounts.hasher.matches(credentials.password, expected).await?;
    let id = user.as_ref().map(|user| UserId(user.id));
    let (Some(user), Some(id)) = (user.filter(|_| matches), id) else {
        id.iter().for_each(|id| signal::note_failure(control, signals, *id));
        return Err(wrong());
    };
    let mut tx = control.store().directory().await?;
    lockout::clear(&mut tx, &email).await?;
    let is_new_device = signal::note_login(control, &mut tx, signals, id).await?;
    let login = session::begin(control, &mut tx, signals, user, credentials.session).await?;
    tx.commit().await?;
    if is_new_device {
        signal::tell_of(control, id).await;
    }
    Ok(login)
}

/// Drops what has run out: sessions, links, guesses, mail that left long ago. One step of background work.
///
/// # Errors
/// `unavailable` when the directory cannot be reached.
pub async fn sweep(control: &Control) -> Result<usize> {
    control.accounts().limits.forget_idle();
    let mut tx = control.store().directory().await?;
    let count = plinth_store::session::forget(&mut tx).await?
        + store::forget_tokens(&mut tx).await?
        + store::forget_attempts(&mut tx).await?
        + plinth_store::mail::forget(&mut tx).await?;
    tx.commit().await?;
    Ok(count)
}
