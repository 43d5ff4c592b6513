//! What has to hold of an org's log in the end, against what its writers and readers have seen.

use std::collections::HashMap;

use plinth_model::Scope;
use plinth_store::Store;
use plinth_store::audit::{self, Verdict};
use serde_json::Value;

use super::reader::Reader;
use super::writer::Written;
use crate::service::{Api, Service};

/// All items of a list.
pub async fn all(api: &Api, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut page = api.get(&format!("{path}limit=500{cursor}")).await;
        items.append(page["items"].as_array_mut().unwrap());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Every event once and in order, the same for each way to read; every acknowledged write once and in its writer's order.
pub async fn check(service: &Service, owner: &Api, reader: &Reader, written: &[(&'static str, Vec<Written>)]) -> usize {
    let last = reader.caught_up("the-end").await as usize;
    let listed = all(owner, "/v1/orgs/acme/events?order=asc&").await;
    streamed(reader, &listed, last);
    for (name, written) in written {
        assert_eq!(&written_by(&listed, name), written, "what `{name}` wrote");
    }
    continuous(&listed);
    chained(service, &listed).await;
    listed.len()
}

/// What the readers were given is what the list shows.
fn streamed(reader: &Reader, listed: &[Value], last: usize) {
    let read = reader.read.lock().unwrap();
    assert_eq!(read.faults, Vec::<String>::new(), "the stream");
    let seqs: Vec<u64> = listed.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(
        seqs,
        (1..=seqs.len() as u64).collect::<Vec<_>>(),
        "no gap and no repeat in the list"
    );
    assert!(listed.len() >= last && read.events.len() >= last);
    for (streamed, listed) in read.events.iter().zip(listed) {
        assert_eq!(streamed, listed, "stream and list show the same");
    }
    let by_sdk = reader.by_sdk.lock().unwrap();
    assert!(
        by_sdk.len() >= last && by_sdk.iter().copied().eq(1..=by_sdk.len() as u64),
        "the SDK's stream: {by_sdk:?}"
    );
}

/// The changes that a program made, as its events tell them.
fn written_by(events: &[Value], name: &str) -> Vec<Written> {
    let actor =
        |event: &&Value| event["data"]["actor"]["type"] == "service_account" && event["data"]["actor"]["name"] == name;
    events.iter().filter(actor).map(change).collect()
}

fn change(event: &Value) -> Written {
    let data = &event["data"];
    let operation = ["create", "update", "delete"]
        .into_iter()
        .find(|operation| data["operation"] == *operation);
    let mark = data["after"]["properties"]["mark"].as_str().unwrap_or_default();
    (
        operation.unwrap_or("another"),
        data["name"].as_str().unwrap_or_default().to_owned(),
        mark.to_owned(),
    )
}

/// Each change of a resource begins where the one before it ended.
fn continuous(events: &[Value]) {
    let mut states: HashMap<&Value, &Value> = HashMap::new();
    let resources = |event: &&Value| event["data"]["kind"] == "connection" || event["data"]["kind"] == "pipeline";
    for event in events.iter().filter(resources) {
        let before = states
            .insert(&event["subject"], &event["data"]["after"])
            .unwrap_or(&Value::Null);
        assert_eq!(
            &event["data"]["before"], before,
            "event {} follows from the one before",
            event["seq"]
        );
    }
}

async fn chained(service: &Service, events: &[Value]) {
    let store = Store::open(&service.store_config()).unwrap();
    let org = events[0]["id"].as_str().unwrap().split_once('/').unwrap().0;
    let scope = Scope::system("verify the log", org.parse().unwrap());
    let Verdict::Intact { events: verified } = audit::verify(&store, &scope).await.unwrap() else {
        panic!("the chain of the log is broken");
    };
    assert!(
        verified >= i64::try_from(events.len()).unwrap(),
        "the chain holds all events"
    );
}
