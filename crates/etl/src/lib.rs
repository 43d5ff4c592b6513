//! The crate's parts follow.
