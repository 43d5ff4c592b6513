//! The HTTP floor's one test binary.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot go on from")]

mod account;
mod action;
mod bakery;
mod console;
mod deletion;
mod docs;
mod etl;
mod event;
mod grant;
mod hidden;
mod idempotency;
mod isolation;
mod list;
mod nul;
mod openapi;
mod org;
mod owner;
mod permission;
mod policy;
mod product;
mod reference;
mod resource;
mod secret;
mod side_channel;
mod signals;
mod sql_access;
mod sql_bounds;
mod sql_closed;
mod sql_write;
mod stream;
mod token;
mod toy;
mod work;
mod written;
mod wrong_input;
