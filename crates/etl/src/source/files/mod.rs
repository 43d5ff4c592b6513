//! A folder as a source: each CSV or Parquet file is a table, and so is each subfolder of files with the same columns.
//!
//! A file is a chunk. Files are taken to be whole and not to change while they are read; when files come, go or change,
//! the table is copied anew. Of a folder with a manifest of ours, only committed parts are read.

mod csv;
mod infer;
mod parquet;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::{ReadOptions, Snapshot, SourceTable, TablePlan};
use crate::batch::{Batch, BatchSender, Rows};
use crate::checkpoint::{Chunk, Range};
use crate::destination::files::Manifest;
use crate::error::{Error, Place, Result};
use crate::progress::Meter;
use crate::spec::{FileFormat, FilesSpec, TableSpec};
use crate::table::{Column, Kind, Table, TableKind, TableName};

#[derive(Debug)]
pub struct FilesSource {
    folder: Folder,
    /// Columns by storage: finding the types of a CSV file means reading it.
    known: Arc<Mutex<HashMap<String, Vec<Column>>>>,
}

/// Reads files.
#[derive(Debug)]
pub struct FilesReader {
    folder: Folder,
}

#[derive(Debug, Clone)]
struct Folder {
    /// No file outside of it is read, wherever links lead.
    root: PathBuf,
    directory: PathBuf,
    /// The directory as the connection names it.
    shown: String,
    format: FileFormat,
}

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    /// Relative to the folder.
    path: String,
    size_bytes: u64,
    modified_micros: i64,
}

impl Stored {
    /// How errors name it.
    fn place(&self) -> String {
        format!("file `{}`", self.path)
    }
}

impl FilesSource {
    pub(super) async fn open(spec: &FilesSpec) -> Result<Self> {
        let folder = Folder {
            root: spec.root.clone(),
            directory: spec.path(),
            shown: spec.directory.display().to_string(),
            format: spec.format,
        };
        let place = format!("folder `{}`", folder.shown);
        let listed = folder.clone();
        blocking(move || listed.tables().map(|_| ())).await.at(place)?;
        Ok(Self {
            folder,
            known: Arc::default(),
        })
    }

    pub(super) fn server(&self) -> String {
        format!("{} in {}", self.folder.format.extension(), self.folder.shown)
    }

    /// The tables that `wanted` names, or all.
    ///
    /// # Errors
    /// `no_such_table`, or what the file system says.
    pub async fn tables(&self, wanted: Option<&[TableSpec]>) -> Result<Vec<Table>> {
        let names = wanted
            .map(|wanted| {
                wanted
                    .iter()
                    .map(|spec| spec.name.parse())
                    .collect::<std::result::Result<Vec<TableName>, _>>()
            })
            .transpose()?;
        let (folder, known) = (self.folder.clone(), Arc::clone(&self.known));
        blocking(move || {
            let found = folder.tables()?;
            let Some(names) = names else {
                return found
                    .iter()
                    .map(|(name, files)| folder.table(name, files, &known))
                    .collect();
            };
            let files = |name: &TableName| found.iter().find(|found| found.0 == *name).map(|found| &found.1);
            names
                .iter()
                .map(|name| folder.table(name, files(name).ok_or_else(|| missing(name))?, &known))
                .collect()
        })
        .await
    }

    /// Identity of a table's files: another one when a file came, went or changed.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn storage(&self, table: &TableName) -> Result<String> {
        let (folder, table) = (self.folder.clone(), table.clone());
        blocking(move || Ok(identity(&folder.files(&table)?))).await
    }

    pub(super) async fn snapshot(&self, tables: &[SourceTable]) -> Result<Snapshot> {
        let names: Vec<TableName> = tables.iter().map(|table| table.table.name.clone()).collect();
        let folder = self.folder.clone();
        let tables = blocking(move || {
            names
                .into_iter()
                .map(|name| {
                    let files = folder.files(&name)?;
                    let storage = identity(&files);
                    let ranges = files.into_iter().map(|file| Range::File {
                        path: file.path,
                        size_bytes: file.size_bytes,
                        modified_micros: file.modified_micros,
                    });
                    let chunks = (0..).zip(ranges).map(|(index, range)| Chunk { index, range }).collect();
                    Ok(TablePlan {
                        name,
                        chunks,
                        storage,
                        watermark: None,
                    })
                })
                .collect::<Result<Vec<_>>>()
        })
        .await?;
        Ok(Snapshot { id: None, tables })
    }

    pub(super) fn reader(&self) -> FilesReader {
        FilesReader {
            folder: self.folder.clone(),
        }
    }
}

fn missing(name: &TableName) -> Error {
    Error::new(
        "no_such_table",
        format!("there is no file or folder for table `{name}`"),
    )
    .hint("check the spelling, or take the table out of the pipeline; what was copied stays")
}

fn identity(files: &[Stored]) -> String {
    let parts = files
        .iter()
        .map(|file| format!("{}:{}:{}", file.path, file.size_bytes, file.modified_micros));
    parts.collect::<Vec<_>>().join("\n")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::transient("worker_died", error.to_string())),
    }
}

impl Folder {
    fn fits(&self, path: &Path) -> bool {
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let extension = path.extension().and_then(|extension| extension.to_str());
        !hidden && path.is_file() && extension.is_some_and(|text| text.eq_ignore_ascii_case(self.format.extension()))
    }

