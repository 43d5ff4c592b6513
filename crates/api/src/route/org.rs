//! Orgs: `/v1/orgs`, and what the caller may do in one.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::org::{self, NewOrg, Org, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, Known, Origin, Params, Unversioned};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
        .routes(routes!(permissions))
}

/// A new org.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrgBody {
    /// Stands in URLs, stays for the org's life, and nobody else has it.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length = 63, example = "acme")]
    slug: String,
    #[schema(min_length = 1, max_length = 100, example = "Acme Ltd")]
    name: String,
}

/// What to change of an org.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgPatch {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// IANA name of the time zone that `context.local` of policies is in.
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Org)]
pub struct OrgWire {
    #[schema(example = "org_01jd0000000000000000000000")]
    id: String,
    slug: String,
    name: String,
    /// The plan that its usage is charged by.
    plan: String,
    /// IANA name of the time zone that `context.local` of policies is in; `UTC` until it is chosen.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Org> for OrgWire {
    fn from(org: Org) -> Self {
        let Org {
            id,
            slug,
            name,
            plan,
            time_zone,
            created_at,
        } = org;
        Self {
            id: id.to_string(),
            slug,
            name,
            plan,
            time_zone,
            created_at: created_at.to_string(),
        }
    }
}

/// All that the caller may do in an org.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionsWire {
    #[schema(example = json!(["events:view", "members:view"]))]
    permissions: Vec<String>,
}

pub(super) fn visitor(known: Known, origin: Origin) -> Visitor {
    Visitor {
        identity: known.identity,
        request_id: origin.request_id,
        signals: origin.signals,
    }
}

/// The caller's orgs, by slug.
#[utoipa::path(
    get, path = "/v1/orgs", operation_id = "list_orgs", tag = "orgs", params(PageParams),
    responses((status = 200, description = "A page", body = List<OrgWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    known: Known,
    origin: Origin,
    Params(params): Params<PageParams>,
) -> Result<Json<List<OrgWire>>> {
    let found = org::list(
        &app.control,
        &visitor(known, origin),
        &page(params.limit, params.cursor),
    )
    .await?;
    let items = found
        .items
        .into_iter()
        .map(|membership| membership.org.into())
        .collect();
    Ok(Json(List {
        items,
        next: found.next,
    }))
}

/// Creates an org; the caller becomes its owner.
#[utoipa::path(
    post, path = "/v1/orgs", operation_id = "create_org", tag = "orgs", request_body = NewOrgBody,
    params(KeyParam),
    responses((status = 201, description = "Created", body = OrgWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn create(
    State(app): State<App>,
    known: Known,
    origin: Origin,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewOrgBody>>,
) -> Result<(StatusCode, Json<OrgWire>)> {
    let plan = app.control.catalog().default_plan().to_owned();
    let new = NewOrg {
        slug: body.slug,
        name: body.name,
        plan,
    };
    let org = org::create(&app.control, &visitor(known, origin), &new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(org.into())))
}

/// An org that the caller is in.
#[utoipa::path(
    get, path = "/v1/orgs/{org}", operation_id = "get_org", tag = "orgs",
    params(("org" = String, Path, description = "Id or slug")),
    responses((status = 200, description = "The org", body = OrgWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn get(State(app): State<App>, CallerIn(caller): CallerIn) -> Result<Json<OrgWire>> {
    Ok(Json(org::get(&app.control, &caller).await?.into()))
}

/// Gives the org another name, or another time zone. Its slug stays.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}", operation_id = "update_org", tag = "orgs",
    params(("org" = String, Path, description = "Id or slug"), KeyParam), request_body = OrgPatch,
    responses((status = 200, description = "Changed", body = OrgWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn update(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    _: Unversioned,
    Idempotent { body: Body(patch), key }: Idempotent<Body<OrgPatch>>,
) -> Result<Json<OrgWire>> {
    let patch = org::OrgPatch {
        name: patch.name,
        time_zone: patch.time_zone,
    };
    let updated = org::update(&app.control, &caller, &patch, key.as_ref()).await?;
    Ok(Json(updated.into()))
}

/// What the caller may do in the org, so that nothing needs to be offered that would be refused.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/permissions", operation_id = "list_permissions", tag = "orgs",
    params(("org" = String, Path, description = "Id or slug")),
    responses((status = 200, description = "The permissions", body = PermissionsWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn permissions(CallerIn(caller): CallerIn) -> Json<PermissionsWire> {
    Json(PermissionsWire {
        permissions: org::permissions(&caller),
    })
}
