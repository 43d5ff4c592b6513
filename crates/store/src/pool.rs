//! Connection pools, one for each database and role.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Connection, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Result, StoreError};

/// How long a request waits for a free connection, and a connection for its server.
const WAIT: Duration = Duration::from_secs(10);

/// A pool that logs in as `role`.
pub fn open(url: &str, role: &str, password: &str, size: usize) -> Result<Pool> {
    let mut config = parse(url)?;
    config
        .user(role)
        .password(password)
        .application_name(role)
        .connect_timeout(WAIT);
    config.options("-c statement_timeout=60s -c idle_in_transaction_session_timeout=60s");
    let manager = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = if config.get_ssl_mode() == SslMode::Disable {
        Manager::from_config(config, tokio_postgres::NoTls, manager)
    } else {
        Manager::from_config(config, tls()?, manager)
    };
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(WAIT),
            create: Some(WAIT),
            recycle: Some(WAIT),
        })
        .build()
        .map_err(|error| StoreError::internal("pool", error))
}

/// One connection as whoever the URL names: for migrations, locks and LISTEN.
pub async fn connect(url: &str) -> Result<Client> {
    Ok(connect_and_hear(url).await?.0)
}

/// The same, with what the server calls out on it.
pub async fn connect_and_hear(url: &str) -> Result<(Client, mpsc::UnboundedReceiver<Notification>)> {
    let config = parse(url)?;
    let (heard, receiver) = mpsc::unbounded_channel();
    let client = if config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        tokio::spawn(drive(connection, heard));
        client
    } else {
        let (client, connection) = config.connect(tls()?).await?;
        tokio::spawn(drive(connection, heard));
        client
    };
    Ok((client, receiver))
}

async fn drive<S, T>(mut connection: Connection<S, T>, heard: mpsc::UnboundedSender<Notification>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            // Nobody has to listen.
            Ok(AsyncMessage::Notification(notification)) => drop(heard.send(notification)),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "database connection ended");
                return;
            }
        }
    }
}

pub fn parse(url: &str) -> Result<tokio_postgres::Config> {
    // The text of a URL may hold a password: the error must not repeat it.
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|_| StoreError::internal("database URL", "expected `postgres://user@host:port/database`"))?;
    if config
        .get_hosts()
        .iter()
        .all(|host| !matches!(host, tokio_postgres::config::Host::Tcp(_)))
    {
        config.ssl_mode(SslMode::Disable);
    }
    config.keepalives_idle(Duration::from_secs(30));
    Ok(config)
}

fn tls() -> Result<MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::internal("TLS", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
