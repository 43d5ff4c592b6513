//! What each handler can reach. Must not know a route, nor what stands around them.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use plinth_control::Control;
use serde_json::Value;

use crate::metrics::Metrics;

/// Settings of the edge.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether session cookies are for HTTPS only.
    pub secure_cookies: bool,
    /// How often an event stream says where it is, so that its reader can tell silence from a dead connection.
    pub bookmark_period: Duration,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            secure_cookies: false,
            bookmark_period: Duration::from_secs(15),
        }
    }
}

/// The state of the router. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) control: Control,
    pub(crate) config: Arc<AppConfig>,
    pub(crate) metrics: Arc<Metrics>,
    /// The document without the product's types; they are added as the product is when it is asked for.
    pub(crate) openapi: Arc<Value>,
}
