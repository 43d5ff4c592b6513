//! SQL access: logins of service accounts to the database.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::service_account::NewToken;
use plinth_control::service_account::sql::{self, Opened, SqlLogin};
use plinth_control::{ControlError, conceal_names};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service_account::account;
use super::wire::{ActorWire, List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, NoBody, Params, PathParams, Unversioned};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, open)).routes(routes!(close))
}

/// A new SQL login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSqlLoginBody {
    /// What the login is for.
    #[schema(min_length = 1, max_length = 100, example = "reports")]
    name: String,
    /// 60 (a minute) to 31536000 (a year); 90 days when left out.
    #[schema(minimum = 60, maximum = 31_536_000)]
    expires_in_secs: Option<u64>,
}

/// A SQL login without its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SqlLogin)]
pub struct SqlLoginWire {
    id: String,
    name: String,
    /// The user name to log in with.
    login: String,
    created_by: ActorWire,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
}

impl From<SqlLogin> for SqlLoginWire {
    fn from(login: SqlLogin) -> Self {
        Self {
            id: login.id.to_string(),
            name: login.name,
            login: login.login,
            created_by: login.created_by.into(),
            created_at: login.created_at.to_string(),
            expires_at: login.expires_at.to_string(),
            revoked_at: login.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// A SQL login with its password, which no other answer shows.
#[derive(Serialize, ToSchema)]
pub struct OpenedSqlLogin {
    #[serde(flatten)]
    about: SqlLoginWire,
    password: String,
    /// A name or an address of the database server.
    host: String,
    port: u16,
    database: String,
}

impl From<Opened> for OpenedSqlLogin {
    fn from(opened: Opened) -> Self {
        Self {
            about: opened.login.into(),
            password: opened.password,
            host: opened.endpoint.host,
            port: opened.endpoint.port,
            database: opened.endpoint.database,
        }
    }
}

/// The account's SQL logins, newest first; revoked and expired ones too.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/service-accounts/{id}/sql-logins", operation_id = "list_sql_logins", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), PageParams),
    responses((status = 200, description = "A page", body = List<SqlLoginWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    Params(params): Params<PageParams>,
) -> Result<Json<List<SqlLoginWire>>> {
    let page = page(params.limit, params.cursor);
    let mut found = sql::logins(&app.control, &caller, account(&id)?, &page).await?;
    let makers = found.items.iter_mut().map(|login| &mut login.created_by);
    conceal_names(&app.control, &caller, makers).await?;
    Ok(Json(List {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
    }))
}

/// Makes a login to the database, which sees what policies let the account see. Its password is shown only now.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/service-accounts/{id}/sql-logins", operation_id = "create_sql_login", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), KeyParam),
    request_body = NewSqlLoginBody,
    responses((status = 201, description = "Created", body = OpenedSqlLogin), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn open(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id)): PathParams<(String, String)>,
    Idempotent { body: Body(body), key }: Idempotent<Body<NewSqlLoginBody>>,
) -> Result<(StatusCode, Json<OpenedSqlLogin>)> {
    let new = NewToken {
        name: body.name,
        expires_in_secs: body.expires_in_secs,
    };
    let opened = sql::open(&app.control, &caller, account(&id)?, &new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(opened.into())))
}

/// Ends a login and its sessions at once.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/service-accounts/{id}/sql-logins/{login_id}", operation_id = "revoke_sql_login", tag = "service accounts",
    params(("org" = String, Path, description = "Id or slug"), ("id" = String, Path, description = "Id of the account"), ("login_id" = String, Path, description = "Id of the login"), KeyParam),
    responses((status = 204, description = "Revoked"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn close(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    PathParams((_, id, login_id)): PathParams<(String, String, String)>,
    _: Unversioned,
    Idempotent { body: NoBody, key }: Idempotent<NoBody>,
) -> Result<StatusCode> {
    let login = login_id.parse().map_err(|_| ControlError::not_found("SQL login"))?;
    sql::close(&app.control, &caller, account(&id)?, login, key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
