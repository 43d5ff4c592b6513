//! A work queue of one resource, whose state the test moves and whose calls it reads.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::response::Response;
use plinth_client::{
    Backoff, CancellationToken,
    reconciler::{Options, Reconciler, Runtime},
};
use serde_json::{Value, json};
use tokio::sync::{
    Mutex as AsyncMutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::server::{Asked, Server, no_content, ok, problem};

pub struct Queue {
    pub server: Server,
    state: Arc<State>,
    claims: UnboundedSender<Value>,
    /// Calls that end or report work, in order: last part of the path, and body.
    pub calls: AsyncMutex<UnboundedReceiver<(String, Value)>>,
    pub shutdown: CancellationToken,
}

struct State {
    resource: Mutex<Value>,
    renew: Mutex<fn(u64) -> Response>,
    calls: UnboundedSender<(String, Value)>,
    claims: AsyncMutex<UnboundedReceiver<Value>>,
}

impl Queue {
    pub async fn start() -> Self {
        let (calls, made) = unbounded_channel();
        let (claims, waiting) = unbounded_channel();
        let state = Arc::new(State {
            resource: Mutex::new(resource(1)),
            renew: Mutex::new(|generation| renewed(generation, TTL_SECS)),
            calls,
            claims: AsyncMutex::new(waiting),
        });
        let shared = Arc::clone(&state);
        let server = Server::start(move |asked| {
            let state = Arc::clone(&shared);
            async move { state.answer(asked).await }
        })
        .await;
        Self {
            server,
            state,
            claims,
            calls: AsyncMutex::new(made),
            shutdown: CancellationToken::new(),
        }
    }

    /// Runs an agent; the handle ends when the agent does.
    pub fn run(&self, reconciler: impl Reconciler) -> tokio::task::JoinHandle<()> {
        self.run_with(options(), reconciler)
    }

    pub fn run_with(&self, options: Options, reconciler: impl Reconciler) -> tokio::task::JoinHandle<()> {
        let runtime = Runtime::builder(self.server.client())
            .reconciler("pipeline", reconciler)
            .options(options)
            .build();
        let shutdown = self.shutdown.clone();
        tokio::spawn(async move { runtime.run(shutdown).await.unwrap() })
    }

    /// Gives the resource to the next claim.
    pub fn lease(&self, attempts: u32) {
        self.lease_for(TTL_SECS, attempts);
    }

    pub fn lease_for(&self, ttl_secs: f64, attempts: u32) {
        let resource = self.resource();
        let item = json!({"lease": {"token": "plinth_wrk_1", "epoch": 1, "ttl_secs": ttl_secs}, "org": "org_x",
            "resource": resource, "attempts": attempts});
        self.claims.send(json!({"items": [item]})).unwrap();
    }

    /// Tells the agent by its next claim that the resource has changed.
    pub fn tell(&self) {
        let changed = json!({"changed": [{"resource": self.resource()}]});
        self.claims.send(changed).unwrap();
    }

    pub fn set(&self, resource: Value) {
        *self.state.resource.lock().unwrap() = resource;
    }

    pub fn answer_renewals(&self, answer: fn(u64) -> Response) {
        *self.state.renew.lock().unwrap() = answer;
    }

    fn resource(&self) -> Value {
        self.state.resource.lock().unwrap().clone()
    }

    /// The next call that ends or reports work.
    pub async fn call(&self) -> (String, Value) {
        let mut calls = self.calls.lock().await;
        let next = tokio::time::timeout(Duration::from_secs(10), calls.recv());
        next.await.expect("no call came in time").unwrap()
    }
}

impl State {
    async fn answer(&self, asked: Asked) -> Response {
        let call = asked.path.rsplit('/').next().unwrap().to_owned();
        let resource = self.resource.lock().unwrap().clone();
        match call.as_str() {
            "claim" => {
                let next = self.claims.lock().await.recv().await;
                ok(next.unwrap())
            }
            "self" => {
                assert_eq!(asked.header("authorization").unwrap(), "Bearer plinth_wrk_1");
                ok(
                    json!({"resource": resource, "references": {"/source": {"id": "connection_1",
                    "type": "connection", "name": "shop", "spec": {"password": "secret"}}}}),
                )
            }
            "renew" => {
                let renew = *self.renew.lock().unwrap();
                renew(resource["generation"].as_u64().unwrap())
            }
            "status" | "release" | "finalize" => {
                self.calls.send((call, asked.body)).unwrap();
                no_content()
            }
            _ => problem(404, "not_found"),
        }
    }
}

/// As long as the leases of a server that was told nothing else.
const TTL_SECS: f64 = 30.0;

/// The answer to a renewal.
pub fn renewed(generation: u64, ttl_secs: f64) -> Response {
    ok(json!({"generation": generation, "ttl_secs": ttl_secs}))
}

pub fn resource(generation: u64) -> Value {
    json!({"id": "pipeline_1", "type": "pipeline", "name": "orders", "generation": generation,
        "version": generation, "spec": {"step": generation}})
}

pub fn deleted(generation: u64) -> Value {
    let mut resource = resource(generation);
    resource["deleted_at"] = json!("2026-11-22T12:00:00Z");
    resource
}

pub fn options() -> Options {
    Options {
        renew_every: Some(Duration::from_millis(20)),
        reconnect: Backoff::new(Duration::from_millis(1), Duration::from_millis(5)),
        stop_grace: Duration::from_secs(5),
        lost_grace: Duration::from_millis(50),
        retry: Backoff::new(Duration::from_secs(1), Duration::from_secs(300)),
        ..Options::default()
    }
}
