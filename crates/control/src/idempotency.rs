//! One answer for each `Idempotency-Key`.

use plinth_model::Scope;
use plinth_store::{Tx, idempotency};
use serde::de::DeserializeOwned;

use crate::error::{Code, ControlError, Result};

/// A caller's key with the hash of the request that came with it.
#[derive(Debug, Clone)]
pub struct Key {
    pub key: String,
    /// SHA-256 over method, path and body.
    pub request_hash: Vec<u8>,
}

impl Key {
    /// # Errors
    /// `invalid_request` when the key is empty or longer than 255 characters.
    pub fn new(key: &str, request_hash: Vec<u8>) -> Result<Self> {
        if key.is_empty() || key.len() > 255 || !key.chars().all(|c| c.is_ascii_graphic()) {
            let detail = "`Idempotency-Key` must be 1 to 255 visible ASCII characters, such as a UUID";
            return Err(ControlError::new(Code::InvalidRequest, detail));
        }
        Ok(Self { key: key.to_owned(), request_hash })
    }

    /// Takes the key for this transaction, or gives the answer that an earlier request with it got.
    pub(crate) async fn replay<T: DeserializeOwned>(&self, tx: &mut Tx, scope: &Scope) -> Result<Option<T>> {
        let Some(kept) = idempotency::reserve(tx, scope, &self.key, &self.request_hash).await? else {
            return Ok(None);
        };
        if kept.request_hash != self.request_hash {
            let detail = "this `Idempotency-Key` came with another request before: use a new key for a new request";
            return Err(ControlError::new(Code::IdempotencyKeyReused, detail));
        }
        let body = kept.body.ok_or_else(|| ControlError::internal("a kept key has no answer"))?;
        serde_json::from_value(body).map(Some).map_err(ControlError::internal)
    }
}
