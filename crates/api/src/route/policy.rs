//! Policies of an org, and the roles of the product.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use plinth_control::policy::{self, Draft, Policy, Says, Version, impact};
use plinth_control::resource::Mode;
use plinth_control::{Caller, ControlError, conceal_names};
use plinth_model::Actor;
use plinth_model::id::PolicyId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::WriteParams;
use super::wire::{ActorWire, List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, IfMatch, KeyParam, NoBody, Params, PathParams};
use crate::problem::{ProblemBody, Result};

mod foretold;

pub(super) use foretold::ExampleWire;
use foretold::{ForetoldWire, ImpactWire};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(check))
        .routes(routes!(get, replace, delete))
        .routes(routes!(versions))
        .routes(routes!(revert))
        .routes(routes!(roles))
}

/// What a policy is to say: either `text`, or `statements`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyBody {
    /// Unique in the org.
    #[schema(
        pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        max_length = 63,
        example = "contractors"
    )]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 1000)]
    description: String,
    /// Cedar: one or more statements.
    text: Option<String>,
    /// The easy form, one for each statement.
    #[serde(default, deserialize_with = "plinth_model::object::optional_values")]
    #[schema(value_type = Option<Vec<Object>>)]
    statements: Option<Vec<Value>>,
}

/// A draft to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDraft {
    /// Cedar: one or more statements.
    text: Option<String>,
    /// The easy form, one for each statement.
    #[serde(default, deserialize_with = "plinth_model::object::optional_values")]
    #[schema(value_type = Option<Vec<Object>>)]
    statements: Option<Vec<Value>>,
}

/// What there is to say about a draft that is valid.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyCheck {
    /// Cedar.
    text: String,
    /// The easy form; `null` when a statement says more than it can.
    #[schema(required, value_type = Option<Vec<Object>>)]
    statements: Option<Vec<Value>>,
    warnings: Vec<FindingWire>,
}

/// What the author of a policy should look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyFinding)]
pub struct FindingWire {
    /// From 1.
    line: u32,
    /// From 1.
    column: u32,
    message: String,
    #[schema(required)]
    hint: Option<String>,
}

/// A policy of an org.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
pub struct PolicyWire {
    id: String,
    name: String,
    description: String,
    /// Cedar.
    text: String,
    /// The easy form; `null` when a statement says more than it can.
    #[schema(required, value_type = Option<Vec<Object>>)]
    statements: Option<Vec<Value>>,
    /// Counts changes; the ETag.
    version: i64,
    created_by: ActorWire,
    #[schema(format = DateTime)]
    created_at: String,
    updated_by: ActorWire,
    #[schema(format = DateTime)]
    updated_at: String,
    /// What the change would do; in the answer to a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactWire>,
}

impl PolicyWire {
    fn of(app: &App, policy: Policy) -> Self {
        Self {
            statements: policy::forms(&app.control, &policy.text).map(values),
            id: policy.id.to_string(),
            name: policy.name,
            description: policy.description,
            text: policy.text,
            version: policy.version,
            created_by: policy.created_by.into(),
            created_at: policy.created_at.to_string(),
            updated_by: policy.updated_by.into(),
            updated_at: policy.updated_at.to_string(),
            impact: None,
        }
    }
}

pub(super) fn values<T: Serialize>(items: Vec<T>) -> Vec<Value> {
    let value = |item: &T| serde_json::to_value(item).unwrap_or_default();
    items.iter().map(value).collect()
}

/// What a policy said from a moment on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub struct VersionWire {
    version: i64,
    name: String,
    description: String,
    /// `null` for the version that deleted the policy.
    #[schema(required)]
    text: Option<String>,
    changed_by: ActorWire,
    #[schema(format = DateTime)]
    changed_at: String,
}

impl From<Version> for VersionWire {
    fn from(version: Version) -> Self {
        Self {
            version: version.version,
            name: version.name,
            description: version.description,
            text: version.text,
            changed_by: version.changed_by.into(),
            changed_at: version.changed_at.to_string(),
        }
    }
}

