//! One request: built from path segments, sent with patience, read as JSON.
//! Decides what may be sent twice; must not know what any path means.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH},
};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use uuid::Uuid;

use crate::{Client, Error, Problem, Result};

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Whatever happened: a second arrival has no second effect.
    Always,
    /// Only when no connection came about.
    WhenUnsent,
}

#[derive(Debug)]
pub(crate) struct Call {
    client: Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    timeout: Option<Duration>,
    repeat: Repeat,
    /// What went wrong while building; told by `send`.
    fault: Option<Error>,
}

impl Client {
    pub(crate) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(self, method, path)
    }
}

impl Call {
    fn new(client: &Client, method: Method, path: &[&str]) -> Self {
        let mut headers = HeaderMap::new();
        if method != Method::GET {
            insert(&mut headers, "idempotency-key", &Uuid::now_v7().to_string());
        }
        let (url, fault) = match join(&client.inner.base, path) {
            Ok(url) => (url, None),
            Err(fault) => (client.inner.base.clone(), Some(fault)),
        };
        Self {
            url,
            timeout: Some(client.inner.timeout),
            client: client.clone(),
            method,
            headers,
            body: Bytes::new(),
            repeat: Repeat::Always,
            fault,
        }
    }

    pub(crate) fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    pub(crate) fn query_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(crate) fn query_each(self, name: &str, values: &[String]) -> Self {
        values.iter().fold(self, |call, value| call.query(name, value))
    }

    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        self.body(body, "application/json")
    }

    pub(crate) fn merge_patch(self, body: &impl Serialize) -> Self {
        self.body(body, "application/merge-patch+json")
    }

    fn body(mut self, body: &impl Serialize, content_type: &'static str) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = body.into(),
            Err(error) => self.fault = Some(Error::Encode(error)),
        }
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self
    }

    /// Only if the resource still has this version. A lost answer is asked for
    /// again under the same key: the repetition does not meet its own effect.
    pub(crate) fn if_match(mut self, version: Option<u64>) -> Self {
        if let Some(version) = version {
            insert(&mut self.headers, IF_MATCH.as_str(), &format!("\"{version}\""));
        }
        self
    }

    /// For requests that the server answers anew each time (a claim, a lease's
    /// end): no key, and nothing is repeated behind the caller's back.
    pub(crate) fn once(mut self) -> Self {
        self.headers.remove("idempotency-key");
        self.repeat = Repeat::WhenUnsent;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        insert(&mut self.headers, name, value);
        self
    }

    pub(crate) fn accept(mut self, content_type: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(content_type));
        self
    }

    pub(crate) fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends, and reads the answer as `T`.
    pub(crate) async fn receive<T: DeserializeOwned>(self) -> Result<T> {
        let url = display(&self.url);
        let body = self.patiently().await?;
        serde_json::from_slice(&body).map_err(|source| Error::Decode { url, source })
    }

    /// Sends, and wants nothing but success.
    pub(crate) async fn complete(self) -> Result<()> {
        self.patiently().await.map(drop)
    }

    /// Sends once, and leaves the body to be read as it comes.
    pub(crate) async fn open(mut self) -> Result<Response> {
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.attempt().await,
        }
    }

    /// The whole answer, asked for as often as is right.
    async fn patiently(mut self) -> Result<Bytes> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut tried = 0;
        loop {
            let error = match self.whole().await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            tried += 1;
            let Some(wait) = self.wait_before_repeat(&error, tried) else {
                return Err(error);
            };
            tracing::debug!(%error, tried, ?wait, "request is repeated");
            tokio::time::sleep(wait).await;
        }
    }

    async fn whole(&self) -> Result<Bytes> {
        let response = self.attempt().await?;
        let body = response.bytes().await;
        body.map_err(|error| sort_error(display(&self.url), error))
    }

    async fn attempt(&self) -> Result<Response> {
        let shown = display(&self.url);
        let inner = &self.client.inner;
        let mut request = inner
            .http
            .request(self.method.clone(), self.url.clone())
            .headers(self.headers.clone())
            .body(self.body.clone());
        if let Some(token) = &inner.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        let response = request.send().await.map_err(|error| sort_error(shown, error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(Box::new(Problem::from_response(response).await).into())
    }

    fn wait_before_repeat(&self, error: &Error, tried: u32) -> Option<Duration> {
        let inner = &self.client.inner;
        if tried >= inner.attempts || !self.may_repeat(error) {
            return None;
        }
        let wait = inner.backoff.wait(tried - 1);
        let asked = error.problem().and_then(|problem| problem.retry_after);
        let wait = asked.map_or(wait, |asked| asked.max(wait));
        (wait <= inner.longest_wait).then_some(wait)
    }

    fn may_repeat(&self, error: &Error) -> bool {
        match error {
            Error::Connect { .. } => true,
            _ if self.repeat == Repeat::WhenUnsent => false,
            Error::Timeout { .. } | Error::Transport { .. } => true,
            Error::Problem(problem) => match problem.status {
                429 => problem.code != "locked_out",
                status => [502, 503, 504].contains(&status),
            },
            _ => false,
        }
    }
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// The base with `path` behind it, each segment escaped.
fn join(base: &Url, path: &[&str]) -> Result<Url> {
    let mut url = base.clone();
    for segment in path {
        // `Url` drops these, and the path would then name something else.
        if matches!(*segment, "" | "." | "..") {
            return Err(Error::Name {
                value: (*segment).to_owned(),
            });
        }
    }
    let Ok(mut segments) = url.path_segments_mut() else {
        return Err(Error::Address {
            url: base.to_string(),
            reason: "it has no path".to_owned(),
        });
    };
    segments.pop_if_empty().extend(path);
    drop(segments);
    Ok(url)
}

/// The address for messages: without the query, which may hold a token.
fn display(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

fn sort_error(url: String, source: reqwest::Error) -> Error {
    let source = source.without_url();
    if source.is_connect() {
        Error::Connect { url, source }
    } else if source.is_timeout() {
        Error::Timeout { url, source }
    } else {
        Error::Transport { url, source }
    }
}
