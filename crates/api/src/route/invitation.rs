//! Invitations: made and revoked in an org, looked at and accepted outside of it.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::invitation::{self, Invitation, NewInvitation};
use plinth_control::{ControlError, conceal_names};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::member::role_texts;
use super::org::{OrgWire, visitor};
use super::wire::{ActorWire, List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, Known, NoBody, Origin, Params, PathParams, Unversioned};
use crate::name::RoleName;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(accept))
        .routes(routes!(preview))
}

/// Whom to invite, and which roles they get.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitationBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(value_type = Vec<RoleName>, min_items = 1, example = json!(["developer"]))]
    roles: Vec<String>,
}

/// An e-mail address that may become a member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationWire {
    id: String,
    email: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
    invited_by: ActorWire,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(required, format = DateTime)]
    accepted_at: Option<String>,
}

impl From<Invitation> for InvitationWire {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email,
            roles: role_texts(&invitation.roles),
            invited_by: invitation.invited_by.into(),
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
            accepted_at: invitation.accepted_at.map(|at| at.to_string()),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// The secret of the link in the mail.
    token: String,
}

/// The org that the caller is a member of from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedWire {
    org: OrgWire,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PreviewParams {
    /// The secret of the link in the mail.
    token: String,
}

/// What an invitation is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewWire {
    org: PreviewOrgWire,
    /// Only a user with this address can accept.
    email: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOrgWire {
    slug: String,
    name: String,
}

/// The org's invitations, newest first; accepted and expired ones too.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/invitations", operation_id = "list_invitations", tag = "invitations",
    params(("org" = String, Path, description = "Id or slug"), PageParams),
    responses((status = 200, description = "A page", body = List<InvitationWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<PageParams>,
) -> Result<Json<List<InvitationWire>>> {
    let mut found = invitation::list(&app.control, &caller, &page(params.limit, params.cursor)).await?;
    let inviters = found.items.iter_mut().map(|invitation| &mut invitation.invited_by);
    conceal_names(&app.control, &caller, inviters).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Invites an address by mail. An address that is invited already gets a new mail, and the former link is void.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/invitations", operation_id = "create_invitation", tag = "invitations",
    params(("org" = String, Path, description = "Id or slug"), KeyParam), request_body = NewInvitationBody,
    responses((status = 201, description = "Invited", body = InvitationWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn create(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewInvitationBody>>,
) -> Result<(StatusCode, Json<InvitationWire>)> {
    let new = NewInvitation {
        email: body.email,
        roles: body.roles,
    };
    let invited = invitation::create(&app.control, &caller, &new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(invited.into())))
}

/// Makes an invitation void that nobody has accepted.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/invitations/{id}", operation_id = "revoke_invitation", tag = "invitations",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the invitation"), KeyParam),
    responses((status = 204, description = "Revoked"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn revoke(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    _: Unversioned,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<StatusCode> {
    let id = id.parse().map_err(|_| ControlError::not_found("open invitation"))?;
    invitation::revoke(&app.control, &caller, id, key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the caller, whose address was invited, a member.
#[utoipa::path(
    post, path = "/v1/invitations/accept", operation_id = "accept_invitation", tag = "invitations", request_body = AcceptBody,
    params(KeyParam),
    responses((status = 200, description = "Joined", body = AcceptedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn accept(
    State(app): State<App>,
    known: Known,
    origin: Origin,
    Idempotent { body: Body(body), key }: Idempotent<Body<AcceptBody>>,
) -> Result<Json<AcceptedWire>> {
    let joined = invitation::accept(&app.control, &visitor(known, origin), &body.token, key.as_ref()).await?;
    Ok(Json(AcceptedWire { org: joined.org.into() }))
}

/// Shows what an invitation is for, before logging in.
#[utoipa::path(
    get, path = "/v1/invitations/preview", operation_id = "preview_invitation", tag = "invitations", security(()),
    params(PreviewParams),
    responses((status = 200, description = "The invitation", body = PreviewWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn preview(State(app): State<App>, Params(params): Params<PreviewParams>) -> Result<Json<PreviewWire>> {
    let found = invitation::preview(&app.control, &params.token).await?;
    let org = PreviewOrgWire {
        slug: found.org.slug,
        name: found.org.name,
    };
    Ok(Json(PreviewWire {
        org,
        email: found.email,
        roles: role_texts(&found.roles),
    }))
}
