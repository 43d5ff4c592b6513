//! Changing the key-encryption key: every data key is wrapped anew, batch by batch, while servers go on.
//!
//! Secrets themselves stay as they are, since data keys do. A key that is wrapped anew already is passed over, so the work
//! may be interrupted and done twice.

use plinth_model::id::OrgId;
use plinth_store::{Store, key};
use uuid::Uuid;

use crate::error::Result;
use crate::secret::{KeyRing, Rewrapped};

const BATCH: i64 = 200;

/// What a change of the key did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Data keys that were wrapped by the previous key.
    pub rewrapped: usize,
    /// Data keys that were wrapped by the current key already.
    pub current: usize,
    /// Orgs with a data key that neither key opens.
    pub lost: Vec<OrgId>,
}

/// Wraps each data key of all cells by `key` instead of `previous`. Each batch is a transaction; `after_batch` sees how far it is.
///
/// # Errors
/// `unavailable` when a cell cannot be reached; what was done stays done.
pub async fn rotate(
    store: &Store,
    key: &[u8; 32],
    previous: Option<&[u8; 32]>,
    mut after_batch: impl FnMut(&Rotation),
) -> Result<Rotation> {
    let ring = KeyRing::new(key, previous);
    let mut done = Rotation::default();
    for cell in store.cells() {
        let mut last = (Uuid::nil(), Uuid::nil());
        loop {
            let mut tx = store.system(cell, "key rotation").await?;
            let page = key::page(&mut tx, last, BATCH).await?;
            for kept in &page {
                match ring.rewrap(kept) {
                    Rewrapped::Current => done.current += 1,
                    Rewrapped::Anew(wrapped_key) => done.rewrapped += key::rewrap(&mut tx, kept, &wrapped_key).await?,
                    Rewrapped::Lost => done.lost.push(OrgId(kept.org_id)),
                }
            }
            tx.commit().await?;
            let Some(end) = page.last() else { break };
            last = (end.org_id, end.id);
            after_batch(&done);
        }
    }
    Ok(done)
}
