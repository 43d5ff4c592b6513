//! Logins that last: how they begin, are listed and end.

use jiff::Timestamp;
use plinth_model::Signals;
use plinth_model::id::{SessionId, UserId};
use plinth_store::session::{self as store, NewSession};
use plinth_store::{DirectoryTx, account};

use super::password::wrong;
use super::user::User;
use crate::Control;
use crate::auth::{self, Identity};
use crate::error::{Code, ControlError, Result};
use crate::token::{self, TokenKind};

const DAY_SECS: f64 = 86_400.0;
const LONGEST_USER_AGENT_CHARS: usize = 300;

/// How the bearer of a session shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionKind {
    /// A browser, for two weeks; what it changes needs a CSRF token as well.
    Cookie,
    /// A program, for 30 days.
    #[default]
    Bearer,
}

impl SessionKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }

    fn lifetime_secs(self) -> f64 {
        match self {
            Self::Cookie => 14.0 * DAY_SECS,
            Self::Bearer => 30.0 * DAY_SECS,
        }
    }
}

/// A login, as its user sees it.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub kind: SessionKind,
    pub user_agent: String,
    /// Where it began.
    pub address: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
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

/// For somebody who has just shown the password. `unauthenticated` when it has been changed meanwhile.
pub(super) async fn begin(
    control: &Control,
    tx: &mut DirectoryTx,
    signals: &Signals,
    user: account::User,
    kind: SessionKind,
) -> Result<Login> {
    let token = token::generate(TokenKind::Session, None);
    let session = NewSession {
        id: SessionId::generate(),
        user: UserId(user.id),
        password_hash: &user.password_hash,
        token_hash: &token::hash(&token),
        kind: kind.as_str(),
        user_agent: &signals
            .user_agent
            .chars()
            .take(LONGEST_USER_AGENT_CHARS)
            .collect::<String>(),
        address: &signals.address,
        lifetime_secs: kind.lifetime_secs(),
    };
    let expires_at = store::create(tx, &session).await?.ok_or_else(wrong)?;
    let csrf_token = (kind == SessionKind::Cookie).then(|| auth::csrf_token(control, session.id));
    Ok(Login {
        session: session.id,
        user: User::from(user),
        kind,
        token,
        expires_at,
        csrf_token,
    })
}

/// Ends the session that the caller came with.
///
/// # Errors
/// `invalid_request` when the caller is no user: tokens of programs are revoked instead.
pub async fn log_out(control: &Control, identity: &Identity) -> Result<()> {
    let Identity::User { id, session, .. } = identity else {
        return Err(ControlError::new(
            Code::InvalidRequest,
            "only a user's session can be logged out; revoke the token",
        ));
    };
    end(control, *id, *session).await.map(drop)
}

/// The user's sessions, newest first.
///
/// # Errors
/// `unavailable` when the directory cannot be reached.
pub async fn sessions(control: &Control, user: UserId) -> Result<Vec<Session>> {
    let mut tx = control.store().directory().await?;
    Ok(store::list(&mut tx, user)
        .await?
        .into_iter()
        .map(Session::from)
        .collect())
}

/// Ends a session of the user.
///
/// # Errors
/// `not_found` when the user has no such session.
pub async fn revoke_session(control: &Control, user: UserId, session: SessionId) -> Result<()> {
    match end(control, user, session).await? {
        Some(_) => Ok(()),
        None => Err(ControlError::not_found("session")),
    }
}

async fn end(control: &Control, user: UserId, session: SessionId) -> Result<Option<()>> {
    let mut tx = control.store().directory().await?;
    let ended = store::delete(&mut tx, user, session).await?;
    tx.commit().await?;
    let Some(token_hash) = ended else { return Ok(None) };
    control.identities().forget_token(&token_hash).await;
    Ok(Some(()))
}

impl From<store::Session> for Session {
    fn from(session: store::Session) -> Self {
        Self {
            id: SessionId(session.id),
            kind: if session.kind == "cookie" {
                SessionKind::Cookie
            } else {
                SessionKind::Bearer
            },
            user_agent: session.user_agent,
            address: session.address,
            created_at: session.created_at,
            expires_at: session.expires_at,
        }
    }
}
