//! The policy crate as its callers see it.
