//! Errors as RFC 9457 problems: the one place where a code becomes a status.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use plinth_control::{Code, ControlError, FieldError, Offender};
use plinth_model::RequestId;
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler fails with. The body is written by [`render`], which knows the request's id.
#[derive(Debug)]
pub struct Problem(Arc<ControlError>);

pub type Result<T> = std::result::Result<T, Problem>;

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        Self(Arc::new(error))
    }
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        ControlError::new(code, detail).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.0.code).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// RFC 9457, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where the code is explained.
    #[serde(rename = "type")]
    type_url: String,
    title: String,
    status: u16,
    /// Stable: programs may rely on it.
    #[schema(value_type = crate::name::CodeName, example = "not_found")]
    code: Code,
    /// What is wrong here, and what to do, for a person.
    detail: String,
    request_id: String,
    /// Per field, for `validation_failed` and some others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<ProblemField>)]
    errors: Vec<FieldError>,
    /// What stands in the way, for `conflict`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    offenders: Vec<Offender>,
    /// The permission that is missing, for `forbidden`.
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes `FieldError` of the floor below to OpenAPI")]
pub struct ProblemField {
    /// JSON pointer (RFC 6901) into the body.
    pointer: String,
    message: String,
    /// From 1, for what is wrong in a text of many lines: a policy.
    line: Option<u32>,
    /// In characters, from 1.
    column: Option<u32>,
    /// What to do, where that is known.
    hint: Option<String>,
}

/// Writes the body of a failed response, and logs the cause of a defect, once.
pub fn render(response: Response, request_id: &RequestId) -> Response {
    let Some(error) = response.extensions().get::<Arc<ControlError>>().cloned() else {
        return if is_bare_failure(&response) {
            bare(response.status(), request_id)
        } else {
            response
        };
    };
    let status = response.status();
    if status.is_server_error() {
        tracing::error!(request_id = %request_id.0, code = ?error.code, cause = ?error.cause, "request failed");
    }
    let body = ProblemBody {
        type_url: format!("https://plinth.dev/problems/{}", text(error.code)),
        title: title(error.code).to_owned(),
        status: status.as_u16(),
        code: error.code,
        detail: error.detail.clone(),
        request_id: request_id.0.clone(),
        errors: error.errors.clone(),
        offenders: error.offenders.clone(),
        permission: error.permission.as_deref().map(str::to_owned),
    };
    let mut rendered = (status, axum::Json(body)).into_response();
    let problem_json = HeaderValue::from_static("application/problem+json");
    rendered.headers_mut().insert(header::CONTENT_TYPE, problem_json);
    if let Some(secs) = error.retry_after_secs {
        rendered
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    if status == StatusCode::UNAUTHORIZED {
        rendered
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    for (name, value) in response.headers() {
        if name == header::SET_COOKIE || name == header::ALLOW {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

/// Made by a layer or the framework rather than by a handler.
fn is_bare_failure(response: &Response) -> bool {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let typed = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    failed && typed.is_none_or(|kind| kind.starts_with("text/plain"))
}

fn bare(status: StatusCode, request_id: &RequestId) -> Response {
    let (code, detail) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => (Code::BodyTooLarge, "the body is larger than 8 MiB: send it in parts"),
        StatusCode::METHOD_NOT_ALLOWED => (Code::MethodNotAllowed, "this path does not take this method"),
        StatusCode::NOT_FOUND => (Code::NotFound, "there is no such path"),
        StatusCode::SERVICE_UNAVAILABLE => (Code::Unavailable, "this took too long; try again"),
        StatusCode::INTERNAL_SERVER_ERROR => {
            return render(
                Problem::from(ControlError::internal("bare 500")).into_response(),
                request_id,
            );
        }
        _ => (Code::InvalidRequest, "this request cannot be understood"),
    };
    let mut response = Problem::new(code, detail).into_response();
    *response.status_mut() = status;
    render(response, request_id)
}

pub async fn no_such_route() -> Problem {
    Problem::new(
        Code::NotFound,
        "there is no such path: `/docs` shows those that there are, `/openapi.json` lists them",
    )
}

pub async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "this path does not take this method")
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::InvalidRequest | Code::InvalidJson | Code::InvalidCursor => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::CsrfFailed | Code::Forbidden | Code::EmailNotVerified | Code::QuotaExceeded => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Conflict | Code::UsageConflict | Code::LeaseLost => StatusCode::CONFLICT,
        Code::VersionMismatch => StatusCode::PRECONDITION_FAILED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::ValidationFailed | Code::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimited | Code::LockedOut => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn title(code: Code) -> &'static str {
    match code {
        Code::InvalidRequest => "Invalid request",
        Code::InvalidJson => "Invalid JSON",
        Code::InvalidCursor => "Invalid cursor",
        Code::Unauthenticated => "Not logged in",
        Code::CsrfFailed => "CSRF check failed",
        Code::Forbidden => "Not permitted",
        Code::EmailNotVerified => "E-mail address not verified",
        Code::NotFound => "Not found",
        Code::MethodNotAllowed => "Method not allowed",
        Code::Conflict => "Conflict",
        Code::UsageConflict => "Usage recorded differently",
        Code::VersionMismatch => "Changed in the meantime",
        Code::BodyTooLarge => "Body too large",
        Code::UnsupportedMediaType => "Unsupported media type",
        Code::ValidationFailed => "Validation failed",
        Code::IdempotencyKeyReused => "Idempotency key reused",
        Code::QuotaExceeded => "Quota exceeded",
        Code::RateLimited => "Too many requests",
        Code::LockedOut => "Locked out",
        Code::LeaseLost => "Lease lost",
        Code::Unavailable => "Temporarily unavailable",
        Code::Internal => "Internal error",
    }
}

fn text(code: Code) -> String {
    serde_json::to_value(code)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
