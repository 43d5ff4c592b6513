//! What went wrong, in words that the owner of a pipeline can act on.
//!
//! Each error has a stable `code`, a `message` (what happened), a `hint` (what to do) and says whether trying again
//! can help. It must not carry secrets: a password never becomes part of a message.

mod postgres;

use std::fmt;
use std::io;

use crate::table::{TableName, TableNameError};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Whether a later attempt can succeed without anybody changing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// A restart, a network fault, a lock: try again with back-off.
    Soon,
    /// Somebody has to act first; looked at again now and then.
    AfterAction,
    /// Another process owns the work now: stop, never retry.
    Never,
}

/// An error with a stable code, a message and a hint.
#[derive(Debug)]
pub struct Error {
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    pub retry: Retry,
    /// The table's column whose type cannot hold one of its values, when that is what went wrong.
    pub misfit: Option<Box<(TableName, String)>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

impl Error {
    /// An error that needs somebody to act.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            retry: Retry::AfterAction,
            misfit: None,
            source: None,
        }
    }

    /// An error that a later attempt may not meet.
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            retry: Retry::Soon,
            ..Self::new(code, message)
        }
    }

    /// The run was cancelled by its caller.
    pub fn cancelled() -> Self {
        Self {
            retry: Retry::Never,
            ..Self::new("cancelled", "the run was cancelled")
        }
    }

    /// Another process has taken over the pipeline.
    pub fn fenced() -> Self {
        let message = "another process has taken over this pipeline";
        Self {
            retry: Retry::Never,
            ..Self::new("fenced", message)
        }
    }

    /// Data that breaks the rules of its own format.
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::new("corrupt_data", what)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Names the column that the error is about.
    #[must_use]
    pub fn in_column(mut self, table: &TableName, column: &str) -> Self {
        if self.code == "unrepresentable" {
            self.misfit = Some(Box::new((table.clone(), column.to_owned())));
        }
        self.at(format_args!("column `{column}`"))
    }

    /// Says where it happened, for example ``table `public.orders` ``.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }
}

/// Adds the place to an error on its way up.
pub trait Place<T> {
    /// Prefixes the message with `place`.
    fn at(self, place: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Error>> Place<T> for std::result::Result<T, E> {
    fn at(self, place: impl fmt::Display) -> Result<T> {
        self.map_err(|error| error.into().at(place))
    }
}

impl From<TableNameError> for Error {
    fn from(error: TableNameError) -> Self {
        Self::new("invalid_table_name", error.to_string())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Error::transient("disk_full", "the disk is full")
                    .hint("free space; the pipeline then carries on where it was")
            }
            io::ErrorKind::PermissionDenied => Error::new("permission_denied", "the folder may not be accessed")
                .hint("give the worker's user the right to read and write the folder"),
            io::ErrorKind::NotFound => {
                Error::new("no_such_file", "no such file or folder").hint("check the connection's `directory`")
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                Error::new("read_only", "the file system is read-only").hint("choose a folder that can be written")
            }
            _ => Error::transient("file_error", format!("a file could not be read or written: {text}")),
        }
        .caused_by(error)
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        match error {
            arrow::error::ArrowError::IoError(_, io) => io.into(),
            other => Error::corrupt(other.to_string()).caused_by(other),
        }
    }
}

impl From<parquet::errors::ParquetError> for Error {
    fn from(error: parquet::errors::ParquetError) -> Self {
        if let parquet::errors::ParquetError::External(inner) = error {
            return match inner.downcast::<io::Error>() {
                Ok(io) => (*io).into(),
                Err(inner) => Error::corrupt(inner.to_string()),
            };
        }
        Error::corrupt(error.to_string()).caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_names_no_table_has_a_code_of_its_own() {
        let error = "a.b.c".parse::<TableName>().unwrap_err();
        assert_eq!(Error::from(error).code, "invalid_table_name");
    }
}
