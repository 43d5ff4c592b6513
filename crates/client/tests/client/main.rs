//! The client against a real HTTP server that follows a script.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
mod live;
mod pages;
mod queue;
mod reconcile;
mod retries;
mod server;
