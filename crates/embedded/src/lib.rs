//! A private PostgreSQL: finds an installation, makes a cluster in a folder, starts it, watches it and stops it.
//!
//! This crate must not know what is stored in the cluster: no schema, no roles, no tenants. It runs server programs
//! and looks after the files around them; SQL belongs to its callers.

mod archive;
mod cluster;
mod config;
mod error;
mod guard;
mod installation;
mod leftovers;
mod logfile;
mod place;
mod server;
mod user;

pub use archive::{ARCHIVE_VERSION, archive_file_name, cache_dir};
pub use cluster::Cluster;
pub use config::{AfterStop, ClusterConfig, Guard, Profile};
pub use error::EmbeddedError;
pub use installation::{Installation, SearchOptions, Version};

/// What every function of this crate that can fail returns.
pub type Result<T, E = EmbeddedError> = std::result::Result<T, E>;
