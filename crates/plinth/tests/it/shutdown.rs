//! A server that is told to stop: what was begun ends, who listens is sent away politely, and nothing is lost.

use std::time::Duration;

use futures::StreamExt;
use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::{LIMIT, Process, wait_for};
use crate::service::{Api, Service};

const EVENTS: &str = "/v1/orgs/acme/events";

/// An open event stream, and what has come so far.
struct Listener {
    response: reqwest::Response,
    read: String,
}

impl Listener {
    async fn open(api: &Api, last: u64) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("{}{EVENTS}", api.url)).bearer_auth(&api.token);
        let request = request
            .header("accept", "text/event-stream")
            .header("last-event-id", last);
        Self {
            response: request.send().await.unwrap().error_for_status().unwrap(),
            read: String::new(),
        }
    }

    async fn until(&mut self, text: &str) {
        while !self.read.contains(text) {
            let chunk = timeout(LIMIT, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("waited in vain for `{text}` in {}", self.read));
            let chunk = chunk
                .unwrap()
                .unwrap_or_else(|| panic!("the stream ended without `{text}`: {}", self.read));
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// What comes before the server closes the connection, in order.
    async fn rest(self) -> String {
        let read = self.read;
        let all = self.response.bytes_stream().fold(read, |read, chunk| async move {
            read + std::str::from_utf8(&chunk.expect("the stream is closed, not broken off")).unwrap()
        });
        timeout(LIMIT, all).await.expect("the server closes the stream")
    }
}

/// A request whose head has arrived and whose body has not.
struct Begun {
    socket: TcpStream,
    body: String,
}

impl Begun {
    async fn create(service: &Service, api: &Api, name: &str) -> Self {
        let spec = json!({"kind": "files", "directory": name, "format": "csv"});
        let body = json!({"name": name, "spec": spec}).to_string();
        let head = format!(
            "POST /v1/orgs/acme/connections HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            service.address,
            api.token,
            body.len()
        );
        let mut socket = TcpStream::connect(&service.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut told = [0; 25];
        timeout(LIMIT, socket.read_exact(&mut told))
            .await
            .expect("the server asks for the body")
            .unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { socket, body }
    }

    async fn finish(mut self) -> String {
        self.socket.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(LIMIT, self.socket.read_to_string(&mut answer))
            .await
            .expect("an answer, and the end")
            .unwrap();
        answer
    }
}

/// Shutdown has begun: nobody new is let in.
async fn closed(service: &Service) {
    wait_for("the server takes no new connection", LIMIT, async || {
        TcpStream::connect(&service.address).await.err()
    })
    .await;
}

async fn head(api: &Api) -> u64 {
    api.get(&format!("{EVENTS}?limit=1")).await["items"][0]["seq"]
        .as_u64()
        .unwrap()
}

async fn connect(api: &Api, name: &str) -> Value {
    let spec = json!({"kind": "files", "directory": name, "format": "csv"});
    api.post("/v1/orgs/acme/connections", json!({"name": name, "spec": spec}))
        .await
}

#[tokio::test]
async fn requests_under_way_end_and_streams_are_told_to_come_again() {
    let service = Service::new("shutdown").await;
    let mut server = Process::start("server", &service.logs, service.server()());
    let api = service.ready().await;
    let owner = api.owner(&service.outbox()).await;
    connect(&owner, "before").await;
    wait_for("the log has all events", LIMIT, async || {
        (head(&owner).await == 3).then_some(())
    })
    .await;
    let mut streams = [Listener::open(&owner, 0).await, Listener::open(&owner, 2).await];
    for stream in &mut streams {
        stream.until("id: 3\n").await;
    }
    let reconciler = api.with_token(&service.reconciler_token);
    let claim = json!({"agent": "test", "types": ["pipeline"], "capacity": 1, "wait_secs": 20});
    let poll = tokio::spawn(async move { reconciler.once(Method::POST, "/v1/work/claim", "", Some(&claim)).await });
    let begun = Begun::create(&service, &owner, "under-way").await;
    server.signal(Signal::SIGTERM);
    closed(&service).await;
    let answer = begun.finish().await;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let (status, text) = timeout(Duration::from_secs(8), poll)
        .await
        .expect("a poll ends early")
        .unwrap()
        .unwrap();
    assert_eq!((status.as_u16(), text.contains("\"items\":[]")), (200, true), "{text}");
    for stream in streams {
        let read = stream.rest().await;
        let last = read.trim_end().rsplit("\n\n").next().unwrap();
        assert!(
            last.contains("event: reconnect") && last.contains("retry: 1000"),
            "{read}"
        );
    }
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.said());

    let mut server = Process::start("server", &service.logs, service.server()());
    api.ready().await;
    assert_eq!(owner.get("/v1/orgs/acme/connections/under-way").await["version"], 1);
    let mut stream = Listener::open(&owner, 3).await;
    stream.until("id: 4\n").await;
    assert!(
        stream.read.contains("under-way") && !stream.read.contains("id: 3\n"),
        "{}",
        stream.read
    );
    drop(stream);
    assert_eq!(server.end(Signal::SIGINT).await, Some(0), "{}", server.said());
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_a_server_from_stopping() {
    let service = Service::new("shutdown-slow").await;
    let mut server = Process::start("server", &service.logs, service.server()());
    let owner = service.ready().await.owner(&service.outbox()).await;
    let begun = Begun::create(&service, &owner, "never").await;
    assert_eq!(server.end(Signal::SIGHUP).await, Some(0), "{}", server.said());
    assert!(
        server.said().contains("some requests did not end in time"),
        "{}",
        server.said()
    );
    drop(begun);
    let mut server = Process::start("server", &service.logs, service.server()());
    owner.ready().await;
    assert_eq!(
        owner.get("/v1/orgs/acme/connections").await["items"],
        json!([]),
        "half a request is none"
    );
    assert_eq!(server.end(Signal::SIGTERM).await, Some(0), "{}", server.said());
}

#[tokio::test]
async fn a_server_whose_postgres_dies_answers_503_and_goes_on_when_it_is_back() {
    let mut service = Service::new("shutdown-postgres").await;
    let mut server = Process::start("server", &service.logs, service.server()());
    let owner = service.ready().await.owner(&service.outbox()).await;
    let mut stream = Listener::open(&owner, 0).await;
    stream.until("id: 2\n").await;
    service.postgres.kill().await;
    for path in ["/readyz", "/v1/orgs/acme/connections", EVENTS] {
        let (status, text) = owner.once(Method::GET, path, "", None).await.unwrap();
        assert_eq!(status.as_u16(), 503, "{path}: {text}");
        assert!(text.contains("\"code\":\"unavailable\""), "{text}");
    }
    service.postgres.cluster.restart().await.unwrap();
    connect(&owner, "after").await;
    let mut stream = Listener::open(&owner, 2).await;
    stream.until("id: 3\n").await;
    drop(stream);
    assert!(server.is_running(), "{}", server.said());
    assert_eq!(server.end(Signal::SIGTERM).await, Some(0), "{}", server.said());
    assert_eq!(*owner.faults.lock().unwrap(), Vec::<String>::new());
}
