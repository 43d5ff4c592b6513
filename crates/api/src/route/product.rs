//! The product: shown to everybody, applied by an operator.

use axum::Json;
use axum::extract::State;
use plinth_control::Catalog;
use plinth_control::product::{self, Mode};
use plinth_model::Product;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Body, Operator, Params};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, apply))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ApplyParams {
    /// Shows what would change, and changes nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What is sold here, under which names.
#[utoipa::path(get, path = "/v1/product", operation_id = "get_product", tag = "product", security(()), responses((status = 200, description = "The product", body = Object)))]
async fn get(State(app): State<App>) -> Json<Value> {
    Json(presented(&app.control.catalog(), app.control.config().development))
}

fn presented(catalog: &Catalog, development: bool) -> Value {
    let product = &catalog.product;
    let mut shown = serde_json::to_value(&product.product).unwrap_or_default();
    for (key, value) in [
        ("dev", json!(development)),
        ("revision", json!(catalog.revision)),
        ("types", json!(product.types)),
        ("meters", json!(product.meters)),
        ("plans", json!(product.plans)),
        ("dashboards", json!(product.dashboards)),
        ("roles", json!(product.roles)),
    ] {
        shown[key] = value;
    }
    shown
}

/// Loads a product folder, checked, all or nothing.
#[utoipa::path(
    put, path = "/v1/product", operation_id = "apply_product", tag = "product", params(ApplyParams), request_body = Object,
    responses((status = 200, description = "What changed", body = Object), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn apply(
    State(app): State<App>,
    Operator(operator): Operator,
    Params(params): Params<ApplyParams>,
    Body(document): Body<Product>,
) -> Result<Json<Value>> {
    let mode = if params.dry_run { Mode::DryRun } else { Mode::Apply };
    let applied = product::apply(&app.control, &operator, document, mode).await?;
    Ok(Json(json!({"revision": applied.revision, "changes": applied.changes})))
}
