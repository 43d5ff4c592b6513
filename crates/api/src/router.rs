//! The routes with everything around them, as a server and as a document.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use plinth_control::Control;
use plinth_model::Product;
use serde_json::Value;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::{App, AppConfig};
use crate::{metrics, openapi, problem, refusal, request_id, route};

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
        .layer(middleware::from_fn_with_state(app.clone(), refusal::note))
        .layer(middleware::from_fn_with_state(app.metrics, metrics::observe))
        .layer(middleware::from_fn(request_id::attach))
}

/// The OpenAPI document of the routes for a product.
pub fn document(product: &Product) -> Value {
    let (_, document) = route::all().split_for_parts();
    openapi::with_types(&openapi::static_part(&document), product)
}
