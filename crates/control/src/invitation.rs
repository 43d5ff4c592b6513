//! Invitations: an e-mail address that may become a member.
//!
//! Invitation and mail are in two databases. The invitation is committed first, together with a note that its mail is
//! owed; the note goes after the mail is in the outbox. [`send_owed`] finds notes that a crash left behind, and inviting
//! an address again renews its open invitation and sends a new mail. Older mails of the same invitation are void then.
//!
//! The secret in the mail proves that its bearer reads mail at that address. Who invited must still be able to when somebody
//! accepts: whoever loses the right to invite, by a change of roles, groups or attributes, loses their open invitations at
//! that moment; by a policy, they are void as long as it holds.

use jiff::Timestamp;
use plinth_model::id::{InvitationId, OrgId, UserId};
use plinth_model::permission::Kind;
use plinth_model::{Actor, Role, Scope};
use plinth_store::{ErrorKind, Tx, account, directory, invitation as store, member, org};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::email;
use crate::circumstance::Supposed;
use crate::error::{Code, ControlError, Result};
use crate::grant::{could_grant, require_grant};
use crate::idempotency::{self, Key};
use crate::mail::{self, Invite};
use crate::member::hint;
use crate::org::{Membership, Org, Person, Visitor, require_verified};
use crate::page::{Page, PageRequest};
use crate::standing::{Somebody, Standing, known_roles, parse_roles, texts};
use crate::token::{self, TokenKind};
use crate::{Caller, Control, principal};

const LIFETIME_SECS: f64 = 7.0 * 24.0 * 3600.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub roles: Vec<Role>,
    pub invited_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
}

impl From<store::Invitation> for Invitation {
    fn from(row: store::Invitation) -> Self {
        Self {
            id: row.id,
            email: row.email,
            roles: known_roles(&row.roles),
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
        }
    }
}

/// What the bearer of an invitation's secret may know before logging in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub org: Org,
    pub email: String,
    pub roles: Vec<Role>,
}

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub email: String,
    pub roles: Vec<String>,
}

/// Invites an address, or renews its open invitation.
///
/// # Errors
/// `forbidden`, `email_not_verified`, `validation_failed`, and `conflict` when the address is a member's.
pub async fn create(control: &Control, caller: &Caller, new: &NewInvitation, key: Option<&Key>) -> Result<Invitation> {
    caller.require_some(Kind::Invitations, "create")?;
    let roles = parse_roles(&new.roles)?;
    let email = email(&new.email).map_err(|message| ControlError::invalid_field("/email", message))?;
    require_grant(caller, None, Some(&invited(&email, &roles)))?;
    caller.require_on(Kind::Invitations, "create", || view(caller, None, &email, &roles))?;
    require_verified(control, caller).await?;
    let token = token::generate(TokenKind::Invitation, Some(caller.scope.org));
    match write(control, caller, (&email, &roles), &token, key).await? {
        Written::Now(org, invitation) => {
            send(control, &caller.scope, &org.name, &invitation, &token).await?;
            Ok(invitation.into())
        }
        Written::Before(invitation) => Ok(invitation),
    }
}

/// Whom the address becomes when it accepts.
fn invited(email: &str, roles: &[Role]) -> Somebody {
    Somebody {
        actor: Actor::user(UserId::generate(), email),
        email: Some(email.to_owned()),
        standing: Standing {
            roles: roles.to_vec(),
            ..Standing::default()
        },
    }
}

/// Whoever renews an invitation takes back what it was for: both have to be theirs to invite.
///
/// # Errors
/// `forbidden`.
async fn require_renewal(tx: &mut Tx, caller: &Caller, email: &str) -> Result<()> {
    let Some(open) = store::lock_email(tx, &caller.scope, email).await?.map(Invitation::from) else {
        return Ok(());
    };
    caller.require_on(Kind::Invitations, "create", || {
        view(caller, Some(open.id), email, &open.roles)
    })
}

enum Written {
    Now(org::Org, store::Invitation),
    /// By an earlier request with the same key, which sent the mail, or left a note that it is owed.
    Before(Invitation),
}

async fn write(
    control: &Control,
    caller: &Caller,
    (email, roles): (&str, &[Role]),
    token: &str,
    key: Option<&Key>,
) -> Result<Written> {
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(invitation) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(Written::Before(invitation));
    }
    // The lock keeps the address from becoming a member's meanwhile.
    let org = org::lock(&mut tx, scope)
        .await?
        .ok_or_else(|| ControlError::not_found("org"))?;
    if member::find_email(&mut tx, scope, email).await?.is_some() {
        return Err(ControlError::new(
            Code::Conflict,
            format!("`{email}` is a member of the org already"),
        ));
    }
    require_renewal(&mut tx, caller, email).await?;
    let new = store::NewInvitation {
        id: InvitationId::generate(),
        email,
        roles: &texts(roles),
        token_hash: &token::hash(token),
        expires_in_secs: LIFETIME_SECS,
    };
    let invitation = store::invite(&mut tx, scope, &new).await?;
    idempotency::keep(key, &mut tx, scope, &Invitation::from(invitation.clone())).await?;
    tx.commit().await?;
    Ok(Written::Now(org, invitation))
}

