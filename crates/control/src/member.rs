//! Members of an org, and what each of them may make of the others.
//!
//! Changes take turns on the org's row, so that two owners who remove each other do not leave an org without one.

use jiff::Timestamp;
use plinth_model::id::{OrgId, UserId};
use plinth_model::permission::Kind;
use plinth_model::resource::{Properties, check_properties};
use plinth_model::{Actor, Role};
use plinth_store::{Tx, directory, invitation, member as store, org};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::circumstance::Supposed;
use crate::error::{Code, ControlError, Result};
use crate::grant::require_grant;
use crate::idempotency::{self, Key};
use crate::page::{Page, PageRequest};
use crate::standing::{self, Somebody, Standing, flat, known_roles, parse_groups, parse_roles, texts};
use crate::{Caller, Control};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub user: UserId,
    pub email: String,
    pub name: String,
    pub roles: Vec<Role>,
    /// What policies call `Group::"<name>"`.
    pub groups: Vec<String>,
    /// Flat, like the properties of a resource.
    pub attributes: Properties,
    pub created_at: Timestamp,
}

impl From<store::Member> for Member {
    fn from(row: store::Member) -> Self {
        Self {
            user: UserId(row.user_id),
            email: row.email,
            name: row.name,
            roles: known_roles(&row.roles),
            groups: row.groups,
            attributes: flat(row.attributes),
            created_at: row.created_at,
        }
    }
}

impl From<Member> for Somebody {
    fn from(member: Member) -> Self {
        Self {
            actor: Actor::user(member.user, &member.name),
            email: Some(member.email),
            standing: Standing {
                roles: member.roles,
                groups: member.groups,
                attributes: member.attributes,
            },
        }
    }
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct MemberPatch {
    pub roles: Option<Vec<String>>,
    /// Takes the place of all groups.
    pub groups: Option<Vec<String>>,
    /// Takes the place of all attributes.
    pub attributes: Option<Properties>,
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, request: &PageRequest) -> Result<Page<Member>> {
    caller.require_some(Kind::Members, "view")?;
    let after = request.position()?;
    let rows = store::list(control.store(), &caller.scope, after, request.fetch()?).await?;
    Ok(request.page(rows, |row| UserId(row.user_id))?.map(Member::from))
}

/// A member; everybody sees themselves.
///
/// # Errors
/// `forbidden`, `not_found`.
pub(crate) async fn get(control: &Control, caller: &Caller, user: UserId) -> Result<Member> {
    caller.require_some(Kind::Members, "view")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    let found = store::get(&mut tx, &caller.scope, user).await?;
    tx.rollback().await?;
    let found = found.map(Member::from);
    let seen = found.filter(|member| caller.scope.actor.id == user.to_string() || sees(caller, member));
    seen.ok_or_else(|| ControlError::not_found("member"))
}

fn sees(caller: &Caller, member: &Member) -> bool {
    caller.permits(Kind::Members, "view", || view(caller, member))
}

/// What policies see of a member.
fn view(caller: &Caller, member: &Member) -> Value {
    let rest = json!({"name": member.name, "email": member.email, "roles": texts(&member.roles)});
    caller.view_of(Kind::Members, &member.user.to_string(), rest)
}

/// Changes roles, groups or attributes of a member, whom policies look at before and after.
///
/// # Errors
/// `forbidden`, `not_found`, `validation_failed`, `idempotency_key_reused`, and `conflict` when the org would be left
/// without an owner.
pub async fn update(
    control: &Control,
    caller: &Caller,
    user: UserId,
    patch: &MemberPatch,
    key: Option<&Key>,
) -> Result<Member> {
    caller.require_some(Kind::Members, "update")?;
    if patch.roles.is_none() && patch.groups.is_none() && patch.attributes.is_none() {
        return Err(standing::nothing_changes());
    }
    let roles = patch.roles.as_deref().map(parse_roles).transpose()?;
    let groups = patch.groups.as_deref().map(parse_groups).transpose()?;
    if let Some(attributes) = &patch.attributes {
        check_properties(attributes).map_err(|error| ControlError::invalid_field("/attributes", error.to_string()))?;
    }
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(member) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(member);
    }
    let before = lock(&mut tx, caller, user).await?;
    caller.require_on(Kind::Members, "update", || view(caller, &before))?;
    let wanted = Member {
        roles: roles.unwrap_or_else(|| before.roles.clone()),
        groups: groups.unwrap_or_else(|| before.groups.clone()),
        attributes: patch.attributes.clone().unwrap_or_else(|| before.attributes.clone()),
        ..before.clone()
    };
    if wanted == before {
        idempotency::keep(key, &mut tx, &caller.scope, &before).await?;
        tx.commit().await?;
        return Ok(before);
    }
    // As the member is, and as the member becomes.
    caller.require_on(Kind::Members, "update", || view(caller, &wanted))?;
    require_grant(caller, Some(&before.clone().into()), Some(&wanted.clone().into()))?;
    if !wanted.roles.contains(&Role::Owner) {
        keep_an_owner(&mut tx, caller, &before).await?;
    }
    let standing = store::Standing {
        roles: texts(&wanted.roles),
        groups: wanted.groups.clone(),
        attributes: Value::Object(wanted.attributes.clone()),
    };
    if !may_invite(caller, &wanted.into(), &before.roles) {
        invitation::revoke_by(&mut tx, &caller.scope, &user.to_string()).await?;
    }
    let after = store::update(&mut tx, &caller.scope, user, &standing).await?;
    let after = after
        .map(Member::from)
        .ok_or_else(|| ControlError::not_found("member"))?;
    idempotency::keep(key, &mut tx, &caller.scope, &after).await?;
    tx.commit().await?;
    control.identities().forget_member(caller.scope.org, user).await;
    Ok(after)
}

