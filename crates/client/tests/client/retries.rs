//! What is sent again, and what is not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::stream;
use plinth_client::{
    Client, Error,
    resource::{ResourceInput, WriteOptions},
};
use serde_json::{Value, json};

use crate::server::{Server, busy, ok, problem, quick};

/// Answers with `first` as often as `times` says, then with success.
async fn failing(times: usize, first: fn() -> Response) -> Server {
    let count = Arc::new(AtomicUsize::new(0));
    Server::start(move |_| {
        let fails = count.fetch_add(1, Ordering::SeqCst) < times;
        async move { if fails { first() } else { ok(pipeline()) } }
    })
    .await
}

fn pipeline() -> Value {
    json!({"id": "pipeline_1", "type": "pipeline", "name": "orders", "spec": {}, "generation": 1,
        "version": 1, "a_field_of_the_future": [1, 2]})
}

fn input() -> ResourceInput {
    ResourceInput {
        name: "orders".into(),
        ..ResourceInput::default()
    }
}

#[tokio::test]
async fn a_read_is_repeated_until_the_server_is_back() {
    let server = failing(2, || busy(0)).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    let resource = pipelines.get("orders").await.unwrap();
    assert_eq!(resource.name, "orders");
    assert_eq!(server.asked().len(), 3);
    assert_eq!(server.asked()[0].path, "/v1/orgs/acme/pipelines/orders");
}

#[tokio::test]
async fn a_post_is_repeated_under_the_same_idempotency_key_and_the_next_gets_another() {
    let server = failing(1, || busy(0)).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    for _ in 0..2 {
        let options = WriteOptions::default();
        pipelines.create(&input(), options).await.unwrap();
    }
    let keys: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.header("idempotency-key").unwrap())
        .collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[tokio::test]
async fn the_last_refusal_is_told_when_patience_ends() {
    let server = failing(usize::MAX, || busy(0)).await;
    let error = server.client().product().get().await.unwrap_err();
    assert_eq!(error.code(), Some("unavailable"));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_wait_longer_than_the_caller_allows_is_not_begun() {
    let server = failing(usize::MAX, || busy(3600)).await;
    let error = server.client().product().get().await.unwrap_err();
    let told = error.problem().unwrap().retry_after.unwrap();
    assert_eq!(told.as_secs(), 3600);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_lock_out_is_not_hammered() {
    let server = failing(usize::MAX, || problem(429, "locked_out")).await;
    let client = server.client();
    let error = client.account().log_in("a@example.com", "wrong").await;
    assert_eq!(error.unwrap_err().code(), Some("locked_out"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_problem_arrives_with_all_its_parts() {
    let server = failing(usize::MAX, || problem(422, "validation_failed")).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    let created = pipelines.create(&input(), WriteOptions::default()).await;
    let Err(Error::Problem(problem)) = created else {
        panic!("not a problem: {created:?}")
    };
    assert_eq!(problem.code, "validation_failed");
    assert_eq!(problem.status, 422);
    assert_eq!(problem.detail, "the detail of validation_failed");
    assert_eq!(problem.request_id.as_deref(), Some("req-1"));
    assert_eq!(problem.errors[0].pointer, "/spec/mode");
    assert_eq!(server.asked().len(), 1);
}

/// An answer that ends in the middle of its body.
fn torn() -> Response {
    let parts = [Ok(Bytes::from_static(b"{\"id\": ")), Err(std::io::Error::other("torn"))];
    Response::new(Body::from_stream(stream::iter(parts)))
}

#[tokio::test]
async fn a_torn_answer_is_asked_for_again() {
    let server = failing(1, torn).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    pipelines.get("orders").await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_conditional_write_with_a_torn_answer_is_asked_for_again_under_its_key() {
    let server = failing(1, torn).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    let options = WriteOptions {
        if_version: Some(7),
        ..WriteOptions::default()
    };
    pipelines.replace("orders", &input(), options).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for name in ["if-match", "idempotency-key"] {
        assert!(asked[0].header(name).is_some(), "{name}");
        assert_eq!(asked[0].header(name), asked[1].header(name));
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_until_the_server_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}");

    let hasty = quick(Client::builder(&url)).build().unwrap();
    let error = hasty.product().get().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");

    let backoff = plinth_client::Backoff::new(std::time::Duration::from_millis(1), std::time::Duration::from_millis(5));
    let patient = Client::builder(&url)
        .retries(u32::MAX, backoff, std::time::Duration::from_secs(1))
        .build()
        .unwrap();
    let waiting = tokio::spawn(async move { patient.product().get().await });
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let _server = Server::on(listener, |_| async { ok(json!({"name": "etl"})) });
    assert_eq!(waiting.await.unwrap().unwrap().name, "etl");
}

#[tokio::test]
async fn a_name_that_would_change_the_path_is_refused_before_it_is_sent() {
    let server = failing(0, torn).await;
    let pipelines = server.client().org("acme").resources("pipelines");
    for name in ["", ".", ".."] {
        let error = pipelines.delete(name, WriteOptions::default()).await;
        assert!(matches!(error.unwrap_err(), Error::Name { .. }));
    }
    pipelines.get("a/../b?c").await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/v1/orgs/acme/pipelines/a%2F..%2Fb%3Fc");
}

#[test]
fn an_address_that_cannot_be_used_is_refused_with_the_reason() {
    for url in ["cloud.example.com", "ftp://example.com", "http://u:p@example.com"] {
        let error = Client::builder(url).build().unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{url}: {error}");
    }
}

#[test]
fn a_token_does_not_show_in_debug_output() {
    let client = Client::builder("http://127.0.0.1:1").token("plinth_sat_secret");
    assert!(!format!("{client:?}").contains("secret"));
    assert!(!format!("{:?}", client.build().unwrap()).contains("secret"));
}