async fn send(
    control: &Control,
    scope: &Scope,
    org_name: &str,
    invitation: &store::Invitation,
    token: &str,
) -> Result<()> {
    let invited_by = &invitation.invited_by.name;
    let invite = Invite {
        recipient: &invitation.email,
        org_name,
        invited_by,
        token,
    };
    let mut directory = control.store().directory().await?;
    mail::enqueue(&mut directory, &mail::compose_invitation(control, &invite)).await?;
    directory.commit().await?;
    mail::nudge(control);
    let mut tx = control.store().begin(scope).await?;
    store::mailed(&mut tx, scope, invitation.id).await?;
    Ok(tx.commit().await?)
}

/// Sends what was owed for at least this long, because whoever should have sent it was interrupted.
///
/// # Errors
/// `unavailable` when a database cannot be reached.
pub async fn send_owed(control: &Control, age_secs: f64) -> Result<usize> {
    let mut sent = 0;
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "invitations without mail").await?;
        let owed = store::owed(&mut tx, age_secs).await?;
        tx.rollback().await?;
        for (org, id) in owed {
            match send_again(control, org, id).await {
                Ok(done) => sent += usize::from(done),
                Err(error) => tracing::warn!(%org, invitation = %id, %error, "an invitation's mail is still owed"),
            }
        }
    }
    Ok(sent)
}

/// Only the hash of a secret is kept: a new mail needs a new one.
async fn send_again(control: &Control, org: OrgId, id: InvitationId) -> Result<bool> {
    let scope = Scope::system("send an invitation", org);
    let token = token::generate(TokenKind::Invitation, Some(org));
    let mut tx = control.store().begin(&scope).await?;
    let found = org::lock(&mut tx, &scope).await?;
    let renewed = store::renew(&mut tx, &scope, id, &token::hash(&token)).await?;
    let (Some(org), Some(invitation)) = (found, renewed) else {
        store::mailed(&mut tx, &scope, id).await?;
        tx.commit().await?;
        return Ok(false);
    };
    tx.commit().await?;
    send(control, &scope, &org.name, &invitation, &token).await?;
    Ok(true)
}

/// Newest first, with those that were accepted or ran out.
///
/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<Invitation>> {
    caller.require_some(Kind::Invitations, "view")?;
    let before = request.position()?;
    let rows = store::list(control.store(), &caller.scope, before, request.fetch()?).await?;
    Ok(request.page(rows, |row| row.id)?.map(Invitation::from))
}

/// What policies see of an invitation, or of one that has no id yet.
fn view(caller: &Caller, id: Option<InvitationId>, email: &str, roles: &[Role]) -> Value {
    let id = id.map_or_else(String::new, |id| id.to_string());
    caller.view_of(Kind::Invitations, &id, json!({"email": email, "roles": texts(roles)}))
}

fn sees(caller: &Caller, Invitation { id, email, roles, .. }: &Invitation) -> bool {
    caller.permits(Kind::Invitations, "view", || view(caller, Some(*id), email, roles))
}

/// Makes an invitation void that nobody has accepted.
///
/// # Errors
/// `forbidden`, `not_found`, `idempotency_key_reused`.
pub async fn revoke(control: &Control, caller: &Caller, id: InvitationId, key: Option<&Key>) -> Result<()> {
    caller.require_some(Kind::Invitations, "delete")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(done);
    }
    // What is refused from here on is rolled back.
    let revoked = store::revoke(&mut tx, &caller.scope, id).await?.map(Invitation::from);
    let revoked = revoked.filter(|invitation| sees(caller, invitation));
    let Invitation { email, roles, .. } = revoked.ok_or_else(|| ControlError::not_found("open invitation"))?;
    caller.require_on(Kind::Invitations, "delete", || view(caller, Some(id), &email, &roles))?;
    idempotency::keep(key, &mut tx, &caller.scope, &()).await?;
    Ok(tx.commit().await?)
}

fn unknown() -> ControlError {
    let detail = "the invitation was used, revoked, or has run out, or whoever sent it may not invite any more: ask for a new one";
    ControlError::new(Code::NotFound, detail)
}