/// Whether somebody who is like this from now on may still stand behind what they invited with the former roles.
pub(crate) fn may_invite(caller: &Caller, now: &Somebody, before: &[Role]) -> bool {
    let owns = |roles: &[Role]| roles.contains(&Role::Owner);
    let inviting = caller.talk_about(now, caller.access(), Supposed::default().view(&caller.zone));
    inviting.may(Kind::Invitations, "create") && (owns(&now.standing.roles) || !owns(before))
}

/// Takes a member out of the org. Everybody may take out themselves. What they had invited and nobody accepted is
/// revoked with them, so that nobody leaves a door open.
///
/// # Errors
/// `forbidden`, `not_found`, `idempotency_key_reused`, and `conflict` when the org would be left without an owner.
pub async fn remove(control: &Control, caller: &Caller, user: UserId, key: Option<&Key>) -> Result<()> {
    let leaves = caller.scope.actor.id == user.to_string();
    if !leaves {
        caller.require_some(Kind::Members, "delete")?;
    }
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(done);
    }
    let before = lock(&mut tx, caller, user).await?;
    if !leaves {
        caller.require_on(Kind::Members, "delete", || view(caller, &before))?;
        require_grant(caller, Some(&before.clone().into()), None)?;
    }
    keep_an_owner(&mut tx, caller, &before).await?;
    invitation::revoke_by(&mut tx, &caller.scope, &user.to_string()).await?;
    store::remove(&mut tx, &caller.scope, user).await?;
    idempotency::keep(key, &mut tx, &caller.scope, &()).await?;
    tx.commit().await?;
    control.identities().forget_member(caller.scope.org, user).await;
    unhint(control, caller, user).await
}

/// The hint goes after the membership. If the user was let in again meanwhile, it comes back.
async fn unhint(control: &Control, caller: &Caller, user: UserId) -> Result<()> {
    let mut tx = control.store().directory().await?;
    directory::unhint(&mut tx, user, caller.scope.org).await?;
    tx.commit().await?;
    if store::standing(control.store(), &caller.scope, user).await?.is_some() {
        hint(control, caller.scope.org, user).await?;
    }
    Ok(())
}

/// Lets the user find the org. A hint without a membership does no harm.
pub(crate) async fn hint(control: &Control, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = control.store().directory().await?;
    directory::hint(&mut tx, user, org).await?;
    Ok(tx.commit().await?)
}

/// The member, with the org's row held.
async fn lock(tx: &mut Tx, caller: &Caller, user: UserId) -> Result<Member> {
    org::lock(tx, &caller.scope).await?;
    let found = store::get(tx, &caller.scope, user).await?;
    let found = found.map(Member::from);
    // Everybody sees themselves.
    let seen = found.filter(|member| caller.scope.actor.id == user.to_string() || sees(caller, member));
    seen.ok_or_else(|| ControlError::not_found("member"))
}

async fn keep_an_owner(tx: &mut Tx, caller: &Caller, member: &Member) -> Result<()> {
    if !member.roles.contains(&Role::Owner) || store::has_other_owner(tx, &caller.scope, member.user).await? {
        return Ok(());
    }
    let detail = format!(
        "`{}` is the last owner of the org: make somebody else an owner first",
        member.email
    );
    Err(ControlError::new(Code::Conflict, detail))
}
