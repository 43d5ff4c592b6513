//! Commits to a folder: a part file, and the manifest that makes it count.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::manifest::{Manifest, Part, sync_dir};
use super::part::PartWriter;
use super::{Store, blocking};
use crate::batch::{BatchReceiver, Rows};
use crate::checkpoint::{Committed, Usage};
use crate::destination::{ChangeCommit, Target};
use crate::error::{Error, Place, Result};
use crate::failpoint;
use crate::spec::FileFormat;
use crate::table::{Layout, Table, TableName};

/// Writes part files, each on a thread that may block.
#[derive(Debug)]
pub struct FilesWriter {
    store: Arc<Store>,
}

impl FilesWriter {
    pub(super) const fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    pub(in crate::destination) async fn write_chunk(
        &mut self,
        target: &Target<'_>,
        chunk: u32,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        let (store, table, load, id) = (
            Arc::clone(&self.store),
            target.table.clone(),
            target.load,
            target.load_id.to_owned(),
        );
        blocking(move || {
            let dir = store.loading_dir(&table.name);
            let file = format!("part-{load}-{chunk:05}.{}", store.format.extension());
            let draft =
                Draft::write(&dir, &file, store.format, &table, rows).at(format_args!("table `{}`", table.name))?;
            let usage = usage(&table.name, &format!("{id}/{chunk}"), draft.committed);
            failpoint::hit("destination.before_checkpoint")?;
            let mut tables = store.lock();
            let manifest = tables
                .get_mut(&table.name)
                .and_then(|versions| versions.loading.as_mut());
            let mut next = manifest
                .as_ref()
                .map(|manifest| Manifest::clone(manifest))
                .ok_or_else(gone)?;
            // One file at least, so that a reader finds the columns of an empty table.
            draft.commit(&mut next, chunk == 0)?;
            next.checkpoint.done.insert(chunk);
            save(next, manifest, &dir, (draft.committed, usage))?;
            Ok(draft.committed)
        })
        .await
    }

    pub(in crate::destination) async fn write_changes(
        &mut self,
        target: &Target<'_>,
        commit: &ChangeCommit,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        let (store, table, load, id) = (
            Arc::clone(&self.store),
            target.table.clone(),
            target.load,
            target.load_id.to_owned(),
        );
        let commit = commit.clone();
        blocking(move || {
            let dir = store.live_dir(&table.name);
            let file = format!("changes-{load}-{:08}.{}", commit.number, store.format.extension());
            let draft =
                Draft::write(&dir, &file, store.format, &table, rows).at(format_args!("table `{}`", table.name))?;
            let usage = usage(&table.name, &format!("{id}/change-{}", commit.number), draft.committed);
            let mut tables = store.lock();
            let manifest = tables.get_mut(&table.name).and_then(|versions| versions.live.as_mut());
            let mut next = manifest
                .as_ref()
                .map(|manifest| Manifest::clone(manifest))
                .ok_or_else(gone)?;
            draft.commit(&mut next, false)?;
            next.checkpoint.changes = commit.number;
            next.checkpoint.watermark = commit.watermark;
            save(next, manifest, &dir, (draft.committed, usage))?;
            Ok(draft.committed)
        })
        .await
    }
}

fn gone() -> Error {
    Error::transient("interrupted", "the table's manifest is gone")
}

fn usage(table: &TableName, id: &str, committed: Committed) -> Usage {
    Usage {
        id: format!("{table}/{id}"),
        table: table.clone(),
        rows: committed.rows,
        bytes: committed.bytes,
        at: jiff::Timestamp::now(),
    }
}

/// The moment of the commit. The manifest in memory changes only when the one on disk has.
fn save(
    mut next: Manifest,
    manifest: Option<&mut Manifest>,
    dir: &Path,
    (committed, usage): (Committed, Usage),
) -> Result<()> {
    next.checkpoint.rows += committed.rows;
    next.checkpoint.bytes += committed.bytes;
    if committed.rows > 0 {
        next.usage.push(usage);
    }
    failpoint::hit("destination.before_commit")?;
    next.save(dir)?;
    if let Some(manifest) = manifest {
        *manifest = next;
    }
    failpoint::hit("destination.after_commit")
}

/// A part under a name that no reader takes. Removed unless it is committed.
struct Draft {
    path: PathBuf,
    file: String,
    size_bytes: u64,
    committed: Committed,
}

impl Draft {
    fn write(dir: &Path, file: &str, format: FileFormat, table: &Table, mut rows: BatchReceiver) -> Result<Self> {
        let path = dir.join(format!(".{file}.tmp"));
        let layout = if format == FileFormat::Csv {
            Layout::Text
        } else {
            Layout::Typed
        };
        let mut draft = Self {
            path,
            file: file.to_owned(),
            size_bytes: 0,
            committed: Committed::default(),
        };
        let mut writer = PartWriter::create(&draft.path, format, table.arrow_schema(layout).into())?;
        while let Some(batch) = rows.next_blocking()? {
            draft.committed.rows += batch.row_count();
            draft.committed.bytes += batch.read_bytes;
            match &batch.rows {
                Rows::Arrow(batch) => writer.write(batch)?,
                Rows::Tuples(_) => return Err(Error::corrupt("a file takes Arrow batches only")),
            }
        }
        draft.size_bytes = writer.finish()?;
        Ok(draft)
    }

    /// Gives the file its name and a place in the manifest; a file without rows only when `keep_empty`.
    fn commit(&self, manifest: &mut Manifest, keep_empty: bool) -> Result<()> {
        if !self.path.exists() || (self.committed.rows == 0 && !keep_empty) {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::rename(&self.path, folder.join(&self.file))?;
        sync_dir(folder)?;
        manifest.add(Part {
            file: self.file.clone(),
            rows: self.committed.rows,
            size_bytes: self.size_bytes,
        });
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it was committed.
        let _ = fs::remove_file(&self.path);
    }
}
