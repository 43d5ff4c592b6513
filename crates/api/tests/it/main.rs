//! The HTTP floor's one test binary.

mod account;
