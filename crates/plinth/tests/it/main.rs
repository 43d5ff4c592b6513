//! The program as operators run it: real processes, real PostgreSQL, killed and stopped in all the ways that happen.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod agent;
mod chaos;
mod dev;
mod plane;
mod process;
mod service;
mod shutdown;
mod task;
mod tenant;
