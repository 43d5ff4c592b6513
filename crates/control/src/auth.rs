//! From a bearer secret to who it is, and from there into an org.
//!
//! What was looked up is remembered for five seconds, so that most requests need no query of their own for it. Logout,
//! revocation and changes of roles are followed at once by the server that made them, and within those five seconds by
//! the others. The end of a session or token is checked with each use, remembered or not.

mod csrf;
mod operator;

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plinth_model::id::{OrgId, ServiceAccountId, SessionId, UserId};
use plinth_model::{Actor, RequestId, Scope, Signals};
use plinth_policy::view::Authentication;
use plinth_store::{directory, member, service_account, session};
use serde_json::Value;

use crate::circumstance::Circumstances;
use crate::error::{Code, ControlError, Result};
use crate::recent::Recent;
use crate::standing::{Standing, flat, known_roles};
use crate::token::{self, TokenKind};
use crate::{Caller, Control, signal, zone};

pub use crate::identity::{Identity, Verified};
pub use csrf::{check_csrf, csrf_token};
pub use operator::{OperatorKind, new_operator_token, register_operator};

/// An identity, and when its secret ends.
#[derive(Debug, Clone)]
struct Known {
    identity: Identity,
    expires_at: Option<Timestamp>,
}

impl Known {
    /// `None` from the moment on at which the secret ends.
    fn at(self, now: Timestamp) -> Option<Identity> {
        self.expires_at.is_none_or(|end| now < end).then_some(self.identity)
    }
}

/// By the text of its id, in an org.
type Principal = (OrgId, String);
/// From where a principal has asked: an address, and its country.
type Place = (Principal, Option<IpAddr>, Option<String>);

/// What was looked up in the last seconds.
#[derive(Debug, Default)]
pub struct Identities {
    tokens: Recent<Vec<u8>, Known>,
    slugs: Recent<String, OrgId>,
    members: Recent<(OrgId, UserId), Standing>,
    pub(crate) zones: Recent<OrgId, TimeZone>,
    pub(crate) risks: Recent<Principal, i32>,
    pub(crate) places: Recent<Place, ()>,
}

impl Identities {
    /// The secret with this hash was revoked, or what its owner may do has changed.
    pub async fn forget_token(&self, token_hash: &[u8]) {
        self.tokens.forget(token_hash.to_vec()).await;
    }

    /// The user joined, left, or has other roles in the org.
    pub async fn forget_member(&self, org: OrgId, user: UserId) {
        self.members.forget((org, user)).await;
    }
}

/// Who the bearer of this secret is.
///
/// # Errors
/// `unauthenticated` when it is none of ours, was revoked or has ended: which of them, it does not say.
pub async fn identify(control: &Control, token: &str) -> Result<Identity> {
    let (kind, org) = token::parse(token).ok_or_else(unauthenticated)?;
    if let (TokenKind::Lease, Some(org), Some(secret)) = (kind, org, token::lease_secret(token)) {
        return Ok(Identity::Lease {
            org,
            token_hash: token::hash(secret),
        });
    }
    let token_hash = token::hash(token);
    let lookup = look_up(control, kind, org, &token_hash);
    let known = control.identities().tokens.get(token_hash.clone(), lookup).await?;
    known
        .and_then(|known| known.at(Timestamp::now()))
        .ok_or_else(unauthenticated)
}

async fn look_up(control: &Control, kind: TokenKind, org: Option<OrgId>, token_hash: &[u8]) -> Result<Option<Known>> {
    match (kind, org) {
        (TokenKind::Session, _) => user(control, token_hash).await,
        (TokenKind::ServiceAccount, Some(org)) => program(control, org, token_hash).await,
        (TokenKind::Operator | TokenKind::Reconciler, _) => {
            let identity = operator::find(control, kind, token_hash).await?;
            Ok(identity.map(|identity| Known {
                identity,
                expires_at: None,
            }))
        }
        _ => Ok(None),
    }
}

async fn user(control: &Control, token_hash: &[u8]) -> Result<Option<Known>> {
    let mut tx = control.store().directory().await?;
    let bearer = session::find(&mut tx, token_hash).await?;
    Ok(bearer.map(|bearer| Known {
        expires_at: Some(bearer.expires_at),
        identity: Identity::User {
            id: UserId(bearer.user_id),
            email: bearer.email,
            name: bearer.name,
            verified: Verified::since(bearer.email_verified_at),
            session: SessionId(bearer.session_id),
            since: bearer.created_at,
        },
    }))
}

