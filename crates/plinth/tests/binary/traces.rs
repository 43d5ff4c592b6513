//! Traces go to a receiver that speaks OTLP, and a dead one holds nothing up.

use std::io::Read;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;

use crate::installation::Installation;
use crate::support::eventually;

type Received = Arc<Mutex<Vec<(String, Bytes)>>>;

async fn receiver() -> (String, Received) {
    let received = Received::default();
    async fn keep(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
        let kind = headers["content-type"].to_str().unwrap().to_owned();
        received.lock().unwrap().push((kind, body));
    }
    let router = axum::Router::new()
        .route("/v1/traces", post(keep))
        .with_state(Arc::clone(&received));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (url, received)
}

fn get(url: &str, request_id: &str) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request =
        format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nx-request-id: {request_id}\r\nconnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spans_of_a_request_arrive_with_its_id() {
    let (endpoint, received) = receiver().await;
    // Only the end sends: nothing may be lost by it.
    let slow = ("OTEL_BSP_SCHEDULE_DELAY", "600000");
    let mut installation = Installation::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), slow]).await;
    get(installation.url(), "trace-me-1");
    get(installation.url(), "trace-me-2");
    installation.server.take().unwrap().end();
    let received = received.lock().unwrap();
    assert!(
        received.iter().all(|(kind, _)| kind == "application/x-protobuf"),
        "{received:?}"
    );
    // Texts are written as they are in this format.
    let all: Vec<u8> = received.iter().flat_map(|(_, body)| body.to_vec()).collect();
    let holds = |text: &str| all.windows(text.len()).any(|part| part == text.as_bytes());
    for text in [
        "trace-me-1",
        "trace-me-2",
        "request_id",
        "/healthz",
        "GET",
        "service.name",
        "plinth",
    ] {
        assert!(holds(text), "no `{text}` in {} bytes", all.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_receiver_of_traces_and_a_closed_log_hold_nothing_up() {
    // Takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let endpoints = [silent_url.as_str(), "http://127.0.0.1:1"];
    let mut installation = Installation::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoints[0])]).await;
    for endpoint in endpoints {
        installation.serve(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("PLINTH_LOG", "trace")]);
        let server = installation.server.as_mut().unwrap();
        server.stop_listening();
        for number in 0..20 {
            get(installation.url(), &format!("trace-{number}"));
        }
        let server = installation.server.as_mut().unwrap();
        assert!(server.is_running(), "{endpoint}");
        let took = server.end();
        assert!(took < Duration::from_secs(10), "{endpoint}: {took:?}");
    }
    eventually("the receiver saw an attempt", || silent.accept().ok());
}
