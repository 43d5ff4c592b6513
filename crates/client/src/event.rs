//! Events: each committed change of an org, in order, as list and as live stream.

use std::fmt;

use futures::Stream;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Page, Result, call::Call, org::OrgScope, page, resource::Resource};

#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    pub(crate) org: &'a OrgScope,
}

/// A CloudEvent of one change. `seq` counts 1, 2, 3 ... within the org.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub seq: u64,
    #[serde(rename = "type")]
    pub event_type: String,
    #[serde(default)]
    pub subject: Option<String>,
    pub time: Timestamp,
    pub data: Change,
    /// The rest of the CloudEvent: `specversion`, `source`, `hash`, `requestid` ...
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    pub kind: String,
    pub operation: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub actor: Option<Actor>,
    #[serde(default)]
    pub before: Option<Value>,
    #[serde(default)]
    pub after: Option<Value>,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    #[serde(rename = "type")]
    pub actor_type: String,
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().or(self.id.as_ref());
        f.write_str(name.unwrap_or(&self.actor_type))
    }
}

impl Event {
    /// The resource as the change left it, if the event is about one and shows it.
    pub fn after(&self) -> Option<Resource> {
        serde_json::from_value(self.data.after.clone()?).ok()
    }

    pub fn before(&self) -> Option<Resource> {
        serde_json::from_value(self.data.before.clone()?).ok()
    }
}

/// Which events; what is empty or `None` does not restrict.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Any of these.
    pub kind: Vec<String>,
    /// The id of a resource.
    pub subject: Option<String>,
    /// Any of these.
    pub operation: Vec<String>,
    pub actor: Option<String>,
    /// `key:value` of a resource's properties; all of these.
    pub property: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    pub filter: EventFilter,
    /// Only events behind this `seq`.
    pub after: Option<u64>,
    pub order: Order,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// What a live stream gives.
#[derive(Debug, Clone)]
pub enum Update {
    Change(Box<Event>),
    /// Everything up to this `seq` was given, as far as the filter lets it through:
    /// a reader may keep it as its cursor.
    Bookmark(u64),
}

impl OrgScope {
    pub fn events(&self) -> Events<'_> {
        Events { org: self }
    }
}

impl Events<'_> {
    pub async fn list(&self, query: &EventQuery) -> Result<Page<Event>> {
        let call = list_call(self.org, query);
        call.query_some("cursor", query.cursor.as_ref()).receive().await
    }

    pub fn all(&self, query: EventQuery) -> impl Stream<Item = Result<Event>> + Send + use<> {
        let org = self.org.clone();
        page::all(query.cursor.clone(), move || list_call(&org, &query))
    }

    /// The `seq` of the newest event the caller may see; 0 when there is none.
    pub async fn head(&self) -> Result<u64> {
        let query = EventQuery {
            limit: Some(1),
            ..EventQuery::default()
        };
        let newest = self.list(&query).await?.items.into_iter().next();
        Ok(newest.map_or(0, |event| event.seq))
    }
}

impl EventFilter {
    pub(crate) fn on(&self, call: Call) -> Call {
        call.query_each("kind", &self.kind)
            .query_some("subject", self.subject.as_ref())
            .query_each("operation", &self.operation)
            .query_some("actor", self.actor.as_ref())
            .query_each("property", &self.property)
    }
}

fn list_call(org: &OrgScope, query: &EventQuery) -> Call {
    let order = (query.order == Order::OldestFirst).then_some("asc");
    query
        .filter
        .on(org.call(Method::GET, &["events"]))
        .query_some("after", query.after)
        .query_some("order", order)
        .query_some("limit", query.limit)
}
