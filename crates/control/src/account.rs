//! People and their logins: sign-up, login and logout. Knows no org: a user without any is a user all the same.

mod limit;
mod password;
mod profile;
mod recovery;
mod session;

use jiff::Timestamp;
use plinth_model::Signals;
use plinth_model::id::{SessionId, UserId};
use plinth_store::{DirectoryTx, account as store};

use crate::auth::Verified;
use crate::error::{Code, ControlError, FieldError, Result};
use crate::{Control, ControlConfig, mail, token};

pub use password::Password;
pub(crate) use profile::email;
pub use recovery::{confirm_reset, confirm_verification, request_reset, request_verification};
pub use session::{Session, log_out, revoke_session, sessions};

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl From<store::User> for User {
    fn from(user: store::User) -> Self {
        Self {
            id: UserId(user.id),
            email: user.email,
            name: user.name,
            email_verified_at: user.email_verified_at,
            created_at: user.created_at,
        }
    }
}

/// How the bearer of a session shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionKind {
    /// A browser, for two weeks; what it changes needs a CSRF token as well.
    Cookie,
    /// A program, for 30 days.
    #[default]
    Bearer,
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

/// A session that has just begun: the only time that its secret is known.
#[derive(Clone)]
pub struct Login {
    pub user: User,
    pub session: SessionId,
    pub kind: SessionKind,
    pub token: String,
    pub expires_at: Timestamp,
    /// For a cookie.
    pub csrf_token: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user.id)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
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
    let user = charge(control, &email).await?;
    let expected = user.as_ref().map(|user| user.password_hash.clone());
    let matches = accounts.hasher.matches(credentials.password, expected).await?;
    let Some(user) = user.filter(|_| matches) else {
        return Err(wrong());
    };
    let mut tx = control.store().directory().await?;
    store::clear_attempts(&mut tx, &key(&email)).await?;
    let login = session::begin(control, &mut tx, signals, user, credentials.session).await?;
    tx.commit().await?;
    Ok(login)
}

/// Lock-out is by the hash of the address, whether or not somebody has it.
fn key(email: &str) -> Vec<u8> {
    token::hash(email)
}

/// Counts the attempt, and reads who is meant.
async fn charge(control: &Control, email: &str) -> Result<Option<store::User>> {
    let mut tx = control.store().directory().await?;
    if !store::charge_attempt(&mut tx, &key(email)).await? {
        return Err(locked_out(&mut tx, email).await?);
    }
    let user = store::find(&mut tx, email).await?;
    tx.commit().await?;
    Ok(user)
}

async fn locked_out(tx: &mut DirectoryTx, email: &str) -> Result<ControlError> {
    let secs = store::locked_secs(tx, &key(email))
        .await?
        .unwrap_or(1)
        .max(1)
        .unsigned_abs();
    let detail = format!(
        "too many wrong passwords for this e-mail address: try again in {} min, or reset your password",
        secs.div_ceil(60)
    );
    Ok(ControlError::new(Code::LockedOut, detail).retry_after(secs))
}

fn wrong() -> ControlError {
    ControlError::new(Code::Unauthenticated, "e-mail address or password is wrong")
}

/// # Errors
/// `not_found` when the user is gone.
pub async fn user(control: &Control, id: UserId) -> Result<User> {
    let mut tx = control.store().directory().await?;
    let user = store::get(&mut tx, id).await?;
    user.map(User::from).ok_or_else(|| ControlError::not_found("user"))
}

/// Whether the user has shown that the address is theirs.
pub(crate) fn verified(at: Option<Timestamp>) -> Verified {
    if at.is_some() { Verified::Yes } else { Verified::No }
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
