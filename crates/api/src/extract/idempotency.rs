//! A body together with the request's `Idempotency-Key`.

use axum::extract::{FromRequest, Request};
use plinth_control::idempotency::Key;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::body::{parse, read_whole};
use crate::problem::Problem;

/// `key` is `None` when the caller sent none.
#[derive(Debug)]
pub struct Idempotent<B> {
    pub body: B,
    pub key: Option<Key>,
}

/// The body of a request that needs none: none, or an object without fields. What is sent in it would go unheeded.
#[derive(Debug)]
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Says in the document that a route takes a key.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header to OpenAPI; `Idempotent` reads it")]
pub struct KeyParam {
    /// The same key gets the same answer, for a day.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    key: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read_whole(request, state).await?;
        if !bytes.trim_ascii().is_empty() {
            let Nothing {} = parse(&bytes)?;
        }
        Ok(Self)
    }
}

impl<S: Send + Sync, B: FromRequest<S, Rejection = Problem>> FromRequest<S> for Idempotent<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Some(value) = request.headers().get("idempotency-key") else {
            return Ok(Self {
                body: B::from_request(request, state).await?,
                key: None,
            });
        };
        let text = value.to_str().unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let target = format!("{} {}\n", parts.method, parts.uri);
        let bytes = read_whole(Request::from_parts(parts.clone(), body), state).await?;
        let hash = Sha256::new_with_prefix(target).chain_update(&bytes).finalize();
        let key = Key::new(&text, hash.to_vec())?;
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        Ok(Self {
            body: B::from_request(request, state).await?,
            key: Some(key),
        })
    }
}
