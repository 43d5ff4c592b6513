//! Requests and answers as a program outside sees them.

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// Somebody with a token, or without one.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    pub token: Option<String>,
}

impl Client {
    pub(super) fn new(http: reqwest::Client, url: &str, token: Option<&str>) -> Self {
        Self {
            http,
            url: url.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// A request that is not sent yet; `path` begins with a slash and may hold a query.
    ///
    /// # Panics
    /// When `method` is none.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut builder = self.http.request(method.clone(), format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        Call {
            asked: format!("{method} {path}"),
            builder,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path).json(&body).send().await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path).json(&body).send().await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path).json(&body).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path).send().await
    }
}

/// A request that is not sent yet.
#[derive(Debug)]
pub struct Call {
    asked: String,
    builder: RequestBuilder,
}

impl Call {
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self {
            builder: self.builder.header(name, value),
            ..self
        }
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self {
            builder: self.builder.json(body),
            ..self
        }
    }

    /// A body of any kind, well-formed or not.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Bytes>) -> Self {
        let builder = self.builder.header("content-type", content_type).body(body.into());
        Self { builder, ..self }
    }

    /// # Panics
    /// When no answer comes.
    pub async fn send(self) -> Answer {
        let Self { asked, builder } = self;
        let response = builder.send().await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer {
            asked,
            status,
            headers,
            body,
            text,
        }
    }

    /// The head of the answer alone, for streams.
    pub(super) async fn open(self) -> reqwest::Response {
        let Self { asked, builder } = self;
        builder.send().await.unwrap_or_else(|error| panic!("{asked}: {error}"))
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and path, for messages.
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// `Null` when it is not JSON.
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// The body of an answer that has to have this status.
    ///
    /// # Panics
    /// When it has another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.body
    }

    /// The body of a problem, which has to be whole: RFC 9457 with our members.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let Self { asked, text, body, .. } = &self;
        assert_eq!(
            (self.status, body["code"].as_str()),
            (status, Some(code)),
            "{asked}: {text}"
        );
        assert_eq!(self.header("content-type"), "application/problem+json", "{asked}");
        assert_eq!(body["type"], format!("https://plinth.dev/problems/{code}"), "{asked}");
        assert_eq!(body["status"], status, "{asked}");
        for member in ["title", "detail", "request_id"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{asked}: `{member}` in {text}"
            );
        }
        assert_eq!(body["request_id"], self.header("x-request-id"), "{asked}");
        self.body
    }

    /// Empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Everything that was sent back, for looking for what must not be in it.
    pub fn whole(&self) -> String {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
        };
        self.headers.iter().map(line).chain([self.text.clone()]).collect()
    }
}
