//! Encryption of a connection to PostgreSQL, and what a person is told about it. What each mode verifies is a rule of
//! `plinth_model::tls`, the same for the control plane's own databases.
//!
//! It must not know how the connection is used.

use plinth_model::tls::{self, TlsError};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Result};
use crate::spec::{PostgresSpec, Tls};

/// What the driver is told: whether there is TLS at all.
pub(crate) fn mode(tls: Tls) -> SslMode {
    match tls {
        Tls::Disable => SslMode::Disable,
        Tls::Prefer => SslMode::Prefer,
        Tls::Require | Tls::VerifyCa | Tls::VerifyFull => SslMode::Require,
    }
}

/// The TLS that a connection asks for; `None` for none.
///
/// # Errors
/// `invalid_connection` when the certificate cannot be read, or would not be used.
pub(crate) fn connector(spec: &PostgresSpec) -> Result<Option<MakeRustlsConnect>> {
    let config = tls::client_config(spec.tls, spec.ca_certificate.as_deref()).map_err(|error| match error {
        TlsError::Useless => invalid("`ca_certificate` is of no use as `tls` is")
            .hint("set `tls` to `verify-full`, or leave `ca_certificate` out"),
        TlsError::Unreadable => invalid("`ca_certificate` is not a certificate")
            .hint("paste the whole PEM file, both lines with dashes included"),
        TlsError::Unsupported => Error::new("tls_failed", "this worker speaks no version of TLS"),
    })?;
    Ok(config.map(MakeRustlsConnect::new))
}

fn invalid(what: &str) -> Error {
    Error::new("invalid_connection", what)
}
