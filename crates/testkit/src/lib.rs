//! What tests of several crates need; never part of the product.

#[cfg(feature = "app")]
pub mod app;
pub mod mmdb;
pub mod postgres;
pub mod sabotage;
pub mod store;
