//! The one who asks.

use serde_json::{Map, Value, json};

use crate::vocabulary::PrincipalKind;

/// A principal of an org, to be written as its view.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// User or service account.
    pub kind: PrincipalKind,
    /// Its id, with prefix.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Address of a user.
    pub email: Option<String>,
    /// Names of its roles in the org.
    pub roles: Vec<String>,
    /// Names of its groups in the org.
    pub groups: Vec<String>,
    /// Attributes of its membership.
    pub attributes: Map<String, Value>,
}

impl Principal {
    /// What it is and all it belongs to: the texts that [`Row::takes`](crate::Row::takes) asks for.
    #[must_use]
    pub fn memberships(&self) -> Vec<String> {
        let uid = format!("{}::{}", self.kind.as_str(), self.id);
        std::iter::once(uid).chain(self.ancestors()).collect()
    }

    fn ancestors(&self) -> impl Iterator<Item = String> {
        let roles = self.roles.iter().map(|role| format!("Role::{role}"));
        roles.chain(self.groups.iter().map(|group| format!("Group::{group}")))
    }

    /// Its view.
    #[must_use]
    pub fn view(&self) -> Value {
        json!({
            "uid": format!("{}::{}", self.kind.as_str(), self.id),
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "ancestors": self.ancestors().collect::<Vec<_>>(),
            "attributes": self.attributes,
        })
    }
}
