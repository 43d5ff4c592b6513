//! Signals: what made the requests of members and service accounts unusual, and the risk that it comes to.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::event::Actor;
use crate::{Result, org::OrgScope};

#[derive(Debug, Clone, Copy)]
pub struct OrgSignals<'a> {
    org: &'a OrgScope,
}

/// Something unusual that a principal did, or that was done in its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signal {
    pub id: String,
    pub principal: Actor,
    /// `failed_login`, `new_device`, `new_country` or `new_network`.
    pub kind: String,
    #[serde(default)]
    pub detail: Detail,
    pub weight: u32,
    pub at: Timestamp,
    pub counts_until: Timestamp,
}

/// What is known about the request or login.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Detail {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// What policies call `context.risk`, as it is now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Risk {
    /// From 0 to 100.
    pub score: u32,
    /// The most first.
    #[serde(default)]
    pub parts: Vec<RiskPart>,
}

/// What the signals of one kind add to the risk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RiskPart {
    pub kind: String,
    pub points: u32,
    /// When the last of them ends.
    pub counts_until: Timestamp,
}

/// A page of signals; `risk` is there when a principal was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignalPage {
    pub items: Vec<Signal>,
    #[serde(default)]
    pub next: Option<String>,
    #[serde(default)]
    pub risk: Option<Risk>,
}

impl OrgScope {
    pub fn signals(&self) -> OrgSignals<'_> {
        OrgSignals { org: self }
    }
}

impl OrgSignals<'_> {
    /// Newest first, at most 500; of the member or service account with this id when one is given.
    pub async fn list(&self, principal: Option<&str>, limit: u32, cursor: Option<&str>) -> Result<SignalPage> {
        let call = self.org.call(Method::GET, &["signals"]).query("limit", limit);
        let call = call.query_some("principal", principal.as_ref());
        call.query_some("cursor", cursor.as_ref()).receive().await
    }
}
