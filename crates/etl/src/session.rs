//! One connection to a PostgreSQL server, with the settings under which every value has one exact text form.
//!
//! Shared by source and destination. It must not know tables or pipelines.

use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Error, Result};
use crate::spec::PostgresSpec;
use crate::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Text forms that lose nothing and that do not depend on the server's settings; no wait for a lock is endless.
const SETTINGS: &str = "set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; \
    set extra_float_digits = 3; set bytea_output = 'hex'; set search_path = 'pg_catalog'; \
    set client_encoding = 'UTF8'; set lock_timeout = '30s'; set statement_timeout = 0";

/// A live connection. Dropping it closes the socket at once, whatever the server was sending.
#[derive(Debug)]
pub struct Session {
    client: Client,
    server: String,
    _driver: AbortOnDropHandle<()>,
}

impl std::ops::Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl std::ops::DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl Session {
    /// Connects within ten seconds or says why not.
    ///
    /// # Errors
    /// `unknown_host`, `connection_refused`, `wrong_password`, `no_such_database`, `tls_refused`, `not_postgresql`, `timeout` ...
    pub async fn connect(spec: &PostgresSpec, application: &str) -> Result<Self> {
        let config = configure(spec, application).await?;
        let connector = tls::connector(spec)?;
        let connecting = async {
            match connector.filter(|_| !spec.host.starts_with('/')) {
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    Ok::<_, tokio_postgres::Error>((client, drive(connection)))
                }
                Some(connector) => {
                    let (client, connection) = config.connect(connector).await?;
                    Ok((client, drive(connection)))
                }
            }
        };
        let (client, driver) = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(connected) => connected.map_err(Error::from_connect)?,
            Err(_) => {
                return Err(
                    Error::transient("timeout", "the database did not answer within 10 seconds")
                        .hint("check host and port, and that a firewall lets the connection through"),
                );
            }
        };
        client.batch_execute(SETTINGS).await?;
        let version = "select current_setting('server_version'), current_setting('server_version_num')::int";
        let row = client.query_one(version, &[]).await?;
        let server = server_name(row.get(0));
        require_version(row.get(1), &server)?;
        Ok(Self {
            client,
            server,
            _driver: driver,
        })
    }

    /// Product and version, for people.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }
}

fn drive<S, T>(connection: tokio_postgres::Connection<S, T>) -> AbortOnDropHandle<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a database connection ended");
        }
    }))
}

async fn configure(spec: &PostgresSpec, application: &str) -> Result<Config> {
    let mut config = Config::new();
    config
        .user(&spec.user)
        .dbname(&spec.database)
        .application_name(application)
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(15))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3)
        .tcp_user_timeout(Duration::from_secs(30));
    if let Some(password) = &spec.password {
        config.password(password);
    }
    config.ssl_mode(tls::mode(spec.tls));
    if spec.host.starts_with('/') {
        spec.networks.permit_socket(&spec.host)?;
        config.host_path(&spec.host).port(spec.port).ssl_mode(SslMode::Disable);
        return Ok(config);
    }
    let addresses = resolve(&spec.host, spec.port).await?;
    for address in spec.networks.permitted(&spec.host, addresses)? {
        config.host(&spec.host).hostaddr(address).port(spec.port);
    }
    Ok(config)
}

/// Resolved here, because the driver's error does not tell an unknown host from a broken network, and because the address
/// that was judged has to be the one that is connected to.
async fn resolve(host: &str, port: u16) -> Result<Vec<IpAddr>> {
    let unknown = || {
        Error::transient("unknown_host", format!("the host `{host}` is not known"))
            .hint("check the spelling of the connection's `host`")
    };
    let lookup = tokio::net::lookup_host((host, port));
    let found = tokio::time::timeout(CONNECT_TIMEOUT, lookup)
        .await
        .map_err(|_| unknown())?;
    let addresses: Vec<IpAddr> = found
        .map_err(|error| unknown().caused_by(error))?
        .map(|address| address.ip())
        .collect();
    if addresses.is_empty() {
        return Err(unknown());
    }
    Ok(addresses)
}

/// Runs one statement that must not take long; a server that hangs becomes an error.
///
/// # Errors
/// `timeout`, or what the database says.
pub async fn brief<T>(statement: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
    match tokio::time::timeout(Duration::from_secs(60), statement).await {
        Ok(done) => done.map_err(Error::from),
        Err(_) => Err(Error::transient(
            "timeout",
            "the database did not answer within 60 seconds",
        )),
    }
}

/// Connects, for a person who wants to know whether it works.
///
/// # Errors
/// As [`Session::connect`].
pub async fn check(spec: &PostgresSpec) -> Result<String> {
    Ok(Session::connect(spec, "plinth check").await?.server().to_owned())
}

/// The oldest major version that the statements of source and destination work with.
const OLDEST: i32 = 13;

fn require_version(number: i32, server: &str) -> Result<()> {
    if number / 10_000 < OLDEST {
        return Err(Error::new("server_too_old", format!("the server is `{server}`"))
            .hint(format!("PostgreSQL {OLDEST} or later is needed")));
    }
    Ok(())
}

/// Without what a distribution adds to the version, as in `15.18 (Debian 15.18-0+deb12u1)`.
fn server_name(version: &str) -> String {
    format!("PostgreSQL {}", version.split_whitespace().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_version_is_the_one_that_the_product_names() {
        assert!(require_version(130_000, "PostgreSQL 13.0").is_ok());
        let error = require_version(120_022, "PostgreSQL 12.22").unwrap_err();
        assert_eq!(error.code, "server_too_old");
        assert!(error.hint.is_some_and(|hint| hint.contains("PostgreSQL 13 or later")));
        for text in [
            include_str!("../../../products/etl/types/connection.yaml"),
            include_str!("../../../docs/data-plane.md"),
        ] {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(&format!("version {OLDEST} or later")));
        }
    }

    #[test]
    fn the_version_is_said_without_the_distribution() {
        for (version, expected) in [
            ("15.18 (Debian 15.18-0+deb12u1)", "PostgreSQL 15.18"),
            ("18.4", "PostgreSQL 18.4"),
            ("19beta1", "PostgreSQL 19beta1"),
        ] {
            assert_eq!(server_name(version), expected);
        }
    }
}
