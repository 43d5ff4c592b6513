//! What nobody gives who does not have it: being an owner, and what only owners may do at first.
//!
//! Policies may permit the latter to groups, roles and attributes. Whoever sets these for somebody, or opens a door as
//! somebody who has them, gives it as surely as a policy does.

use plinth_model::Role;
use plinth_model::permission::Kind;

use crate::Caller;
use crate::access::Reach;
use crate::circumstance::Supposed;
use crate::error::Result;
use crate::standing::Somebody;

/// What only owners may do, nobody else gives away.
pub(crate) const OWNERS_ONLY: [&str; 2] = [DELETE_ORG, MAKE_OWNERS];
const MAKE_OWNERS: &str = "members:grant-owner";
const DELETE_ORG: &str = "org:delete";

/// For somebody who was like `before` and becomes like `after`; `None` is nobody yet, or nobody any more.
///
/// # Errors
/// `forbidden` for the role `owner`, given or taken, and for what only owners may do, given, without the right to it. Who
/// may make owners may give both.
pub(crate) fn require_grant(caller: &Caller, before: Option<&Somebody>, after: Option<&Somebody>) -> Result<()> {
    let owns = |who: Option<&Somebody>| who.is_some_and(|who| who.standing.roles.contains(&Role::Owner));
    if owns(before) != owns(after) {
        return caller.require(Kind::Members, "grant-owner");
    }
    let Some(after) = after else { return Ok(()) };
    if before.is_some_and(|before| before.standing == after.standing) {
        return Ok(());
    }
    if gains(caller, before, after, MAKE_OWNERS) {
        caller.require(Kind::Members, "grant-owner")?;
    }
    let makes_owners = || caller.permits(Kind::Members, "grant-owner", || caller.view_of_all(Kind::Members));
    if gains(caller, before, after, DELETE_ORG) && !makes_owners() {
        caller.require(Kind::Org, "delete")?;
    }
    Ok(())
}

/// Whether somebody may still give to whom they let in what they gave, wherever they are and whenever.
pub(crate) fn could_grant(giver: &Caller, given: &Somebody) -> bool {
    let makes_owners = || giver.could(Kind::Members, "grant-owner", &giver.view_of_all(Kind::Members));
    let deletes = || giver.could(Kind::Org, "delete", &giver.view_of_all(Kind::Org));
    let is_owner = given.standing.roles.contains(&Role::Owner);
    if is_owner || gains(giver, None, given, MAKE_OWNERS) {
        return makes_owners();
    }
    !gains(giver, None, given, DELETE_ORG) || makes_owners() || deletes()
}

fn gains(caller: &Caller, before: Option<&Somebody>, after: &Somebody, action: &str) -> bool {
    let context = Supposed::default().view(&caller.zone);
    let like = |who| caller.talk_about(who, caller.access(), context.clone());
    let now = like(after);
    now.reach_of(action) != Reach::Nothing && now.gains(before.map(like).as_ref(), action)
}
