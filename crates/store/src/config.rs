//! Where the databases are, and as whom to speak to them.

use std::str::FromStr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;

use crate::address;

/// The name of a cell, as the directory has it.
pub type CellName = Arc<str>;

/// `PostgreSQL` for one directory and its cells.
#[derive(Clone)]
pub struct StoreConfig {
    /// The directory's database, with a role that may create roles and databases: migrations run as this one.
    pub directory_url: String,
    pub cells: Vec<CellConfig>,
    /// The passwords of `plinth_api` and `plinth_system` derive from it, so that all servers that share it agree.
    pub role_secret: Vec<u8>,
    /// Connections a pool; there are three pools and one more for each further cell.
    pub pool_size: usize,
}

/// Whether the URL of a database can be read, with the certificate that it names; nothing is connected to.
///
/// # Errors
/// What is wrong with it, for a person, without its password.
pub fn check_url(url: &str) -> std::result::Result<(), String> {
    address::read(url).map(drop)
}

#[derive(Clone)]
pub struct CellConfig {
    pub name: String,
    pub region: String,
    pub url: String,
    /// Where people reach the database, when they do not go where the servers go.
    pub sql_address: Option<SqlAddress>,
}

/// Where the database of a cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address, or the folder of a Unix socket.
    pub host: String,
    pub port: u16,
    pub database: String,
}

/// What stands between `@` and `/` in the URL of a database: `db.example.com:6432`, `[2001:db8::1]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlAddress {
    /// A name or an address, without brackets.
    pub host: String,
    /// 5432 when it is not given.
    pub port: u16,
}

impl FromStr for SqlAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let malformed = "give a host, with a port if it is not 5432, such as db.example.com:6432";
        let url = Url::parse(&format!("postgres://{text}")).map_err(|_| malformed)?;
        let nothing_else = url.path().is_empty() && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| nothing_else && !text.contains('@'));
        let host = host.filter(|host| !host.is_empty()).ok_or(malformed)?;
        let port = url.port().unwrap_or(5432);
        if port == 0 {
            return Err(malformed);
        }
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
        })
    }
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("cells", &self.cells.len())
            .field("pool_size", &self.pool_size)
            .finish()
    }
}

impl std::fmt::Debug for CellConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CellConfig")
            .field("name", &self.name)
            .field("region", &self.region)
            .finish()
    }
}

impl StoreConfig {
    /// HMAC-SHA-256 of the role's name under the shared secret, in hex.
    pub fn role_password(&self, role: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.role_secret).unwrap_or_else(|_| unreachable!("any length"));
        mac.update(b"plinth role ");
        mac.update(role.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_sql_logins_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("db.example.com", "db.example.com", 5432),
            ("db.example.com:6432", "db.example.com", 6432),
            ("203.0.113.7:1", "203.0.113.7", 1),
            ("[2001:db8::1]", "2001:db8::1", 5432),
            ("[2001:db8::1]:6432", "2001:db8::1", 6432),
        ] {
            let wanted = SqlAddress {
                host: host.to_owned(),
                port,
            };
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        for text in [
            "",
            ":5432",
            "h:port",
            "h:0",
            "h:70000",
            "h/plinth",
            "u:p@h",
            "@h",
            "a b",
            "h?sslmode=disable",
            "h#",
            "2001:db8::1",
            "postgres://h",
        ] {
            assert!(text.parse::<SqlAddress>().is_err(), "{text}");
        }
    }
}
