//! Members and service accounts as those whom policies bind: found and listed as far as the caller may see them.

use plinth_model::id::{ServiceAccountId, UserId};
use plinth_model::permission::Kind;

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
