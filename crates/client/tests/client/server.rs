//! A server whose answers a closure writes, and which keeps what it was asked.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use plinth_client::{Backoff, Client, ClientBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// One request, as it came in.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().unwrap().to_owned())
    }
}

type Answer = Arc<dyn Fn(Asked) -> BoxFuture<'static, Response> + Send + Sync>;

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    pub async fn start<F, R>(answer: F) -> Self
    where
        F: Fn(Asked) -> R + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, answer)
    }

    pub fn on<F, R>(listener: TcpListener, answer: F) -> Self
    where
        F: Fn(Asked) -> R + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::default();
        let answer: Answer = Arc::new(move |asked| Box::pin(answer(asked)));
        let app = Router::new().fallback(handle).with_state((Arc::clone(&asked), answer));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            asked,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A client that loses no time between its tries.
    pub fn client(&self) -> Client {
        quick(Client::builder(&self.url)).build().unwrap()
    }
}

pub fn quick(builder: ClientBuilder) -> ClientBuilder {
    let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(5));
    builder
        .token("plinth_sat_test")
        .retries(4, backoff, Duration::from_secs(2))
}

type Shared = (Arc<Mutex<Vec<Asked>>>, Answer);

async fn handle(State((log, answer)): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let asked = Asked {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    log.lock().unwrap().push(asked.clone());
    answer(asked).await
}

pub fn ok(body: Value) -> Response {
    axum::Json(body).into_response()
}

pub fn problem(status: u16, code: &str) -> Response {
    let body = json!({
        "type": format!("https://plinth.dev/problems/{code}"),
        "title": code,
        "status": status,
        "code": code,
        "detail": format!("the detail of {code}"),
        "request_id": "req-1",
        "errors": [{"pointer": "/spec/mode", "message": "is wrong"}],
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    let status = StatusCode::from_u16(status).unwrap();
    (status, kind, body.to_string()).into_response()
}

pub fn busy(retry_after_secs: u64) -> Response {
    let mut response = problem(503, "unavailable");
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, retry_after_secs.into());
    response
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
