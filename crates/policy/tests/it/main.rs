//! The policy crate as its callers see it.
#![expect(clippy::unwrap_used, reason = "a test ends where its setting fails")]

mod compile;
mod demand;
mod explain;
mod form;
mod form_property;
mod fuzz;
mod gain;
mod oracle;
mod policy;
mod product;
mod role;
mod vocabulary;
