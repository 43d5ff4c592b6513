//! Where the databases are, and as whom to speak to them.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

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
