//! Following changes: a pass over all tables with a cursor column, again and again.

use std::time::Duration;

use super::snapshot::{target, transfer};
use super::{Attempt, Tracked};
use crate::batch;
use crate::destination::{ChangeCommit, Visibility, Writer};
use crate::error::Result;
use crate::progress::Progress;
use crate::source::postgres::ChangeReader;
use crate::source::{ChangePage, ReadOptions, Source, SourceTable, Start};
use crate::status::{State, TableState};

/// Tables that a note names one by one.
const NAMES_SHOWN: usize = 10;
const CHANNEL_BYTES: usize = 16 * 1024 * 1024;

impl Attempt<'_> {
    /// Follows until tables come, go or change their shape.
    pub(super) async fn follow(&mut self, mut tables: Vec<Tracked>) -> Result<()> {
        self.progress.enter(State::Streaming);
        self.show(&tables);
        let mut writer = self
            .destination
            .writer()
            .await
            .map_err(|error| error.at("destination"))?;
        let interval = Duration::from_secs(self.job.spec.interval_secs);
        loop {
            let started = jiff::Timestamp::now();
            if self.has_changed(&tables).await? {
                return Ok(());
            }
            self.pass(&mut tables, Visibility::Live, &mut writer).await?;
            self.progress.complete_as_of(started);
            tokio::time::sleep(interval).await;
        }
    }

    fn show(&self, tables: &[Tracked]) {
        let mut unfollowed = Vec::new();
        for table in tables {
            let name = &table.checkpoint.table;
            match table.source.cursor {
                Some(_) => self.progress.enter_table(name, TableState::Streaming),
                None => {
                    self.progress.enter_table(name, TableState::Completed);
                    unfollowed.push(format!("`{name}`"));
                }
            }
        }
        if !unfollowed.is_empty() && matches!(self.source, Source::Postgres(_)) {
            let more = unfollowed.len().saturating_sub(NAMES_SHOWN);
            unfollowed.truncate(NAMES_SHOWN);
            let mut names = unfollowed.join(", ");
            if more > 0 {
                names.push_str(&format!(" and {more} more"));
            }
            self.progress.note(format!(
                "copied once, changes are not followed (no cursor column or no key): {names}"
            ));
        }
    }

    async fn has_changed(&self, tables: &[Tracked]) -> Result<bool> {
        let now = self.source.tables(self.job.spec.source.tables.as_deref()).await?;
        if now.len() != tables.len() {
            return Ok(true);
        }
        for table in &now {
            let same = tables.iter().find(|known| known.source.table.name == table.name);
            let Some(known) = same else { return Ok(true) };
            if known.checkpoint.fingerprint != table.fingerprint() {
                return Ok(true);
            }
            if let Source::Files(files) = &self.source
                && files.storage(&table.name).await? != known.checkpoint.storage
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Brings interrupted loads up to date before anybody sees them.
    pub(super) async fn catch_up(&mut self, tables: &mut [Tracked], place: Visibility) -> Result<()> {
        let mut writer = self
            .destination
            .writer()
            .await
            .map_err(|error| error.at("destination"))?;
        self.pass(tables, place, &mut writer).await
    }

    async fn pass(&mut self, tables: &mut [Tracked], place: Visibility, writer: &mut Writer) -> Result<()> {
        let options = self.read_options();
        let stable_only = !self.destination.replaces_rows();
        let Source::Postgres(source) = &mut self.source else {
            return Ok(());
        };
        let followed: Vec<SourceTable> = tables.iter().map(|table| table.source.clone()).collect();
        let mut reader = source
            .begin_changes(&followed)
            .await
            .map_err(|error| error.at("source"))?;
        let mut pass = Pass {
            reader: &mut reader,
            writer,
            options,
            place,
            progress: self.progress,
        };
        for table in tables.iter_mut().filter(|table| table.source.cursor.is_some()) {
            let mut start = Start::Watermark(table.checkpoint.watermark.clone());
            loop {
                let page = pass
                    .reader
                    .next_page(&table.checkpoint.table, &start, stable_only)
                    .await?;
                self.progress
                    .read(&table.checkpoint.table, page.as_ref().map(|page| page.last.clone()));
                let Some(page) = page else { break };
                pass.copy_page(table, &page).await?;
                if !page.more {
                    break;
                }
                start = Start::Above(page.last);
            }
        }
        reader.end().await
    }
}

struct Pass<'a, 'b> {
    reader: &'a mut ChangeReader<'b>,
    writer: &'a mut Writer,
    options: ReadOptions,
    place: Visibility,
    progress: &'a Progress,
}

impl Pass<'_, '_> {
    async fn copy_page(&mut self, table: &mut Tracked, page: &ChangePage) -> Result<()> {
        // While no newer one is known to be safe, the old one still is.
        let watermark = page.watermark.clone().or_else(|| table.checkpoint.watermark.clone());
        let commit = ChangeCommit {
            place: self.place,
            watermark: watermark.clone(),
            number: table.checkpoint.changes + 1,
        };
        let name = table.checkpoint.table.clone();
        let meter = crate::progress::Meter::default();
        let (sender, receiver) = batch::channel(CHANNEL_BYTES);
        let target = target(table);
        let read = self
            .reader
            .read(&table.source.table, page, self.options, (sender, &meter));
        let write = self.writer.write_changes(&target, &commit, receiver);
        let ((), committed) = transfer(read, write).await?;
        self.progress.added(&name, committed.rows, committed.bytes);
        table.checkpoint.changes += 1;
        table.checkpoint.watermark = watermark;
        Ok(())
    }
}
