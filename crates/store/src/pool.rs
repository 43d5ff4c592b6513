//! Connection pools, one for each database and role.

use std::future::poll_fn;
use std::io;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use plinth_model::tls::Refusal;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_postgres::config::Host;
use tokio_postgres::error::Severity;
use tokio_postgres::{AsyncMessage, Client, Connection, Notification};

use crate::address::{self, Address};
use crate::config::{CellConfig, Endpoint, SqlAddress};
use crate::error::{Result, StoreError};

/// How long a request waits for a free connection, and a connection for its server.
const WAIT: Duration = Duration::from_secs(10);

/// A pool that logs in as `role`.
pub fn open(url: &str, role: &str, password: &str, size: usize) -> Result<Pool> {
    let Address { mut config, tls } = parse(url)?;
    config
        .user(role)
        .password(password)
        .application_name(role)
        .connect_timeout(WAIT);
    config.options("-c statement_timeout=60s -c idle_in_transaction_session_timeout=60s");
    let manager = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match tls {
        None => Manager::from_config(config, tokio_postgres::NoTls, manager),
        Some(tls) => Manager::from_config(config, tls, manager),
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

/// Where people reach the database of a cell: where the servers do, unless it is told otherwise.
pub fn endpoint(cell: &CellConfig) -> Result<Endpoint> {
    let Address { config, .. } = parse(&cell.url)?;
    let database = config.get_dbname().unwrap_or("postgres").to_owned();
    if let Some(SqlAddress { host, port }) = cell.sql_address.clone() {
        return Ok(Endpoint { host, port, database });
    }
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => "localhost".to_owned(),
    };
    Ok(Endpoint {
        host,
        port: config.get_ports().first().copied().unwrap_or(5432),
        database,
    })
}

/// One connection as whoever the URL names: for migrations, locks and LISTEN.
pub async fn connect(url: &str) -> Result<Client> {
    Ok(connect_and_hear(url).await?.0)
}

/// The same, with what the server calls out on it.
pub async fn connect_and_hear(url: &str) -> Result<(Client, mpsc::UnboundedReceiver<Notification>)> {
    let Address { config, tls } = parse(url)?;
    let (heard, receiver) = mpsc::unbounded_channel();
    let client = match tls {
        None => {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(drive(connection, heard));
            client
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await.map_err(failed)?;
            tokio::spawn(drive(connection, heard));
            client
        }
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
            Ok(AsyncMessage::Notice(notice)) if notice.parsed_severity() == Some(Severity::Warning) => {
                tracing::warn!("the database says: {}", notice.message());
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "database connection ended");
                return;
            }
        }
    }
}

/// # Errors
/// What is wrong with it, without its password.
pub(crate) fn parse(url: &str) -> Result<Address> {
    address::read(url).map_err(|reason| StoreError::internal("database URL", reason))
}

/// What a person can do about a server that this side does not trust comes before what the driver says.
fn failed(error: tokio_postgres::Error) -> StoreError {
    let Some(refusal) = refusal_in(&error) else {
        return error.into();
    };
    let advice = match refusal {
        Refusal::Untrusted => ": name the file of its authority in the URL as `sslrootcert`",
        Refusal::Misnamed => ": connect to a name that is in it, or set `sslmode=verify-ca`",
        Refusal::Expired => ": renew it on the server",
        Refusal::Certificate(_) | Refusal::Handshake(_) => "",
    };
    StoreError::unavailable("no connection to the database", format!("{refusal}{advice}"))
}

/// What the TLS library said, behind what other libraries put around it.
fn refusal_in(error: &tokio_postgres::Error) -> Option<Refusal> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let io: Option<&io::Error> = cause.downcast_ref();
        if let Some(refused) = io.and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref()) {
            return Some(Refusal::of(refused));
        }
        next = cause.source();
    }
    None
}
