//! A page to browse the OpenAPI document and to try it out: Swagger UI, with all of its files in this binary.

use std::io::Read;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, header};
use plinth_control::{Code, ControlError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::PathParams;
use crate::problem::{Problem, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(page))
        .route("/docs/{file}", axum::routing::get(file))
}

/// Nothing from elsewhere. Swagger UI sets styles by script, and has its icons in the style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz"));
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"));

/// This API as a page.
#[utoipa::path(get, path = "/docs", operation_id = "docs", tag = "operations", security(()), responses((status = 200, description = "A page that shows `/openapi.json`", body = String, content_type = "text/html")))]
async fn page() -> Response {
    let mut response = Html(include_str!("docs/index.html")).into_response();
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn file(State(_): State<App>, PathParams(name): PathParams<String>, headers: HeaderMap) -> Result<Response> {
    match name.as_str() {
        "start.js" => Ok(([(header::CONTENT_TYPE, SCRIPT)], include_str!("docs/start.js")).into_response()),
        "swagger-ui-bundle.js" => compressed(&headers, SCRIPT, BUNDLE),
        "swagger-ui.css" => compressed(&headers, "text/css; charset=utf-8", STYLE),
        _ => Err(Problem::new(Code::NotFound, "there is no such path")),
    }
}

fn compressed(headers: &HeaderMap, kind: &'static str, gzipped: &'static [u8]) -> Result<Response> {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let takes_gzip = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("gzip"));
    let common = [
        (header::CONTENT_TYPE, kind),
        (header::VARY, "accept-encoding"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    if takes_gzip {
        return Ok((common, [(header::CONTENT_ENCODING, "gzip")], gzipped).into_response());
    }
    let mut plain = Vec::new();
    let unpacked = GzDecoder::new(gzipped).read_to_end(&mut plain);
    unpacked.map_err(ControlError::internal)?;
    Ok((common, plain).into_response())
}
