//! The content of a table as one number: equal for equal rows in any order, whatever the server, the types of equal text
//! included. For proofs that a copy equals its source.

use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::error::{Place, Result};
use crate::session::Session;
use crate::spec::PostgresSpec;
use crate::table::{TableName, quote_identifier};
use crate::tuple::Framer;

/// Rows, and the sum of the rows' hashes modulo 2^128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentHash {
    pub rows: u64,
    pub sum: u128,
}

impl ContentHash {
    /// Adds a row by its bytes.
    pub fn add(&mut self, row: &[u8]) {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(row)[..16]);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
    }
}

/// Hashes the text of all columns, in the order of their names.
///
/// # Errors
/// What the database says.
pub async fn of_table(database: &PostgresSpec, table: &TableName) -> Result<ContentHash> {
    let session = Session::connect(database, "plinth content").await?;
    let sql = "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0
                and not attisdropped order by attname collate \"C\"";
    let rows = session
        .query(sql, &[&table.sql()])
        .await
        .at(format_args!("table `{table}`"))?;
    let columns: Vec<String> = rows
        .iter()
        .map(|row| format!("{}::text", quote_identifier(row.get(0))))
        .collect();
    let copy = format!(
        "copy (select {} from {}) to stdout (format binary)",
        columns.join(", "),
        table.sql()
    );
    let mut stream = Box::pin(session.copy_out(copy.as_str()).await?);
    let (mut framer, mut hash) = (Framer::default(), ContentHash::default());
    while let Some(message) = stream.next().await {
        framer.push(&message?)?;
        while framer.ready_rows() > 0 {
            let block = framer.take();
            let mut rest: &[u8] = &block.bytes;
            for _ in 0..block.rows {
                let row = crate::tuple::first(rest)?;
                hash.add(row);
                rest = &rest[row.len()..];
            }
        }
    }
    framer.finish()?;
    Ok(hash)
}
