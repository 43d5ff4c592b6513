//! One connection to a PostgreSQL server, with the settings under which every value has one exact text form.
//!
//! Shared by source and destination. It must not know tables or pipelines.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::AbortOnDropHandle;

use crate::error::{Error, Place, Result};
use crate::spec::{PostgresSpec, Tls};

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
    /// `unknown_host`, `connection_refused`, `wrong_password`, `no_such_database`, `tls_refused`, `timeout` ...
    pub async fn connect(spec: &PostgresSpec, application: &str) -> Result<Self> {
        let config = configure(spec, application).await?;
        let connecting = async {
            if spec.tls == Tls::Disable || spec.host.starts_with('/') {
                let (client, connection) = config.connect(NoTls).await?;
                Ok::<_, tokio_postgres::Error>((client, drive(connection)))
            } else {
                let (client, connection) = config.connect(tls()).await?;
                Ok((client, drive(connection)))
            }
        };
        let (client, driver) = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(connected) => connected.map_err(Error::from)?,
            Err(_) => {
                return Err(
                    Error::transient("timeout", "the database did not answer within 10 seconds")
                        .hint("check host and port, and that a firewall lets the connection through"),
                );
            }
        };
        client.batch_execute(SETTINGS).await?;
        let row = client
            .query_one("select current_setting('server_version')", &[])
            .await?;
        let server = format!("PostgreSQL {}", row.get::<_, &str>(0));
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
    config.ssl_mode(match spec.tls {
        Tls::Disable => SslMode::Disable,
        Tls::Prefer => SslMode::Prefer,
        Tls::Require => SslMode::Require,
    });
    if spec.host.starts_with('/') {
        config.host_path(&spec.host).port(spec.port).ssl_mode(SslMode::Disable);
        return Ok(config);
    }
    for address in resolve(&spec.host, spec.port).await? {
        config.host(&spec.host).hostaddr(address).port(spec.port);
    }
    Ok(config)
}

/// Resolved here, because the driver's error does not tell an unknown host from a broken network.
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

fn tls() -> MakeRustlsConnect {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Unverified(Arc::clone(&provider)));
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|_| unreachable!("ring supports the default protocol versions"))
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}

/// `prefer` and `require` mean what they mean in libpq: encrypted, the peer's name not verified.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
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
    let session = Session::connect(spec, "plinth check").await?;
    let version = brief(session.query_one("select current_setting('server_version_num')::int", &[])).await?;
    if version.get::<_, i32>(0) < 120_000 {
        return Err(Error::new(
            "server_too_old",
            format!("`{}` is too old", session.server()),
        ))
        .at("the database server")
        .map_err(|error| error.hint("PostgreSQL 12 or later is needed"));
    }
    Ok(session.server().to_owned())
}
