//! Pages of a list, and the opaque text that says where the next one begins.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Code, ControlError, Result};

const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 50;
/// How long a page looks for what its reader sees, where much is hidden or filtered out; the next one goes on from there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// No position that we hand out is longer.
const MAX_CURSOR_CHARS: usize = 4096;

/// One page; `next` leads to the one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Which page somebody wants.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// 1 to 500; 50 when unset.
    pub limit: Option<u32>,
    /// A `next` from before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// # Errors
    /// `invalid_request` when the limit is out of its bounds.
    pub fn limit(&self) -> Result<usize> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit as usize),
            other => {
                let detail = format!("`{other}` is not a page size: use a `limit` from 1 to {MAX_LIMIT}");
                Err(ControlError::new(Code::InvalidRequest, detail))
            }
        }
    }

    /// How many rows to read: one more than asked for, which shows whether there is a next page.
    ///
    /// # Errors
    /// As in [`PageRequest::limit`].
    pub fn fetch(&self) -> Result<i64> {
        Ok(i64::try_from(self.limit()?).unwrap_or(i64::MAX - 1) + 1)
    }

    /// The position after which the page begins.
    ///
    /// # Errors
    /// `invalid_cursor` when the cursor does not come from this kind of list.
    pub fn position<P: DeserializeOwned>(&self) -> Result<Option<P>> {
        self.cursor.as_deref().map(Cursor::decode).transpose()
    }

    /// Makes a page of what [`PageRequest::fetch`] brought; `position` tells where an item stands.
    ///
    /// # Errors
    /// As in [`PageRequest::limit`].
    pub fn page<T, P: Serialize>(&self, mut items: Vec<T>, position: impl FnOnce(&T) -> P) -> Result<Page<T>> {
        let limit = self.limit()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| Cursor::encode(&position(item)));
        Ok(Page { items, next })
    }
}

impl<T> Page<T> {
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }
}

/// A position in a list as text: base64url of its JSON. Not a secret and not signed: what it leads to is read under the
/// reader's own scope.
#[derive(Debug)]
pub enum Cursor {}

impl Cursor {
    pub fn encode<P: Serialize>(position: &P) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
    }

    /// # Errors
    /// `invalid_cursor`.
    pub fn decode<P: DeserializeOwned>(text: &str) -> Result<P> {
        let invalid = || {
            ControlError::new(
                Code::InvalidCursor,
                "the cursor is not from this list: begin again without one",
            )
        };
        if text.len() > MAX_CURSOR_CHARS {
            return Err(invalid());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        serde_json::from_slice(&bytes).map_err(|_| invalid())
    }
}

/// The size of a page: 50 when not said, 500 at most.
///
/// # Errors
/// `invalid_request` outside of 1 to 500.
pub fn limit(wanted: Option<i64>) -> Result<i64> {
    let limit = wanted.map(|limit| u32::try_from(limit).unwrap_or(0));
    PageRequest { limit, cursor: None }
        .limit()
        .map(|limit| i64::try_from(limit).unwrap_or(i64::MAX))
}

/// [`Cursor::encode`].
pub fn encode<P: Serialize>(position: &P) -> String {
    Cursor::encode(position)
}

/// [`Cursor::decode`].
///
/// # Errors
/// `invalid_cursor`.
pub fn decode<P: DeserializeOwned>(cursor: &str) -> Result<P> {
    Cursor::decode(cursor)
}

/// Tells lists apart, by all that decides what they show: a cursor carries it, and leads nowhere in another list.
pub fn identity(shown: &Value) -> String {
    let digest = Sha256::digest(shown.to_string());
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

pub fn invalid_cursor() -> ControlError {
    ControlError::new(
        Code::InvalidCursor,
        "the cursor is not from this list: begin again without one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(limit: u32) -> PageRequest {
        PageRequest {
            limit: Some(limit),
            cursor: None,
        }
    }

    #[test]
    fn a_position_survives_its_cursor() {
        let position = ("2026-11-01T00:00:00Z".to_owned(), 7_i64);
        assert_eq!(
            Cursor::decode::<(String, i64)>(&Cursor::encode(&position)).unwrap(),
            position
        );
    }

    #[test]
    fn what_is_no_cursor_is_an_invalid_cursor() {
        for text in ["", "x", "!!", "e30", "bnVsbA", &"a".repeat(5000)] {
            let error = Cursor::decode::<(String, i64)>(text).unwrap_err();
            assert_eq!(error.code, Code::InvalidCursor, "{text}");
        }
    }

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_next() {
        assert_eq!(request(2).page(vec![1, 2], |n| *n).unwrap().next, None);
        let page = request(2).page(vec![1, 2, 3], |n| *n).unwrap();
        assert_eq!(page.items, [1, 2]);
        assert_eq!(Cursor::decode::<i32>(&page.next.unwrap()).unwrap(), 2);
    }

    #[test]
    fn a_page_size_out_of_bounds_is_refused() {
        for limit in [0, 501, u32::MAX] {
            assert_eq!(request(limit).limit().unwrap_err().code, Code::InvalidRequest);
        }
        assert_eq!(PageRequest::default().limit().unwrap(), 50);
    }
}
