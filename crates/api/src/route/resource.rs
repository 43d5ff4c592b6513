//! Resources of any type: `/v1/orgs/{org}/{plural}`. The document shows these paths once for each type.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use plinth_control::authorize;
use plinth_control::idempotency::Key;
use plinth_control::resource::{self, Draft, Edit, Mode, NewOwner, Options, Query, Written};
use plinth_control::{Caller, Code, ControlError, conceal_names};
use plinth_model::Resource;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{List, ResourceWire, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, IfMatch, KeyParam, MergePatch, NoBody, Params, PathParams};
use crate::name::{IncludeName, SortName};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, patch, delete))
        .routes(routes!(undelete))
        .routes(routes!(verb))
}

/// A new resource.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResource {
    /// Stays for the resource's life; unique among the org's resources of the type.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length = 63)]
    name: String,
    /// Flat labels for policies, filters and bills.
    #[serde(default)]
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// Id of a member's user or of a service account; `null` for nobody. Whoever makes it when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: NewOwner,
    #[schema(value_type = Object)]
    spec: Value,
}

/// The whole desired state. Secrets that are left out stay as they are, and so does the owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceResource {
    #[serde(default)]
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    #[schema(value_type = Object)]
    spec: Value,
    /// Id of a member's user or of a service account; `null` for nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: NewOwner,
    /// Must be the resource's own name when given: names do not change.
    name: Option<String>,
}

