//! The runtime for reconcilers: code that makes a data plane match what the
//! resources declare.
//!
//! A [`Reconciler`] is *level-triggered*: it is called with the newest state of
//! one resource, not with a message about a change, and brings the world there
//! from wherever it is. It may be called again for a state it has seen, and it
//! never sees the generations that were overtaken in between. It may return at
//! once, or stay as long as its work runs (a copy, a server) and hold the lease
//! so long; [`Context::changed`] then tells it of newer generations.
//!
//! The [`Runtime`] does the rest:
//! - claims work under a lease, renews it, and drops the handler when it is lost,
//!   so that two never work on one resource;
//! - calls again with back-off and jitter after [`Outcome::Retry`] or a panic;
//! - stops the handler when its resource is deleted and calls
//!   [`Reconciler::finalize`] until nothing is left;
//! - gives its leases back on shutdown, so that another agent goes on at once.
//!
//! ```
//! use plinth_client::{CancellationToken, Client, reconciler::{Context, Outcome, Reconciler, Runtime}};
//!
//! /// Keeps one directory for each resource of type `folder`.
//! struct Folders;
//!
//! impl Reconciler for Folders {
//!     async fn reconcile(&self, ctx: Context) -> Outcome {
//!         let work = ctx.work();
//!         let path = std::env::temp_dir().join(&work.resource.id);
//!         if let Err(error) = tokio::fs::create_dir_all(&path).await {
//!             return Outcome::retry(error);
//!         }
//!         let status = serde_json::json!({"state": "ready", "path": path});
//!         match ctx.report(&status).await {
//!             Ok(()) => Outcome::Done,
//!             Err(error) => Outcome::retry(error),
//!         }
//!     }
//!
//!     async fn finalize(&self, ctx: Context) -> Outcome {
//!         let path = std::env::temp_dir().join(&ctx.work().resource.id);
//!         match tokio::fs::remove_dir_all(&path).await {
//!             Err(error) if error.kind() != std::io::ErrorKind::NotFound => Outcome::retry(error),
//!             _ => Outcome::Done,
//!         }
//!     }
//! }
//!
//! # async fn example() -> Result<(), plinth_client::Error> {
//! let client = Client::builder("http://127.0.0.1:8080").token("plinth_rec_...").build()?;
//! let shutdown = CancellationToken::new();
//! Runtime::builder(client)
//!     .reconciler("folder", Folders)
//!     .build()
//!     .run(shutdown)
//!     .await
//! # }
//! ```
//!
//! Must not know any resource type, and trusts no message: what it acts on, it reads.

mod action;
mod context;
mod lease;
mod options;
mod runtime;
mod task;

use std::{fmt::Display, future::Future, time::Duration};

pub use action::ActionHandler;
pub use context::{Context, StopReason};
pub use options::Options;
pub use runtime::{Runtime, RuntimeBuilder};

/// The builder's code for one resource type.
pub trait Reconciler: Send + Sync + 'static {
    /// Makes the data plane match `ctx.work()`.
    ///
    /// Called again after [`Outcome::Retry`], after a panic, after a change, and
    /// after a crash of the agent that had it before: it must be harmless to
    /// call twice. When [`Context::stopped`] is cancelled it should end soon;
    /// what it returns then does not matter. After a lost lease the future is
    /// dropped within [`Options::lost_grace`], otherwise within [`Options::stop_grace`].
    fn reconcile(&self, ctx: Context) -> impl Future<Output = Outcome> + Send;

    /// Removes what a deleted resource left in the data plane; the resource goes
    /// for good when this says [`Outcome::Done`]. By default there is nothing to remove.
    fn finalize(&self, ctx: Context) -> impl Future<Output = Outcome> + Send {
        drop(ctx);
        std::future::ready(Outcome::Done)
    }
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The data plane is as declared; call again when that changes.
    Done,
    /// It is not yet. Call again after `after`, or after the runtime's own
    /// back-off, which grows with each try.
    Retry { reason: String, after: Option<Duration> },
}

impl Outcome {
    /// Failed; again with back-off.
    pub fn retry(reason: impl Display) -> Self {
        Self::Retry {
            reason: reason.to_string(),
            after: None,
        }
    }

    /// Not finished; again after `after`.
    pub fn retry_after(after: Duration, reason: impl Display) -> Self {
        Self::Retry {
            reason: reason.to_string(),
            after: Some(after),
        }
    }
}
