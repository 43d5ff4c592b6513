//! The store's one test binary.

mod isolation;
mod org;
mod sequencer;
mod service_account;
mod statement;
