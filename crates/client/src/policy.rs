//! Policies of an org in Cedar, what a change of them would do, and questions about what somebody may do.

use std::collections::BTreeMap;

use futures::Stream;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::Actor;
use crate::resource::WriteOptions;
use crate::{Page, Result, org::OrgScope, page};

#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    org: &'a OrgScope,
}

/// A policy of an org; `impact` is there in the answer to a dry run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Policy {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Cedar.
    pub text: String,
    /// In the easy form; `None` when a statement says more than it can.
    #[serde(default)]
    pub statements: Option<Vec<Value>>,
    pub version: i64,
    #[serde(default)]
    pub updated_by: Option<Actor>,
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
}

/// What a policy is to say, in Cedar.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PolicyInput {
    pub name: String,
    pub description: String,
    pub text: String,
}

/// What there is to say about a draft that is valid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyCheck {
    pub text: String,
    /// In the easy form; `None` when a statement says more than it can.
    #[serde(default)]
    pub statements: Option<Vec<Value>>,
    #[serde(default)]
    pub warnings: Vec<Finding>,
}

/// What the author should look at; lines and columns from 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    pub line: u32,
    pub column: u32,
    pub message: String,
    #[serde(default)]
    pub hint: Option<String>,
}

/// What a policy said from a moment on; no text in the version that deleted it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub version: i64,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub changed_by: Option<Actor>,
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
}

/// What a change would do, as far as the caller may see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Impact {
    pub principals: GainLose,
    /// Losses first, the largest first.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// How many there are; not all of very many are told.
    #[serde(default)]
    pub changes_count: u64,
    pub requests: Requests,
    /// `false` when a bound was reached: there may be more.
    #[serde(default)]
    pub complete: bool,
}

/// How many principals would gain something, and how many would lose something.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GainLose {
    pub gain: u64,
    pub lose: u64,
}

/// What one principal `gains` or `loses` of one action.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    pub principal: Actor,
    pub change: String,
    pub action: String,
    /// To how many things that there are now.
    pub count: u64,
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A thing by its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Example {
    #[serde(rename = "type")]
    pub type_name: String,
    pub id: String,
    pub name: String,
}

/// What the requests of the last days would have got.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Requests {
    pub since: Timestamp,
    pub considered: u64,
    pub would_be_refused: u64,
    pub would_be_allowed: u64,
    #[serde(default)]
    pub examples: Vec<PastRequest>,
}

/// A request that was `allowed` or `refused` then, and would be the other now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PastRequest {
    pub time: Timestamp,
    pub actor: Actor,
    pub action: String,
    #[serde(default)]
    pub subject: Option<Example>,
    pub then: String,
    pub now: String,
}

/// The same request of the same principal, refused once or often within the last 7 days.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefusedRequest {
    pub actor: Actor,
    pub action: String,
    /// `None` when it was about no one thing, or about one that did not exist yet.
    #[serde(default)]
    pub subject: Option<Example>,
    pub count: u64,
    pub last_at: Timestamp,
}

/// May somebody do this?
#[derive(Debug, Clone, Default, Serialize)]
pub struct Question {
    pub action: String,
    /// Name or id of a resource of the action's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Circumstances to suppose: `ip`, `country`, `time`, `authentication`, `risk`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    pub allowed: bool,
    /// Whether that holds for everything that the action can be done to.
    #[serde(default)]
    pub everything: bool,
    #[serde(default)]
    pub reason: String,
    /// The statements that decided, for those who may see policies.
    #[serde(default)]
    pub statements: Vec<Value>,
    /// Of a creation or a draft, alternatives of what its properties have to be: values by the names of properties.
    #[serde(default)]
    pub requires: Vec<BTreeMap<String, Vec<String>>>,
}

impl OrgScope {
    pub fn policies(&self) -> Policies<'_> {
        Policies { org: self }
    }

    /// What was refused to whom in the last 7 days, newest first.
    pub fn refusals(&self) -> impl Stream<Item = Result<RefusedRequest>> + Send + '_ {
        page::all(None, || self.call(Method::GET, &["refusals"]).query("limit", 500))
    }

    /// Answers questions about the caller, or about the member or service account with this id.
    pub async fn authorize(&self, principal: Option<&str>, questions: &[Question]) -> Result<Vec<Answer>> {
        #[derive(Deserialize)]
        struct Answers {
            answers: Vec<Answer>,
        }
        let mut body = Map::new();
        body.insert("questions".to_owned(), serde_json::json!(questions));
        if let Some(principal) = principal {
            body.insert("principal".to_owned(), principal.into());
        }
        let call = self.call(Method::POST, &["authorize"]).json(&body);
        let Answers { answers } = call.receive().await?;
        Ok(answers)
    }
}

impl Policies<'_> {
    /// By name, all of them: an org has 1000 at most.
    pub async fn list(&self) -> Result<Vec<Policy>> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let call = self.org.call(Method::GET, &["policies"]).query("limit", 500);
            let page: Page<Policy> = call.query_some("cursor", cursor.as_ref()).receive().await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    pub async fn get(&self, id: &str) -> Result<Policy> {
        self.org.call(Method::GET, &["policies", id]).receive().await
    }

    pub async fn create(&self, policy: &PolicyInput, options: WriteOptions) -> Result<Policy> {
        let call = self.org.call(Method::POST, &["policies"]);
        call.query_some("dry_run", options.dry_run.then_some(true))
            .json(policy)
            .receive()
            .await
    }

    pub async fn replace(&self, id: &str, policy: &PolicyInput, options: WriteOptions) -> Result<Policy> {
        let call = self.org.call(Method::PUT, &["policies", id]);
        let call = call.query_some("dry_run", options.dry_run.then_some(true));
        call.if_match(options.if_version).json(policy).receive().await
    }

    pub async fn revert(&self, id: &str, version: i64, options: WriteOptions) -> Result<Policy> {
        let call = self.org.call(Method::POST, &["policies", id, "revert"]);
        let call = call.query_some("dry_run", options.dry_run.then_some(true));
        let body = serde_json::json!({"version": version});
        call.if_match(options.if_version).json(&body).receive().await
    }

    pub async fn delete(&self, id: &str) -> Result<()> {
        self.org.call(Method::DELETE, &["policies", id]).complete().await
    }

    /// What deleting it would do; nothing is deleted.
    pub async fn deletion(&self, id: &str) -> Result<Impact> {
        #[derive(Deserialize)]
        struct Foretold {
            impact: Impact,
        }
        let call = self.org.call(Method::DELETE, &["policies", id]).query("dry_run", true);
        let Foretold { impact } = call.receive().await?;
        Ok(impact)
    }

    /// Looks at a draft and keeps nothing.
    pub async fn check(&self, text: &str) -> Result<PolicyCheck> {
        let call = self.org.call(Method::POST, &["policies", "check"]);
        call.json(&serde_json::json!({"text": text})).receive().await
    }

    /// Newest first; also of a policy that is deleted.
    pub async fn versions(&self, id: &str) -> Result<Page<PolicyVersion>> {
        let call = self.org.call(Method::GET, &["policies", id, "versions"]);
        call.query("limit", 500).receive().await
    }
}
