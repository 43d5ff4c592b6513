//! The control floor against real PostgreSQL: its one test binary.

mod account;
mod auth;
mod bill;
mod harness;
mod invitation;
mod mail;
mod member;
mod metered;
mod metric;
mod org;
mod people;
mod recovery;
mod service_account;
mod usage;
