//! The store's one test binary.

mod org;
mod service_account;
