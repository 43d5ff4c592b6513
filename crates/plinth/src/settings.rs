//! Settings of the server: flags, environment variables, and one TOML file, in this order of precedence.

pub mod check;
mod file;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use plinth_control::config::MailTransport;
use plinth_control::{ControlConfig, Countries, mail};
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
    #[arg(long, env = "PLINTH_LISTEN", value_name = "ADDR", value_parser = check::listen)]
    pub listen: Option<SocketAddr>,
    /// PostgreSQL of the directory, as a role that may create roles and databases; it is created when missing
    #[arg(long, env = "PLINTH_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Cells, in the file only; one beside the directory when there is none
    #[arg(skip)]
    pub cells: Vec<CellSettings>,
    /// Where people reach the one cell's database with SQL logins: `db.example.com:6432` [default: as in its URL]
    #[arg(long, env = "PLINTH_SQL_ADDRESS", value_name = "HOST:PORT")]
    pub sql_address: Option<String>,
    /// File with 32 bytes in hex that encrypt secrets and derive the roles' passwords
    #[arg(long, env = "PLINTH_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The key itself, instead of a file
    #[arg(long, env = "PLINTH_KEY", hide_env_values = true, value_name = "HEX")]
    pub key: Option<String>,
    /// The key before this one, while `plinth keys rotate` has not replaced it everywhere
    #[arg(long, env = "PLINTH_PREVIOUS_KEY_FILE", value_name = "FILE")]
    pub previous_key_file: Option<PathBuf>,
    /// The same, instead of a file
    #[arg(long, env = "PLINTH_PREVIOUS_KEY", hide_env_values = true, value_name = "HEX")]
    pub previous_key: Option<String>,
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
    #[arg(long, env = "PLINTH_TRUSTED_PROXIES", value_delimiter = ',', value_name = "CIDR", value_parser = check::network)]
    pub trusted_proxies: Vec<IpNet>,
    /// File in MaxMind's format (MMDB) that says in which country an address is; without it policies cannot ask for countries
    #[arg(long, env = "PLINTH_COUNTRY_FILE", value_name = "FILE")]
    pub country_file: Option<PathBuf>,
    /// Connections for each database and role [default: 24]
    #[arg(long, env = "PLINTH_POOL_SIZE", value_name = "N")]
    pub pool_size: Option<usize>,
    /// Seconds after which work whose worker is silent is given to another: 5 to 3600 [default: 30]
    #[arg(long, env = "PLINTH_LEASE_SECS", value_name = "N")]
    pub lease_secs: Option<usize>,
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
    /// Of `plinth worker`, which may share the file.
    #[arg(skip)]
    pub worker: WorkerSettings,
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
    pub sql_address: Option<String>,
}

/// What a worker is told.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkerSettings {
    /// Address of the control plane [default: http://127.0.0.1:8080]
    #[arg(long, env = "PLINTH_SERVER", value_name = "URL", value_parser = check::http_url)]
    pub server: Option<String>,
    /// Token with which to claim work
    #[arg(long, env = "PLINTH_RECONCILER_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// File that holds the token; wins over it
    #[arg(long, env = "PLINTH_RECONCILER_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Folder below which connections of kind `files` must lie [default: files]
    #[arg(long, env = "PLINTH_FILES", value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Pipelines that this worker carries out at once [default: 32]
    #[arg(long, env = "PLINTH_CAPACITY", value_name = "N")]
    pub capacity: Option<usize>,
    /// How many of them may be one org's [default: half of the capacity, rounded up]
    #[arg(long, env = "PLINTH_ORG_CAPACITY", value_name = "N")]
    pub org_capacity: Option<usize>,
    /// Networks that connections may not lead into, besides loopback, link-local, multicast and unspecified addresses
    #[arg(long, env = "PLINTH_DENIED_NETWORKS", value_delimiter = ',', value_name = "CIDR", value_parser = check::network)]
    pub denied_networks: Vec<IpNet>,
    /// Networks that connections may lead into although they are denied otherwise
    #[arg(long, env = "PLINTH_ALLOWED_NETWORKS", value_delimiter = ',', value_name = "CIDR", value_parser = check::network)]
    pub allowed_networks: Vec<IpNet>,
}

