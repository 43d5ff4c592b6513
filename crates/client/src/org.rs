//! Orgs, and the way to everything inside one.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{
    Client, Page, Result, bill::Bills, call::Call, event::Events, invitation::Invitations, member::Members,
    metric::Metrics, resource::Resources, service_account::ServiceAccounts, usage::Usage,
};

#[derive(Debug, Clone, Copy)]
pub struct Orgs<'a> {
    pub(crate) client: &'a Client,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Org {
    pub id: String,
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub plan: Option<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

impl Orgs<'_> {
    pub async fn create(&self, slug: &str, name: &str) -> Result<Org> {
        let call = self.client.call(Method::POST, &["v1", "orgs"]);
        call.json(&serde_json::json!({"slug": slug, "name": name}))
            .receive()
            .await
    }

    /// The orgs of the caller.
    pub async fn list(&self) -> Result<Page<Org>> {
        let call = self.client.call(Method::GET, &["v1", "orgs"]);
        call.receive().await
    }
}

/// One org. Hands out its nouns; each call of theirs is one request.
#[derive(Debug, Clone)]
pub struct OrgScope {
    pub(crate) client: Client,
    pub(crate) org: String,
}

impl OrgScope {
    /// The id or slug it was made with.
    pub fn id_or_slug(&self) -> &str {
        &self.org
    }

    pub async fn get(&self) -> Result<Org> {
        self.call(Method::GET, &[]).receive().await
    }

    pub async fn rename(&self, name: &str) -> Result<Org> {
        let call = self.call(Method::PATCH, &[]);
        call.json(&serde_json::json!({"name": name})).receive().await
    }

    /// What the caller may do here, such as `pipelines:create`.
    pub async fn permissions(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Permissions {
            permissions: Vec<String>,
        }
        let call = self.call(Method::GET, &["permissions"]);
        let answer: Permissions = call.receive().await?;
        Ok(answer.permissions)
    }

    pub fn members(&self) -> Members<'_> {
        Members { org: self }
    }

    pub fn invitations(&self) -> Invitations<'_> {
        Invitations { org: self }
    }

    pub fn service_accounts(&self) -> ServiceAccounts<'_> {
        ServiceAccounts { org: self }
    }

    /// The resources of one type, by the type's plural: `pipelines`.
    pub fn resources(&self, plural: impl Into<String>) -> Resources {
        Resources {
            org: self.clone(),
            plural: plural.into(),
        }
    }

    pub fn events(&self) -> Events<'_> {
        Events { org: self }
    }

    pub fn metrics(&self) -> Metrics<'_> {
        Metrics { org: self }
    }

    pub fn usage(&self) -> Usage<'_> {
        Usage { org: self }
    }

    pub fn bills(&self) -> Bills<'_> {
        Bills { org: self }
    }

    pub(crate) fn call(&self, method: Method, rest: &[&str]) -> Call {
        let mut path = vec!["v1", "orgs", &self.org];
        path.extend(rest);
        self.client.call(method, &path)
    }
}
