//! What encryption of a connection verifies, in the sense of libpq's `sslmode`: the same rules for the databases of the
//! control plane and for those of customers.
//!
//! It makes configurations and reads refusals. It must not open a connection, or a file, or know what a URL looks like.

use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::{Deserialize, Serialize};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// `require` encrypts and verifies nobody, `verify-ca` wants a certificate of a trusted authority, `verify-full` one for
/// this host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    Disable,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Tls {
    /// All of them, as they are written.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("disable", Self::Disable),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];
}

/// The text is not one of [`Tls::NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected disable, prefer, require, verify-ca or verify-full")]
pub struct UnknownTls;

impl FromStr for Tls {
    type Err = UnknownTls;

    fn from_str(text: &str) -> Result<Self, UnknownTls> {
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, tls)| *tls).ok_or(UnknownTls)
    }
}

/// Why there is no way to encrypt as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsError {
    /// As the connection is encrypted, nobody asks the authority that is named.
    Useless,
    /// The authority is not one or more certificates in PEM.
    Unreadable,
    /// The TLS library speaks no version of the protocol; a defect of the build.
    Unsupported,
}

/// How to encrypt; `None` for not at all. `authority` is PEM, the public authorities when there is none.
///
/// # Errors
/// [`TlsError`].
pub fn client_config(tls: Tls, authority: Option<&str>) -> Result<Option<ClientConfig>, TlsError> {
    if authority.is_some() && matches!(tls, Tls::Disable | Tls::Prefer) {
        return Err(TlsError::Useless);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trust = match (tls, authority) {
        (Tls::Disable, _) => return Ok(None),
        (Tls::Prefer, _) | (Tls::Require, None) => Trust::Anyone,
        // As in libpq: who names an authority wants it to be asked.
        (Tls::VerifyCa, _) | (Tls::Require, Some(_)) => Trust::Authority(verifier(authority, &provider)?),
        (Tls::VerifyFull, _) => Trust::AuthorityAndName(verifier(authority, &provider)?),
    };
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsError::Unsupported)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { trust, provider }))
        .with_no_client_auth();
    Ok(Some(config))
}

fn verifier(authority: Option<&str>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    match authority {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            // A form with a single line takes the ends of lines away.
            let lines = pem
                .replace(BEGIN, &format!("\n{BEGIN}\n"))
                .replace(END, &format!("\n{END}\n"));
            for certificate in CertificateDer::pem_slice_iter(lines.as_bytes()) {
                let certificate = certificate.map_err(|_| TlsError::Unreadable)?;
                roots.add(certificate).map_err(|_| TlsError::Unreadable)?;
            }
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| TlsError::Unreadable)
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
    ) -> Result<ServerCertVerified, rustls::Error> {
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
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What was wrong with the other side, as far as somebody can do something about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the server's certificate is not from a trusted authority")]
    Untrusted,
    #[error("the server's certificate is for another name")]
    Misnamed,
    #[error("the server's certificate has expired")]
    Expired,
    #[error("the server's certificate is refused: {0}")]
    Certificate(String),
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
}

impl Refusal {
    #[must_use]
    pub fn of(error: &rustls::Error) -> Self {
        let rustls::Error::InvalidCertificate(reason) = error else {
            return Self::Handshake(error.to_string());
        };
        match reason {
            // The latter comes of an authority that was made anew under its old name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::Untrusted,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::Misnamed,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            other => Self::Certificate(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_written_in_a_url_as_it_is_in_a_document() {
        for (name, tls) in Tls::NAMES {
            assert_eq!(name.parse(), Ok(tls));
            assert_eq!(serde_json::to_value(tls).ok(), Some(name.into()));
        }
        assert_eq!("verify".parse::<Tls>(), Err(UnknownTls));
    }

    #[test]
    fn an_authority_that_nobody_would_ask_is_refused() {
        for tls in [Tls::Disable, Tls::Prefer] {
            assert_eq!(client_config(tls, Some("")).err(), Some(TlsError::Useless));
        }
        for tls in [Tls::Require, Tls::VerifyCa, Tls::VerifyFull] {
            for text in ["", "no certificate", BEGIN] {
                let refused = client_config(tls, Some(text)).err();
                assert_eq!(refused, Some(TlsError::Unreadable), "{tls:?} {text}");
            }
            assert!(client_config(tls, None).is_ok_and(|config| config.is_some()));
        }
        assert!(client_config(Tls::Disable, None).is_ok_and(|config| config.is_none()));
    }

    #[test]
    fn a_refusal_is_told_by_what_can_be_done_about_it() {
        for (reason, told) in [
            (CertificateError::UnknownIssuer, Refusal::Untrusted),
            (CertificateError::BadSignature, Refusal::Untrusted),
            (CertificateError::NotValidForName, Refusal::Misnamed),
            (CertificateError::Expired, Refusal::Expired),
        ] {
            assert_eq!(Refusal::of(&rustls::Error::InvalidCertificate(reason)), told);
        }
        let other = Refusal::of(&rustls::Error::InvalidCertificate(CertificateError::Revoked));
        assert!(matches!(other, Refusal::Certificate(_)), "{other:?}");
        let other = Refusal::of(&rustls::Error::DecryptError);
        assert!(matches!(other, Refusal::Handshake(_)), "{other:?}");
    }
}
