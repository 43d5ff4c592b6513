//! For balancers, Prometheus and people with a browser.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::openapi;
use crate::problem::Result;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .routes(routes!(document))
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operations", security(()), responses((status = 200, description = "Alive", body = Object)))]
async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The databases answer.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operations", security(()), responses((status = 200, description = "Ready", body = Object), (status = 503, description = "A database does not answer", body = crate::problem::ProblemBody)))]
async fn readyz(State(app): State<App>) -> Result<Json<Value>> {
    app.control
        .store()
        .ping()
        .await
        .map_err(plinth_control::ControlError::from)?;
    Ok(Json(json!({"status": "ok"})))
}

/// The server's own metrics, for Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operations", security(()), responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(app): State<App>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let shed = app.control.refusals().shed_count();
    let text = app.metrics.text(app.control.store().system_count(), shed);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// This API, with the paths of each resource type.
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = "operations", security(()), responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
async fn document(State(app): State<App>) -> Json<Value> {
    Json(openapi::with_types(&app.openapi, &app.control.catalog().product))
}