    /// All tables with their files, by name.
    fn tables(&self) -> Result<Vec<(TableName, Vec<Stored>)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let files = match path.is_dir() {
                _ if hidden => continue,
                true => self.parts(&path)?,
                false if self.fits(&path) => vec![self.stored(&path)?],
                false => continue,
            };
            if !files.is_empty() {
                found.push((table_name(&path)?, files));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    fn files(&self, table: &TableName) -> Result<Vec<Stored>> {
        let found = self.tables()?.into_iter().find(|found| found.0 == *table);
        found.map(|found| found.1).ok_or_else(|| missing(table))
    }

    fn parts(&self, folder: &Path) -> Result<Vec<Stored>> {
        if let Some(manifest) = Manifest::read(folder)? {
            return manifest
                .parts
                .iter()
                .map(|part| self.stored(&folder.join(&part.file)))
                .collect();
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        paths.retain(|path| self.fits(path));
        paths.sort();
        paths.iter().map(|path| self.stored(path)).collect()
    }

    fn stored(&self, path: &Path) -> Result<Stored> {
        let relative = path.strip_prefix(&self.directory).unwrap_or(path);
        if !path.canonicalize()?.starts_with(&self.root) {
            let name = relative.display();
            return Err(Error::new(
                "folder_not_allowed",
                format!("the file `{name}` lies outside of your organization's files"),
            )
            .hint("put the file itself into the folder, or take the link away"));
        }
        let metadata = fs::metadata(path)?;
        let modified = Timestamp::try_from(metadata.modified()?).map_err(|error| Error::corrupt(error.to_string()))?;
        Ok(Stored {
            path: relative.to_string_lossy().into_owned(),
            size_bytes: metadata.len(),
            modified_micros: modified.as_microsecond(),
        })
    }

    fn table(&self, name: &TableName, files: &[Stored], known: &Mutex<HashMap<String, Vec<Column>>>) -> Result<Table> {
        let identity = identity(files);
        let remembered = known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&identity)
            .cloned();
        let columns = match remembered {
            Some(columns) => columns,
            None => {
                let columns = match self.format {
                    FileFormat::Csv => infer::columns(&self.directory, files),
                    FileFormat::Parquet => parquet::columns(&self.directory, files),
                };
                let columns = columns.at(format_args!("table `{name}`"))?;
                known
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(identity, columns.clone());
                columns
            }
        };
        let rows_estimate = match self.format {
            FileFormat::Parquet => parquet::rows(&self.directory, files)?,
            FileFormat::Csv => None,
        };
        Ok(Table {
            name: name.clone(),
            identity: String::new(),
            kind: TableKind::Files,
            columns,
            key: Vec::new(),
            rows_estimate,
            cursor_candidates: Vec::new(),
        })
    }
}

/// `orders.csv` and the folder `orders` are `public.orders`; a folder that we wrote is named by schema and table.
fn table_name(path: &Path) -> Result<TableName> {
    if let Some(manifest) = path.is_dir().then(|| Manifest::read(path)).transpose()?.flatten() {
        return Ok(manifest.checkpoint.table);
    }
    let stem = if path.is_dir() {
        path.file_name()
    } else {
        path.file_stem()
    };
    Ok(TableName::new("public", stem.unwrap_or_default().to_string_lossy()))
}

/// A column of a file, carried as `kind`.
fn column(name: &str, source_type: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        source_type: source_type.to_owned(),
        postgres_type: kind.postgres_type(),
        postgres_cast: None,
        kind,
        textual: kind == Kind::Text,
        nullable: true,
        key: false,
    }
}

impl FilesReader {
    pub(super) async fn read(
        &mut self,
        source: &SourceTable,
        chunk: &Chunk,
        options: ReadOptions,
        (sender, meter): (BatchSender, &Meter),
    ) -> Result<()> {
        let Range::File {
            path,
            size_bytes,
            modified_micros,
        } = &chunk.range
        else {
            return Err(Error::corrupt("a files source has only files as chunks"));
        };
        let wanted = Stored {
            path: path.clone(),
            size_bytes: *size_bytes,
            modified_micros: *modified_micros,
        };
        let (folder, table, place) = (self.folder.clone(), source.table.clone(), format!("file `{path}`"));
        let (to, mut batches) = tokio::sync::mpsc::channel(1);
        let reading = blocking(move || {
            let path = folder.directory.join(&wanted.path);
            if folder.stored(&path)? != wanted {
                return Err(Error::transient(
                    "schema_changed",
                    "the file changed since the copy was planned",
                ));
            }
            let send = |batch| {
                to.blocking_send(batch)
                    .map_err(|_| Error::transient("interrupted", "nobody takes rows"))
            };
            match folder.format {
                FileFormat::Csv => csv::read(&path, &table, options, send),
                FileFormat::Parquet => parquet::read(&path, &table, options, send),
            }
        });
        let sending = async {
            while let Some(batch) = batches.recv().await {
                let batch: arrow::record_batch::RecordBatch = batch;
                let read_bytes = batch
                    .columns()
                    .iter()
                    .map(|column| column.get_buffer_memory_size() as u64)
                    .sum();
                meter.add(batch.num_rows() as u64, read_bytes);
                sender
                    .send(Batch {
                        rows: Rows::Arrow(batch),
                        read_bytes,
                    })
                    .await?;
            }
            Ok(())
        };
        futures::future::try_join(reading, sending).await.at(place)?;
        sender.finish().await
    }
}
