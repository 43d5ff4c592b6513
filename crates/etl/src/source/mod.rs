//! Sources: where rows come from.
//!
//! A source promises: the chunks of one [`Snapshot`] together are each row of one state exactly once; pages of changes
//! hold each row that came to lie above a watermark. It must not know where the rows go.

pub mod files;
pub mod postgres;

use crate::batch::BatchSender;
use crate::checkpoint::{Chunk, Watermark};
use crate::error::Result;
use crate::progress::Meter;
use crate::spec::{ConnectionSpec, TableSpec};
use crate::table::{Layout, Table, TableName};

/// A table, and how it is going to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceTable {
    pub table: Table,
    /// Follow changes by this column.
    pub cursor: Option<String>,
}

/// The chunks of one table in a snapshot.
#[derive(Debug, Clone)]
pub struct TablePlan {
    pub name: TableName,
    pub chunks: Vec<Chunk>,
    /// Identity of the storage that the chunks refer to: chunks of another identity are void.
    pub storage: String,
    /// Changes above it are not all in the snapshot.
    pub watermark: Option<Watermark>,
}

/// One state of the source, readable over several connections while it is held.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The exported snapshot, where the source has such a thing.
    pub id: Option<String>,
    pub tables: Vec<TablePlan>,
}

/// How rows are to be handed over.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    pub layout: Layout,
    pub batch_rows: usize,
    /// Rows above the watermark stay away until they have become changes: for destinations that cannot replace rows.
    pub below_watermark_only: bool,
}

/// One range of changes of one table, read in one go.
#[derive(Debug, Clone)]
pub struct ChangePage {
    /// SQL condition on the table's rows.
    pub condition: String,
    /// The largest cursor value in the page.
    pub last: String,
    /// More pages may follow in this pass.
    pub more: bool,
    /// The watermark once the page is committed.
    pub watermark: Option<Watermark>,
}

/// Where a page of changes begins.
#[derive(Debug, Clone)]
pub enum Start {
    /// At the checkpoint, for the first page of a pass.
    Watermark(Option<Watermark>),
    /// Behind the last page.
    Above(String),
}

#[derive(Debug)]
pub enum Source {
    Postgres(Box<postgres::PostgresSource>),
    Files(files::FilesSource),
}

impl Source {
    /// Connects and says who is there.
    ///
    /// # Errors
    /// What keeps the connection from working.
    pub async fn connect(spec: &ConnectionSpec, application: &str) -> Result<Self> {
        Ok(match spec {
            ConnectionSpec::Postgres(spec) => {
                Self::Postgres(Box::new(postgres::PostgresSource::connect(spec, application).await?))
            }
            ConnectionSpec::Files(spec) => Self::Files(files::FilesSource::open(spec).await?),
        })
    }

    #[must_use]
    pub fn server(&self) -> String {
        match self {
            Self::Postgres(source) => source.server(),
            Self::Files(source) => source.server(),
        }
    }

    /// The tables that `wanted` names, or all.
    ///
    /// # Errors
    /// `no_such_table`, `no_such_column`, or what the source says.
    pub async fn tables(&self, wanted: Option<&[TableSpec]>) -> Result<Vec<Table>> {
        match self {
            Self::Postgres(source) => source.tables(wanted).await,
            Self::Files(source) => source.tables(wanted).await,
        }
    }

    /// Fixes one state of all `tables` and cuts them into chunks. It holds until [`Self::release`].
    ///
    /// # Errors
    /// What the source says.
    pub async fn snapshot(&mut self, tables: &[SourceTable]) -> Result<Snapshot> {
        match self {
            Self::Postgres(source) => source.snapshot(tables).await,
            Self::Files(source) => source.snapshot(tables).await,
        }
    }

    /// Lets go of the state that [`Self::snapshot`] or [`Self::begin_changes`] fixed.
    ///
    /// # Errors
    /// What the source says.
    pub async fn release(&mut self) -> Result<()> {
        match self {
            Self::Postgres(source) => source.release().await,
            Self::Files(_) => Ok(()),
        }
    }

    /// One more connection that reads from `snapshot`.
    ///
    /// # Errors
    /// What the source says.
    pub async fn reader(&self, snapshot: &Snapshot) -> Result<Reader> {
        Ok(match self {
            Self::Postgres(source) => Reader::Postgres(source.reader(snapshot).await?),
            Self::Files(source) => Reader::Files(source.reader()),
        })
    }
}

/// Reads chunks.
#[derive(Debug)]
pub enum Reader {
    Postgres(postgres::PostgresReader),
    Files(files::FilesReader),
}

impl Reader {
    /// Sends all rows of the chunk, then the end.
    ///
    /// # Errors
    /// What the source says, or that the receiver is gone.
    pub async fn read(
        &mut self,
        plan: (&SourceTable, Option<&Watermark>),
        chunk: &Chunk,
        options: ReadOptions,
        to: (BatchSender, &Meter),
    ) -> Result<()> {
        match self {
            Self::Postgres(reader) => reader.read(plan, chunk, options, to).await,
            Self::Files(reader) => reader.read(plan.0, chunk, options, to).await,
        }
    }
}
