//! The control floor's one test binary.

mod account;
mod auth;
mod harness;
mod mail;
mod recovery;
