//! Members of an org: users with roles, groups and attributes.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Page, Result, org::OrgScope};

#[derive(Debug, Clone, Copy)]
pub struct Members<'a> {
    org: &'a OrgScope,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    pub user_id: String,
    pub email: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub attributes: Map<String, Value>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// What to change of a member; what is `None` stays.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MemberChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Map<String, Value>>,
}

impl OrgScope {
    pub fn members(&self) -> Members<'_> {
        Members { org: self }
    }
}

impl Members<'_> {
    pub async fn list(&self) -> Result<Page<Member>> {
        let call = self.org.call(Method::GET, &["members"]);
        call.query("limit", 500).receive().await
    }

    pub async fn change(&self, user_id: &str, change: &MemberChange) -> Result<Member> {
        let call = self.org.call(Method::PATCH, &["members", user_id]);
        call.json(change).receive().await
    }

    pub async fn remove(&self, user_id: &str) -> Result<()> {
        let call = self.org.call(Method::DELETE, &["members", user_id]);
        call.complete().await
    }
}
