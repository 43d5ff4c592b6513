//! What to do with each table: keep its copy, finish it, or begin a new one.

use std::collections::BTreeSet;

use super::{Attempt, Tracked};
use crate::checkpoint::{Phase, TableCheckpoint};
use crate::error::Result;
use crate::source::{Source, SourceTable};
use crate::spec::Mode;
use crate::table::{Kind, Table};

/// A table whose copy is not complete.
#[derive(Debug, Clone)]
pub(super) struct Unfinished {
    pub source: SourceTable,
    pub text_columns: BTreeSet<String>,
    /// What an earlier attempt left.
    pub before: Option<TableCheckpoint>,
    /// Its chunks may stay, if they still refer to the same storage.
    pub resumable: bool,
}

impl Attempt<'_> {
    /// Looks at source and destination; returns tables whose copy is live, and those that have to be copied.
    pub(super) async fn plan(&mut self) -> Result<(Vec<Tracked>, Vec<Unfinished>)> {
        let found = self.source.tables(self.job.spec.source.tables.as_deref()).await?;
        let mut checkpoints = self.destination.checkpoints().await?;
        self.progress
            .tables(found.iter().map(|table| (table.name.clone(), table.rows_estimate)));
        let (mut live, mut unfinished) = (Vec::new(), Vec::new());
        for mut table in found {
            let before = checkpoints.remove(&table.name);
            let text_columns = self.text_columns(&table, before.as_ref());
            for column in table
                .columns
                .iter_mut()
                .filter(|column| text_columns.contains(&column.name))
            {
                (column.kind, column.textual) = (Kind::Text, false);
            }
            let source = SourceTable {
                cursor: self.cursor(&table),
                table,
            };
            match before {
                Some(checkpoint) if self.is_current(&source, &text_columns, &checkpoint).await? => {
                    self.progress
                        .committed(&checkpoint.table, checkpoint.rows, checkpoint.bytes);
                    live.push(Tracked { source, checkpoint });
                }
                before => {
                    let resumable = before
                        .as_ref()
                        .is_some_and(|before| self.is_resumable(&source, &text_columns, before));
                    unfinished.push(Unfinished {
                        source,
                        text_columns,
                        before,
                        resumable,
                    });
                }
            }
        }
        Ok((live, unfinished))
    }

    fn text_columns(&self, table: &Table, before: Option<&TableCheckpoint>) -> BTreeSet<String> {
        let mut columns = self.misfits.get(&table.name).cloned().unwrap_or_default();
        columns.extend(
            before
                .into_iter()
                .flat_map(|before| before.text_columns.iter().cloned()),
        );
        columns.retain(|name| table.column(name).is_some());
        columns
    }

    /// The column to follow changes by: the one that was asked for, else one whose name leaves no doubt.
    fn cursor(&self, table: &Table) -> Option<String> {
        let spec = &self.job.spec;
        // Without a key a changed row cannot be told from a new one.
        if matches!(self.source, Source::Files(_)) || (self.destination.replaces_rows() && table.key.is_empty()) {
            return None;
        }
        let wanted = spec.source.tables.as_ref().and_then(|tables| {
            tables.iter().find(|wanted| {
                wanted
                    .name
                    .parse()
                    .is_ok_and(|name: crate::table::TableName| name == table.name)
            })
        });
        if let Some(cursor) = wanted.and_then(|wanted| wanted.cursor.clone()) {
            return Some(cursor);
        }
        let natural = || crate::source::postgres::natural_cursor(table);
        (spec.mode == Mode::Incremental).then(natural).flatten()
    }

    fn same_shape(&self, source: &SourceTable, text_columns: &BTreeSet<String>, before: &TableCheckpoint) -> bool {
        before.fingerprint == source.table.fingerprint()
            && before.text_columns == *text_columns
            && before.target == self.destination.target(&source.table.name)
    }

    async fn is_current(
        &mut self,
        source: &SourceTable,
        text_columns: &BTreeSet<String>,
        before: &TableCheckpoint,
    ) -> Result<bool> {
        if before.phase != Phase::Live || !self.same_shape(source, text_columns, before) {
            return Ok(false);
        }
        if self.job.spec.mode == Mode::Snapshot {
            return Ok(true);
        }
        if let Source::Files(files) = &self.source {
            return Ok(files.storage(&source.table.name).await? == before.storage);
        }
        Ok(source.cursor.is_none() || source.cursor == before.cursor)
    }

    /// Chunks of an earlier snapshot may stay when later changes of their rows will be noticed, or when none is missing.
    fn is_resumable(&self, source: &SourceTable, text_columns: &BTreeSet<String>, before: &TableCheckpoint) -> bool {
        let followed = source.cursor.is_some() || matches!(self.source, Source::Files(_));
        before.phase == Phase::Loading
            && self.same_shape(source, text_columns, before)
            && before.cursor == source.cursor
            && (followed || (before.missing().is_empty() && !before.chunks.is_empty()))
    }
}
