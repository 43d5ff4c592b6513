//! Members of an org.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::ControlError;
use plinth_control::member::{self, Member, MemberPatch};
use plinth_model::Role;
use plinth_model::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, NoBody, Params, PathParams, Unversioned};
use crate::name::RoleName;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(update, remove))
}

/// A user in an org.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberWire {
    user_id: String,
    email: String,
    name: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
    /// What policies call `Group::"<name>"`.
    groups: Vec<String>,
    /// Flat, like the properties of a resource.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Member> for MemberWire {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user.to_string(),
            email: member.email,
            name: member.name,
            roles: role_texts(&member.roles),
            groups: member.groups,
            attributes: member.attributes,
            created_at: member.created_at.to_string(),
        }
    }
}

pub(super) fn role_texts(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

/// What to change of a member; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPatchBody {
    /// The roles that the member has from now on.
    #[schema(value_type = Option<Vec<RoleName>>, min_items = 1)]
    roles: Option<Vec<String>>,
    /// The groups that the member is in from now on, at most 50.
    groups: Option<Vec<String>>,
    /// The attributes that the member has from now on.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
}

/// What does not parse is no member.
fn user(text: &str) -> Result<UserId> {
    Ok(text.parse().map_err(|_| ControlError::not_found("member"))?)
}

/// The org's members.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/members", operation_id = "list_members", tag = "members",
    params(("org" = String, Path, description = "Id or slug"), PageParams),
    responses((status = 200, description = "A page", body = List<MemberWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<PageParams>,
) -> Result<Json<List<MemberWire>>> {
    let found = member::list(&app.control, &caller, &page(params.limit, params.cursor)).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Changes a member's roles or attributes. Only owners give or take the role `owner`; the last owner stays one.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/members/{user_id}", operation_id = "update_member", tag = "members",
    params(("org" = String, Path, description = "Id or slug"), ("user_id" = String, Path, description = "Id of the user"), KeyParam),
    request_body = MemberPatchBody,
    responses((status = 200, description = "Changed", body = MemberWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn update(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, user_id)): PathParams<(String, String)>,
    _: Unversioned,
    Idempotent { body: Body(body), key }: Idempotent<Body<MemberPatchBody>>,
) -> Result<Json<MemberWire>> {
    let patch = MemberPatch {
        roles: body.roles,
        groups: body.groups,
        attributes: body.attributes,
    };
    let updated = member::update(&app.control, &caller, user(&user_id)?, &patch, key.as_ref()).await?;
    Ok(Json(updated.into()))
}

/// Takes a member out of the org. Everybody may take out themselves, but for the last owner.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/members/{user_id}", operation_id = "remove_member", tag = "members",
    params(("org" = String, Path, description = "Id or slug"), ("user_id" = String, Path, description = "Id of the user"), KeyParam),
    responses((status = 204, description = "Removed"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn remove(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, user_id)): PathParams<(String, String)>,
    _: Unversioned,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<StatusCode> {
    member::remove(&app.control, &caller, user(&user_id)?, key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
