//! Who owns a resource: a member or a service account of its org. Who becomes one has to be there, and to be seen by the
//! writer; who is one already may have left.

use plinth_model::id::{ServiceAccountId, UserId};
use plinth_store::Tx;
use plinth_store::resource as stored;
use serde::Deserialize;

use crate::caller::Caller;
use crate::error::{ControlError, Result};

/// What a request says of the owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<String>")]
pub enum NewOwner {
    /// The maker of a new resource; the owner of another one stays.
    #[default]
    Unsaid,
    Nobody,
    /// By id.
    Somebody(String),
}

impl From<Option<String>> for NewOwner {
    fn from(owner: Option<String>) -> Self {
        owner.map_or(Self::Nobody, Self::Somebody)
    }
}

impl NewOwner {
    /// Who that comes to; `unsaid` when nothing is said.
    pub(crate) fn or<'a>(&'a self, unsaid: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Unsaid => unsaid,
            Self::Nobody => None,
            Self::Somebody(owner) => Some(owner),
        }
    }
}

/// The same for an id of another org, one of nobody, and one of somebody whom the caller may not see.
pub(super) const UNKNOWN: &str =
    "there is no member (`user_..`) or service account (`sa_..`) with this id that you may see";

/// Whether it needs no look-up: nobody, and the caller.
pub(super) fn is_known(caller: &Caller, owner: Option<&str>) -> bool {
    owner.is_none() || owner == caller.scope.actor.as_owner()
}

/// # Errors
/// `validation_failed` unless the caller may make this one the owner.
pub(super) async fn check(tx: &mut Tx, caller: &Caller, owner: Option<&str>) -> Result<()> {
    let Some(owner) = owner.filter(|_| !is_known(caller, owner)) else {
        return Ok(());
    };
    let is_id = owner.parse::<UserId>().is_ok() || owner.parse::<ServiceAccountId>().is_ok();
    if is_id && stored::can_own(tx, owner).await? {
        return Ok(());
    }
    Err(ControlError::invalid_field("/owner", UNKNOWN))
}
