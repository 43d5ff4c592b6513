//! Live events over connections that break in every way.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use plinth_client::{
    Client,
    event::{EventFilter, Update},
};
use serde_json::json;

use crate::server::{Asked, Server, ok, problem, quick};

fn event(seq: u64) -> serde_json::Value {
    json!({"specversion": "1.0", "id": format!("org_x/{seq}"), "type": "plinth.pipeline.update",
        "time": "2026-11-22T12:00:00Z", "seq": seq,
        "data": {"kind": "pipeline", "operation": "update", "before": null, "after": null}})
}

fn change(seq: u64) -> String {
    format!("id: {seq}\nevent: change\ndata: {}\n\n", event(seq))
}

fn frames(text: String) -> Response {
    let body = stream::iter([Ok::<_, Infallible>(Bytes::from(text))]);
    sse(Body::from_stream(body))
}

fn sse(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}

fn last_event_id(asked: &Asked) -> u64 {
    asked.header("last-event-id").unwrap().parse().unwrap()
}

async fn seqs(updates: impl Stream<Item = plinth_client::Result<Update>>, count: usize) -> Vec<u64> {
    let changes = updates.try_filter_map(|update| async move {
        Ok(match update {
            Update::Change(event) => Some(event.seq),
            Update::Bookmark(_) => None,
        })
    });
    changes.take(count).try_collect().await.unwrap()
}

#[tokio::test]
async fn a_stream_resumes_without_loss_or_repeat() {
    // Each connection repeats what was given, adds three, and breaks off within the fourth.
    let server = Server::start(|asked: Asked| async move {
        let last = last_event_id(&asked);
        let repeated = (last.saturating_sub(1)..=last).filter(|seq| *seq > 0);
        let mut text: String = repeated.chain(last + 1..=last + 3).map(change).collect();
        let next = change(last + 4);
        text.push_str(&next[..next.len() / 2]);
        frames(text)
    })
    .await;
    let org = server.client().org("acme");
    let updates = org.events().stream(EventFilter::default(), Some(0));
    assert_eq!(seqs(updates, 20).await, (1..=20).collect::<Vec<_>>());
    let resumed: Vec<_> = server.asked().iter().map(last_event_id).collect();
    assert_eq!(resumed, [0, 3, 6, 9, 12, 15, 18]);
}

#[tokio::test]
async fn a_stream_from_now_on_loses_nothing_when_its_first_connection_breaks() {
    let server = Server::start(|asked: Asked| async move {
        let Some(accept) = asked.header("accept") else {
            panic!("no accept header")
        };
        if accept != "text/event-stream" {
            assert_eq!(asked.query, "limit=1");
            return ok(json!({"items": [event(41)], "next": "more"}));
        }
        assert_eq!(last_event_id(&asked), 41);
        frames(change(42))
    })
    .await;
    let org = server.client().org("acme");
    let updates = org.events().stream(EventFilter::default(), None);
    assert_eq!(seqs(updates, 1).await, [42]);
}

#[tokio::test]
async fn a_bookmark_moves_the_cursor_and_reconnect_comes_back_there() {
    let server = Server::start(|asked: Asked| async move {
        match last_event_id(&asked) {
            5 => {
                let text = "id: 9\nevent: bookmark\ndata: {\"seq\":9}\n\nevent: reconnect\ndata: {}\n\n";
                // Held open: only the word of the server ends this connection.
                let open = stream::iter([Ok::<_, Infallible>(Bytes::from(text))]).chain(stream::pending());
                sse(Body::from_stream(open))
            }
            9 => frames(change(10)),
            other => panic!("resumed at {other}"),
        }
    })
    .await;
    let org = server.client().org("acme");
    let updates = org.events().stream(EventFilter::default(), Some(5));
    let updates: Vec<_> = updates.take(2).try_collect().await.unwrap();
    assert!(matches!(updates[0], Update::Bookmark(9)));
    assert!(matches!(&updates[1], Update::Change(event) if event.seq == 10));
}

#[tokio::test]
async fn a_silent_connection_is_given_up() {
    let server = Server::start(|asked: Asked| async move {
        match last_event_id(&asked) {
            0 => {
                let first = stream::iter([Ok::<_, Infallible>(Bytes::from(change(1)))]);
                sse(Body::from_stream(first.chain(stream::pending())))
            }
            _ => frames(change(2)),
        }
    })
    .await;
    let client = quick(Client::builder(&server.url)).idle_timeout(Duration::from_millis(100));
    let org = client.build().unwrap().org("acme");
    let updates = org.events().stream(EventFilter::default(), Some(0));
    assert_eq!(seqs(updates, 2).await, [1, 2]);
}

#[tokio::test]
async fn a_refusal_ends_the_stream_and_an_outage_does_not() {
    let server = Server::start(|asked: Asked| async move {
        match last_event_id(&asked) {
            0 => frames(change(1)),
            _ => problem(401, "unauthenticated"),
        }
    })
    .await;
    let org = server.client().org("acme");
    let updates = org.events().stream(EventFilter::default(), Some(0));
    let updates: Vec<_> = updates.collect().await;
    assert_eq!(updates.len(), 2);
    let error = updates[1].as_ref().unwrap_err();
    assert_eq!(error.code(), Some("unauthenticated"));

    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let tried = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            if tried < 6 {
                problem(500, "internal")
            } else {
                frames(change(1))
            }
        }
    })
    .await;
    let org = server.client().org("acme");
    let updates = org.events().stream(EventFilter::default(), Some(0));
    assert_eq!(seqs(updates, 1).await, [1]);
    assert_eq!(server.asked().len(), 7);
}
