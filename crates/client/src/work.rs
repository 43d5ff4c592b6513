//! The work protocol, call by call: claim under a lease, report, release.
//! The runtime in [`crate::reconciler`] is built on it; another runtime could be.

use std::{collections::BTreeMap, fmt, time::Duration};

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Client, Result, call::Call, metric::Point, resource::Resource, usage::Accepted, usage::UsageRecord};

/// The queue, as a reconciler sees it.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'a> {
    client: &'a Client,
}

/// One resource under a lease.
#[derive(Debug, Clone, Copy)]
pub struct WorkScope<'a> {
    client: &'a Client,
}

/// A right to work on one resource, until it expires or somebody else gets it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Lease {
    pub token: String,
    #[serde(default)]
    pub epoch: u64,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// How long it lives when it is not renewed: a machine whose clock is wrong needs no other.
    pub ttl_secs: f64,
}

impl Lease {
    #[must_use]
    pub fn ttl(&self) -> Duration {
        duration(self.ttl_secs)
    }
}

fn duration(secs: f64) -> Duration {
    Duration::try_from_secs_f64(secs).unwrap_or_default()
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("epoch", &self.epoch)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct ClaimRequest {
    /// Names this process, such as `host-pid-random`; a new one at each start.
    pub agent: String,
    pub types: Vec<String>,
    /// How many more pieces of work this agent can take; 0 asks for changes only.
    pub capacity: usize,
    /// How many of one org it takes at most, with those that it holds. Deletions are given out beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_capacity: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// How long the server may hold the request while there is nothing, 30 at most.
    pub wait_secs: u64,
}

/// Which work alone a claim asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Resources that are being deleted.
    Deleted,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Claimed {
    #[serde(default)]
    pub items: Vec<ClaimedItem>,
    /// Resources this agent holds already, whose generation has moved.
    #[serde(default)]
    pub changed: Vec<ChangedItem>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ClaimedItem {
    pub lease: Lease,
    pub resource: Resource,
    /// Tries since the last success.
    #[serde(default)]
    pub attempts: u32,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ChangedItem {
    pub resource: Resource,
}

/// What is to be done: the resource, its secrets filled in, and what it refers to.
#[derive(Debug, Clone, Deserialize)]
pub struct Work {
    pub resource: Resource,
    /// By the pointer of the reference in `spec`, such as `/source/connection`.
    #[serde(default)]
    pub references: BTreeMap<String, Resource>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Renewed {
    pub generation: u64,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// As [`Lease::ttl_secs`]; another one when the server's setting is.
    pub ttl_secs: f64,
}

impl Renewed {
    #[must_use]
    pub fn ttl(&self) -> Duration {
        duration(self.ttl_secs)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseOutcome {
    Done,
    Retry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Release {
    pub outcome: ReleaseOutcome,
    pub observed_generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u64>,
}

/// Something to be found out at once, for a caller who waits: `check`, `discover`.
#[derive(Clone, Deserialize)]
pub struct Action {
    pub id: String,
    /// Id of the org that asks.
    #[serde(default)]
    pub org: String,
    pub token: String,
    #[serde(default, rename = "type")]
    pub resource_type: String,
    pub action: String,
    /// With secrets filled in.
    #[serde(default)]
    pub spec: Value,
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action")
            .field("id", &self.id)
            .field("org", &self.org)
            .field("resource_type", &self.resource_type)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Actions {
    items: Vec<Action>,
}

impl Client {
    /// The work queue; the client's token is a reconciler's.
    pub fn queue(&self) -> Queue<'_> {
        Queue { client: self }
    }

    /// One piece of leased work; the client's token is the lease's.
    pub fn work(&self) -> WorkScope<'_> {
        WorkScope { client: self }
    }
}

impl Queue<'_> {
    /// Waits for work, `request.wait_secs` at most.
    pub async fn claim(&self, request: &ClaimRequest) -> Result<Claimed> {
        let wait = Duration::from_secs(request.wait_secs);
        let call = self.client.call(Method::POST, &["v1", "work", "claim"]);
        long_poll(self.client, call, wait).json(request).receive().await
    }

    pub async fn claim_actions(&self, agent: &str, types: &[String], wait_secs: u64) -> Result<Vec<Action>> {
        let body = serde_json::json!({"agent": agent, "types": types, "wait_secs": wait_secs});
        let path = ["v1", "work", "claim-actions"];
        let call = self.client.call(Method::POST, &path);
        let call = long_poll(self.client, call, Duration::from_secs(wait_secs));
        let actions: Actions = call.json(&body).receive().await?;
        Ok(actions.items)
    }

    pub async fn action_result(&self, action: &Action, result: &Value) -> Result<()> {
        let path = ["v1", "work", "actions", &action.id, "result"];
        let body = serde_json::json!({"token": action.token, "result": result});
        let call = self.client.call(Method::POST, &path).once();
        call.json(&body).complete().await
    }
}

impl WorkScope<'_> {
    pub async fn read(&self) -> Result<Work> {
        self.call(Method::GET, &[]).receive().await
    }

    /// Keeps the lease; `timeout` bounds the one try.
    pub async fn renew(&self, timeout: Duration) -> Result<Renewed> {
        let call = self.call(Method::POST, &["renew"]).once();
        call.timeout(Some(timeout)).json(&serde_json::json!({})).receive().await
    }

    pub async fn status(&self, observed_generation: u64, status: &impl Serialize) -> Result<()> {
        #[derive(Serialize)]
        struct Body<'a, S> {
            observed_generation: u64,
            status: &'a S,
        }
        let call = self.call(Method::PUT, &["status"]);
        call.json(&Body {
            observed_generation,
            status,
        })
        .complete()
        .await
    }

    pub async fn metrics(&self, points: &[Point]) -> Result<Accepted> {
        let call = self.call(Method::POST, &["metrics"]);
        call.json(&serde_json::json!({ "points": points })).receive().await
    }

    pub async fn usage(&self, records: &[UsageRecord]) -> Result<Accepted> {
        let call = self.call(Method::POST, &["usage"]);
        call.json(&serde_json::json!({ "records": records })).receive().await
    }

    /// Gives the lease back.
    pub async fn release(&self, release: &Release) -> Result<()> {
        let call = self.call(Method::POST, &["release"]).once();
        call.json(release).complete().await
    }

    /// Nothing of the deleted resource is left: it may go.
    pub async fn finalize(&self) -> Result<()> {
        let call = self.call(Method::POST, &["finalize"]).once();
        call.json(&serde_json::json!({})).complete().await
    }

    fn call(&self, method: Method, rest: &[&str]) -> Call {
        let mut path = vec!["v1", "work", "self"];
        path.extend(rest);
        self.client.call(method, &path)
    }
}

fn long_poll(client: &Client, call: Call, wait: Duration) -> Call {
    call.once().timeout(Some(client.inner.timeout + wait))
}
