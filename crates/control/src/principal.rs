//! Members and service accounts as those whom policies bind: found and listed as far as the caller may see them.

use std::collections::HashSet;

use plinth_model::Actor;
use plinth_model::id::{ServiceAccountId, UserId};
use plinth_model::permission::Kind;
use plinth_store::{member as members, service_account as accounts};

use crate::access::Reach;
use crate::error::{Code, ControlError, Result};
use crate::member;
use crate::page::PageRequest;
use crate::service_account;
use crate::standing::Somebody;
use crate::{Caller, Control};

/// A principal of the org by its id.
///
/// # Errors
/// `forbidden` without the right to see members, or service accounts; `not_found` when there is none that the caller may
/// see; `validation_failed` when this is no id of either.
pub(crate) async fn find(control: &Control, caller: &Caller, id: &str) -> Result<Somebody> {
    let found = if let Ok(user) = id.parse::<UserId>() {
        member::get(control, caller, user).await.map(Somebody::from)
    } else if let Ok(account) = id.parse::<ServiceAccountId>() {
        service_account::get(control, caller, account).await.map(Somebody::from)
    } else {
        let message = "is not the id of a user (`user_..`) or of a service account (`sa_..`)";
        return Err(ControlError::invalid_field("/principal", message));
    };
    found.map_err(|error| match error.code {
        Code::NotFound => ControlError::not_found("principal"),
        _ => error,
    })
}

/// Those that the caller may see, members first, `most` of them; and whether these are all.
pub(crate) async fn all(control: &Control, caller: &Caller, most: usize) -> Result<(Vec<Somebody>, bool)> {
    let mut found: Vec<Somebody> = Vec::new();
    if caller.may(Kind::Members, "view") {
        let mut page = PageRequest {
            limit: Some(500),
            cursor: None,
        };
        loop {
            let members = member::list(control, caller, &page).await?;
            found.extend(members.items.into_iter().map(Somebody::from));
            page.cursor = members.next;
            if page.cursor.is_none() || found.len() > most {
                break;
            }
        }
    }
    if caller.may(Kind::ServiceAccounts, "view") {
        let mut page = PageRequest {
            limit: Some(500),
            cursor: None,
        };
        loop {
            let accounts = service_account::list(control, caller, &page).await?;
            found.extend(accounts.items.into_iter().map(Somebody::from));
            page.cursor = accounts.next;
            if page.cursor.is_none() || found.len() > most {
                break;
            }
        }
    }
    let complete = found.len() <= most;
    found.truncate(most);
    Ok((found, complete))
}

/// Whose names a reader may know, of those who did something.
#[derive(Debug)]
pub(crate) enum Known {
    Everybody,
    /// Members and service accounts with these ids.
    Only(HashSet<String>),
}

impl Known {
    /// Of those with these ids, the ones that the caller sees, or is. They are looked up only for a caller who sees some
    /// members, or service accounts, and others not. Who has left is known to those who see all of their kind.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn among<'a>(control: &Control, caller: &Caller, ids: impl Iterator<Item = &'a str>) -> Result<Self> {
        if knows_everybody(caller) {
            return Ok(Self::Everybody);
        }
        let reach = |kind| caller.reach(kind, "view");
        let (of_members, of_accounts) = (reach(Kind::Members), reach(Kind::ServiceAccounts));
        let ids: HashSet<&str> = ids.collect();
        let users: Vec<UserId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let programs: Vec<ServiceAccountId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut known = HashSet::from([caller.scope.actor.id.clone()]);
        let users = match of_members {
            Reach::Nothing => Vec::new(),
            Reach::Depends if !users.is_empty() => {
                let ids: Vec<_> = users.iter().map(|user| user.0).collect();
                members::seen(control.store(), &caller.scope, &ids).await?
            }
            Reach::Depends | Reach::Everything => users,
        };
        let programs = match of_accounts {
            Reach::Nothing => Vec::new(),
            Reach::Depends if !programs.is_empty() => {
                let ids: Vec<_> = programs.iter().map(|account| account.0).collect();
                accounts::seen(control.store(), &caller.scope, &ids).await?
            }
            Reach::Depends | Reach::Everything => programs,
        };
        known.extend(users.iter().map(UserId::to_string));
        known.extend(programs.iter().map(ServiceAccountId::to_string));
        Ok(Self::Only(known))
    }

    /// What is neither a member nor a service account hides from nobody.
    pub fn has(&self, id: &str) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(known) => {
                let is_principal = id.parse::<UserId>().is_ok() || id.parse::<ServiceAccountId>().is_ok();
                known.contains(id) || !is_principal
            }
        }
    }

    /// Leaves the name out of one that is not known.
    pub fn conceal(&self, actor: &mut Actor) {
        if !self.has(&actor.id) {
            actor.name.clear();
        }
    }
}

/// Whether the caller sees all members and all service accounts, as most callers do.
pub(crate) fn knows_everybody(caller: &Caller) -> bool {
    [Kind::Members, Kind::ServiceAccounts]
        .into_iter()
        .all(|kind| caller.reach(kind, "view") == Reach::Everything)
}

/// Leaves out the names of those whom the caller does not see.
///
/// # Errors
/// As [`Known::among`].
pub async fn conceal_names<'a>(
    control: &Control,
    caller: &Caller,
    actors: impl IntoIterator<Item = &'a mut Actor>,
) -> Result<()> {
    let mut actors: Vec<&mut Actor> = actors.into_iter().collect();
    let known = Known::among(control, caller, actors.iter().map(|actor| actor.id.as_str())).await?;
    actors.iter_mut().for_each(|actor| known.conceal(actor));
    Ok(())
}
