//! The manifest of one table's folder: which parts count, and how far the copy is.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::checkpoint::{TableCheckpoint, Usage};
use crate::error::{Error, Result};
use crate::table::{Table, TableName};

pub(crate) const MANIFEST: &str = "manifest.json";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Owner of the folder; empty when the pipeline was deleted.
    pub pipeline: String,
    pub columns: Vec<ManifestColumn>,
    pub key: Vec<String>,
    pub parts: Vec<Part>,
    pub checkpoint: TableCheckpoint,
    pub usage: Vec<Usage>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManifestColumn {
    pub name: String,
    /// As the source names the type.
    pub source_type: String,
}

/// A committed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub file: String,
    pub rows: u64,
    pub size_bytes: u64,
}

impl Manifest {
    pub(super) fn new(pipeline: &str, table: &Table, checkpoint: TableCheckpoint) -> Self {
        let columns = table.columns.iter().map(|column| ManifestColumn {
            name: column.name.clone(),
            source_type: column.source_type.clone(),
        });
        Self {
            pipeline: pipeline.to_owned(),
            columns: columns.collect(),
            key: table.key.clone(),
            parts: Vec::new(),
            checkpoint,
            usage: Vec::new(),
        }
    }

    /// The manifest of a folder, if it has one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(MANIFEST);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Where the folder lies is the worker's own business.
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let broken = |error: serde_json::Error| {
            Error::corrupt(format!("`{name}/{MANIFEST}` cannot be read: {error}")).caused_by(error)
        };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }

    /// The manifests of all folders in `directory`.
    pub(super) fn read_all(directory: &Path) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_name() == ".plinth" {
                continue;
            }
            found.extend(Self::read(&entry.path())?);
        }
        Ok(found)
    }

    /// Replaces the manifest at once.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).map_err(|error| Error::corrupt(error.to_string()))?;
        let draft = folder.join(".manifest.tmp");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(MANIFEST))?;
        sync_dir(folder)
    }

    /// Removes parts that were never committed.
    pub(super) fn sweep(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let ours = name.starts_with("part-") || name.starts_with("changes-") || name.ends_with(".tmp");
            if ours && !self.parts.iter().any(|part| part.file == name) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Adds a committed file; a file of the same name is the same chunk again.
    pub(super) fn add(&mut self, part: Part) {
        self.parts.retain(|known| known.file != part.file);
        self.parts.push(part);
    }
}

/// The folder's name for a table: characters that a file system may not like are written as `%xx`.
pub(super) fn folder_name(table: &TableName) -> String {
    let mut name = String::new();
    for byte in table.to_string().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b' ' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    match name.starts_with('.') {
        true => format!("%2e{}", &name[1..]),
        false => name,
    }
}

pub(super) fn sync_dir(folder: &Path) -> Result<()> {
    Ok(fs::File::open(folder)?.sync_all()?)
}

pub(super) fn remove_dir(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
