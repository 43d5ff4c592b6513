//! The reconciler of the reference product: carries out `pipeline` resources, and answers questions about connections.
//!
//! Each pipeline runs in a process of its own (see [`crate::task`]), so that one that runs wild or out of memory takes no other
//! along. The agent holds the lease; the process gets its token and can touch nothing but its own resource. It must not know how
//! rows are copied.

mod action;
mod pipeline;
pub(crate) mod place;
pub(crate) mod process;

use std::path::PathBuf;

use anyhow::Context;
use plinth_client::Client;
use plinth_client::reconciler::{Options, Runtime};
use tokio_util::sync::CancellationToken;

pub use self::process::own_binary;
use crate::network::Networks;

/// How an agent works.
#[derive(Clone)]
pub struct AgentConfig {
    /// Address of the control plane.
    pub server: String,
    /// A reconciler's token.
    pub token: String,
    /// Pipelines that run at the same time.
    pub capacity: usize,
    /// How many of them may be one org's; half, rounded up, when not said.
    pub org_capacity: Option<usize>,
    /// Folder below which connections of kind `files` must lie.
    pub files: PathBuf,
    /// Where the hosts of connections may be.
    pub networks: Networks,
    /// Ends the agent; its pipelines stop and other agents take them over.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for AgentConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentConfig")
            .field("server", &self.server)
            .field("capacity", &self.capacity)
            .field("org_capacity", &self.org_capacity)
            .finish_non_exhaustive()
    }
}

/// Works until cancelled.
///
/// # Errors
/// What no later try would heal, such as a wrong token.
pub async fn run(config: AgentConfig) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.files)
        .with_context(|| format!("cannot make the folder `{}`", config.files.display()))?;
    let bounds = place::Bounds {
        files: config.files.canonicalize()?,
        networks: config.networks,
    };
    let client = Client::builder(&config.server).token(&config.token).build()?;
    let pipelines = pipeline::Pipelines {
        server: config.server.clone(),
        bounds: bounds.clone(),
    };
    Runtime::builder(client)
        .agent(format!("etl-{}", std::process::id()))
        .options(Options {
            capacity: config.capacity,
            org_capacity: config.org_capacity,
            ..Options::default()
        })
        .reconciler("pipeline", pipelines)
        .actions("connection", action::Questions { bounds })
        .build()
        .run(config.cancel)
        .await?;
    Ok(())
}
