//! Requests that policies refused.

use axum::Json;
use axum::extract::State;
use plinth_control::refusal::{self, RefusedRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::policy::ExampleWire;
use super::wire::{ActorWire, List, PageParams, page};
use crate::app::App;
use crate::extract::{CallerIn, Params};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The same request of the same member or service account, refused once or often within the last 7 days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusedRequest)]
pub struct RefusedWire {
    actor: ActorWire,
    #[schema(example = "members:update")]
    action: String,
    /// `null` when it was about no one thing, or about one that did not exist yet.
    #[schema(required)]
    subject: Option<ExampleWire>,
    /// How often.
    #[schema(minimum = 1)]
    count: i64,
    #[schema(format = DateTime)]
    last_at: String,
}

impl From<RefusedRequest> for RefusedWire {
    fn from(refused: RefusedRequest) -> Self {
        Self {
            actor: refused.actor.into(),
            action: refused.action,
            subject: refused.subject.map(Into::into),
            count: refused.count,
            last_at: refused.last_at.to_string(),
        }
    }
}

/// The requests that policies refused in the last 7 days, newest first, for those who may see policies: of people and about
/// things that the caller may see. A page may have fewer items than asked for.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/refusals", operation_id = "list_refusals", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), PageParams),
    responses((status = 200, description = "A page", body = List<RefusedWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<PageParams>,
) -> Result<Json<List<RefusedWire>>> {
    let found = refusal::list(&app.control, &caller, &page(params.limit, params.cursor)).await?;
    let found = found.map(RefusedWire::from);
    Ok(Json(List {
        items: found.items,
        next: found.next,
    }))
}
