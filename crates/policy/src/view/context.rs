//! The circumstances of a request.

use core::net::IpAddr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::compile::address::bits;

/// What is known about a request, to be written as its view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Milliseconds since 1970 in UTC.
    pub time_millis: i64,
    /// The same moment on the clocks of the org.
    pub local: Local,
    /// Where the request comes from.
    pub ip: Option<IpAddr>,
    /// Country of that address, as a code of two capital letters (ISO 3166).
    pub country: Option<String>,
    /// How the principal logged in.
    pub authentication: Authentication,
    /// How unusual the request is, from 0 to 100.
    pub risk: i64,
}

/// A moment in the time zone of an org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Local {
    /// From 0 to 23.
    pub hour: i64,
    /// From 0 to 59.
    pub minute: i64,
    /// `monday` to `sunday`.
    pub weekday: String,
}

/// A login or the making of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Authentication {
    /// Seconds since then.
    pub age_secs: i64,
    /// 1 for one factor, 2 for two, 3 for one that cannot be phished.
    pub strength: i64,
}

impl Context {
    /// Its view. An address of version 4 that is written as one of version 6 is one of version 4.
    #[must_use]
    pub fn view(&self) -> Value {
        let ip = self.ip.map(|ip| ip.to_canonical());
        json!({
            "time": self.time_millis,
            "local": self.local,
            "ip": ip.map(|ip| json!({"address": ip.to_string(), "bits": bits(ip)})),
            "country": self.country,
            "authentication": self.authentication,
            "risk": self.risk,
        })
    }
}
