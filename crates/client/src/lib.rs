//! The Rust SDK of Plinth: HTTP only, one module for each noun of the API, and
//! under [`reconciler`] the runtime that data planes are written on.
//!
//! ```no_run
//! # async fn example() -> Result<(), plinth_client::Error> {
//! use futures::TryStreamExt;
//! use plinth_client::{Client, resource::ListQuery};
//!
//! let client = Client::builder("https://cloud.example.com")
//!     .token("plinth_sat_...")
//!     .build()?;
//! let pipelines = client.org("acme").resources("pipelines");
//! let mut running = std::pin::pin!(pipelines.all(ListQuery {
//!     filter: vec!["status.state=streaming".into()],
//!     ..ListQuery::default()
//! }));
//! while let Some(pipeline) = running.try_next().await? {
//!     println!("{} runs generation {}", pipeline.name, pipeline.generation);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Reads, replacements and deletes are repeated when the server is away or busy;
//! so are `POST`s, because each carries an `Idempotency-Key`. Unknown fields in
//! answers are ignored, so that an older client works with a newer server.
//!
//! This crate must not know SQL, the server's rows, or any one product.

pub mod account;
mod backoff;
pub mod bill;
mod call;
mod client;
mod error;
pub mod event;
pub mod invitation;
pub mod member;
pub mod metric;
pub mod org;
mod page;
pub mod policy;
pub mod product;
pub mod reconciler;
pub mod resource;
pub mod service_account;
pub mod signal;
mod stream;
pub mod usage;
pub mod work;

pub use backoff::Backoff;
pub use client::{Client, ClientBuilder};
pub use error::{Error, FieldError, Problem, Result};
pub use page::Page;
pub use tokio_util::sync::CancellationToken;
