//! Pages of a list, and the opaque cursors between them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, ControlError, Result};

const DEFAULT: i64 = 50;
const MOST: i64 = 500;

/// How many items a page holds: 50 when not said, 500 at most.
///
/// # Errors
/// `invalid_request` outside of 1 to 500.
pub fn limit(wanted: Option<i64>) -> Result<i64> {
    match wanted.unwrap_or(DEFAULT) {
        limit @ 1..=MOST => Ok(limit),
        limit => {
            Err(ControlError::new(Code::InvalidRequest, format!("`limit={limit}` is out of range: use 1 to {MOST}")))
        }
    }
}

/// A position as text that callers hand back unread: base64url of its JSON.
pub fn encode<T: Serialize>(position: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
}

/// # Errors
/// `invalid_cursor` when the text is not one that [`encode`] made for a position of this type.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid_cursor())?;
    serde_json::from_slice(&bytes).map_err(|_| invalid_cursor())
}

pub fn invalid_cursor() -> ControlError {
    let detail = "this cursor does not belong to this list: begin again without one, with the same sort and filters";
    ControlError::new(Code::InvalidCursor, detail)
}