/// Which version a policy goes back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertBody {
    version: i64,
}

/// A role of the product, which holds in every org.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RolePolicy)]
pub struct RoleWire {
    name: String,
    /// Cedar.
    text: String,
}

/// All roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolesWire {
    items: Vec<RoleWire>,
}

fn writers(policy: &mut Policy) -> [&mut Actor; 2] {
    [&mut policy.created_by, &mut policy.updated_by]
}

fn id(text: &str) -> Result<PolicyId> {
    Ok(text.parse().map_err(|_| ControlError::not_found("policy"))?)
}

fn says(text: Option<String>, statements: Option<Vec<Value>>) -> Result<Says> {
    match (text, statements) {
        (Some(text), None) => Ok(Says::Cedar(text)),
        (None, Some(statements)) => Ok(Says::Forms(statements)),
        _ => Err(ControlError::invalid_field("/text", "or `statements` must be given, and not both").into()),
    }
}

fn draft(body: PolicyBody) -> Result<Draft> {
    Ok(Draft {
        name: body.name,
        description: body.description,
        says: says(body.text, body.statements)?,
    })
}

fn tagged(app: &App, status: StatusCode, policy: Policy, impact: Option<ImpactWire>) -> Response {
    let etag = format!("\"{}\"", policy.version);
    let wire = PolicyWire {
        impact,
        ..PolicyWire::of(app, policy)
    };
    (status, [(header::ETAG, etag)], Json(wire)).into_response()
}

/// What a change would do, which a dry run tells.
async fn foretold(
    app: &App,
    caller: &Caller,
    mode: Mode,
    (id, after): (PolicyId, Option<&Policy>),
) -> Result<Option<ImpactWire>> {
    match mode {
        Mode::Commit => Ok(None),
        Mode::DryRun => Ok(Some(impact::of(&app.control, caller, id, after).await?.into())),
    }
}

