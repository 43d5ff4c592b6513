//! Questions to the data plane about a resource, or about a draft of one.

use axum::Json;
use axum::extract::State;
use plinth_control::action::{self, Subject};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, PathParams};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask_draft)).routes(routes!(ask))
}

/// What a question about a draft is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftQuestion {
    /// A spec as in a create, with its secrets.
    #[schema(value_type = Object)]
    spec: Value,
}

/// Nothing has to be said about a resource that exists.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {}

#[utoipa::path(
    post, path = "/v1/orgs/{org}/{plural}/actions/{action}", operation_id = "ask_draft", params(KeyParam), request_body = DraftQuestion,
    responses((status = 200, description = "The agent's answer", body = Object), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn ask_draft(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, action)): PathParams<(String, String, String)>,
    Idempotent { body: Body(body), key }: Idempotent<Body<DraftQuestion>>,
) -> Result<Json<Value>> {
    let subject = Subject::Draft(body.spec);
    let answer = action::ask(&app.control, &caller, &plural, &action, subject, key.as_ref()).await?;
    Ok(Json(answer))
}

#[utoipa::path(
    post, path = "/v1/orgs/{org}/{plural}/{key}/actions/{action}", operation_id = "ask", params(KeyParam), request_body = Question,
    responses((status = 200, description = "The agent's answer", body = Object), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn ask(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key, action)): PathParams<(String, String, String, String)>,
    Idempotent {
        body: Body(_),
        key: once,
    }: Idempotent<Body<Question>>,
) -> Result<Json<Value>> {
    let subject = Subject::Resource(key);
    let answer = action::ask(&app.control, &caller, &plural, &action, subject, once.as_ref()).await?;
    Ok(Json(answer))
}
