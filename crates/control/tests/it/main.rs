//! The control floor against real PostgreSQL: its one test binary.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot go on from")]

mod account;
mod auth;
mod bill;
mod country;
mod harness;
mod invitation;
mod mail;
mod member;
mod metered;
mod metric;
mod org;
mod people;
mod policy;
mod portable;
mod recovery;
mod service_account;
mod usage;