/// The org's policies, by name.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/policies", operation_id = "list_policies", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), PageParams),
    responses((status = 200, description = "A page", body = List<PolicyWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<PageParams>,
) -> Result<Json<List<PolicyWire>>> {
    let mut found = policy::list(&app.control, &caller, &page(params.limit, params.cursor)).await?;
    conceal_names(&app.control, &caller, found.items.iter_mut().flat_map(writers)).await?;
    Ok(Json(List {
        items: found
            .items
            .into_iter()
            .map(|policy| PolicyWire::of(&app, policy))
            .collect(),
        next: found.next,
    }))
}

/// Creates a policy. It holds from the next statement on, for everybody.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/policies", operation_id = "create_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), WriteParams, KeyParam), request_body = PolicyBody,
    responses((status = 201, description = "Created", body = PolicyWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn create(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<WriteParams>,
    Idempotent { body: Body(body), key }: Idempotent<Body<PolicyBody>>,
) -> Result<Response> {
    let created = policy::create(&app.control, &caller, &draft(body)?, params.mode(), key.as_ref()).await?;
    let impact = foretold(&app, &caller, params.mode(), (created.id, Some(&created))).await?;
    Ok(tagged(&app, StatusCode::CREATED, created, impact))
}

/// Looks at a draft and keeps nothing.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/policies/check", operation_id = "check_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug")), request_body = PolicyDraft,
    responses((status = 200, description = "It is valid", body = PolicyCheck), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn check(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Body(body): Body<PolicyDraft>,
) -> Result<Json<PolicyCheck>> {
    let checked = policy::check(&app.control, &caller, &says(body.text, body.statements)?)?;
    let warnings = checked.warnings.into_iter().map(|finding| FindingWire {
        line: finding.line,
        column: finding.column,
        message: finding.message,
        hint: finding.hint,
    });
    Ok(Json(PolicyCheck {
        text: checked.text,
        statements: checked.forms.map(values),
        warnings: warnings.collect(),
    }))
}

/// A policy.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/policies/{id}", operation_id = "get_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the policy")),
    responses((status = 200, description = "The policy", body = PolicyWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn get(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, policy)): PathParams<(String, String)>,
) -> Result<Response> {
    let mut found = policy::get(&app.control, &caller, id(&policy)?).await?;
    conceal_names(&app.control, &caller, writers(&mut found)).await?;
    Ok(tagged(&app, StatusCode::OK, found, None))
}

/// Gives the policy another wording. What it said before is kept as a version.
#[utoipa::path(
    put, path = "/v1/orgs/{org}/policies/{id}", operation_id = "replace_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the policy"), WriteParams, KeyParam),
    request_body = PolicyBody,
    responses((status = 200, description = "Replaced", body = PolicyWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn replace(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, policy)): PathParams<(String, String)>,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent { body: Body(body), key }: Idempotent<Body<PolicyBody>>,
) -> Result<Response> {
    let how = (params.mode(), if_match.0);
    let mut updated = policy::update(&app.control, &caller, id(&policy)?, &draft(body)?, how, key.as_ref()).await?;
    conceal_names(&app.control, &caller, writers(&mut updated)).await?;
    let impact = foretold(&app, &caller, params.mode(), (updated.id, Some(&updated))).await?;
    Ok(tagged(&app, StatusCode::OK, updated, impact))
}

/// Deletes the policy. Its versions are kept.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/policies/{id}", operation_id = "delete_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the policy"), WriteParams, KeyParam),
    responses((status = 204, description = "Deleted"), (status = 200, description = "A dry run: what it would do", body = ForetoldWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn delete(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, policy)): PathParams<(String, String)>,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<Response> {
    let (id, how) = (id(&policy)?, (params.mode(), if_match.0));
    policy::delete(&app.control, &caller, id, how, key.as_ref()).await?;
    Ok(match foretold(&app, &caller, params.mode(), (id, None)).await? {
        Some(impact) => Json(ForetoldWire { impact }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// What the policy said before, newest first; also when it is deleted.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/policies/{id}/versions", operation_id = "list_policy_versions", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the policy"), PageParams),
    responses((status = 200, description = "A page", body = List<VersionWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn versions(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, policy)): PathParams<(String, String)>,
    Params(params): Params<PageParams>,
) -> Result<Json<List<VersionWire>>> {
    let request = page(params.limit, params.cursor);
    let mut found = policy::versions(&app.control, &caller, id(&policy)?, &request).await?;
    let writers = found.items.iter_mut().map(|version| &mut version.changed_by);
    conceal_names(&app.control, &caller, writers).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Gives the policy the wording that it had in a version. That makes a new version, also of a policy that is deleted.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/policies/{id}/revert", operation_id = "revert_policy", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the policy"), WriteParams, KeyParam),
    request_body = RevertBody,
    responses((status = 200, description = "Reverted", body = PolicyWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn revert(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, policy)): PathParams<(String, String)>,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent { body: Body(body), key }: Idempotent<Body<RevertBody>>,
) -> Result<Response> {
    let how: (Mode, Option<i64>) = (params.mode(), if_match.0);
    let mut reverted = policy::revert(&app.control, &caller, id(&policy)?, body.version, how, key.as_ref()).await?;
    conceal_names(&app.control, &caller, writers(&mut reverted)).await?;
    let impact = foretold(&app, &caller, params.mode(), (reverted.id, Some(&reverted))).await?;
    Ok(tagged(&app, StatusCode::OK, reverted, impact))
}

/// The product's roles as policies.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/roles", operation_id = "list_roles", tag = "policies",
    params(("org" = String, Path, description = "Id or slug")),
    responses((status = 200, description = "All of them", body = RolesWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn roles(State(app): State<App>, CallerIn(caller): CallerIn) -> Result<Json<RolesWire>> {
    let roles = policy::roles(&app.control, &caller)?;
    Ok(Json(RolesWire {
        items: roles.into_iter().map(|(name, text)| RoleWire { name, text }).collect(),
    }))
}
