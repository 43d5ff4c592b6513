//! Measured points, and billable ones.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::id::Id;

#[derive(Debug, Clone, PartialEq)]
pub struct MetricPoint {
    pub name: String,
    pub resource: Id,
    pub at: Timestamp,
    pub value: f64,
    pub labels: BTreeMap<String, String>,
}

/// Billable, and deduplicated for good by `(source, id)`.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageRecord {
    pub source: String,
    pub id: String,
    pub meter: String,
    pub resource: Option<Id>,
    pub quantity: Decimal,
    pub at: Timestamp,
    pub properties: BTreeMap<String, Value>,
}
