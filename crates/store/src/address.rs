//! The URL of a database: where it is, as whom to log in, and how the connection is encrypted, as libpq reads it.
//!
//! The driver knows neither `sslrootcert` nor the modes of `sslmode` that verify; they are taken out before it reads the
//! URL. A URL may hold a password: no error repeats it.

use std::time::Duration;

use plinth_model::tls::{self, Tls, TlsError};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A URL that was read.
pub(crate) struct Address {
    pub config: Config,
    /// `None` for a connection that is not encrypted.
    pub tls: Option<MakeRustlsConnect>,
}

/// libpq's word for the public authorities.
const PUBLIC: &str = "system";

/// # Errors
/// What to do about the URL, or about the file that it names.
pub(crate) fn read(url: &str) -> Result<Address, String> {
    let (url, asked) = Asked::take_from(url)?;
    let malformed = |_| "expected `postgres://user@host:port/database`".to_owned();
    let mut config: Config = url.parse().map_err(malformed)?;
    config.keepalives_idle(Duration::from_secs(30));
    let is_local = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
    let tls = if is_local { None } else { asked.tls()? };
    config.ssl_mode(match (&tls, asked.mode) {
        (None, _) => SslMode::Disable,
        (Some(_), Tls::Prefer) => SslMode::Prefer,
        (Some(_), _) => SslMode::Require,
    });
    Ok(Address { config, tls })
}

/// What a URL says of encryption.
#[derive(Debug, Default)]
struct Asked {
    mode: Tls,
    root_certificate: Option<String>,
}

impl Asked {
    /// Gives the URL without it, too.
    fn take_from(url: &str) -> Result<(String, Self), String> {
        let mut asked = Self::default();
        let Some((base, query)) = url.split_once('?') else {
            return Ok((url.to_owned(), asked));
        };
        let mut others = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => {
                    asked.mode = mode.parse().map_err(|error| format!("`sslmode`: {error}"))?;
                }
                Some(("sslrootcert", _)) => asked.root_certificate = decoded(pair),
                _ => others.push(pair),
            }
        }
        Ok((format!("{base}?{}", others.join("&")), asked))
    }

    fn tls(&self) -> Result<Option<MakeRustlsConnect>, String> {
        let file = self.root_certificate.as_deref().filter(|file| *file != PUBLIC);
        let pem = file
            .map(|file| {
                std::fs::read_to_string(file).map_err(|error| format!("cannot read `sslrootcert` `{file}`: {error}"))
            })
            .transpose()?;
        let config = tls::client_config(self.mode, pem.as_deref()).map_err(|error| match error {
            TlsError::Useless => "`sslrootcert` is of no use as `sslmode` is: set `sslmode=verify-full`".to_owned(),
            TlsError::Unreadable => format!(
                "`sslrootcert` `{}` is not a certificate: give the PEM file of your provider's authority",
                file.unwrap_or(PUBLIC)
            ),
            TlsError::Unsupported => "this server speaks no version of TLS".to_owned(),
        })?;
        Ok(config.map(MakeRustlsConnect::new))
    }
}

/// The value of `name=value`. In a database's URL `+` is no blank.
fn decoded(pair: &str) -> Option<String> {
    let pair = pair.replace('+', "%2B");
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_taken_out_and_the_rest_is_the_drivers() {
        for (url, rest, mode, file) in [
            ("postgres://u@h/d", "postgres://u@h/d", Tls::Prefer, None),
            (
                "postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/etc/a%20b+c.pem&options=-c%20x%3D1",
                "postgres://u:p@h/d?options=-c%20x%3D1",
                Tls::VerifyFull,
                Some("/etc/a b+c.pem"),
            ),
            (
                "postgres://u@h/d?sslmode=disable",
                "postgres://u@h/d?",
                Tls::Disable,
                None,
            ),
            ("postgres://u@h/d?sslrootcert=", "postgres://u@h/d?", Tls::Prefer, None),
        ] {
            let (left, asked) = Asked::take_from(url).unwrap();
            assert_eq!((left.as_str(), asked.mode), (rest, mode), "{url}");
            assert_eq!(asked.root_certificate.as_deref(), file, "{url}");
            assert!(left.parse::<Config>().is_ok(), "{left}");
        }
    }

    #[test]
    fn a_socket_is_never_encrypted() {
        let address = read("postgres://u@%2Ftmp/d?sslmode=verify-full").unwrap();
        assert!(address.tls.is_none());
        assert_eq!(address.config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        let folder = std::env::temp_dir();
        let unreadable = format!(
            "postgres://u:hunter2@h/d?sslmode=verify-ca&sslrootcert={}",
            folder.display()
        );
        for (url, said) in [
            (
                "postgres://u:hunter2@h/d?sslmode=always",
                "`sslmode`: expected disable, prefer",
            ),
            ("postgres://u:hunter2@h/d?nonsense=1", "expected `postgres://"),
            (
                "postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/no/such.pem",
                "cannot read `sslrootcert` `/no/such.pem`",
            ),
            (&unreadable, "cannot read `sslrootcert`"),
            (
                "postgres://u:hunter2@h/d?sslrootcert=/dev/null",
                "`sslmode=verify-full`",
            ),
            (
                "postgres://u:hunter2@h/d?sslmode=require&sslrootcert=/dev/null",
                "is not a certificate",
            ),
        ] {
            let told = read(url).err().unwrap_or_default();
            assert!(told.contains(said), "{url}: {told}");
            assert!(!told.contains("hunter2") && told.lines().count() == 1, "{told}");
        }
        assert!(read("postgres://u@h/d?sslmode=verify-full&sslrootcert=system").is_ok());
    }
}