impl WorkerSettings {
    /// Flags and environment over the table `[worker]` of the file.
    pub fn resolve(self, config: Option<&Path>) -> anyhow::Result<Self> {
        let file = match config.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => file::read(path)?.worker,
            None => Self::default(),
        };
        let networks = |mine: Vec<IpNet>, files: Vec<IpNet>| if mine.is_empty() { files } else { mine };
        Ok(Self {
            server: given(self.server).or(given(file.server)),
            token: given(self.token).or(given(file.token)),
            token_file: given(self.token_file).or(given(file.token_file)),
            files: given(self.files).or(given(file.files)),
            capacity: self.capacity.or(file.capacity),
            org_capacity: self.org_capacity.or(file.org_capacity),
            denied_networks: networks(self.denied_networks, file.denied_networks),
            allowed_networks: networks(self.allowed_networks, file.allowed_networks),
        })
    }

    pub fn server(&self) -> anyhow::Result<String> {
        let server = self
            .server
            .clone()
            .unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
        check::http("server", &server)?;
        Ok(server)
    }

    pub fn reconciler_token(&self) -> anyhow::Result<String> {
        let token = match (&self.token_file, &self.token) {
            (Some(path), _) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the token file `{}`", path.display()))?,
            (None, Some(token)) => token.clone(),
            (None, None) => bail!("no token: give --token-file, or PLINTH_RECONCILER_TOKEN"),
        };
        let token = token.trim();
        check::token("token", "plinth_rec_", token)?;
        Ok(token.to_owned())
    }
}

impl ServeArgs {
    /// Flags and environment over the file.
    pub fn resolve(self) -> anyhow::Result<Settings> {
        let file = match self.config.as_deref().filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => file::read(path)?,
            None => Settings::default(),
        };
        Ok(self.settings.over(file))
    }
}

