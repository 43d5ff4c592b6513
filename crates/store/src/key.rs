//! Data keys of an org, wrapped.

use plinth_model::Scope;
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::{SystemTx, Tx};

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

row! {
    /// A data key of any org.
    pub struct Kept {
        pub org_id: Uuid,
        pub id: Uuid,
        pub wrapped_key: Vec<u8>,
    }
}

/// Data keys of all orgs of a cell, in order, after this one of this org.
pub async fn page(tx: &mut SystemTx, (org, id): (Uuid, Uuid), limit: i64) -> Result<Vec<Kept>> {
    tx.rows(sql!("key/page"), &[&org, &id, &limit]).await
}

/// Puts another wrapping in the place of the one that was read; 0 when somebody else has done so meanwhile.
pub async fn rewrap(tx: &mut SystemTx, kept: &Kept, wrapped_key: &[u8]) -> Result<usize> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&kept.org_id, &kept.id, &kept.wrapped_key, &wrapped_key];
    tx.count(sql!("key/rewrap"), &params).await
}
