//! How far a pipeline has come: what a destination remembers, in the same transaction as the rows themselves.
//!
//! Only data. The destinations store it, `run` decides by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::table::TableName;

/// A part of a table that is copied and committed as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub index: u32,
    pub range: Range,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// All rows.
    Whole,
    /// Rows on the pages `first..end` of `relation`, which is written as SQL wants it.
    Pages {
        relation: String,
        first: u64,
        end: Option<u64>,
    },
    /// One file of a files source; size and time tell whether it is still the same.
    File {
        path: String,
        size_bytes: u64,
        modified_micros: i64,
    },
}

/// A place in the order of a cursor column: everything up to it has been copied and can no longer appear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    pub value: String,
    /// Rows with exactly this value may still appear, so they are read again.
    pub read_again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Chunks go to a place that no reader sees yet.
    Loading,
    /// The copy is visible.
    Live,
}

/// The state of one table's copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCheckpoint {
    pub table: TableName,
    pub target: TableName,
    pub phase: Phase,
    /// Counts the full copies begun.
    pub load: u64,
    /// Names this full copy and no other, also when the records were lost: a part of the ids of usage records.
    pub load_id: String,
    /// Shape of the table that is being copied, see [`crate::table::Table::fingerprint`].
    pub fingerprint: String,
    /// Identity of the storage that the chunks' page numbers refer to.
    pub storage: String,
    pub cursor: Option<String>,
    /// Columns that are copied as text because a value did not fit their Arrow type.
    #[serde(default)]
    pub text_columns: BTreeSet<String>,
    /// From where changes are read once all chunks are there. `None`: from the first row.
    pub watermark: Option<Watermark>,
    pub chunks: Vec<Chunk>,
    pub done: BTreeSet<u32>,
    /// Commits of changes so far: a part of the ids of usage records.
    pub changes: u64,
    pub rows: u64,
    pub bytes: u64,
}

impl TableCheckpoint {
    /// Chunks that are not committed yet.
    #[must_use]
    pub fn missing(&self) -> Vec<Chunk> {
        self.chunks
            .iter()
            .filter(|chunk| !self.done.contains(&chunk.index))
            .cloned()
            .collect()
    }
}

/// What one commit added: goes to the bill once, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The same again after a crash: the record of one commit and of no other.
    pub id: String,
    pub table: TableName,
    pub rows: u64,
    pub bytes: u64,
    pub at: jiff::Timestamp,
}

/// What a commit wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Committed {
    pub rows: u64,
    pub bytes: u64,
}
