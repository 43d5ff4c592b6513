//! What went wrong, in words that the owner of a pipeline can act on.
//!
//! Each error has a stable `code`, a `message` (what happened), a `hint` (what to do) and says whether trying again
//! can help. It must not carry secrets: a password never becomes part of a message.

use std::fmt;
use std::io;

use tokio_postgres::error::SqlState;

use crate::table::TableName;

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

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(db) = error.as_db_error() {
            return from_sqlstate(db).caused_by(error);
        }
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            let io = inner.downcast_ref::<io::Error>();
            if let Some(refusal) = io.and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref()) {
                return crate::tls::refused(refusal).caused_by(error);
            }
            if let Some(io) = io {
                return from_network(io).caused_by(error);
            }
            source = inner.source();
        }
        from_driver(error)
    }
}

fn from_driver(error: tokio_postgres::Error) -> Error {
    let text = match std::error::Error::source(&error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    };
    if error.is_closed() || text.contains("connection closed") {
        return Error::transient("connection_lost", "the database closed the connection")
            .hint("it may be restarting; the pipeline tries again by itself")
            .caused_by(error);
    }
    if text.contains("does not support TLS") {
        return Error::new("tls_refused", "the database server does not accept TLS connections")
            .hint("switch TLS on at the server, or set `tls` to `prefer` or `disable`")
            .caused_by(error);
    }
    if text.contains("timed out") {
        return timed_out().caused_by(error);
    }
    if text.contains("password") {
        return Error::new("wrong_password", "the database asks for a password and none is set")
            .hint("set the connection's `password`")
            .caused_by(error);
    }
    Error::transient("database_error", format!("the database driver failed: {text}")).caused_by(error)
}

fn timed_out() -> Error {
    Error::transient("timeout", "the database did not answer in time")
        .hint("check host and port, and that a firewall lets the connection through")
}

fn from_network(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::transient(
            "connection_refused",
            "nothing accepts connections at this host and port",
        )
        .hint("check host and port, and that the database is running"),
        io::ErrorKind::TimedOut => timed_out(),
        io::ErrorKind::NotFound => Error::transient("connection_refused", "no database socket exists in this folder")
            .hint("check the host (a folder means a Unix socket) and that the database is running"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Error::transient("unreachable", "the host cannot be reached from here")
                .hint("check the host and the network between the worker and the database")
        }
        _ => Error::transient(
            "connection_lost",
            format!("the connection to the database broke: {error}"),
        )
        .hint("it may be restarting; the pipeline tries again by itself"),
    }
}

/// `(sqlstate, our code, hint, retry)`: the failures that people meet.
const KNOWN: &[(&str, &str, &str, Retry)] = &[
    (
        "28P01",
        "wrong_password",
        "check the connection's `user` and `password`",
        Retry::AfterAction,
    ),
    (
        "28000",
        "login_refused",
        "check the user, and the server's pg_hba.conf for this host, user and TLS",
        Retry::AfterAction,
    ),
    (
        "3D000",
        "no_such_database",
        "check the connection's `database`",
        Retry::AfterAction,
    ),
    (
        "42P01",
        "no_such_table",
        "check the table's name, or take it out of the pipeline",
        Retry::AfterAction,
    ),
    ("3F000", "no_such_schema", "check the schema's name", Retry::AfterAction),
    (
        "42703",
        "schema_changed",
        "the table's columns changed while it was read; it is read again",
        Retry::Soon,
    ),
    (
        "42501",
        "permission_denied",
        "grant the connection's user the right it lacks",
        Retry::AfterAction,
    ),
    (
        "53100",
        "disk_full",
        "free space on the database server's disk; the pipeline then carries on",
        Retry::Soon,
    ),
    (
        "53200",
        "out_of_memory",
        "the database server is short of memory",
        Retry::Soon,
    ),
    (
        "53300",
        "too_many_connections",
        "raise `max_connections` or lower the pipeline's `parallelism`",
        Retry::Soon,
    ),
    (
        "57P01",
        "server_restarting",
        "the database is shutting down; the pipeline waits for it",
        Retry::Soon,
    ),
    (
        "57P02",
        "server_restarting",
        "the database crashed and restarts; the pipeline waits for it",
        Retry::Soon,
    ),
    (
        "57P03",
        "server_restarting",
        "the database is starting; the pipeline waits for it",
        Retry::Soon,
    ),
    (
        "57014",
        "timeout",
        "a statement took too long or was cancelled",
        Retry::Soon,
    ),
    (
        "55P03",
        "locked",
        "another session holds a lock on the table; look for long transactions",
        Retry::Soon,
    ),
    ("55006", "locked", "another session uses the object", Retry::Soon),
    (
        "40001",
        "conflict",
        "a concurrent transaction got in the way",
        Retry::Soon,
    ),
    (
        "40P01",
        "conflict",
        "a concurrent transaction got in the way",
        Retry::Soon,
    ),
    (
        "25006",
        "read_only",
        "the server accepts no writes: point the connection at the primary",
        Retry::AfterAction,
    ),
    (
        "22021",
        "invalid_text",
        "the source holds text that is not valid in its encoding",
        Retry::AfterAction,
    ),
    (
        "22P05",
        "invalid_text",
        "the source holds text that UTF-8 cannot express",
        Retry::AfterAction,
    ),
    (
        "23505",
        "duplicate_key",
        "two rows of the source have the same key",
        Retry::AfterAction,
    ),
    (
        "2BP01",
        "dependent_objects",
        "drop the views that depend on the destination table, or choose another schema",
        Retry::AfterAction,
    ),
    (
        "XX001",
        "source_corrupt",
        "the database reports damaged data",
        Retry::AfterAction,
    ),
];

fn from_sqlstate(db: &tokio_postgres::error::DbError) -> Error {
    let state: &SqlState = db.code();
    let message = db.message().to_owned();
    if let Some((_, code, hint, retry)) = KNOWN.iter().find(|known| known.0 == state.code()) {
        return Error {
            retry: *retry,
            ..Error::new(code, message)
        }
        .hint(*hint);
    }
    let retry = match &state.code()[..2] {
        "08" | "40" | "53" | "57" | "58" => Retry::Soon,
        _ => Retry::AfterAction,
    };
    let message = format!("{message} (SQLSTATE {})", state.code());
    Error {
        retry,
        ..Error::new("database_error", message)
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
