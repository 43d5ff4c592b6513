//! Sign-up, login and recovery, and what a caller knows about itself.

use axum::Json;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{StatusCode, header};
use jiff::Timestamp;
use plinth_control::account::{self, Credentials, Login, SessionKind, SignUp, User};
use plinth_control::auth::{self, Identity};
use plinth_control::org::{self, Membership, Visitor};
use plinth_control::page::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Body, Known, Origin, SESSION_COOKIE};
use crate::name::RoleName;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me))
        .routes(routes!(request_verification))
        .routes(routes!(confirm_verification))
        .routes(routes!(request_reset))
        .routes(routes!(confirm_reset))
}

/// How the session's secret is handed over: in the body, or as a cookie that scripts cannot read.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionKindWire {
    Cookie,
    #[default]
    Bearer,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpBody {
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = "password", min_length = 12, max_length = 256)]
    password: account::Password,
    #[serde(default)]
    session: SessionKindWire,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogInBody {
    #[schema(format = "email")]
    email: String,
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = "password")]
    password: account::Password,
    #[serde(default)]
    session: SessionKindWire,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetBody {
    #[schema(format = "email")]
    email: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmResetBody {
    /// The one of the link in the mail.
    token: String,
    #[serde(deserialize_with = "password")]
    #[schema(value_type = String, format = "password", min_length = 12, max_length = 256)]
    password: account::Password,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmVerificationBody {
    /// The one of the link in the mail.
    token: String,
}

/// A body without anything in it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyBody {}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserWire {
    id: String,
    email: String,
    name: String,
    #[schema(required)]
    email_verified_at: Option<String>,
    created_at: String,
}

/// A session that has just begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct LoginWire {
    user: UserWire,
    /// For a bearer session; shown only now.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    expires_at: String,
    /// For a cookie session: the value of the header `X-CSRF-Token` in each request that changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// Who the caller is, and where it belongs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    #[schema(required)]
    user: Option<UserWire>,
    #[schema(required)]
    service_account: Option<Program>,
    /// For a caller with a cookie.
    #[schema(required)]
    csrf_token: Option<String>,
    orgs: Vec<OwnOrg>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Program {
    id: String,
    name: String,
    org: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrg {
    id: String,
    slug: String,
    name: String,
    #[schema(value_type = Vec<RoleName>)]
    roles: Vec<String>,
}

/// Creates a user, and logs it in.
#[utoipa::path(
    post, path = "/v1/signup", operation_id = "sign_up", tag = "account", security(()), request_body = SignUpBody,
    responses((status = 201, description = "Logged in", body = LoginWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn sign_up(State(app): State<App>, origin: Origin, Body(body): Body<SignUpBody>) -> Result<Response> {
    let SignUpBody {
        email,
        name,
        password,
        session,
    } = body;
    let new = SignUp {
        email,
        name,
        password,
        session: session.into(),
    };
    let login = account::sign_up(&app.control, &origin.signals, new).await?;
    Ok(logged_in(&app, StatusCode::CREATED, login))
}

/// Begins a session.
#[utoipa::path(
    post, path = "/v1/login", operation_id = "log_in", tag = "account", security(()), request_body = LogInBody,
    responses((status = 200, description = "Logged in", body = LoginWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn log_in(State(app): State<App>, origin: Origin, Body(body): Body<LogInBody>) -> Result<Response> {
    let LogInBody {
        email,
        password,
        session,
    } = body;
    let credentials = Credentials {
        email,
        password,
        session: session.into(),
    };
    let login = account::log_in(&app.control, &origin.signals, credentials).await?;
    Ok(logged_in(&app, StatusCode::OK, login))
}

/// Ends the session that the request came with.
#[utoipa::path(
    post, path = "/v1/logout", operation_id = "log_out", tag = "account",
    responses((status = 204, description = "Logged out"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn log_out(State(app): State<App>, known: Known) -> Result<Response> {
    account::log_out(&app.control, &known.identity).await?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie(&app, "", 0))]),
    )
        .into_response())
}

/// Who the caller is, and the orgs that it belongs to.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "get_me", tag = "account",
    responses((status = 200, description = "The caller", body = Me), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn me(State(app): State<App>, known: Known, origin: Origin) -> Result<Json<Me>> {
    let (mut user, mut service_account, mut csrf_token) = (None, None, None);
    match &known.identity {
        Identity::User { id, session, .. } => {
            user = Some(account::user(&app.control, *id).await?.into());
            csrf_token = known.by_cookie.then(|| auth::csrf_token(&app.control, *session));
        }
        identity => service_account = program(identity),
    }
    let visitor = Visitor {
        identity: known.identity,
        request_id: origin.request_id,
        signals: origin.signals,
    };
    let orgs = own_orgs(&app, &visitor).await?;
    Ok(Json(Me {
        user,
        service_account,
        csrf_token,
        orgs,
    }))
}

/// Sends the link that confirms the caller's e-mail address once more.
#[utoipa::path(
    post, path = "/v1/email-verifications", operation_id = "request_email_verification", tag = "account", request_body = EmptyBody,
    responses((status = 202, description = "On its way"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn request_verification(State(app): State<App>, known: Known, Body(_): Body<EmptyBody>) -> Result<StatusCode> {
    account::request_verification(&app.control, &known.identity).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Confirms an e-mail address.
#[utoipa::path(
    post, path = "/v1/email-verifications/confirm", operation_id = "confirm_email_verification", tag = "account",
    security(()), request_body = ConfirmVerificationBody,
    responses((status = 204, description = "Confirmed"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn confirm_verification(
    State(app): State<App>,
    origin: Origin,
    Body(body): Body<ConfirmVerificationBody>,
) -> Result<StatusCode> {
    account::confirm_verification(&app.control, &origin.signals, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a link to choose a new password; the answer does not tell whether anybody has the address.
#[utoipa::path(
    post, path = "/v1/password-resets", operation_id = "request_password_reset", tag = "account",
    security(()), request_body = ResetBody,
    responses((status = 202, description = "On its way, if somebody has the address"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn request_reset(State(app): State<App>, origin: Origin, Body(body): Body<ResetBody>) -> Result<StatusCode> {
    account::request_reset(&app.control, &origin.signals, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets a new password, and ends all sessions of the user.
#[utoipa::path(
    post, path = "/v1/password-resets/confirm", operation_id = "confirm_password_reset", tag = "account",
    security(()), request_body = ConfirmResetBody,
    responses((status = 204, description = "Changed"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn confirm_reset(
    State(app): State<App>,
    origin: Origin,
    Body(body): Body<ConfirmResetBody>,
) -> Result<StatusCode> {
    account::confirm_reset(&app.control, &origin.signals, &body.token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn password<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<account::Password, D::Error> {
    String::deserialize(deserializer).map(Into::into)
}

/// A secret goes either into the body or into the cookie, never into both.
fn logged_in(app: &App, status: StatusCode, login: Login) -> Response {
    let body = |token| LoginWire {
        token,
        expires_at: login.expires_at.to_string(),
        csrf_token: login.csrf_token.clone(),
        user: login.user.clone().into(),
    };
    match login.kind {
        SessionKind::Bearer => (status, Json(body(Some(login.token.clone())))).into_response(),
        SessionKind::Cookie => {
            let secs = login.expires_at.duration_since(Timestamp::now()).as_secs();
            let set = AppendHeaders([(header::SET_COOKIE, cookie(app, &login.token, secs))]);
            (status, set, Json(body(None))).into_response()
        }
    }
}

/// `secs` to live; 0 removes it.
fn cookie(app: &App, token: &str, secs: i64) -> String {
    let secure = if app.config.secure_cookies { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={secs}; HttpOnly; SameSite=Lax{secure}")
}

fn program(identity: &Identity) -> Option<Program> {
    let Identity::ServiceAccount {
        org,
        id,
        name,
        standing,
        ..
    } = identity
    else {
        return None;
    };
    let roles = standing.roles.iter().map(|role| role.as_str().to_owned()).collect();
    Some(Program {
        id: id.to_string(),
        name: name.clone(),
        org: org.to_string(),
        roles,
    })
}

async fn own_orgs(app: &App, visitor: &Visitor) -> Result<Vec<OwnOrg>> {
    let mut orgs = Vec::new();
    let mut request = PageRequest {
        limit: Some(500),
        cursor: None,
    };
    loop {
        let page = org::list(&app.control, visitor, &request).await?;
        orgs.extend(page.items.into_iter().map(OwnOrg::from));
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => return Ok(orgs),
        }
    }
}

impl From<SessionKindWire> for SessionKind {
    fn from(kind: SessionKindWire) -> Self {
        match kind {
            SessionKindWire::Cookie => Self::Cookie,
            SessionKindWire::Bearer => Self::Bearer,
        }
    }
}

impl From<User> for UserWire {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email,
            name: user.name,
            email_verified_at: user.email_verified_at.map(|at| at.to_string()),
            created_at: user.created_at.to_string(),
        }
    }
}

impl From<Membership> for OwnOrg {
    fn from(Membership { org, roles }: Membership) -> Self {
        let roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
        Self {
            id: org.id.to_string(),
            slug: org.slug,
            name: org.name,
            roles,
        }
    }
}
