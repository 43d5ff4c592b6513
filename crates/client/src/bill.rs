//! The bill of a period: lines by meter and resource, exact decimals as text.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Result, org::OrgScope};

#[derive(Debug, Clone, Copy)]
pub struct Bills<'a> {
    org: &'a OrgScope,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bill {
    #[serde(default)]
    pub org: Value,
    #[serde(default)]
    pub plan: Value,
    #[serde(default)]
    pub currency: String,
    pub period: Period,
    #[serde(default)]
    pub as_of: Option<String>,
    pub lines: Vec<Line>,
    #[serde(default)]
    pub subtotals: Vec<Subtotal>,
    pub total: String,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Period {
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Absent for flat prices, which nothing is measured for.
    #[serde(default)]
    pub meter: Option<String>,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub resource: Option<LineResource>,
    pub quantity: String,
    #[serde(default)]
    pub unit_price: Option<String>,
    pub amount: String,
    #[serde(default)]
    pub records: u64,
    #[serde(default)]
    pub drill: Option<String>,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineResource {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, rename = "type")]
    pub resource_type: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subtotal {
    #[serde(default)]
    pub price: String,
    /// Absent for flat prices.
    #[serde(default)]
    pub meter: Option<String>,
    #[serde(default)]
    pub title: String,
    /// What a quantity of 1 is.
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub quantity: String,
    /// The allowance, used or not.
    #[serde(default)]
    pub included: String,
    /// What is left of the quantity after the allowance.
    #[serde(default)]
    pub billable: String,
    /// What one `unit_price` is for, such as `million rows`.
    #[serde(default)]
    pub price_unit: String,
    /// Absent where tiers have prices of their own.
    #[serde(default)]
    pub unit_price: Option<String>,
    #[serde(default)]
    pub tiers: Vec<Tier>,
    pub amount: String,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// A part of the billable quantity with one price.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tier {
    pub quantity: String,
    pub unit_price: String,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Default)]
pub struct BillQuery {
    /// A month, `2026-11`; without it the running one.
    pub period: Option<String>,
    /// Only the lines of this resource.
    pub resource: Option<String>,
}

impl OrgScope {
    pub fn bills(&self) -> Bills<'_> {
        Bills { org: self }
    }
}

impl Bills<'_> {
    pub async fn get(&self, query: &BillQuery) -> Result<Bill> {
        self.org
            .call(Method::GET, &["bill"])
            .query_some("period", query.period.as_ref())
            .query_some("resource", query.resource.as_ref())
            .receive()
            .await
    }
}
