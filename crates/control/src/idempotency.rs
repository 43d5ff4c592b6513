//! One answer for each `Idempotency-Key`.

use plinth_model::Scope;
use plinth_model::id::UserId;
use plinth_store::idempotency::{self as store, Kept};
use plinth_store::{DirectoryTx, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, ControlError, Result};

/// Takes the key, if there is one, for this transaction; or gives the answer that an earlier request with it got.
///
/// # Errors
/// `idempotency_key_reused` when that was another request.
pub(crate) async fn replay<T: DeserializeOwned>(key: Option<&Key>, tx: &mut Tx, scope: &Scope) -> Result<Option<T>> {
    let Some(key) = key else { return Ok(None) };
    let kept = store::reserve(tx, scope, &key.key, &key.request_hash).await?;
    kept.map(|kept| key.answer_of(kept)).transpose()
}

/// Keeps the answer, in the transaction of the work that it is the answer to.
///
/// # Errors
/// The database is gone.
pub(crate) async fn keep<T: Serialize>(key: Option<&Key>, tx: &mut Tx, scope: &Scope, answer: &T) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    let body = serde_json::to_value(answer).map_err(ControlError::internal)?;
    Ok(store::answer(tx, scope, &key.key, &body).await?)
}

/// Gives the key back: what is kept under it has come to nothing.
///
/// # Errors
/// The database is gone.
pub(crate) async fn give_back<T: Serialize>(key: Option<&Key>, tx: &mut Tx, scope: &Scope, kept: &T) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    let body = serde_json::to_value(kept).map_err(ControlError::internal)?;
    Ok(store::give_back(tx, scope, &key.key, &body).await?)
}

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

    /// The answer that the user's earlier request with this key got, outside of any org.
    pub(crate) async fn replay_of_user<T: DeserializeOwned>(
        &self,
        tx: &mut DirectoryTx,
        user: UserId,
    ) -> Result<Option<T>> {
        let kept = store::find_of_user(tx, &user.to_string(), &self.key).await?;
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
        store::keep_of_user(tx, &actor, &self.key, &self.request_hash, &body).await?;
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