impl Settings {
    /// An empty text is none, as scripts leave it when they have no value.
    fn over(self, file: Self) -> Self {
        let text = |mine: Option<String>, files: Option<String>| given(mine).or(given(files));
        let path = |mine: Option<PathBuf>, files: Option<PathBuf>| given(mine).or(given(files));
        Self {
            listen: self.listen.or(file.listen),
            database_url: text(self.database_url, file.database_url),
            cells: file.cells,
            sql_address: text(self.sql_address, file.sql_address),
            key_file: path(self.key_file, file.key_file),
            key: text(self.key, file.key),
            previous_key_file: path(self.previous_key_file, file.previous_key_file),
            previous_key: text(self.previous_key, file.previous_key),
            public_url: text(self.public_url, file.public_url),
            smtp_url: text(self.smtp_url, file.smtp_url),
            outbox: path(self.outbox, file.outbox),
            mail_from: text(self.mail_from, file.mail_from),
            trusted_proxies: if self.trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                self.trusted_proxies
            },
            country_file: path(self.country_file, file.country_file),
            pool_size: self.pool_size.or(file.pool_size),
            lease_secs: self.lease_secs.or(file.lease_secs),
            operator_token: text(self.operator_token, file.operator_token),
            reconciler_token: text(self.reconciler_token, file.reconciler_token),
            log_format: self.log_format.or(file.log_format),
            otlp_endpoint: text(self.otlp_endpoint, file.otlp_endpoint),
            worker: file.worker,
        }
    }

    pub fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    pub fn key(&self) -> anyhow::Result<[u8; 32]> {
        key_of("key", self.key.as_deref(), self.key_file.as_deref())?
            .context("no key: make one with `openssl rand -hex 32 > plinth.key` and give it as --key-file plinth.key")
    }

    pub fn previous_key(&self) -> anyhow::Result<Option<[u8; 32]>> {
        let (key, file) = (self.previous_key.as_deref(), self.previous_key_file.as_deref());
        let previous = key_of("previous_key", key, file)?;
        if previous.is_some() && previous == Some(self.key()?) {
            bail!("`previous_key` is the key itself: give the one that was in use before, or none");
        }
        Ok(previous)
    }

    pub fn store(&self) -> anyhow::Result<StoreConfig> {
        let directory_url = self
            .database_url
            .clone()
            .context("no database: give --database-url postgres://user:password@host:5432/plinth")?;
        check::database("database_url", &directory_url)?;
        let cells = if self.cells.is_empty() {
            vec![self.beside(&directory_url)?]
        } else if self.sql_address.is_some() {
            bail!("`sql_address` is for a single cell: give each of `cells` one of its own");
        } else {
            self.checked_cells(&directory_url)?
        };
        Ok(StoreConfig {
            directory_url,
            cells,
            role_secret: self.key()?.to_vec(),
            pool_size: check::within("pool_size", self.pool_size.unwrap_or(24), 1, 1000)?,
        })
    }

    fn checked_cells(&self, directory_url: &str) -> anyhow::Result<Vec<CellConfig>> {
        let mut urls = vec![directory_url];
        let mut names = Vec::new();
        for cell in &self.cells {
            let name = cell.name.as_str();
            if name.is_empty() || cell.region.is_empty() || names.contains(&name) {
                bail!("`cells`: each cell needs a region, and a name of its own");
            }
            check::database(&format!("database_url of cell {name}"), &cell.database_url)?;
            if urls.contains(&cell.database_url.as_str()) {
                bail!("`cells`: cell `{name}` needs a database of its own");
            }
            names.push(name);
            urls.push(&cell.database_url);
        }
        self.cells.iter().map(cell).collect()
    }

    /// The one cell of a small installation: a database on the directory's server.
    fn beside(&self, directory_url: &str) -> anyhow::Result<CellConfig> {
        let mut url = check::database("database_url", directory_url)?;
        let database = format!("{}_cell", url.path().trim_start_matches('/'));
        url.set_path(&database);
        Ok(CellConfig {
            name: "local".to_owned(),
            region: "local".to_owned(),
            url: url.into(),
            sql_address: check::sql_address("sql_address", self.sql_address.as_deref())?,
        })
    }

    pub fn control(&self) -> anyhow::Result<ControlConfig> {
        let mail = match (&self.smtp_url, &self.outbox) {
            (Some(url), None) => MailTransport::Smtp { url: url.clone() },
            (None, Some(folder)) => MailTransport::Outbox(folder.clone()),
            (Some(_), Some(_)) => bail!("`smtp_url` and `outbox` exclude each other: leave one out"),
            (None, None) => bail!("no way for mail: give --smtp-url, or --outbox for a folder"),
        };
        let mail_from = self.mail_from.clone();
        let mail_from = mail_from.unwrap_or_else(|| "Plinth <no-reply@localhost>".to_owned());
        mail::check(&mail, &mail_from).map_err(anyhow::Error::msg)?;
        let public_url = self
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.listen()));
        check::http("public_url", &public_url)?;
        for (name, prefix, token) in [
            ("operator_token", "plinth_opr_", &self.operator_token),
            ("reconciler_token", "plinth_rec_", &self.reconciler_token),
        ] {
            token
                .as_deref()
                .map_or(Ok(()), |token| check::token(name, prefix, token))?;
        }
        let lease_secs = check::within("lease_secs", self.lease_secs.unwrap_or(30), 5, 3600)?;
        Ok(ControlConfig {
            public_url: public_url.trim_end_matches('/').to_owned(),
            mail,
            mail_from,
            key_encryption_key: self.key()?,
            previous_key: self.previous_key()?,
            development: false,
            samples: Vec::new(),
            countries: countries(self.country_file.as_deref())?,
            lease_secs: lease_secs as f64,
            undelete_secs: 7.0 * 24.0 * 3600.0,
        })
    }
}

/// An empty path is none.
pub fn countries(path: Option<&Path>) -> anyhow::Result<Option<Countries>> {
    let path = path.filter(|path| !path.as_os_str().is_empty());
    let opened = path.map(Countries::open).transpose();
    opened.map_err(|reason| anyhow!("`country_file`: {reason}"))
}

/// An empty text is none.
fn given<T: Default + PartialEq>(value: Option<T>) -> Option<T> {
    value.filter(|value| *value != T::default())
}

/// A key that is given itself, or in a file.
fn key_of(name: &str, key: Option<&str>, file: Option<&Path>) -> anyhow::Result<Option<[u8; 32]>> {
    let (text, place) = match (key, file) {
        (Some(key), _) => (key.to_owned(), format!("`{name}`")),
        (None, Some(path)) => {
            let place = format!("the key file `{}`", path.display());
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {place}; `openssl rand -hex 32` makes a key"))?;
            (text, place)
        }
        (None, None) => return Ok(None),
    };
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    let key = bytes.with_context(|| format!("{place} must hold 64 hex digits: `openssl rand -hex 32` makes them"))?;
    Ok(Some(key))
}

fn cell(cell: &CellSettings) -> anyhow::Result<CellConfig> {
    let name = format!("sql_address of cell {}", cell.name);
    Ok(CellConfig {
        name: cell.name.clone(),
        region: cell.region.clone(),
        url: cell.database_url.clone(),
        sql_address: check::sql_address(&name, cell.sql_address.as_deref())?,
    })
}
