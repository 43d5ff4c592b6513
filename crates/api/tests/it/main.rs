//! The HTTP floor's one test binary.

mod account;
mod action;
mod bakery;
mod deletion;
mod etl;
mod event;
mod idempotency;
mod isolation;
mod list;
mod openapi;
mod permission;
mod product;
mod reference;
mod resource;
mod secret;
mod stream;
mod toy;
mod work;
mod wrong_input;
