//! Usage records: billable points, each counted once for good by `(source, id)`.

use futures::Stream;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Page, Result, call::Call, org::OrgScope, page};

#[derive(Debug, Clone, Copy)]
pub struct Usage<'a> {
    org: &'a OrgScope,
}

/// A billable point. `quantity` is an exact decimal in text. A lease's records need no `resource`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsageRecord {
    pub source: String,
    pub id: String,
    pub meter: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    pub quantity: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// When the server took it; not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Timestamp>,
}

/// How many of a batch were new, and how many known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub accepted: u64,
    #[serde(default)]
    pub duplicate: u64,
}

#[derive(Debug, Clone, Default)]
pub struct UsageQuery {
    pub meter: Option<String>,
    pub resource: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

impl OrgScope {
    pub fn usage(&self) -> Usage<'_> {
        Usage { org: self }
    }
}

impl Usage<'_> {
    pub async fn record(&self, records: &[UsageRecord]) -> Result<Accepted> {
        let call = self.org.call(Method::POST, &["usage"]);
        call.json(&serde_json::json!({ "records": records })).receive().await
    }

    pub async fn list(&self, query: &UsageQuery) -> Result<Page<UsageRecord>> {
        let call = list_call(self.org, query);
        call.query_some("cursor", query.cursor.as_ref()).receive().await
    }

    pub fn all(&self, query: UsageQuery) -> impl Stream<Item = Result<UsageRecord>> + Send + use<> {
        let org = self.org.clone();
        page::all(query.cursor.clone(), move || list_call(&org, &query))
    }
}

fn list_call(org: &OrgScope, query: &UsageQuery) -> Call {
    org.call(Method::GET, &["usage"])
        .query_some("meter", query.meter.as_ref())
        .query_some("resource", query.resource.as_ref())
        .query_some("from", query.from)
        .query_some("to", query.to)
        .query_some("limit", query.limit)
}
