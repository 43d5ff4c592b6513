//! Encryption of a connection to PostgreSQL, in the sense of libpq's `sslmode`, and whom it trusts.
//!
//! It must not know how the connection is used.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Result};
use crate::spec::{PostgresSpec, Tls};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

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
    let own = spec.ca_certificate.as_deref();
    if own.is_some() && matches!(spec.tls, Tls::Disable | Tls::Prefer) {
        return Err(invalid("`ca_certificate` is of no use as `tls` is")
            .hint("set `tls` to `verify-full`, or leave `ca_certificate` out"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trust = match (spec.tls, own) {
        (Tls::Disable, _) => return Ok(None),
        (Tls::Prefer, _) | (Tls::Require, None) => Trust::Anyone,
        // As in libpq: who names an authority wants it to be asked.
        (Tls::VerifyCa, _) | (Tls::Require, Some(_)) => Trust::Authority(verifier(own, &provider)?),
        (Tls::VerifyFull, _) => Trust::AuthorityAndName(verifier(own, &provider)?),
    };
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|_| unreachable!("ring supports the default protocol versions"))
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { trust, provider }))
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn invalid(what: &str) -> Error {
    Error::new("invalid_connection", what)
}

/// By the customer's own authorities, else by the public ones.
fn verifier(own: Option<&str>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let unreadable = || {
        invalid("`ca_certificate` is not a certificate")
            .hint("paste the whole PEM file, both lines with dashes included")
    };
    let mut roots = RootCertStore::empty();
    match own {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            // A form with a single line takes the ends of lines away.
            let lines = pem
                .replace(BEGIN, &format!("\n{BEGIN}\n"))
                .replace(END, &format!("\n{END}\n"));
            for certificate in CertificateDer::pem_slice_iter(lines.as_bytes()) {
                let certificate = certificate.map_err(|_| unreadable())?;
                roots.add(certificate).map_err(|_| unreadable())?;
            }
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| unreadable())
}

/// How much of the server's certificate has to be right.
#[derive(Debug)]
enum Trust {
    /// Encrypted, nothing verified: `prefer` and `require`.
    Anyone,
    /// Issued by a trusted authority, for whatever name: `verify-ca`.
    Authority(Arc<WebPkiServerVerifier>),
    /// And for the host that is connected to: `verify-full`.
    AuthorityAndName(Arc<WebPkiServerVerifier>),
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let verify = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        match &self.trust {
            Trust::Anyone => Ok(ServerCertVerified::assertion()),
            Trust::AuthorityAndName(verifier) => verify(verifier),
            // The name is looked at last, when all else was found to be right.
            Trust::Authority(verifier) => match verify(verifier) {
                Err(rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) => Ok(ServerCertVerified::assertion()),
                verified => verified,
            },
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
