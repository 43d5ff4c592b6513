//! What a customer asks for: the specs of the resource types `connection` and `pipeline`.
//!
//! These are the wire shapes of the product folder. They must not know how the engine does its work.

pub use plinth_model::tls::Tls;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::Networks;

/// A place that data comes from or goes to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum ConnectionSpec {
    Postgres(PostgresSpec),
    Files(FilesSpec),
}

/// Neither variant prints its secrets.
impl std::fmt::Debug for ConnectionSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Postgres(spec) => spec.fmt(f),
            Self::Files(spec) => spec.fmt(f),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresSpec {
    /// A host name, an address, or the folder of a Unix socket (starts with `/`).
    pub host: String,
    #[serde(default = "PostgresSpec::default_port")]
    pub port: u16,
    pub database: String,
    pub user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(default)]
    pub tls: Tls,
    /// Authorities to trust instead of the public ones, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
    /// Where the host may be; no part of what a customer writes.
    #[serde(skip)]
    pub networks: Networks,
}

impl PostgresSpec {
    const fn default_port() -> u16 {
        5432
    }

    /// Reads `postgres://user:password@host:port/database?sslmode=..` or the key-value form.
    ///
    /// # Errors
    /// When the text is no connection string, or names no host, user or database.
    pub fn from_url(url: &str) -> Result<Self> {
        use tokio_postgres::config::{Host, SslMode};
        let invalid = |what: &str| Error::new("invalid_connection", format!("the connection string {what}"));
        let config: tokio_postgres::Config = url.parse().map_err(|_| invalid("cannot be read"))?;
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => return Err(invalid("names no host")),
        };
        let user = config.get_user().ok_or_else(|| invalid("names no user"))?.to_owned();
        Ok(Self {
            host,
            port: config.get_ports().first().copied().unwrap_or(Self::default_port()),
            database: config.get_dbname().unwrap_or(&user).to_owned(),
            user,
            password: config
                .get_password()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            tls: match config.get_ssl_mode() {
                SslMode::Disable => Tls::Disable,
                SslMode::Require => Tls::Require,
                _ => Tls::Prefer,
            },
            ca_certificate: None,
            networks: Networks::default(),
        })
    }
}

impl std::fmt::Debug for PostgresSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresSpec")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("user", &self.user)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesSpec {
    /// As the connection names it, which is how the customer is told of it.
    pub directory: std::path::PathBuf,
    pub format: FileFormat,
    /// The org's folder on the worker, which `directory` and all files lie below: nobody else is told where that is.
    /// Empty where nobody has to be kept from others' files.
    #[serde(skip)]
    pub root: std::path::PathBuf,
}

impl FilesSpec {
    /// Where the files are.
    #[must_use]
    pub fn path(&self) -> std::path::PathBuf {
        self.root.join(&self.directory)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    Csv,
    Parquet,
}

impl FileFormat {
    /// The ending of a file's name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// One pipeline: from where, to where, how.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    pub source: SourceSpec,
    pub destination: DestinationSpec,
    #[serde(default)]
    pub mode: Mode,
    /// Seconds between two looks for changes, in `incremental` mode.
    #[serde(default = "PipelineSpec::default_interval_secs")]
    pub interval_secs: u64,
    #[serde(default)]
    pub paused: bool,
    /// Connections that copy at the same time.
    #[serde(default = "PipelineSpec::default_parallelism")]
    pub parallelism: usize,
    /// Rows of one Arrow batch.
    #[serde(default = "PipelineSpec::default_batch_rows")]
    pub batch_rows: usize,
}

impl PipelineSpec {
    const fn default_interval_secs() -> u64 {
        10
    }

    const fn default_parallelism() -> usize {
        2
    }

    const fn default_batch_rows() -> usize {
        8192
    }

    /// The rules that a JSON Schema cannot state, and bounds in case no schema was asked.
    ///
    /// # Errors
    /// `invalid_spec` with the field's name.
    pub fn validate(&self) -> Result<()> {
        let invalid = |what: &str| Err(Error::new("invalid_spec", what));
        if !(1..=8).contains(&self.parallelism) {
            return invalid("`parallelism` must be between 1 and 8");
        }
        if !(1..=1_000_000).contains(&self.batch_rows) {
            return invalid("`batch_rows` must be between 1 and 1000000");
        }
        if !(1..=86_400).contains(&self.interval_secs) {
            return invalid("`interval_secs` must be between 1 and 86400");
        }
        if self
            .destination
            .schema
            .as_deref()
            .is_some_and(|schema| schema.is_empty() || schema.contains(['/', '.', '\0']))
        {
            return invalid("`destination.schema` may not be empty nor hold dots or slashes");
        }
        if self.source.tables.as_ref().is_some_and(Vec::is_empty) {
            return invalid("`source.tables` is empty: leave it out to copy all tables");
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// Name of a connection resource.
    pub connection: String,
    /// Omitted: all tables that the connection can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<TableSpec>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// `schema.table`; a part that holds a dot or a quote is written in double quotes.
    pub name: String,
    /// Column that grows with every change, such as `updated_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationSpec {
    /// Name of a connection resource.
    pub connection: String,
    /// PostgreSQL: schema that all tables go to; omitted: the source's schema names. Files: a folder below the connection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Files: overrides the connection's format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FileFormat>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Copy once, then done.
    #[default]
    Snapshot,
    /// Copy once, then follow changes by cursor column.
    Incremental,
}