/// A JSON Merge Patch (RFC 7396): `null` removes a field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the patch to OpenAPI; it is merged as it came")]
pub struct PatchResource {
    /// Id of a member's user or of a service account.
    owner: Option<String>,
    #[schema(value_type = Option<Object>, nullable = false)]
    properties: Map<String, Value>,
    #[schema(value_type = Option<Object>, nullable = false)]
    spec: Value,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// Items a page: 1 to 500, 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `-` before a name reverses the order. `-created_at` when not given.
    #[param(value_type = Option<SortName>)]
    sort: Option<String>,
    /// A part of the name.
    search: Option<String>,
    /// `<path>=<value>` or `<path>!=<value>` with a path in properties, spec or status; all must hold.
    #[serde(default)]
    filter: Vec<String>,
    /// Also those that are deleted and not gone yet.
    #[serde(default)]
    deleted: bool,
    /// `actions`: each item tells what the caller may do to it.
    #[param(value_type = Option<IncludeName>)]
    include: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GetParams {
    /// `actions`: the answer tells what the caller may do to the resource.
    #[param(value_type = Option<IncludeName>)]
    include: Option<String>,
}

/// Whether to tell what the caller may do.
fn with_actions(include: Option<&str>) -> Result<bool> {
    match include {
        None => Ok(false),
        Some("actions") => Ok(true),
        Some(other) => {
            let detail = format!("`include={other}` is not known: use `include=actions`");
            Err(ControlError::new(Code::InvalidRequest, detail).into())
        }
    }
}

/// The resource as it goes out, with what the caller may do to it.
fn shown(app: &App, caller: &Caller, resource: Resource, with_actions: bool) -> Result<ResourceWire> {
    let actions = if with_actions {
        let catalog = app.control.catalog();
        let rules = catalog.by_name(&resource.type_name);
        rules.map(|rules| authorize::actions_on(caller, rules, &resource))
    } else {
        None
    };
    Ok(ResourceWire {
        actions,
        ..resource.into()
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WriteParams {
    /// All checks, and nothing kept.
    #[serde(default)]
    dry_run: bool,
}

impl WriteParams {
    pub(super) fn mode(&self) -> Mode {
        if self.dry_run { Mode::DryRun } else { Mode::Commit }
    }

    fn options(&self, if_match: IfMatch, key: Option<Key>) -> Options {
        Options {
            mode: self.mode(),
            if_version: if_match.0,
            key,
        }
    }
}

/// `{org}` and `{plural}`.
type Collection = PathParams<(String, String)>;
/// `{org}`, `{plural}` and `{key}`: a name, or an id.
type Member = PathParams<(String, String, String)>;

#[utoipa::path(
    get, path = "/v1/orgs/{org}/{plural}", operation_id = "list", params(ListParams),
    responses((status = 200, description = "A page", body = List<ResourceWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural)): Collection,
    Params(params): Params<ListParams>,
) -> Result<Json<List<ResourceWire>>> {
    let ListParams {
        limit,
        cursor,
        sort,
        search,
        filter,
        deleted,
        include,
    } = params;
    let with_actions = with_actions(include.as_deref())?;
    let query = Query {
        page: page(limit, cursor),
        sort,
        search,
        filters: filter,
        deleted,
    };
    let mut found = resource::list(&app.control, &caller, &plural, &query).await?;
    let makers = found.items.iter_mut().map(|found| &mut found.created_by);
    conceal_names(&app.control, &caller, makers).await?;
    let items = found.items.into_iter();
    Ok(Json(List {
        items: items
            .map(|found| shown(&app, &caller, found, with_actions))
            .collect::<Result<_>>()?,
        next: found.next,
    }))
}

#[utoipa::path(
    post, path = "/v1/orgs/{org}/{plural}", operation_id = "create", params(WriteParams, KeyParam), request_body = NewResource,
    responses((status = 201, description = "Created", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn create(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((org, plural)): Collection,
    Params(params): Params<WriteParams>,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewResource>>,
) -> Result<Response> {
    let NewResource {
        name,
        properties,
        owner,
        spec,
    } = body;
    let draft = Draft {
        name,
        properties,
        owner,
        spec,
    };
    let created = resource::create(&app.control, &caller, &plural, draft, params.mode(), key.as_ref()).await?;
    let location = format!("/v1/orgs/{org}/{plural}/{}", created.resource.name);
    let mut response = written(&app, &caller, StatusCode::CREATED, created).await?;
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn written(app: &App, caller: &Caller, status: StatusCode, written: Written) -> Result<Response> {
    let Written { mut resource, replayed } = written;
    conceal_names(&app.control, caller, [&mut resource.created_by]).await?;
    let mut response = tagged(status, resource);
    if replayed {
        response
            .headers_mut()
            .insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// A resource with its version as the ETag.
fn tagged(status: StatusCode, resource: impl Into<ResourceWire>) -> Response {
    let resource = resource.into();
    let etag = format!("\"{}\"", resource.version);
    (status, [(header::ETAG, etag)], Json(resource)).into_response()
}

#[utoipa::path(
    get, path = "/v1/orgs/{org}/{plural}/{key}", operation_id = "get", params(GetParams),
    responses((status = 200, description = "The resource", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn get(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key)): Member,
    Params(params): Params<GetParams>,
) -> Result<Response> {
    let with_actions = with_actions(params.include.as_deref())?;
    let mut found = resource::get(&app.control, &caller, &plural, &key).await?;
    conceal_names(&app.control, &caller, [&mut found.created_by]).await?;
    Ok(tagged(StatusCode::OK, shown(&app, &caller, found, with_actions)?))
}

#[utoipa::path(
    put, path = "/v1/orgs/{org}/{plural}/{key}", operation_id = "replace", params(WriteParams, KeyParam), request_body = ReplaceResource,
    responses((status = 200, description = "Replaced", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn replace(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key)): Member,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent {
        body: Body(body),
        key: once,
    }: Idempotent<Body<ReplaceResource>>,
) -> Result<Response> {
    let ReplaceResource {
        name,
        properties,
        owner,
        spec,
    } = body;
    let edit = Edit::Replace {
        name,
        properties,
        owner,
        spec,
    };
    let options = params.options(if_match, once);
    let edited = resource::edit(&app.control, &caller, (&plural, &key), edit, &options).await?;
    written(&app, &caller, StatusCode::OK, edited).await
}

#[utoipa::path(
    patch, path = "/v1/orgs/{org}/{plural}/{key}", operation_id = "patch", params(WriteParams, KeyParam),
    request_body(content((PatchResource = "application/merge-patch+json"), (PatchResource = "application/json")), description = "A JSON Merge Patch (RFC 7396) over `{owner, properties, spec}`"),
    responses((status = 200, description = "Patched", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn patch(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key)): Member,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent {
        body: MergePatch(patch),
        key: once,
    }: Idempotent<MergePatch>,
) -> Result<Response> {
    let (edit, options) = (Edit::Patch(patch), params.options(if_match, once));
    let edited = resource::edit(&app.control, &caller, (&plural, &key), edit, &options).await?;
    written(&app, &caller, StatusCode::OK, edited).await
}

#[utoipa::path(
    delete, path = "/v1/orgs/{org}/{plural}/{key}", operation_id = "delete", params(WriteParams, KeyParam),
    responses(
        (status = 200, description = "Deleted", body = ResourceWire),
        (status = 202, description = "Marked as deleted; its reconciler tears it down", body = ResourceWire),
        (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn delete(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key)): Member,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent {
        body: NoBody,
        key: once,
    }: Idempotent<NoBody>,
) -> Result<Response> {
    let options = params.options(if_match, once);
    let deleted = resource::delete(&app.control, &caller, &plural, &key, &options).await?;
    let is_reconciled = app.control.catalog().by_plural(&plural)?.declaration.reconciled;
    let pending = is_reconciled && deleted.resource.finalized_at.is_none();
    let status = if pending { StatusCode::ACCEPTED } else { StatusCode::OK };
    written(&app, &caller, status, deleted).await
}

#[utoipa::path(
    post, path = "/v1/orgs/{org}/{plural}/{key}/undelete", operation_id = "undelete", params(WriteParams, KeyParam),
    responses((status = 200, description = "Live again", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn undelete(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key)): Member,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent {
        body: NoBody,
        key: once,
    }: Idempotent<NoBody>,
) -> Result<Response> {
    let options = params.options(if_match, once);
    let restored = resource::undelete(&app.control, &caller, &plural, &key, &options).await?;
    written(&app, &caller, StatusCode::OK, restored).await
}

/// `{org}`, `{plural}`, `{key}` and `{verb}`.
type Deed = PathParams<(String, String, String, String)>;

#[utoipa::path(
    post, path = "/v1/orgs/{org}/{plural}/{key}/{verb}", operation_id = "verb", params(WriteParams, KeyParam),
    responses((status = 200, description = "Done", body = ResourceWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn verb(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, plural, key, verb)): Deed,
    Params(params): Params<WriteParams>,
    if_match: IfMatch,
    Idempotent {
        body: NoBody,
        key: once,
    }: Idempotent<NoBody>,
) -> Result<Response> {
    let options = params.options(if_match, once);
    let done = resource::carry_out(&app.control, &caller, (&plural, &key), &verb, &options).await?;
    written(&app, &caller, StatusCode::OK, done).await
}
