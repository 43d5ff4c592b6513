//! Destinations: where rows go, and where it is remembered how far the copy has come.
//!
//! A destination promises: rows and checkpoint of one commit become durable together or not at all; readers never see
//! a table half loaded; a process that was fenced cannot commit. It must not know where the rows come from.

pub mod files;
pub mod postgres;

use std::collections::HashMap;

use crate::batch::BatchReceiver;
use crate::checkpoint::{Committed, TableCheckpoint, Usage, Watermark};
use crate::error::Result;
use crate::spec::{ConnectionSpec, DestinationSpec};
use crate::table::{Layout, Table, TableName};

/// Which pipeline writes, and under which lease.
#[derive(Debug, Clone)]
pub struct Owner {
    pub pipeline: String,
    /// Grows with each lease: a process with a smaller one is refused.
    pub epoch: i64,
}

/// Where rows of a table go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// The load that no reader sees yet.
    Load,
    /// The visible copy.
    Live,
}

/// One table's rows on their way in.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    pub table: &'a Table,
    pub name: &'a TableName,
    pub load: u64,
    pub load_id: &'a str,
}

/// What a commit of changes moves forward besides the rows.
#[derive(Debug, Clone)]
pub struct ChangeCommit {
    pub place: Visibility,
    pub watermark: Option<Watermark>,
    /// Number of this commit, counted per table.
    pub number: u64,
}

#[derive(Debug)]
pub enum Destination {
    Postgres(Box<postgres::PostgresDestination>),
    Files(files::FilesDestination),
}

impl Destination {
    /// Connects, and shuts out every process that has written for this pipeline before.
    ///
    /// # Errors
    /// `fenced` when a newer lease is known; else what keeps the connection from working.
    pub async fn open(spec: &ConnectionSpec, wanted: &DestinationSpec, owner: Owner) -> Result<Self> {
        Ok(match spec {
            ConnectionSpec::Postgres(spec) => Self::Postgres(Box::new(
                postgres::PostgresDestination::open(spec, wanted.schema.as_deref(), owner).await?,
            )),
            ConnectionSpec::Files(spec) => {
                let mut spec = spec.clone();
                spec.format = wanted.format.unwrap_or(spec.format);
                spec.directory.extend(&wanted.schema);
                Self::Files(files::FilesDestination::open(&spec, owner).await?)
            }
        })
    }

    #[must_use]
    pub fn server(&self) -> String {
        match self {
            Self::Postgres(destination) => destination.server(),
            Self::Files(destination) => destination.server(),
        }
    }

    /// The form of rows that goes in with the least work.
    #[must_use]
    pub fn layout(&self) -> Layout {
        match self {
            Self::Postgres(_) => Layout::Tuples,
            Self::Files(destination) => destination.layout(),
        }
    }

    /// A row can be replaced by its key. Otherwise each version of a row is kept.
    #[must_use]
    pub const fn replaces_rows(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The name that a table of the source has here.
    #[must_use]
    pub fn target(&self, table: &TableName) -> TableName {
        match self {
            Self::Postgres(destination) => destination.target(table),
            Self::Files(_) => table.clone(),
        }
    }

    /// What has been committed so far, by the table's name in the source.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn checkpoints(&mut self) -> Result<HashMap<TableName, TableCheckpoint>> {
        match self {
            Self::Postgres(destination) => destination.checkpoints().await,
            Self::Files(destination) => destination.checkpoints().await,
        }
    }

    /// Begins a full copy: throws an unfinished one away and remembers the plan. Readers notice nothing.
    ///
    /// # Errors
    /// `destination_table_exists` when a table of that name is not ours; else what the destination says.
    pub async fn begin_load(&mut self, table: &Table, checkpoint: &TableCheckpoint) -> Result<()> {
        match self {
            Self::Postgres(destination) => destination.begin_load(table, checkpoint).await,
            Self::Files(destination) => destination.begin_load(table, checkpoint).await,
        }
    }

    /// Makes an unfinished load fit to take rows that it may hold already.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn index_load(&mut self, target: &Target<'_>) -> Result<()> {
        match self {
            Self::Postgres(destination) => destination.index_load(target).await,
            Self::Files(_) => Ok(()),
        }
    }

    /// Puts the finished load in the place of the visible copy, at once.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn publish(&mut self, target: &Target<'_>) -> Result<()> {
        match self {
            Self::Postgres(destination) => destination.publish(target).await,
            Self::Files(destination) => destination.publish(target).await,
        }
    }

    /// One more connection that writes rows.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn writer(&self) -> Result<Writer> {
        Ok(match self {
            Self::Postgres(destination) => Writer::Postgres(Box::new(destination.writer().await?)),
            Self::Files(destination) => Writer::Files(destination.writer()),
        })
    }

    /// The usage records, over a connection of their own.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn ledger(&self) -> Result<Ledger> {
        Ok(match self {
            Self::Postgres(destination) => Ledger::Postgres(Box::new(destination.ledger().await?)),
            Self::Files(destination) => Ledger::Files(destination.ledger()),
        })
    }

    /// The pipeline is gone: removes its checkpoints and unfinished loads. Copied data stays.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn forget(&mut self) -> Result<()> {
        match self {
            Self::Postgres(destination) => destination.forget().await,
            Self::Files(destination) => destination.forget().await,
        }
    }
}

/// What was committed and has not been billed yet.
#[derive(Debug)]
pub enum Ledger {
    Postgres(Box<postgres::PostgresLedger>),
    Files(files::FilesLedger),
}

impl Ledger {
    /// Usage records that nobody has acknowledged, oldest first.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn usage(&mut self) -> Result<Vec<Usage>> {
        match self {
            Self::Postgres(ledger) => ledger.usage().await,
            Self::Files(ledger) => ledger.usage().await,
        }
    }

    /// The records have arrived where bills are made.
    ///
    /// # Errors
    /// What the destination says.
    pub async fn acknowledge(&mut self, usage: &[Usage]) -> Result<()> {
        match self {
            Self::Postgres(ledger) => ledger.acknowledge(usage).await,
            Self::Files(ledger) => ledger.acknowledge(usage).await,
        }
    }
}

/// Writes rows and commits them together with the checkpoint.
#[derive(Debug)]
pub enum Writer {
    Postgres(Box<postgres::PostgresWriter>),
    Files(files::FilesWriter),
}

impl Writer {
    /// Commits all rows of a chunk. `replace`: rows that are there already are replaced by key.
    ///
    /// # Errors
    /// `fenced`, or what the destination says; nothing is committed then.
    pub async fn write_chunk(
        &mut self,
        target: &Target<'_>,
        chunk: u32,
        mode: ChunkMode,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        match self {
            Self::Postgres(writer) => writer.write_chunk(target, chunk, mode, rows).await,
            Self::Files(writer) => writer.write_chunk(target, chunk, rows).await,
        }
    }

    /// Commits a page of changes and the new watermark.
    ///
    /// # Errors
    /// `fenced`, or what the destination says; nothing is committed then.
    pub async fn write_changes(
        &mut self,
        target: &Target<'_>,
        commit: &ChangeCommit,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        match self {
            Self::Postgres(writer) => writer.write_changes(target, commit, rows).await,
            Self::Files(writer) => writer.write_changes(target, commit, rows).await,
        }
    }
}

/// Whether a chunk may meet rows that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkMode {
    /// All chunks are of one snapshot: no row comes twice.
    Append,
    /// The run was interrupted, and this chunk is of a later snapshot: rows may have moved between chunks.
    Replace,
}
