//! The client: where the server is, who asks, and how patient it is. Cheap to clone.
//! Must not know the nouns: each adds its own way in to [`Client`].

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{header::HeaderValue, redirect};
use url::Url;

use crate::{Backoff, Error, Result};

#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) token: Option<HeaderValue>,
    pub(crate) timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) attempts: u32,
    pub(crate) longest_wait: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.inner.base.as_str())
            .field("authenticated", &self.inner.token.is_some())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the server at `url`, such as `https://cloud.example.com`.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            url: url.into(),
            token: None,
            timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(45),
            backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(10)),
            attempts: 4,
            longest_wait: Duration::from_secs(30),
        }
    }

    /// The same connections, another identity.
    pub fn with_token(&self, token: &str) -> Result<Self> {
        let mut inner = (*self.inner).clone();
        inner.token = Some(bearer(token)?);
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same connections and identity, another patience; as [`ClientBuilder::retries`].
    pub fn with_retries(&self, attempts: u32, backoff: Backoff, longest_wait: Duration) -> Self {
        let mut inner = (*self.inner).clone();
        inner.attempts = attempts.max(1);
        inner.backoff = backoff;
        inner.longest_wait = longest_wait;
        Self { inner: Arc::new(inner) }
    }

    pub fn url(&self) -> &Url {
        &self.inner.base
    }
}

#[derive(Clone)]
pub struct ClientBuilder {
    url: String,
    token: Option<String>,
    timeout: Duration,
    idle_timeout: Duration,
    backoff: Backoff,
    attempts: u32,
    longest_wait: Duration,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The longest one request may take; long polls and streams add their own wait.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long an event stream may be silent (the server sends a bookmark
    /// every 15 s) before the connection counts as dead.
    pub fn idle_timeout(mut self, idle_timeout: Duration) -> Self {
        self.idle_timeout = idle_timeout;
        self
    }

    /// How often a request is tried in all, and the waits between. A server
    /// that asks for more than `longest_wait` by `Retry-After` is not asked again.
    pub fn retries(mut self, attempts: u32, backoff: Backoff, longest_wait: Duration) -> Self {
        self.attempts = attempts.max(1);
        self.backoff = backoff;
        self.longest_wait = longest_wait;
        self
    }

    pub fn build(self) -> Result<Client> {
        let base = parse_base(&self.url)?;
        let token = self.token.as_deref().map(bearer).transpose()?;
        let http = http_client(&base)?;
        Ok(Client {
            inner: Arc::new(Inner {
                http,
                base,
                token,
                timeout: self.timeout,
                idle_timeout: self.idle_timeout,
                backoff: self.backoff,
                attempts: self.attempts,
                longest_wait: self.longest_wait,
            }),
        })
    }
}

fn http_client(base: &Url) -> Result<reqwest::Client> {
    // Fails when the program has chosen a provider already: that choice stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("plinth-client/", env!("CARGO_PKG_VERSION")));
    if base.scheme() == "http" {
        // No certificate is ever looked at, and a machine that has none installed still works.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(Error::Setup)
}

fn parse_base(text: &str) -> Result<Url> {
    let address = |reason: &str| Error::Address {
        url: text.to_owned(),
        reason: reason.to_owned(),
    };
    let mut url = Url::parse(text).map_err(|error| address(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(address("it must start with `http://` or `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(address("it must not hold a user or password"));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| Error::Token)?;
    value.set_sensitive(true);
    Ok(value)
}
