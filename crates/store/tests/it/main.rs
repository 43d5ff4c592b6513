//! The store's one test binary.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot go on from")]

mod event;
mod isolation;
mod migrate;
mod org;
mod owner;
mod sequencer;
mod service_account;
mod statement;
