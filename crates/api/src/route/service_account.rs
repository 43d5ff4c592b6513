//! Service accounts of an org, and their tokens.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::service_account::{self, Issued, NewServiceAccount, NewToken, ServiceAccount, Token};
use plinth_control::{ControlError, conceal_names};
use plinth_model::id::ServiceAccountId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::member::role_texts;
use super::wire::{ActorWire, List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, NoBody, Params, PathParams, Unversioned};
use crate::name::RoleName;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(tokens, issue))
        .routes(routes!(revoke))
}

/// A new service account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccountBody {
    /// Stays for the account's life; unique in the org.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length = 63, example = "ci")]
    name: String,
    #[schema(value_type = Vec<RoleName>, min_items = 1, example = json!(["developer"]))]
    roles: Vec<String>,
    /// What policies call `Group::"<name>"`, at most 50.
    #[serde(default)]
    groups: Vec<String>,
    /// Flat, like the properties of a resource.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// What to change of a service account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountPatch {
    /// The roles that the account and its tokens have from now on.
    #[schema(value_type = Option<Vec<RoleName>>, min_items = 1)]
    roles: Option<Vec<String>>,
    /// The groups that the account is in from now on, at most 50.
    groups: Option<Vec<String>>,
    /// The attributes that the account has from now on.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
}

/// A program's account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceAccount)]
pub struct ServiceAccountWire {
    id: String,
    name: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
    /// What policies call `Group::"<name>"`.
    groups: Vec<String>,
    /// Flat, like the properties of a resource.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    created_by: ActorWire,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<ServiceAccount> for ServiceAccountWire {
    fn from(account: ServiceAccount) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name,
            roles: role_texts(&account.roles),
            groups: account.groups,
            attributes: account.attributes,
            created_by: account.created_by.into(),
            created_at: account.created_at.to_string(),
        }
    }
}

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTokenBody {
    /// What the token is for.
    #[schema(min_length = 1, max_length = 100, example = "github actions")]
    name: String,
    /// 60 (a minute) to 31536000 (a year); 90 days when left out.
    #[schema(minimum = 60, maximum = 31_536_000)]
    expires_in_secs: Option<u64>,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenWire {
    id: String,
    name: String,
    created_by: ActorWire,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
}

impl From<Token> for TokenWire {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name,
            created_by: token.created_by.into(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// A token with its secret, which no other answer shows.
#[derive(Serialize, ToSchema)]
pub struct IssuedWire {
    #[serde(flatten)]
    about: TokenWire,
    /// Send it as `Authorization: Bearer <token>`.
    token: String,
}

impl From<Issued> for IssuedWire {
    fn from(issued: Issued) -> Self {
        Self {
            about: issued.token.into(),
            token: issued.secret,
        }
    }
}

/// What does not parse is no account.
pub(super) fn account(text: &str) -> Result<ServiceAccountId> {
    Ok(text.parse().map_err(|_| ControlError::not_found("service account"))?)
}

/// The org's service accounts.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/service-accounts", operation_id = "list_service_accounts", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), PageParams),
    responses((status = 200, description = "A page", body = List<ServiceAccountWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<PageParams>,
) -> Result<Json<List<ServiceAccountWire>>> {
    let mut found = service_account::list(&app.control, &caller, &page(params.limit, params.cursor)).await?;
    let makers = found.items.iter_mut().map(|account| &mut account.created_by);
    conceal_names(&app.control, &caller, makers).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Creates a service account.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/service-accounts", operation_id = "create_service_account", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), KeyParam), request_body = NewServiceAccountBody,
    responses((status = 201, description = "Created", body = ServiceAccountWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn create(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewServiceAccountBody>>,
) -> Result<(StatusCode, Json<ServiceAccountWire>)> {
    let new = NewServiceAccount {
        name: body.name,
        roles: body.roles,
        groups: body.groups,
        attributes: body.attributes,
    };
    let created = service_account::create(&app.control, &caller, &new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(created.into())))
}

/// A service account.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/service-accounts/{id}", operation_id = "get_service_account", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account")),
    responses((status = 200, description = "The account", body = ServiceAccountWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn get(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
) -> Result<Json<ServiceAccountWire>> {
    let mut found = service_account::get(&app.control, &caller, account(&id)?).await?;
    conceal_names(&app.control, &caller, [&mut found.created_by]).await?;
    Ok(Json(found.into()))
}

/// Gives the account and its tokens other roles, groups or attributes.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/service-accounts/{id}", operation_id = "update_service_account", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), KeyParam),
    request_body = ServiceAccountPatch,
    responses((status = 200, description = "Changed", body = ServiceAccountWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn update(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    _: Unversioned,
    Idempotent { body: Body(patch), key }: Idempotent<Body<ServiceAccountPatch>>,
) -> Result<Json<ServiceAccountWire>> {
    let patch = service_account::ServiceAccountPatch {
        roles: patch.roles,
        groups: patch.groups,
        attributes: patch.attributes,
    };
    let mut updated = service_account::update(&app.control, &caller, account(&id)?, &patch, key.as_ref()).await?;
    conceal_names(&app.control, &caller, [&mut updated.created_by]).await?;
    Ok(Json(updated.into()))
}

/// Deletes the account; its tokens end at once.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/service-accounts/{id}", operation_id = "delete_service_account", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), KeyParam),
    responses((status = 204, description = "Deleted"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn delete(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    _: Unversioned,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<StatusCode> {
    service_account::delete(&app.control, &caller, account(&id)?, key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The account's tokens, newest first; revoked and expired ones too.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/service-accounts/{id}/tokens", operation_id = "list_tokens", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), PageParams),
    responses((status = 200, description = "A page", body = List<TokenWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn tokens(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    Params(params): Params<PageParams>,
) -> Result<Json<List<TokenWire>>> {
    let page = page(params.limit, params.cursor);
    let mut found = service_account::tokens(&app.control, &caller, account(&id)?, &page).await?;
    let makers = found.items.iter_mut().map(|token| &mut token.created_by);
    conceal_names(&app.control, &caller, makers).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Makes a token. Its secret is shown only now.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/service-accounts/{id}/tokens", operation_id = "create_token", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), KeyParam),
    request_body = NewTokenBody,
    responses((status = 201, description = "Created", body = IssuedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn issue(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewTokenBody>>,
) -> Result<(StatusCode, Json<IssuedWire>)> {
    let new = NewToken {
        name: body.name,
        expires_in_secs: body.expires_in_secs,
    };
    let issued = service_account::issue(&app.control, &caller, account(&id)?, &new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(issued.into())))
}

/// Ends a token at once.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/service-accounts/{id}/tokens/{token_id}", operation_id = "revoke_token", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), ("token_id" = String, Path, description = "Id of the token"), KeyParam),
    responses((status = 204, description = "Revoked"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn revoke(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id, token_id)): PathParams<(String, String, String)>,
    _: Unversioned,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<StatusCode> {
    let token = token_id.parse().map_err(|_| ControlError::not_found("token"))?;
    service_account::revoke(&app.control, &caller, account(&id)?, token, key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
