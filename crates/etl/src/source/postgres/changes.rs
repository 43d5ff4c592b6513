//! Changes by cursor column: passes over all followed tables, each pass in a snapshot of its own.

use std::collections::HashMap;

use super::{PostgresSource, catalog, cursor, read};
use crate::batch::BatchSender;
use crate::checkpoint::Watermark;
use crate::error::{Place, Result};
use crate::progress::Meter;
use crate::session::brief;
use crate::source::{ChangePage, ReadOptions, SourceTable, Start};
use crate::spec::TableSpec;
use crate::table::{Table, TableName, quote_literal};

/// Rows of one page of changes, about: rows with the same cursor value are never torn apart.
const PAGE_ROWS: u32 = 50_000;

/// Reads changes on the source's own connection.
#[derive(Debug)]
pub struct ChangeReader<'a> {
    source: &'a mut PostgresSource,
    horizon: cursor::Horizon,
    safe: HashMap<TableName, Option<Watermark>>,
}

impl PostgresSource {
    /// Fixes the state that one pass over all tables reads. To be ended with [`ChangeReader::end`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_changes(&mut self, tables: &[SourceTable]) -> Result<ChangeReader<'_>> {
        self.release().await?;
        for table in tables {
            if let Some(column) = &table.cursor
                && !self.cursors.contains_key(&table.table.name)
            {
                let cursor = cursor::Cursor::new(&self.session, &table.table, column).await?;
                self.cursors.insert(table.table.name.clone(), cursor);
            }
        }
        let horizon = cursor::before_snapshot(&self.session, &mut self.cursors, cursor::Wait::No).await?;
        brief(
            self.session
                .batch_execute("begin isolation level repeatable read read only"),
        )
        .await?;
        Ok(ChangeReader {
            source: self,
            horizon,
            safe: HashMap::new(),
        })
    }
}

impl ChangeReader<'_> {
    /// The tables as they are now, to notice that their shape has changed.
    ///
    /// # Errors
    /// `no_such_table`, when one was dropped.
    pub async fn tables(&self, wanted: &[TableSpec]) -> Result<Vec<Table>> {
        catalog::tables(&self.source.session, Some(wanted)).await
    }

    /// Finds the next page of changes from `start`; `None` when there is nothing.
    ///
    /// With `stable_only`, rows that may be read again are left for a later pass, so that each row version comes once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next_page(
        &mut self,
        table: &TableName,
        start: &Start,
        stable_only: bool,
    ) -> Result<Option<ChangePage>> {
        let safe = self.safe_watermark(table).await?;
        let Some(cursor) = self.source.cursors.get(table) else {
            return Ok(None);
        };
        let (column, relation) = (cursor.column(), table.sql());
        let mut condition = from(column, start);
        if stable_only {
            condition = format!("{condition} and {}", up_to(column, safe.as_ref()));
        }
        let safe_value = safe
            .as_ref()
            .map_or("null".to_owned(), |mark| quote_literal(&mark.value));
        // `with ties`: rows with equal values stay together, so that the next page can start above the last value.
        let sql = format!(
            "select count(*), max(c)::text, coalesce(max(c) < {safe_value}, false)
               from (select {column} as c from {relation} where {condition} order by 1
                      fetch first {PAGE_ROWS} rows with ties) page"
        );
        let row = self
            .source
            .session
            .query_one(&sql, &[])
            .await
            .at(format_args!("table `{table}`"))?;
        let (rows, last, below_safe): (i64, Option<String>, bool) = (row.get(0), row.get(1), row.get(2));
        let Some(last) = last else { return Ok(None) };
        let more = rows >= i64::from(PAGE_ROWS);
        let watermark = match more && below_safe {
            true => Some(Watermark {
                value: last.clone(),
                read_again: false,
            }),
            false => safe,
        };
        let condition = format!("{condition} and {column} <= {}", quote_literal(&last));
        Ok(Some(ChangePage {
            condition,
            last,
            more,
            watermark,
        }))
    }

    async fn safe_watermark(&mut self, table: &TableName) -> Result<Option<Watermark>> {
        if let Some(safe) = self.safe.get(table) {
            return Ok(safe.clone());
        }
        let Some(cursor) = self.source.cursors.get_mut(table) else {
            return Ok(None);
        };
        let safe = cursor.advance(&self.source.session, &self.horizon).await?;
        self.safe.insert(table.clone(), safe.clone());
        Ok(safe)
    }

    /// Sends the rows of the page, then the end.
    ///
    /// # Errors
    /// What the database says, or that the receiver is gone.
    pub async fn read(
        &self,
        table: &Table,
        page: &ChangePage,
        options: ReadOptions,
        to: (BatchSender, &Meter),
    ) -> Result<()> {
        let conditions = [page.condition.clone()];
        read::copy(
            &self.source.session,
            table,
            (&table.name.sql(), &conditions),
            options,
            to,
        )
        .await
    }

    /// Ends the pass.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end(self) -> Result<()> {
        self.source.release().await
    }
}

fn from(column: &str, start: &Start) -> String {
    match start {
        Start::Watermark(None) => format!("{column} is not null"),
        Start::Watermark(Some(mark)) if mark.read_again => format!("{column} >= {}", quote_literal(&mark.value)),
        Start::Watermark(Some(mark)) => format!("{column} > {}", quote_literal(&mark.value)),
        Start::Above(value) => format!("{column} > {}", quote_literal(value)),
    }
}

/// The rows below a watermark: together with [`from`] the same watermark, each row once.
fn up_to(column: &str, mark: Option<&Watermark>) -> String {
    match mark {
        Some(mark) if mark.read_again => format!("{column} < {}", quote_literal(&mark.value)),
        Some(mark) => format!("{column} <= {}", quote_literal(&mark.value)),
        None => "false".to_owned(),
    }
}
