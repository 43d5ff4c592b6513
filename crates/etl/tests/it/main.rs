//! The engine against real PostgreSQL servers and real folders.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod errors;
mod files;
mod incremental;
mod kill;
mod network;
mod sample;
mod snapshot;
mod support;
mod tls;
mod types;
