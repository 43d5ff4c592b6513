//! Gives each request an id, and each failed response its body with that id.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use plinth_model::RequestId;
use tracing::Instrument;

use crate::problem;

static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// An id that came in is kept when it is short and plain, so that a caller can follow its request.
fn given(request: &Request) -> Option<RequestId> {
    let text = request.headers().get(&HEADER)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!text.is_empty() && text.len() <= 64 && text.chars().all(plain)).then(|| RequestId(text.to_owned()))
}

pub async fn attach(mut request: Request, next: Next) -> Response {
    let id = given(&request).unwrap_or_else(RequestId::generate);
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!(
        "request", request_id = %id.0, method = %request.method(), path = %request.uri().path());
    let response = next.run(request).instrument(span).await;
    let mut response = problem::render(response, &id);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}
