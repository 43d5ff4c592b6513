//! PostgreSQL as a source: one consistent snapshot read over several connections, then changes by cursor column.
//!
//! # What is guaranteed
//! - All chunks of a [`Snapshot`] show the same state of the database, whatever is written meanwhile.
//! - A change page holds every row whose cursor value came to lie above the watermark, also when its transaction
//!   committed late: a watermark never passes a value that a running transaction may still write (see [`cursor`]).
//! - Rows whose cursor is null are in the snapshot and not in any change page. Deleted rows are not noticed.

mod catalog;
mod changes;
mod cursor;
mod read;
mod types;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use self::changes::ChangeReader;
use super::{Snapshot, SourceTable, TablePlan};
use crate::checkpoint::{Chunk, Range};
use crate::error::{Error, Place, Result};
use crate::session::{Session, brief};
use crate::spec::{PostgresSpec, TableSpec};
use crate::table::{Table, TableKind, TableName, quote_literal};

/// A connection that reads the catalog and holds the snapshot; [`Self::reader`] makes those that read rows.
#[derive(Debug)]
pub struct PostgresSource {
    spec: PostgresSpec,
    application: String,
    session: Session,
    cursors: HashMap<TableName, cursor::Cursor>,
}

/// Reads chunks of a snapshot.
#[derive(Debug)]
pub struct PostgresReader {
    session: Session,
}

/// Pages of 8 KiB in a chunk, at most: a chunk is what a crash makes us read again.
const MAX_CHUNK_PAGES: u64 = 4096;
const MIN_CHUNK_PAGES: u64 = 64;
/// Chunks of a table of middling size.
const CHUNKS_WANTED: u64 = 16;

impl PostgresSource {
    pub(super) async fn connect(spec: &PostgresSpec, application: &str) -> Result<Self> {
        let session = Session::connect(spec, application).await?;
        Ok(Self {
            spec: spec.clone(),
            application: application.into(),
            session,
            cursors: HashMap::new(),
        })
    }

    pub(super) fn server(&self) -> String {
        self.session.server().to_owned()
    }

    pub(super) async fn tables(&self, wanted: Option<&[TableSpec]>) -> Result<Vec<Table>> {
        catalog::tables(&self.session, wanted).await
    }

    /// Everything that the connection can read, views and foreign tables included.
    ///
    /// # Errors
    /// What the database says.
    pub async fn discover(&self) -> Result<Vec<Table>> {
        catalog::discover(&self.session).await
    }

    pub(super) async fn snapshot(&mut self, tables: &[SourceTable]) -> Result<Snapshot> {
        self.release().await?;
        self.attach_cursors(tables).await?;
        let horizon = cursor::before_snapshot(&self.session, &mut self.cursors, cursor::Wait::ForWriters).await?;
        let begin = "begin isolation level repeatable read read only";
        brief(self.session.batch_execute(begin)).await?;
        let id: String = brief(self.session.query_one("select pg_export_snapshot()", &[]))
            .await?
            .get(0);
        self.check_shapes(tables).await?;
        let mut plans = Vec::with_capacity(tables.len());
        for table in tables {
            let storage = storage(&self.session, &table.table).await?;
            let watermark = match self.cursors.get_mut(&table.table.name) {
                Some(cursor) => cursor.advance(&self.session, &horizon).await?,
                None => None,
            };
            plans.push(TablePlan {
                name: table.table.name.clone(),
                chunks: chunks(&storage),
                storage: identity(&storage)?,
                watermark,
            });
        }
        Ok(Snapshot {
            id: Some(id),
            tables: plans,
        })
    }

    async fn attach_cursors(&mut self, tables: &[SourceTable]) -> Result<()> {
        self.cursors.clear();
        for table in tables {
            if let Some(column) = &table.cursor {
                let cursor = cursor::Cursor::new(&self.session, &table.table, column).await?;
                self.cursors.insert(table.table.name.clone(), cursor);
            }
        }
        Ok(())
    }

    /// The tables were looked at before the snapshot was fixed: they must look the same inside it.
    async fn check_shapes(&self, tables: &[SourceTable]) -> Result<()> {
        let wanted: Vec<TableSpec> = tables
            .iter()
            .map(|table| TableSpec {
                name: table.table.name.to_string(),
                cursor: None,
            })
            .collect();
        for (now, planned) in catalog::tables(&self.session, Some(&wanted)).await?.iter().zip(tables) {
            let textual = planned
                .table
                .columns
                .iter()
                .zip(&now.columns)
                .all(|(a, b)| a.name == b.name && a.source_type == b.source_type);
            if !textual || planned.table.columns.len() != now.columns.len() {
                return Err(Error::transient(
                    "schema_changed",
                    format!("the columns of `{}` changed just now", now.name),
                ));
            }
        }
        Ok(())
    }

