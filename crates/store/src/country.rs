//! In which country addresses are, as the cells know it for SQL sessions. See `migrations/cell/V16__countries.sql`.

use std::net::IpAddr;

use tokio_postgres::types::{ToSql, Type};

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::SystemTx;

/// Addresses of one country, the last one included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub start: IpAddr,
    pub end: IpAddr,
    /// Two capital letters (ISO 3166).
    pub country: String,
}

row! {
    struct File {
        digest: String,
    }
}

row! {
    struct Lock {
        locked: bool,
    }
}

/// The digest of the file that the cell's ranges come from, if there has been one.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn digest(tx: &mut SystemTx) -> Result<Option<String>> {
    let file = tx.row(sql!("country/digest"), &[]).await?;
    Ok(file.map(|File { digest }| digest))
}

/// Keeps other servers from loading until the transaction ends; whether this one may, since no other is at it.
pub async fn lock(tx: &mut SystemTx) -> Result<bool> {
    let lock = tx.row(sql!("country/lock"), &[]).await?;
    Ok(lock.is_some_and(|Lock { locked }| locked))
}

/// Puts the ranges of a file in the place of those that are there. No two may overlap.
pub async fn replace(tx: &mut SystemTx, digest: &str, ranges: &[Range]) -> Result<()> {
    tx.count(sql!("country/clear"), &[]).await?;
    let types = [Type::INET, Type::INET, Type::TEXT];
    let rows = ranges.iter().map(columns);
    tx.copy(sql!("country/copy"), types, rows).await?;
    tx.count(sql!("country/note"), &[&digest]).await?;
    Ok(())
}

fn columns(range: &Range) -> [&(dyn ToSql + Sync); 3] {
    [&range.start, &range.end, &range.country]
}
