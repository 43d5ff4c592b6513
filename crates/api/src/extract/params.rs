//! Query and path parameters, and the precondition header.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use plinth_control::Code;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The query string; unknown and malformed parameters are refused.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum_extra::extract::Query::<T>::from_request_parts(parts, state).await;
        let invalid = |error: axum_extra::extract::QueryRejection| {
            let text = error.body_text();
            let text = text
                .strip_prefix("Failed to deserialize query string: ")
                .unwrap_or(&text);
            Problem::new(Code::InvalidRequest, format!("the query string is not valid: {text}"))
        };
        query.map(|query| Self(query.0)).map_err(invalid)
    }
}

/// The path's own parameters.
#[derive(Debug)]
pub struct PathParams<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What does not parse names nothing that exists.
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0))
            .map_err(|_| Problem::new(Code::NotFound, "there is no such path"))
    }
}

/// A path of which a part, decoded, is no text.
pub(super) fn not_text() -> Problem {
    let detail = "the path is not UTF-8 when it is decoded, and nothing has such a name: look at its `%` sequences";
    Problem::new(Code::NotFound, detail)
}

/// `If-Match`: the version that the caller has seen; `None` for none or `*`.
#[derive(Debug)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.trim_matches('"').parse().ok();
        let malformed = || {
            Problem::new(
                Code::InvalidRequest,
                "`If-Match` must be an ETag that you were given, such as `\"3\"`",
            )
        };
        version.map(|version| Self(Some(version))).ok_or_else(malformed)
    }
}

/// No `If-Match`: of a thing without versions, it would ask for what nobody can check.
#[derive(Debug)]
pub struct Unversioned;

impl<S: Send + Sync> FromRequestParts<S> for Unversioned {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let has_none = parts.headers.get(header::IF_MATCH).is_none_or(|value| value == "*");
        let detail = "`If-Match` is for what comes with an `ETag`, and this does not: leave it out";
        has_none
            .then_some(Self)
            .ok_or_else(|| Problem::new(Code::InvalidRequest, detail))
    }
}
