//! The data plane: copies tables from a source to a destination, exactly, and follows changes.
//!
//! [`run::run`] takes a [`run::Job`] and works until it is done or told to stop. It may be killed at any moment: the next run
//! carries on from the checkpoint, which the destination keeps together with the rows.
//!
//! ```text
//! source ── Batch (tuples | Arrow) ──▶ bounded channel ──▶ destination: rows + checkpoint + usage, one commit
//! ```
//! This crate must not know the control plane's database; reports leave through [`report::Reporter`].

pub mod agent;
pub mod batch;
mod bill;
pub mod checkpoint;
pub mod content;
pub mod destination;
pub mod error;
pub mod failpoint;
pub mod lifeline;
pub mod network;
pub mod progress;
pub mod report;
pub mod run;
pub mod sample;
pub mod session;
pub mod source;
pub mod spec;
pub mod status;
pub mod table;
pub mod task;
mod tls;
pub mod tuple;

pub use error::{Error, Result};
