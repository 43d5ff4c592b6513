//! Resources of any type: what the org owns, as declared (`spec`) and as it is (`status`).
//! Must not know a single type.

use futures::Stream;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Page, Result, call::Call, org::OrgScope, page};

/// The resources of one type in one org.
#[derive(Debug, Clone)]
pub struct Resources {
    org: OrgScope,
    plural: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resource {
    pub id: String,
    #[serde(default)]
    pub org: String,
    #[serde(rename = "type")]
    pub resource_type: String,
    pub name: String,
    #[serde(default)]
    pub properties: Map<String, Value>,
    /// Id of the user or service account that owns it.
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub spec: Value,
    #[serde(default)]
    pub status: Option<Value>,
    /// JSON pointers into `spec` of the secrets that are set; they never come back themselves.
    #[serde(default)]
    pub secrets_set: Vec<String>,
    /// Counts the changes of `spec`.
    #[serde(default)]
    pub generation: u64,
    /// The generation that `status` speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<u64>,
    /// Counts all changes; the resource's ETag.
    #[serde(default)]
    pub version: u64,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    /// When what a deleted resource stood for had been torn down.
    #[serde(default)]
    pub finalized_at: Option<Timestamp>,
    #[serde(default)]
    pub created_by: Option<Value>,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Resource {
    /// `status.state`, which most types have.
    pub fn state(&self) -> Option<&str> {
        self.status.as_ref()?.get("state")?.as_str()
    }
}

/// A resource to be made or to be put in place of the old one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ResourceInput {
    pub name: String,
    #[serde(default)]
    pub properties: Map<String, Value>,
    #[serde(default, skip_serializing_if = "NewOwner::is_unsaid")]
    pub owner: NewOwner,
    pub spec: Value,
}

/// Whom a resource is to belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum NewOwner {
    /// Whoever makes it; the owner of one that exists stays.
    #[default]
    Unsaid,
    Nobody,
    /// Id of a member's user or of a service account.
    Somebody(String),
}

impl NewOwner {
    fn is_unsaid(&self) -> bool {
        *self == Self::Unsaid
    }
}

impl From<Option<String>> for NewOwner {
    fn from(owner: Option<String>) -> Self {
        owner.map_or(Self::Nobody, Self::Somebody)
    }
}

impl From<NewOwner> for Option<String> {
    fn from(owner: NewOwner) -> Self {
        match owner {
            NewOwner::Unsaid | NewOwner::Nobody => None,
            NewOwner::Somebody(id) => Some(id),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    /// `name`, `created_at` or `updated_at`; `-` in front turns it round.
    pub sort: Option<String>,
    pub search: Option<String>,
    /// Each `path=value` or `path!=value`, such as `status.state=failed`.
    pub filter: Vec<String>,
    pub deleted: bool,
}

/// How a write is meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// All checks, nothing kept.
    pub dry_run: bool,
    /// Refuse with `version_mismatch` unless the resource has this version.
    pub if_version: Option<u64>,
}

impl WriteOptions {
    fn on(self, call: Call) -> Call {
        call.query_some("dry_run", self.dry_run.then_some(true))
            .if_match(self.if_version)
    }
}

impl OrgScope {
    /// The resources of one type, by the type's plural: `pipelines`.
    pub fn resources(&self, plural: impl Into<String>) -> Resources {
        Resources {
            org: self.clone(),
            plural: plural.into(),
        }
    }
}

impl Resources {
    pub async fn create(&self, input: &ResourceInput, options: WriteOptions) -> Result<Resource> {
        let call = options.on(self.call(Method::POST, &[]));
        call.json(input).receive().await
    }

    pub async fn get(&self, name_or_id: &str) -> Result<Resource> {
        self.call(Method::GET, &[name_or_id]).receive().await
    }

    /// One page.
    pub async fn list(&self, query: &ListQuery) -> Result<Page<Resource>> {
        let call = self.list_call(query);
        call.query_some("cursor", query.cursor.as_ref()).receive().await
    }

