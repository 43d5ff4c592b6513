//! Data keys of an org, wrapped.

use plinth_model::Scope;
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::Tx;

row! {
    pub struct Wrapped {
        pub id: Uuid,
        pub wrapped_key: Vec<u8>,
    }
}

/// The key for new secrets, if the org has one yet.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn newest(tx: &mut Tx, scope: &Scope) -> Result<Option<Wrapped>> {
    tx.row(sql!("key/newest"), &[&scope.org.0]).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: Uuid) -> Result<Option<Wrapped>> {
    tx.row(sql!("key/get"), &[&scope.org.0, &id]).await
}

pub async fn add(tx: &mut Tx, scope: &Scope, id: Uuid, wrapped_key: &[u8]) -> Result<()> {
    tx.count(sql!("key/add"), &[&scope.org.0, &id, &wrapped_key]).await?;
    Ok(())
}
