//! Invitations: an e-mail address that may become a member.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{Page, Result, org::OrgScope};

#[derive(Debug, Clone, Copy)]
pub struct Invitations<'a> {
    org: &'a OrgScope,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    pub id: String,
    pub email: String,
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    #[serde(default)]
    pub accepted_at: Option<Timestamp>,
}

impl OrgScope {
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations { org: self }
    }
}

impl Invitations<'_> {
    pub async fn create(&self, email: &str, roles: &[String]) -> Result<Invitation> {
        let call = self.org.call(Method::POST, &["invitations"]);
        call.json(&serde_json::json!({"email": email, "roles": roles}))
            .receive()
            .await
    }

    pub async fn list(&self) -> Result<Page<Invitation>> {
        let call = self.org.call(Method::GET, &["invitations"]);
        call.query("limit", 500).receive().await
    }

    pub async fn withdraw(&self, id: &str) -> Result<()> {
        let call = self.org.call(Method::DELETE, &["invitations", id]);
        call.complete().await
    }
}