async fn program(control: &Control, org: OrgId, token_hash: &[u8]) -> Result<Option<Known>> {
    let account = service_account::authenticate(control.store(), org, token_hash).await?;
    Ok(account.map(|account| Known {
        expires_at: Some(account.expires_at),
        identity: Identity::ServiceAccount {
            org,
            id: ServiceAccountId(account.id),
            name: account.name,
            standing: Standing {
                roles: known_roles(&account.roles),
                groups: account.groups,
                attributes: flat(account.attributes),
            },
            since: account.created_at,
        },
    }))
}

fn unauthenticated() -> ControlError {
    ControlError::new(Code::Unauthenticated, "log in, or send a token that is valid")
}

/// Lets a user or a service account into an org, given by slug or id.
///
/// # Errors
/// `not_found`, and the same one, when there is no such org and when the caller does not belong to it.
pub async fn enter(
    control: &Control,
    identity: &Identity,
    org_ref: &str,
    request_id: RequestId,
    signals: Signals,
) -> Result<Caller> {
    let stranger = || ControlError::not_found("org");
    let org = resolve(control, org_ref).await?.ok_or_else(stranger)?;
    let (actor, since) = match identity {
        Identity::User { id, name, since, .. } => (Actor::user(*id, name), *since),
        Identity::ServiceAccount {
            org: own,
            id,
            name,
            since,
            ..
        } if *own == org => (Actor::service_account(*id, name), *since),
        _ => return Err(stranger()),
    };
    let mut scope = Scope::new(actor, org, request_id, signals);
    let (standing, email) = match identity {
        Identity::User { id, email, .. } => {
            let standing = standing(control, &scope, *id).await?.ok_or_else(stranger)?;
            (standing, Some(email.as_str()))
        }
        Identity::ServiceAccount { standing, .. } => (standing.clone(), None),
        _ => return Err(stranger()),
    };
    // Only of those who are in the org: a stranger leaves no trace in it.
    scope.context = circumstances(control, &scope, since).await?.to_string().into();
    Caller::new(control, scope, standing, email).await
}

/// What policies may ask about a request. A login by password or token is one of a single factor.
async fn circumstances(control: &Control, scope: &Scope, since: Timestamp) -> Result<Value> {
    let now = Timestamp::now();
    let ip = signal::address(&scope.signals);
    let country = control.country_of(ip);
    let circumstances = Circumstances {
        at: now,
        ip,
        authentication: Authentication {
            age_secs: now.as_second().saturating_sub(since.as_second()).max(0),
            strength: 1,
        },
        risk: signal::risk(control, scope, ip, country.as_deref()).await?.into(),
        country,
    };
    Ok(circumstances.view(&zone::of_org(control, scope).await?))
}

/// Looks again at a caller whose request has been open for a while.
///
/// # Errors
/// `unauthenticated` or `not_found` when it would not be let in any more.
pub async fn renew(control: &Control, token: &str, caller: &Caller) -> Result<Caller> {
    let Scope {
        org,
        request_id,
        signals,
        ..
    } = caller.scope.clone();
    let identity = identify(control, token).await?;
    enter(control, &identity, &org.to_string(), request_id, signals).await
}

/// The org of a slug or id. An id is not looked up: in an org that is not there, nobody is a member.
async fn resolve(control: &Control, org_ref: &str) -> Result<Option<OrgId>> {
    if let Ok(org) = org_ref.parse() {
        return Ok(Some(org));
    }
    if org_ref.parse::<plinth_model::Name>().is_err() {
        return Ok(None);
    }
    let lookup = async {
        let mut tx = control.store().directory().await?;
        let place = directory::find(&mut tx, org_ref).await?;
        Ok(place
            .filter(|place| place.state == "active")
            .map(|place| OrgId(place.id)))
    };
    control.identities().slugs.get(org_ref.to_owned(), lookup).await
}

/// The user's standing in the scope's org; `None` for a stranger.
pub(crate) async fn standing(control: &Control, scope: &Scope, user: UserId) -> Result<Option<Standing>> {
    let lookup = async {
        let found = member::standing(control.store(), scope, user).await?;
        Ok(found.map(|found| Standing {
            roles: known_roles(&found.roles),
            groups: found.groups,
            attributes: flat(found.attributes),
        }))
    };
    control.identities().members.get((scope.org, user), lookup).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_ends_on_time_all_the_same() {
        let end = Timestamp::from_second(1_800_000_000).unwrap();
        let known = |expires_at| Known {
            identity: Identity::Operator { name: "dev".to_owned() },
            expires_at,
        };
        assert!(
            known(Some(end))
                .at(Timestamp::from_second(1_799_999_999).unwrap())
                .is_some()
        );
        assert!(known(Some(end)).at(end).is_none());
        assert!(known(None).at(end).is_some());
    }
}
