//! One answer for each `Idempotency-Key`.

use plinth_model::Scope;
use plinth_model::id::UserId;
use plinth_store::idempotency::{self, Kept};
use plinth_store::{DirectoryTx, Tx};
use serde::Serialize;
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
        Ok(Self {
            key: key.to_owned(),
            request_hash,
        })
    }

    /// Takes the key for this transaction, or gives the answer that an earlier request with it got.
    pub(crate) async fn replay<T: DeserializeOwned>(&self, tx: &mut Tx, scope: &Scope) -> Result<Option<T>> {
        let kept = idempotency::reserve(tx, scope, &self.key, &self.request_hash).await?;
        kept.map(|kept| self.answer_of(kept)).transpose()
    }

    /// Keeps the answer, in the transaction of the work that it is the answer to.
    pub(crate) async fn keep<T: Serialize>(&self, tx: &mut Tx, scope: &Scope, answer: &T) -> Result<()> {
        let body = serde_json::to_value(answer).map_err(ControlError::internal)?;
        Ok(idempotency::answer(tx, scope, &self.key, 201, &body).await?)
    }

    /// The answer that the user's earlier request with this key got, outside of any org.
    pub(crate) async fn replay_of_user<T: DeserializeOwned>(
        &self,
        tx: &mut DirectoryTx,
        user: UserId,
    ) -> Result<Option<T>> {
        let kept = idempotency::find_of_user(tx, &user.to_string(), &self.key).await?;
        kept.map(|kept| self.answer_of(kept)).transpose()
    }

    /// Keeps the answer to a user's request outside of any org.
    pub(crate) async fn keep_of_user<T: Serialize>(
        &self,
        tx: &mut DirectoryTx,
        user: UserId,
        answer: &T,
    ) -> Result<()> {
        let body = serde_json::to_value(answer).map_err(ControlError::internal)?;
        let actor = user.to_string();
        idempotency::keep_of_user(tx, &actor, &self.key, &self.request_hash, 201, &body).await?;
        Ok(())
    }

    fn answer_of<T: DeserializeOwned>(&self, kept: Kept) -> Result<T> {
        if kept.request_hash != self.request_hash {
            let detail = "this `Idempotency-Key` came with another request before: use a new key for a new request";
            return Err(ControlError::new(Code::IdempotencyKeyReused, detail));
        }
        let body = kept
            .body
            .ok_or_else(|| ControlError::internal("a kept key has no answer"))?;
        serde_json::from_value(body).map_err(ControlError::internal)
    }
}