    /// All pages.
    pub fn all(&self, query: ListQuery) -> impl Stream<Item = Result<Resource>> + Send + use<> {
        let this = self.clone();
        page::all(query.cursor.clone(), move || this.list_call(&query))
    }

    /// Puts `input` in place. Secrets that it leaves out stay as they are, and so does the owner.
    pub async fn replace(&self, name_or_id: &str, input: &ResourceInput, options: WriteOptions) -> Result<Resource> {
        let call = options.on(self.call(Method::PUT, &[name_or_id]));
        call.json(input).receive().await
    }

    /// Merges `{owner?, properties?, spec?}` into the resource (RFC 7396).
    pub async fn patch(&self, name_or_id: &str, patch: &Value, options: WriteOptions) -> Result<Resource> {
        let call = options.on(self.call(Method::PATCH, &[name_or_id]));
        call.merge_patch(patch).receive().await
    }

    /// Marks the resource deleted; where a reconciler must clean up first, it is gone when that is done.
    pub async fn delete(&self, name_or_id: &str, options: WriteOptions) -> Result<Resource> {
        let call = options.on(self.call(Method::DELETE, &[name_or_id]));
        call.receive().await
    }

    pub async fn undelete(&self, id: &str) -> Result<Resource> {
        let call = self.call(Method::POST, &[id, "undelete"]);
        call.receive().await
    }

    /// Does what the type declares under the name of a verb, such as `pause`.
    pub async fn carry_out(&self, name_or_id: &str, verb: &str, options: WriteOptions) -> Result<Resource> {
        let call = options.on(self.call(Method::POST, &[name_or_id, verb]));
        call.receive().await
    }

    /// Runs an action of the type (such as `check`) on an existing resource.
    pub async fn act(&self, name_or_id: &str, action: &str) -> Result<Value> {
        let call = self.call(Method::POST, &[name_or_id, "actions", action]);
        act(call, &Value::Object(Map::new())).await
    }

    /// Runs an action of the type on a `spec` that is not kept yet.
    pub async fn act_on_draft(&self, action: &str, spec: &Value) -> Result<Value> {
        let call = self.call(Method::POST, &["actions", action]);
        act(call, &serde_json::json!({ "spec": spec })).await
    }

    fn list_call(&self, query: &ListQuery) -> Call {
        self.call(Method::GET, &[])
            .query_some("limit", query.limit)
            .query_some("sort", query.sort.as_ref())
            .query_some("search", query.search.as_ref())
            .query_some("deleted", query.deleted.then_some(true))
            .query_each("filter", &query.filter)
    }

    fn call(&self, method: Method, rest: &[&str]) -> Call {
        let mut path = vec![self.plural.as_str()];
        path.extend(rest);
        self.org.call(method, &path)
    }
}

/// The server holds the request until an agent answered, 20 s at most: when
/// none did, asking three times more would only multiply the wait.
async fn act(call: Call, body: &Value) -> Result<Value> {
    call.once().json(body).receive().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_owner_is_sent_as_it_is_said_and_nobody_is_not_left_out() {
        for (owner, sent) in [
            (NewOwner::Unsaid, json!({"name": "a", "properties": {}, "spec": {}})),
            (
                NewOwner::Nobody,
                json!({"name": "a", "properties": {}, "owner": null, "spec": {}}),
            ),
            (
                NewOwner::Somebody("user_1".to_owned()),
                json!({"name": "a", "properties": {}, "owner": "user_1", "spec": {}}),
            ),
        ] {
            let input = ResourceInput {
                name: "a".to_owned(),
                properties: Map::new(),
                owner: owner.clone(),
                spec: json!({}),
            };
            assert_eq!(serde_json::to_value(&input).expect("JSON"), sent);
            let read: ResourceInput = serde_json::from_value(sent).expect("an input");
            assert_eq!(read.owner, owner);
        }
    }
}
