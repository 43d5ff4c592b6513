//! Metrics: measured points in, aggregated series out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{Result, org::OrgScope, usage::Accepted};

#[derive(Debug, Clone, Copy)]
pub struct Metrics<'a> {
    org: &'a OrgScope,
}

/// One measured value. A lease's points need no `resource`: it is the lease's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Point {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    pub at: Timestamp,
    pub value: f64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MetricQuery {
    pub name: String,
    /// `sum`, `avg`, `min`, `max`, `p95`, `rate` or `last`.
    pub aggregate: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub bucket_secs: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MetricAnswer {
    pub series: Vec<Series>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Series {
    #[serde(default)]
    pub group: BTreeMap<String, Option<String>>,
    pub points: Vec<SeriesPoint>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeriesPoint {
    pub at: Timestamp,
    pub value: Option<f64>,
}

impl OrgScope {
    pub fn metrics(&self) -> Metrics<'_> {
        Metrics { org: self }
    }
}

impl Metrics<'_> {
    pub async fn record(&self, points: &[Point]) -> Result<Accepted> {
        let call = self.org.call(Method::POST, &["metrics"]);
        call.json(&serde_json::json!({ "points": points })).receive().await
    }

    pub async fn query(&self, query: &MetricQuery) -> Result<MetricAnswer> {
        let call = self.org.call(Method::POST, &["metrics", "query"]);
        call.json(query).receive().await
    }
}
