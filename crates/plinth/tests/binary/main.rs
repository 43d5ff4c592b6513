//! The binary as people run it: its settings, its output, a whole installation.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod dev;
mod installation;
mod operator;
mod output;
mod policy;
mod settings;
mod support;
mod tls;
mod traces;
mod verb;
