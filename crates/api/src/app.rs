//! The router with everything around it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use ipnet::IpNet;
use plinth_control::Control;
use serde_json::Value;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::metrics::Metrics;
use crate::{metrics, openapi, problem, request_id, route};

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

/// What each handler can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) control: Control,
    pub(crate) config: Arc<AppConfig>,
    pub(crate) metrics: Arc<Metrics>,
    /// The document without the product's types; they are added as the product is when it is asked for.
    pub(crate) openapi: Arc<Value>,
}

/// Bodies are small; batches of points and records are not.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Longer than any wait of ours; streams are not bound by it, since it ends with the response's head.
const TIMEOUT: Duration = Duration::from_secs(60);

/// All routes of the API. What is left for `fallback` is the console.
pub fn router(control: Control, config: AppConfig, fallback: Option<Router>) -> Router {
    let (routes, document) = route::all().split_for_parts();
    let app = App {
        control,
        config: Arc::new(config),
        metrics: Arc::default(),
        openapi: Arc::new(openapi::static_part(&document)),
    };
    let routes = routes.method_not_allowed_fallback(problem::method_not_allowed);
    let api = match fallback {
        Some(console) => routes
            .with_state(app.clone())
            .route("/v1/{*path}", axum::routing::any(problem::no_such_route))
            .fallback_service(console),
        None => routes.with_state(app.clone()).fallback(problem::no_such_route),
    };
    api.layer(DefaultBodyLimit::disable())
        // Refuses by the announced length, before anything is read.
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            http::StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::observe))
        .layer(middleware::from_fn_with_state(app, request_id::attach))
}
