//! Somebody in an org, and what they may do there.

use plinth_model::permission::Kind;
use plinth_model::{Permission, Role, Scope};

use crate::error::{Code, ControlError, Result};

/// A principal that has been let into an org.
#[derive(Debug, Clone)]
pub struct Caller {
    pub scope: Scope,
    pub roles: Vec<Role>,
}

impl Caller {
    /// # Errors
    /// `forbidden`, naming the permission: the caller may know of it, since it is a member of the org.
    pub fn require(&self, kind: Kind<'_>, action: &str) -> Result<()> {
        let permission = Permission::new(kind, action);
        if permission.granted_to(&self.roles) {
            return Ok(());
        }
        let detail =
            format!("your roles do not grant `{permission}`; an owner or admin of the org can give you one that does");
        Err(ControlError {
            permission: Some(permission.to_string().into()),
            ..ControlError::new(Code::Forbidden, detail)
        })
    }

    pub fn may(&self, kind: Kind<'_>, action: &str) -> bool {
        Permission::new(kind, action).granted_to(&self.roles)
    }
}
