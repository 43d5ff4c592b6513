//! Settings of the server: flags, environment variables, and one TOML file, in this order of precedence.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use plinth_control::ControlConfig;
use plinth_control::config::MailTransport;
use plinth_store::StoreConfig;
use plinth_store::config::CellConfig;
use serde::Deserialize;

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// TOML file with any of these settings: `listen = "0.0.0.0:8080"`; flags and environment win over it
    #[arg(long, env = "PLINTH_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
}

/// Each of them may stand in the file under the flag's name with `_` for `-`.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "PLINTH_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// PostgreSQL of the directory, as a role that may create roles and databases; it is created when missing
    #[arg(long, env = "PLINTH_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Cells, in the file only; one beside the directory when there is none
    #[arg(skip)]
    pub cells: Vec<CellSettings>,
    /// File with 32 bytes in hex that encrypt secrets and derive the roles' passwords
    #[arg(long, env = "PLINTH_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The key itself, instead of a file
    #[arg(long, env = "PLINTH_KEY", hide_env_values = true, value_name = "HEX")]
    pub key: Option<String>,
    /// Where people reach the console [default: http://<listen>]
    #[arg(long, env = "PLINTH_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// `smtp://user:password@host:587?tls=required`, or `smtps://...`
    #[arg(long, env = "PLINTH_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// Folder that mail is written to instead of being sent
    #[arg(long, env = "PLINTH_OUTBOX", value_name = "DIR")]
    pub outbox: Option<PathBuf>,
    /// Sender of mail [default: Plinth <no-reply@localhost>]
    #[arg(long, env = "PLINTH_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Proxies whose X-Forwarded-For is believed
    #[arg(long, env = "PLINTH_TRUSTED_PROXIES", value_delimiter = ',', value_name = "CIDR")]
    pub trusted_proxies: Vec<IpNet>,
    /// Connections for each database and role [default: 24]
    #[arg(long, env = "PLINTH_POOL_SIZE", value_name = "N")]
    pub pool_size: Option<usize>,
    /// Token of the operator who may apply the product
    #[arg(long, env = "PLINTH_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub operator_token: Option<String>,
    /// Token with which workers claim work
    #[arg(long, env = "PLINTH_RECONCILER_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub reconciler_token: Option<String>,
    /// How logs look [default: pretty]
    #[arg(long, env = "PLINTH_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// OTLP endpoint for traces: `http://127.0.0.1:4318`
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Pretty,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSettings {
    pub name: String,
    pub region: String,
    pub database_url: String,
}

impl ServeArgs {
    /// Flags and environment over the file.
    pub fn resolve(self) -> anyhow::Result<Settings> {
        let Some(path) = &self.config else {
            return Ok(self.settings);
        };
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let file: Settings = toml::from_str(&text).with_context(|| format!("in `{}`", path.display()))?;
        Ok(self.settings.over(file))
    }
}

impl Settings {
    fn over(self, file: Self) -> Self {
        Self {
            listen: self.listen.or(file.listen),
            database_url: self.database_url.or(file.database_url),
            cells: file.cells,
            key_file: self.key_file.or(file.key_file),
            key: self.key.or(file.key),
            public_url: self.public_url.or(file.public_url),
            smtp_url: self.smtp_url.or(file.smtp_url),
            outbox: self.outbox.or(file.outbox),
            mail_from: self.mail_from.or(file.mail_from),
            trusted_proxies: if self.trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                self.trusted_proxies
            },
            pool_size: self.pool_size.or(file.pool_size),
            operator_token: self.operator_token.or(file.operator_token),
            reconciler_token: self.reconciler_token.or(file.reconciler_token),
            log_format: self.log_format.or(file.log_format),
            otlp_endpoint: self.otlp_endpoint.or(file.otlp_endpoint),
        }
    }

    pub fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    fn key(&self) -> anyhow::Result<[u8; 32]> {
        let text = match (&self.key, &self.key_file) {
            (Some(key), _) => key.clone(),
            (None, Some(path)) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the key file `{}`", path.display()))?,
            (None, None) => {
                bail!("no key: make one with `openssl rand -hex 32 > plinth.key` and give it as --key-file")
            }
        };
        let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.context("the key must be 64 hex digits: `openssl rand -hex 32` makes one")
    }

    pub fn store(&self) -> anyhow::Result<StoreConfig> {
        let directory_url = self
            .database_url
            .clone()
            .context("no database: give --database-url postgres://user@host/plinth")?;
        let cells = if self.cells.is_empty() {
            vec![beside(&directory_url)?]
        } else {
            self.cells.iter().map(cell).collect()
        };
        Ok(StoreConfig {
            directory_url,
            cells,
            role_secret: self.key()?.to_vec(),
            pool_size: self.pool_size.unwrap_or(24),
        })
    }

    pub fn control(&self) -> anyhow::Result<ControlConfig> {
        let mail = match (&self.smtp_url, &self.outbox) {
            (Some(url), None) => MailTransport::Smtp { url: url.clone() },
            (None, Some(folder)) => MailTransport::Outbox(folder.clone()),
            _ => bail!("say how mail leaves: give --smtp-url, or --outbox for a folder"),
        };
        let public_url = self
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.listen()));
        Ok(ControlConfig {
            public_url: public_url.trim_end_matches('/').to_owned(),
            mail,
            mail_from: self
                .mail_from
                .clone()
                .unwrap_or_else(|| "Plinth <no-reply@localhost>".to_owned()),
            key_encryption_key: self.key()?,
            development: false,
            samples: Vec::new(),
            lease_secs: 30.0,
            undelete_secs: 7.0 * 24.0 * 3600.0,
        })
    }
}

fn cell(cell: &CellSettings) -> CellConfig {
    CellConfig {
        name: cell.name.clone(),
        region: cell.region.clone(),
        url: cell.database_url.clone(),
    }
}

/// The one cell of a small installation: a database on the directory's server.
fn beside(directory_url: &str) -> anyhow::Result<CellConfig> {
    let mut url =
        url::Url::parse(directory_url).context("the database URL must be `postgres://user@host:port/database`")?;
    let database = format!("{}_cell", url.path().trim_start_matches('/'));
    url.set_path(&database);
    Ok(CellConfig {
        name: "local".to_owned(),
        region: "local".to_owned(),
        url: url.into(),
    })
}
