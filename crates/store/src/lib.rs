//! Floor 1: the only SQL of the control plane.
//!
//! Org-owned tables are reached in a scoped transaction ([`Store::begin`], [`Store::once`]), where row-level security
//! shows one org and nothing else. The single bypass is [`Store::system`], which wants a reason and is counted.
//! Statements live in `queries/`, one file each; a test prepares every one of them against a migrated database.
//! This floor knows nothing of HTTP and decides nothing about what the product means.

pub mod account;
mod address;
pub mod audit;
pub mod bill;
mod cell;
pub mod config;
pub mod country;
pub mod directory;
pub mod error;
pub mod event;
pub mod idempotency;
pub mod invitation;
pub mod key;
pub mod mail;
pub mod member;
pub mod metric;
pub mod migrate;
pub mod operator;
pub mod org;
pub mod policy;
mod pool;
pub mod product;
pub mod refusal;
pub mod resource;
mod row;
pub mod sequencer;
pub mod service_account;
pub mod session;
pub mod signal;
pub mod sql_login;
pub mod statement;
mod tx;
pub mod usage;
pub mod work;

pub use cell::Store;
pub use config::{CellName, StoreConfig};
pub use error::{ErrorKind, StoreError};
pub use tx::{DirectoryTx, SystemTx, Tx};

/// The text of a statement in `queries/`.
macro_rules! sql {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $path, ".sql"))
    };
}
pub(crate) use sql;
