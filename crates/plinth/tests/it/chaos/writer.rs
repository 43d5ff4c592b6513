//! Writers that make events through the API, one request after the other, each repeated until it is acknowledged.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::plane::text;
use crate::service::Api;

const CONNECTIONS: &str = "/v1/orgs/acme/connections";
const PAUSE: Duration = Duration::from_millis(20);
/// Below the quota for all writers together.
const MOST_LIVE: usize = 10;

/// A write that was acknowledged: operation, name, and the mark that it left or found.
pub type Written = (&'static str, String, String);

pub struct Writer {
    pub name: &'static str,
    stop: CancellationToken,
    writing: JoinHandle<Vec<Written>>,
}

impl Writer {
    pub async fn start(owner: &Api, name: &'static str) -> Self {
        let (api, stop) = (owner.service_account(name).await, CancellationToken::new());
        let writing = tokio::spawn(write(api, name, stop.clone()));
        Self { name, stop, writing }
    }

    /// What it has written.
    pub async fn stop(self) -> (&'static str, Vec<Written>) {
        self.stop.cancel();
        (self.name, self.writing.await.unwrap())
    }
}

async fn write(api: Api, name: &'static str, stop: CancellationToken) -> Vec<Written> {
    let (mut written, mut live, mut count) = (Vec::new(), VecDeque::new(), 0_u64);
    while !stop.is_cancelled() {
        let connection = format!("{name}-{count}");
        let mut mark = || {
            count += 1;
            format!("mark-{count}")
        };
        let made = mark();
        let spec = json!({"kind": "files", "directory": connection, "format": "csv"});
        let body = json!({"name": connection, "properties": {"mark": made}, "spec": spec});
        let id = text(&api.post(CONNECTIONS, body).await["id"]);
        written.push(("create", connection.clone(), made));
        for _ in 0..3 {
            let changed = mark();
            let path = format!("{CONNECTIONS}/{connection}");
            api.insist(Method::PATCH, &path, &json!({"properties": {"mark": changed}}))
                .await;
            written.push(("update", connection.clone(), changed));
            tokio::time::sleep(PAUSE).await;
        }
        live.push_back((id, written.last().cloned().unwrap()));
        if live.len() > MOST_LIVE
            && let Some((id, (_, name, mark))) = live.pop_front()
        {
            // By its id, under which it is found when it is deleted already.
            api.insist(Method::DELETE, &format!("{CONNECTIONS}/{id}"), &Value::Null)
                .await;
            written.push(("delete", name, mark));
        }
    }
    written
}
