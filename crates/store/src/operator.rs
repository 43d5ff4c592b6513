//! Credentials of the business itself: its operators, and the reconcilers of its data plane.

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::DirectoryTx;

row! {
    pub struct Operator {
        pub name: String,
        /// `operator` or `reconciler`.
        pub kind: String,
    }
}

/// Sets the one token that goes by this name.
///
/// # Errors
/// [`crate::StoreError`] when the directory cannot be reached; so for each function of this module.
pub async fn register(tx: &mut DirectoryTx, name: &str, kind: &str, token_hash: &[u8]) -> Result<usize> {
    tx.count(sql!("directory/operator/register"), &[&token_hash, &name, &kind])
        .await
}

pub async fn find(tx: &mut DirectoryTx, token_hash: &[u8]) -> Result<Option<Operator>> {
    tx.row(sql!("directory/operator/find"), &[&token_hash]).await
}
