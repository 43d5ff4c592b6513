//! Actions: short questions that a caller waits for, such as "does this connection work?".
//! They hold no lease and change nothing.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Options;
use crate::{Client, Result, work::Action};

/// The builder's code for the actions of one resource type.
pub trait ActionHandler: Send + Sync + 'static {
    /// Answers within [`Options::action_timeout`]. What could not be done is an
    /// answer too: `{"ok": false, "message": .., "hint": ..}`.
    fn run(&self, action: Action) -> impl Future<Output = Value> + Send;
}

type BoxedAnswer = Pin<Box<dyn Future<Output = Value> + Send>>;

pub(super) trait Answerer: Send + Sync {
    fn answer(self: Arc<Self>, action: Action) -> BoxedAnswer;
}

impl<A: ActionHandler> Answerer for A {
    fn answer(self: Arc<Self>, action: Action) -> BoxedAnswer {
        Box::pin(async move { ActionHandler::run(&*self, action).await })
    }
}

pub(super) struct ActionLoop {
    pub(super) client: Client,
    pub(super) agent: String,
    pub(super) options: Arc<Options>,
    pub(super) handlers: HashMap<String, Arc<dyn Answerer>>,
}

impl ActionLoop {
    /// Answers actions until shutdown; those begun are finished.
    pub(super) async fn run(self, shutdown: &CancellationToken) -> Result<()> {
        let mut running = JoinSet::new();
        let mut failures = 0;
        let types: Vec<String> = self.handlers.keys().cloned().collect();
        let wait_secs = self.options.claim_wait.as_secs();
        let queue = self.client.queue();
        while !shutdown.is_cancelled() {
            let claimed = tokio::select! {
                () = shutdown.cancelled() => break,
                claimed = queue.claim_actions(&self.agent, &types, wait_secs) => claimed,
            };
            match claimed {
                Ok(actions) => {
                    failures = 0;
                    for action in actions {
                        running.spawn(self.answer(action));
                    }
                }
                Err(error) if error.is_final() => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, failures, "actions cannot be claimed");
                    self.options.reconnect.pause(failures, shutdown).await;
                    failures = failures.saturating_add(1);
                }
            }
            while running.try_join_next().is_some() {}
        }
        running.join_all().await;
        Ok(())
    }

    fn answer(&self, action: Action) -> impl Future<Output = ()> + Send + use<> {
        let handler = self.handlers.get(&action.resource_type).cloned();
        let client = self.client.clone();
        let limit = self.options.action_timeout;
        async move {
            let Some(handler) = handler else { return };
            // In a task of its own, so that a panic becomes an answer.
            let call = tokio::spawn(handler.answer(action.clone()));
            let abort = call.abort_handle();
            let result = match timeout(limit, call).await {
                Ok(Ok(result)) => result,
                Ok(Err(error)) => failed(format!("the agent crashed: {error}")),
                Err(_) => failed(format!("no result within {} s", limit.as_secs())),
            };
            abort.abort();
            if let Err(error) = client.queue().action_result(&action, &result).await {
                tracing::warn!(action = action.id, %error, "an action's result was not taken");
            }
        }
    }
}

fn failed(message: String) -> Value {
    json!({"ok": false, "message": message})
}
