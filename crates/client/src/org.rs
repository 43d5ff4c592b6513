//! Orgs, and the way to everything inside one. Must not know the nouns: each adds its own way in to [`OrgScope`].

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{Client, Page, Result, call::Call};

#[derive(Debug, Clone, Copy)]
pub struct Orgs<'a> {
    client: &'a Client,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Org {
    pub id: String,
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub plan: Option<String>,
    /// IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// What to change of an org; what is `None` stays.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrgChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA name of the time zone that policies mean by hours and weekdays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl Client {
    pub fn orgs(&self) -> Orgs<'_> {
        Orgs { client: self }
    }

    /// Everything inside one org, named by its id or slug. Asks nothing yet.
    pub fn org(&self, id_or_slug: impl Into<String>) -> OrgScope {
        OrgScope {
            client: self.clone(),
            org: id_or_slug.into(),
        }
    }
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
    org: String,
}

impl OrgScope {
    /// The id or slug it was made with.
    pub fn id_or_slug(&self) -> &str {
        &self.org
    }

    pub async fn get(&self) -> Result<Org> {
        self.call(Method::GET, &[]).receive().await
    }

    pub async fn update(&self, change: &OrgChange) -> Result<Org> {
        self.call(Method::PATCH, &[]).json(change).receive().await
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

    pub(crate) fn call(&self, method: Method, rest: &[&str]) -> Call {
        let mut path = vec!["v1", "orgs", &self.org];
        path.extend(rest);
        self.client.call(method, &path)
    }
}