fn org_of(token: &str) -> Result<OrgId> {
    match token::parse(token) {
        Some((TokenKind::Invitation, Some(org))) => Ok(org),
        _ => Err(unknown()),
    }
}

/// The invitation, unless it was used, revoked or has run out.
///
/// # Errors
/// `not_found` when nobody stands behind it any more.
async fn open(control: &Control, scope: &Scope, token: &str) -> Result<Option<store::Invitation>> {
    let found = store::open(control.store(), scope, &token::hash(token)).await;
    let found = found.map_err(|error| match error.kind {
        ErrorKind::UnknownOrg => unknown(),
        _ => error.into(),
    })?;
    match &found {
        Some(invitation) if !is_stood_behind(control, scope.org, invitation).await? => Err(unknown()),
        _ => Ok(found),
    }
}

/// Whether whoever invited may still do so, by the policies as they are. From where and when does not count: nobody asks
/// them now.
async fn is_stood_behind(control: &Control, org: OrgId, invitation: &store::Invitation) -> Result<bool> {
    let scope = Scope::system("judge an invitation", org);
    let plinth = Caller::new(control, scope, Standing::default(), None).await?;
    let inviter = match principal::find(control, &plinth, &invitation.invited_by.id).await {
        Ok(inviter) => inviter,
        Err(error) if matches!(error.code, Code::NotFound | Code::ValidationFailed) => return Ok(false),
        Err(error) => return Err(error),
    };
    let inviter = plinth.talk_about(&inviter, plinth.access(), Supposed::default().view(&plinth.zone));
    let (email, roles) = (&invitation.email, known_roles(&invitation.roles));
    let invites = inviter.could(Kind::Invitations, "create", &view(&inviter, None, email, &roles));
    Ok(invites && could_grant(&inviter, &invited(email, &roles)))
}

/// What the invitation is for.
///
/// # Errors
/// `not_found`.
pub async fn preview(control: &Control, token: &str) -> Result<Preview> {
    let scope = Scope::system("preview an invitation", org_of(token)?);
    let invitation = open(control, &scope, token).await?.ok_or_else(unknown)?;
    let org = org::get(control.store(), &scope).await?.ok_or_else(unknown)?;
    Ok(Preview {
        org: org.into(),
        email: invitation.email,
        roles: known_roles(&invitation.roles),
    })
}

/// Makes the visitor a member. The secret shows that the visitor reads mail at the address, so it is verified as well.
///
/// # Errors
/// `not_found`, `forbidden` when it was sent to another address or the visitor is a program, `conflict` for a member.
pub async fn accept(control: &Control, visitor: &Visitor, token: &str, key: Option<&Key>) -> Result<Membership> {
    let person = visitor.person()?;
    let scope = visitor.scope(person.actor(), org_of(token)?);
    Box::pin(open(control, &Scope::system("accept an invitation", scope.org), token)).await?;
    let mut tx = control.store().begin(&scope).await?;
    if let Some(membership) = idempotency::replay(key, &mut tx, &scope).await? {
        return Ok(membership);
    }
    let joined = join(control, &mut tx, &scope, person, token).await?;
    idempotency::keep(key, &mut tx, &scope, &joined).await?;
    tx.commit().await?;
    control.identities().forget_member(scope.org, person.id).await;
    welcome(control, &scope, person).await?;
    Ok(joined)
}

async fn join(control: &Control, tx: &mut Tx, scope: &Scope, person: Person<'_>, token: &str) -> Result<Membership> {
    let org = org::lock(tx, scope).await?.ok_or_else(unknown)?;
    let accepted = store::accept(tx, scope, &token::hash(token))
        .await?
        .ok_or_else(unknown)?;
    if accepted.email != person.email {
        let detail = "the invitation was sent to another e-mail address: log in with that one";
        return Err(ControlError::new(Code::Forbidden, detail));
    }
    // Before the membership is there, or a crash could hide it; `welcome` repeats it, or a removal under way could.
    hint(control, scope.org, person.id).await?;
    let new = member::NewMember {
        user: person.id,
        email: person.email,
        name: person.name,
        roles: &accepted.roles,
    };
    if member::add(tx, scope, &new).await? == 0 {
        return Err(ControlError::new(Code::Conflict, "you are a member of the org already"));
    }
    Ok(Membership {
        org: org.into(),
        roles: known_roles(&accepted.roles),
    })
}

async fn welcome(control: &Control, scope: &Scope, person: Person<'_>) -> Result<()> {
    let mut tx = control.store().directory().await?;
    directory::hint(&mut tx, person.id, scope.org).await?;
    account::verify(&mut tx, person.id).await?;
    Ok(tx.commit().await?)
}
