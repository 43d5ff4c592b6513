//! A JSON body together with the request's `Idempotency-Key`.

use axum::extract::{FromRequest, Request};
use plinth_control::idempotency::Key;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::Body;
use super::body::read_whole;
use crate::problem::Problem;

/// `key` is `None` when the caller sent none.
#[derive(Debug)]
pub struct Idempotent<T> {
    pub body: T,
    pub key: Option<Key>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Idempotent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Some(value) = request.headers().get("idempotency-key") else {
            return Ok(Self {
                body: Body::from_request(request, state).await?.0,
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
            body: Body::from_request(request, state).await?.0,
            key: Some(key),
        })
    }
}
