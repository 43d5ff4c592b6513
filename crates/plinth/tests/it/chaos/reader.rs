//! Readers of the event stream that come back where they stopped, whatever broke: one by the protocol, one by the SDK.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventsource_stream::Eventsource;
use futures::StreamExt;
use plinth_client::Client;
use plinth_client::event::{EventFilter, Update};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::process::wait_for;
use crate::service::Api;

/// The server says something each 15 s.
const SILENCE: Duration = Duration::from_secs(45);

/// Everything that one reader was given.
#[derive(Debug, Default)]
pub struct Read {
    pub events: Vec<Value>,
    /// Gaps, repeats, and frames that contradict themselves.
    pub faults: Vec<String>,
    pub connections: usize,
}

pub struct Reader {
    pub read: Arc<Mutex<Read>>,
    pub by_sdk: Arc<Mutex<Vec<u64>>>,
    tasks: [JoinHandle<()>; 2],
}

impl Reader {
    pub fn start(api: &Api) -> Self {
        let (read, by_sdk) = (Arc::<Mutex<Read>>::default(), Arc::<Mutex<Vec<u64>>>::default());
        let protocol = tokio::spawn(follow(api.clone(), Arc::clone(&read)));
        let sdk = tokio::spawn(follow_by_sdk(api.clone(), Arc::clone(&by_sdk)));
        Self {
            read,
            by_sdk,
            tasks: [protocol, sdk],
        }
    }

    /// Waits until both have everything up to an event with this name.
    pub async fn caught_up(&self, name: &str) -> u64 {
        let limit = Duration::from_secs(60);
        let seq = wait_for(format!("the stream gives `{name}`"), limit, async || {
            let read = self.read.lock().unwrap();
            let found = read.events.iter().rev().find(|event| event["data"]["name"] == name)?;
            found["seq"].as_u64()
        })
        .await;
        wait_for(format!("the SDK's stream gives {seq}"), limit, async || {
            (self.by_sdk.lock().unwrap().last().copied() >= Some(seq)).then_some(())
        })
        .await;
        seq
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn follow(api: Api, read: Arc<Mutex<Read>>) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    loop {
        let last = read.lock().unwrap().events.len();
        let request = http
            .get(format!("{}/v1/orgs/acme/events", api.url))
            .bearer_auth(&api.token);
        let request = request
            .header("accept", "text/event-stream")
            .header("last-event-id", last);
        if let Ok(Ok(response)) = tokio::time::timeout(SILENCE, request.send()).await {
            if response.status().is_success() {
                read.lock().unwrap().connections += 1;
                connection(response, &read).await;
            } else if response.status().as_u16() != 503 {
                read.lock()
                    .unwrap()
                    .faults
                    .push(format!("the stream is answered with {}", response.status()));
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One connection, to its end.
async fn connection(response: reqwest::Response, read: &Mutex<Read>) {
    let mut frames = response.bytes_stream().eventsource();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, frames.next()).await {
        if frame.event == "reconnect" {
            return;
        }
        if frame.event != "change" {
            continue;
        }
        let mut read = read.lock().unwrap();
        let expected = read.events.len() as u64 + 1;
        let event: Value = serde_json::from_str(&frame.data).unwrap_or_default();
        if event["seq"] != expected || frame.id != expected.to_string() {
            let connections = read.connections;
            read.faults.push(format!(
                "{expected} is due, and {} with id {} comes, connection {connections}",
                event["seq"], frame.id
            ));
            return;
        }
        read.events.push(event);
    }
}

async fn follow_by_sdk(api: Api, seqs: Arc<Mutex<Vec<u64>>>) {
    let client = Client::builder(&api.url).token(&api.token).build().unwrap();
    let mut updates = std::pin::pin!(client.org("acme").events().stream(EventFilter::default(), Some(0)));
    while let Some(update) = updates.next().await {
        match update {
            Ok(Update::Change(event)) => seqs.lock().unwrap().push(event.seq),
            Ok(Update::Bookmark(_)) => {}
            Err(error) => api
                .faults
                .lock()
                .unwrap()
                .push(format!("the SDK gave its stream up: {error}")),
        }
    }
}
