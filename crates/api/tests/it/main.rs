//! The HTTP floor's one test binary.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot go on from")]

mod account;
mod org;
