//! The server's log file: opened for the server to append to, and read back when a start fails.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::error::IoContext;

const ROTATE_AT_BYTES: u64 = 16 * 1024 * 1024;
const TAIL_LINES: usize = 20;

/// An open log, and where this start's part of it begins.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    begin: u64,
}

impl LogFile {
    /// Opens the log for appending; a big one is put aside first (one old one is kept).
    pub(crate) fn open(path: PathBuf) -> Result<(Self, File)> {
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > ROTATE_AT_BYTES) {
            fs::rename(&path, path.with_extension("log.1")).context("rename", &path)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o640)
            .open(&path)
            .context("open", &path)?;
        let begin = file.metadata().context("read", &path)?.len();
        Ok((Self { path, begin }, file))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines since this start.
    pub(crate) fn tail(&self) -> String {
        let text = self.read().unwrap_or_else(|error| format!("(cannot read it: {error})"));
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }

    fn read(&self) -> std::io::Result<String> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.begin))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
