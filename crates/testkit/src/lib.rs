//! What tests of several crates need; never part of the product.

pub mod postgres;
pub mod store;
