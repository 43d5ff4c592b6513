//! What policies may ask about a request: measured of it, or supposed.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plinth_policy::view::{Authentication, Context, Local};
use serde_json::Value;

use crate::Control;

/// What is measured of a request, or supposed.
#[derive(Debug)]
pub(crate) struct Circumstances {
    pub at: Timestamp,
    pub ip: Option<IpAddr>,
    pub country: Option<String>,
    pub authentication: Authentication,
    pub risk: i64,
}

impl Circumstances {
    /// As policies see them in an org whose clocks are in this zone.
    pub(crate) fn view(self, zone: &TimeZone) -> Value {
        let local = self.at.to_zoned(zone.clone());
        let context = Context {
            time_millis: self.at.as_millisecond(),
            local: Local {
                hour: local.hour().into(),
                minute: local.minute().into(),
                weekday: format!("{:?}", local.weekday()).to_lowercase(),
            },
            ip: self.ip,
            country: self.country,
            authentication: self.authentication,
            risk: self.risk,
        };
        context.view()
    }
}

/// Circumstances to suppose in the place of the real ones. What is left out is no address, now, and a login by password
/// or token of this moment without any risk. An address is in its country, unless another one is supposed.
#[derive(Debug, Clone, Default)]
pub struct Supposed {
    pub ip: Option<IpAddr>,
    pub country: Option<String>,
    /// From 0 to 100.
    pub risk: i64,
    pub time: Option<Timestamp>,
    pub authentication: Option<Authentication>,
}

impl Supposed {
    pub(crate) fn view(self, zone: &TimeZone) -> Value {
        let fresh = Authentication {
            age_secs: 0,
            strength: 1,
        };
        let circumstances = Circumstances {
            at: self.time.unwrap_or_else(Timestamp::now),
            ip: self.ip,
            country: self.country,
            authentication: self.authentication.unwrap_or(fresh),
            risk: self.risk,
        };
        circumstances.view(zone)
    }

    /// With the country of its address, when none is supposed.
    pub(crate) fn located(self, control: &Control) -> Self {
        let country = self.country.clone().or_else(|| control.country_of(self.ip));
        Self { country, ..self }
    }
}
