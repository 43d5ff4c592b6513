//! What fails between us and a PostgreSQL server: driver, network, handshake, statement. Must not know what was asked.

use std::io;

use plinth_model::tls::Refusal;
use tokio_postgres::error::SqlState;

use super::{Error, Retry};

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(db) = error.as_db_error() {
            return from_sqlstate(db).caused_by(error);
        }
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            let io = inner.downcast_ref::<io::Error>();
            if let Some(refusal) = io.and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref()) {
                return from_handshake(&Refusal::of(refusal)).caused_by(error);
            }
            if let Some(io) = io {
                return from_network(io).caused_by(error);
            }
            source = inner.source();
        }
        from_driver(error)
    }
}

impl Error {
    /// As [`Error::from`], for what fails before the server has let the session in: an answer that is not in PostgreSQL's
    /// protocol comes from something else. Later the same would be a connection that broke in the middle of a message.
    pub(crate) fn from_connect(error: tokio_postgres::Error) -> Self {
        if !speaks_another_protocol(&error) {
            return Self::from(error);
        }
        Self::new(
            "not_postgresql",
            "what answers at this host and port is not a PostgreSQL server",
        )
        .hint("check the connection's `host` and `port`")
        .caused_by(error)
    }
}

/// The driver has no kinds to ask for.
fn speaks_another_protocol(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    if text.starts_with("unexpected message from server") {
        return true;
    }
    let answered = text.starts_with("error communicating with the server")
        || text.starts_with("error parsing response from server");
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    answered
        && source.is_some_and(|io| {
            let malformed = matches!(io.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
            (malformed && io.raw_os_error().is_none()) || io.to_string() == "bytes remaining on stream"
        })
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

/// What was wrong with the server's certificate, for a person who can do something about it.
fn from_handshake(refusal: &Refusal) -> Error {
    let hint = match refusal {
        Refusal::Untrusted => "put the certificate of your own authority into `ca_certificate`",
        Refusal::Misnamed => "set `host` to a name that is in the certificate, or `tls` to `verify-ca`",
        Refusal::Expired => "renew it on the server",
        Refusal::Certificate(_) => "check the certificate, and `ca_certificate`",
        Refusal::Handshake(_) => "check the server's TLS settings, or set `tls` to `disable` on a trusted network",
    };
    Error::new("tls_failed", refusal.to_string()).hint(hint)
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
