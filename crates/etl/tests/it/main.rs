//! The engine against real PostgreSQL servers and real folders.

mod errors;
mod files;
mod incremental;
mod kill;
mod sample;
mod snapshot;
mod support;
mod types;
