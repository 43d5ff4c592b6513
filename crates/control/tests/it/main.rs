//! The control floor against real PostgreSQL: its one test binary.

mod account;
mod auth;
mod bill;
mod harness;
mod mail;
mod metered;
mod metric;
mod recovery;
mod usage;
