//! The agent: claims work and seats a task for each lease, up to its capacity; deletions a few beyond it.
//! Must not know what happens under a lease.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    panic::resume_unwind,
    sync::Arc,
};

use tokio::{
    sync::Notify,
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    ActionHandler, Options, Reconciler,
    action::{ActionLoop, Answerer},
    task::{self, Handler, Seat},
};
use crate::{
    Client, Result,
    work::{ClaimRequest, Claimed, ClaimedItem, Only},
};

/// An agent, ready to run. See the [module](super) for how to write what it runs.
pub struct Runtime {
    client: Client,
    agent: String,
    options: Arc<Options>,
    handlers: HashMap<String, Arc<dyn Handler>>,
    actions: HashMap<String, Arc<dyn Answerer>>,
}

pub struct RuntimeBuilder {
    client: Client,
    agent: Option<String>,
    options: Options,
    handlers: HashMap<String, Arc<dyn Handler>>,
    actions: HashMap<String, Arc<dyn Answerer>>,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("agent", &self.agent)
            .field("types", &self.handlers.keys())
            .field("actions", &self.actions.keys())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("types", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

impl RuntimeBuilder {
    /// Hands the resources of a type to `reconciler`.
    pub fn reconciler(mut self, resource_type: &str, reconciler: impl Reconciler) -> Self {
        self.handlers.insert(resource_type.to_owned(), Arc::new(reconciler));
        self
    }

    /// Hands the actions of a type to `handler`.
    pub fn actions(mut self, resource_type: &str, handler: impl ActionHandler) -> Self {
        self.actions.insert(resource_type.to_owned(), Arc::new(handler));
        self
    }

    /// Names the agent in logs and leases; by default `agent-<pid>`. A random
    /// part is added: two runs are never the same agent.
    pub fn agent(mut self, name: impl Into<String>) -> Self {
        self.agent = Some(name.into());
        self
    }

    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub fn build(self) -> Runtime {
        let name = self.agent.unwrap_or_else(|| format!("agent-{}", std::process::id()));
        Runtime {
            client: self.client,
            agent: format!("{name}-{}", Uuid::now_v7().simple()),
            options: Arc::new(self.options),
            handlers: self.handlers,
            actions: self.actions,
        }
    }
}

impl Runtime {
    /// A runtime on a client whose token is a reconciler's.
    pub fn builder(client: Client) -> RuntimeBuilder {
        RuntimeBuilder {
            client,
            agent: None,
            options: Options::default(),
            handlers: HashMap::new(),
            actions: HashMap::new(),
        }
    }

    /// Works until `shutdown`, then stops the handlers and gives the leases
    /// back. An error is one that no later try would heal, such as a wrong token.
    pub async fn run(self, shutdown: CancellationToken) -> Result<()> {
        // When one loop fails, the other one has to end in order.
        let shutdown = shutdown.child_token();
        let actions = ActionLoop {
            client: self.client.clone(),
            agent: self.agent.clone(),
            options: Arc::clone(&self.options),
            handlers: self.actions,
        };
        let answering = async {
            if actions.handlers.is_empty() {
                return Ok(());
            }
            actions.run(&shutdown).await.inspect_err(|_| shutdown.cancel())
        };
        let agent = Agent {
            client: self.client,
            name: self.agent,
            options: self.options,
            handlers: self.handlers,
            shutdown: shutdown.clone(),
            bells: HashMap::new(),
            tasks: JoinSet::new(),
            claims: JoinSet::new(),
            asked: HashSet::new(),
        };
        let working = async {
            if agent.handlers.is_empty() {
                return Ok(());
            }
            agent.run().await.inspect_err(|_| shutdown.cancel())
        };
        let (worked, answered) = tokio::join!(working, answering);
        worked.and(answered)
    }
}

/// What the server gives out in answer to one claim.
const MOST_AT_ONCE: usize = 100;

struct Agent {
    client: Client,
    name: String,
    options: Arc<Options>,
    handlers: HashMap<String, Arc<dyn Handler>>,
    shutdown: CancellationToken,
    /// By resource id: rung when the resource has changed.
    bells: HashMap<String, Arc<Notify>>,
    tasks: JoinSet<Seated>,
    /// Claims under way. None is dropped for a newer one: a lease could be on its way.
    claims: JoinSet<(ClaimKind, Result<Claimed>)>,
    /// The kinds of these; one of each at most.
    asked: HashSet<ClaimKind>,
}

/// What a task leaves behind when it ends.
struct Seated {
    id: String,
    bell: Arc<Notify>,
}

/// What a claim may bring, besides news of what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ClaimKind {
    Any,
    /// To an agent that is full but for its places for deletions.
    Deletions,
    Nothing,
}

impl Agent {
    async fn run(mut self) -> Result<()> {
        let mut failures = 0;
        let ended = loop {
            self.ask();
            let answer = tokio::select! {
                () = self.shutdown.cancelled() => break Ok(()),
                Some(ended) = self.tasks.join_next() => {
                    self.forget(ended);
                    continue;
                }
                Some(answer) = self.claims.join_next() => answer,
            };
            let (kind, answer) = answer.unwrap_or_else(|crash| resume_unwind(crash.into_panic()));
            self.asked.remove(&kind);
            match answer {
                Ok(claimed) => {
                    failures = 0;
                    self.take(claimed);
                }
                Err(error) if error.is_final() => break Err(error),
                Err(error) => {
                    tracing::warn!(%error, failures, "work cannot be claimed");
                    self.options.reconnect.pause(failures, &self.shutdown).await;
                    failures = failures.saturating_add(1);
                }
            }
        };
        // Also when the claims failed for good: what runs is given back in order.
        self.shutdown.cancel();
        self.claims.abort_all();
        while self.tasks.join_next().await.is_some() {}
        ended
    }

