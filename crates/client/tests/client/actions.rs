//! Actions: answered, also when the handler crashes or takes too long.

use std::{sync::Arc, time::Duration};

use plinth_client::{
    CancellationToken,
    reconciler::{ActionHandler, Options, Runtime},
    work::Action,
};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc::unbounded_channel};

use crate::{
    queue::options,
    server::{Asked, Server, no_content, ok},
};

struct Checks;

impl ActionHandler for Checks {
    async fn run(&self, action: Action) -> Value {
        match action.action.as_str() {
            "check" => json!({"ok": true, "server": action.spec["host"]}),
            "crash" => panic!("the handler of a test"),
            _ => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn each_action_gets_one_answer() {
    let (results, mut answered) = unbounded_channel();
    let item = |name: &str| {
        json!({"id": name, "token": format!("token-{name}"), "type": "connection",
            "action": name, "spec": {"host": "db"}})
    };
    let items = vec![item("check"), item("crash"), item("hang")];
    let waiting = Arc::new(Mutex::new(Some(items)));
    let server = Server::start(move |asked: Asked| {
        let (results, waiting) = (results.clone(), Arc::clone(&waiting));
        async move {
            if asked.path != "/v1/work/claim-actions" {
                results.send((asked.path, asked.body)).unwrap();
                return no_content();
            }
            assert_eq!(asked.body["types"], json!(["connection"]));
            let Some(items) = waiting.lock().await.take() else {
                std::future::pending().await
            };
            ok(json!({ "items": items }))
        }
    })
    .await;
    let shutdown = CancellationToken::new();
    let runtime = Runtime::builder(server.client())
        .actions("connection", Checks)
        .options(Options {
            action_timeout: Duration::from_millis(200),
            ..options()
        })
        .build();
    let agent = tokio::spawn(runtime.run(shutdown.clone()));
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(answered.recv().await.unwrap());
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(all[0].0, "/v1/work/actions/check/result");
    let good = json!({"token": "token-check", "result": {"ok": true, "server": "db"}});
    assert_eq!(all[0].1, good);
    assert_eq!(all[1].1["result"]["ok"], false);
    assert_eq!(all[2].1["result"]["ok"], false);
    shutdown.cancel();
    agent.await.unwrap().unwrap();
}