    pub(super) async fn release(&mut self) -> Result<()> {
        brief(self.session.batch_execute("rollback")).await
    }

    pub(super) async fn reader(&self, snapshot: &Snapshot) -> Result<PostgresReader> {
        let session = Session::connect(&self.spec, &self.application).await?;
        let id = snapshot.id.as_deref().unwrap_or_default();
        let begin = format!(
            "begin isolation level repeatable read read only; set transaction snapshot {}",
            quote_literal(id)
        );
        brief(session.batch_execute(&begin)).await?;
        Ok(PostgresReader { session })
    }
}

/// The column that surely follows changes: a time that is never null, with a name that says so.
#[must_use]
pub fn natural_cursor(table: &Table) -> Option<String> {
    let fits = |name: &&String| {
        let timed = |column: &crate::table::Column| column.source_type.starts_with("timestamp") && !column.nullable;
        catalog::follows_changes(name) && table.column(name).is_some_and(timed)
    };
    table.cursor_candidates.iter().find(fits).cloned()
}

/// One relation that holds rows of a table: the table itself or one of its partitions.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    /// As SQL wants it.
    relation: String,
    /// Changes when the rows are moved (`vacuum full`, `truncate`, `cluster`).
    filenode: u32,
    /// 0 when pages cannot be addressed.
    #[serde(skip)]
    pages: u64,
}

const STORED: &str = "
select format('%I.%I', n.nspname, l.relname), coalesce(pg_relation_filenode(l.oid), 0),
       (pg_relation_size(l.oid) / current_setting('block_size')::int)
  from pg_class c
  join pg_class l on l.oid = any(case when c.relkind = 'p'
       then array(select relid from pg_partition_tree(c.oid) where isleaf) else array[c.oid::regclass] end)
  join pg_namespace n on n.oid = l.relnamespace
 where c.oid = $1::text::regclass and l.relkind in ('r', 'm')
   and current_setting('server_version_num')::int >= 140000
 order by l.oid";

/// Empty when the table has to be read in one go: views, foreign tables, servers that cannot seek to a page.
async fn storage(session: &Session, table: &Table) -> Result<Vec<Stored>> {
    if !matches!(
        table.kind,
        TableKind::Table | TableKind::PartitionedTable | TableKind::MaterializedView
    ) {
        return Ok(Vec::new());
    }
    let rows = brief(session.query(STORED, &[&table.name.sql()]))
        .await
        .at(format_args!("table `{}`", table.name))?;
    Ok(rows
        .iter()
        .map(|row| Stored {
            relation: row.get(0),
            filenode: row.get(1),
            pages: row.get::<_, i64>(2).unsigned_abs(),
        })
        .collect())
}

fn identity(storage: &[Stored]) -> Result<String> {
    serde_json::to_string(storage).map_err(|error| Error::corrupt(error.to_string()))
}

/// Cuts by page numbers: no index is needed, and each chunk is one sequential read.
fn chunks(storage: &[Stored]) -> Vec<Chunk> {
    let pages: u64 = storage.iter().map(|stored| stored.pages).sum();
    let step = (pages / CHUNKS_WANTED).clamp(MIN_CHUNK_PAGES, MAX_CHUNK_PAGES);
    let ranges = storage.iter().flat_map(|stored| {
        let count = stored.pages.div_ceil(step).max(1);
        (0..count).map(move |at| Range::Pages {
            relation: stored.relation.clone(),
            first: at * step,
            // The last chunk has no end: it takes in pages that are added before a resumed run reads it.
            end: (at + 1 < count).then_some((at + 1) * step),
        })
    });
    let mut ranges: Vec<Range> = ranges.collect();
    if ranges.is_empty() {
        ranges.push(Range::Whole);
    }
    (0..).zip(ranges).map(|(index, range)| Chunk { index, range }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_cover_each_page_once(pages in prop::collection::vec(0u64..100_000, 1..4)) {
            let storage: Vec<Stored> = (0u32..).zip(&pages)
                .map(|(at, pages)| Stored { relation: format!("t{at}"), filenode: at, pages: *pages })
                .collect();
            let chunks = chunks(&storage);
            for stored in &storage {
                let mut next = Some(0);
                for chunk in &chunks {
                    if let Range::Pages { relation, first, end } = &chunk.range && *relation == stored.relation {
                        prop_assert_eq!(Some(*first), next);
                        next = *end;
                    }
                }
                prop_assert_eq!(next, None);
            }
        }
    }
}