    /// Asks for what there is room for, unless a claim for it is under way.
    fn ask(&mut self) {
        let all = self.options.capacity.saturating_add(self.options.deletion_capacity);
        let left = |places: usize| places.saturating_sub(self.tasks.len());
        let (kind, capacity) = match (left(self.options.capacity), left(all)) {
            (0, 0) => (ClaimKind::Nothing, 0),
            (0, left) => (ClaimKind::Deletions, left),
            (left, _) => (ClaimKind::Any, left),
        };
        if !self.asked.insert(kind) {
            return;
        }
        let request = ClaimRequest {
            agent: self.name.clone(),
            types: self.handlers.keys().cloned().collect(),
            capacity: capacity.min(MOST_AT_ONCE),
            org_capacity: Some(self.options.org_capacity()),
            only: (kind == ClaimKind::Deletions).then_some(Only::Deleted),
            wait_secs: self.options.claim_wait.as_secs(),
        };
        let client = self.client.clone();
        self.claims
            .spawn(async move { (kind, client.queue().claim(&request).await) });
    }

    fn take(&mut self, claimed: Claimed) {
        for changed in claimed.changed {
            if let Some(bell) = self.bells.get(&changed.resource.id) {
                bell.notify_one();
            }
        }
        for item in claimed.items {
            self.seat(item);
        }
    }

    fn seat(&mut self, item: ClaimedItem) {
        let id = item.resource.id.clone();
        let Some(handler) = self.handlers.get(&item.resource.resource_type) else {
            tracing::warn!(resource = id, "the server gave work of a type nobody asked for");
            return;
        };
        let bell = Arc::new(Notify::new());
        let seat = Seat {
            client: self.client.clone(),
            options: Arc::clone(&self.options),
            handler: Arc::clone(handler),
            bell: Arc::clone(&bell),
            shutdown: self.shutdown.clone(),
        };
        self.bells.insert(id.clone(), Arc::clone(&bell));
        self.tasks.spawn(async move {
            task::run(seat, item).await;
            Seated { id, bell }
        });
    }

    fn forget(&mut self, ended: Result<Seated, JoinError>) {
        let Ok(Seated { id, bell }) = ended else {
            return;
        };
        // The resource may have come back under a newer lease meanwhile.
        if self.bells.get(&id).is_some_and(|current| Arc::ptr_eq(current, &bell)) {
            self.bells.remove(&id);
        }
    }
}
