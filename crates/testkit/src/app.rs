//! A whole server for one test: the real router and background work on a free loopback port, over databases of its own.
//!
//! It is used from outside, by HTTP, like any other server. It must not know what the routes are supposed to answer,
//! except that none of them may fail on our side: a 500 fails the test that caused it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use ipnet::IpNet;
use plinth_api::AppConfig;
use plinth_control::auth::{OperatorKind, new_operator_token, register_operator};
use plinth_control::{Control, ControlConfig, Countries, MailTransport, background, product};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::store::{self, TestStore};

mod client;
mod evidence;
mod folder;
mod people;
mod rival;
mod stream;

pub use client::{Answer, Call, Client};
pub use evidence::Rows;
pub use folder::etl_product;
pub use people::{Org, PASSWORD, Person, ServiceAccount};
pub use rival::{Rival, Row};
pub use stream::{Frame, Stream};

/// The longest that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// What differs from a usual server.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The product document; `Null` for a server to which nothing was applied yet.
    pub product: Value,
    pub lease_secs: f64,
    pub undelete_secs: f64,
    pub bookmark_period: Duration,
    /// Without any, nobody knows where an address is.
    pub countries: Option<Countries>,
    /// Proxies whose `X-Forwarded-For` is believed; with loopback, a test says where it comes from.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            product: etl_product(),
            lease_secs: 30.0,
            undelete_secs: 3600.0,
            bookmark_period: Duration::from_secs(15),
            countries: None,
            trusted_proxies: Vec::new(),
        }
    }
}

/// A running server. Dropped, it shuts down; with a 500 among its answers it panics then.
#[derive(Debug)]
pub struct TestApp {
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    pub control: Control,
    pub store: TestStore,
    pub operator_token: String,
    pub reconciler_token: String,
    http: reqwest::Client,
    failures: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
    tasks: TaskTracker,
    _outbox: TempDir,
}

/// A server that sells the ETL product.
pub async fn start() -> TestApp {
    start_with(Setup::default()).await
}

/// # Panics
/// When the server cannot be started: a test cannot go on without.
pub async fn start_with(setup: Setup) -> TestApp {
    let store = store::open().await;
    let outbox = tempfile::tempdir().expect("a folder for mail");
    let control = Control::open(
        store.store.clone(),
        control_config(&setup, &outbox),
        CancellationToken::new(),
    )
    .await;
    let control = control.expect("a control plane over test databases");
    let operator_token = token(&control, OperatorKind::Operator).await;
    let reconciler_token = token(&control, OperatorKind::Reconciler).await;
    if !setup.product.is_null() {
        let document = serde_json::from_value(setup.product).expect("a product document");
        product::apply(&control, "test", document, product::Mode::Apply)
            .await
            .expect("a product that can be applied");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("the port"));
    let failures = Arc::default();
    let config = AppConfig {
        bookmark_period: setup.bookmark_period,
        trusted_proxies: setup.trusted_proxies,
        ..AppConfig::default()
    };
    let router = watched(plinth_api::router(control.clone(), config, None), &failures);
    let tasks = background::start(&control);
    let serving = tokio::spawn(serve(listener, router, control.shutdown().clone()));
    let http = http_client();
    TestApp {
        url,
        control,
        store,
        operator_token,
        reconciler_token,
        http,
        failures,
        serving,
        tasks,
        _outbox: outbox,
    }
}

fn control_config(setup: &Setup, outbox: &TempDir) -> ControlConfig {
    ControlConfig {
        public_url: "https://console.example.com".to_owned(),
        mail: MailTransport::Outbox(outbox.path().to_owned()),
        mail_from: "Plinth <no-reply@example.com>".to_owned(),
        key_encryption_key: [7; 32],
        previous_key: None,
        // Shows the outbox, through which invitations are accepted.
        development: true,
        samples: Vec::new(),
        countries: setup.countries.clone(),
        lease_secs: setup.lease_secs,
        undelete_secs: setup.undelete_secs,
    }
}

async fn token(control: &Control, kind: OperatorKind) -> String {
    let token = new_operator_token(kind);
    register_operator(control, &format!("test {kind:?}"), kind, &token)
        .await
        .expect("an operator's token");
    token
}

fn http_client() -> reqwest::Client {
    // The first one installs it; the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    client.user_agent("plinth-test").build().expect("an HTTP client")
}

async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(shutdown.cancelled_owned());
    serving.await.expect("the test server");
}

/// Notes each answer that says that we failed.
fn watched(router: Router, failures: &Arc<Mutex<Vec<String>>>) -> Router {
    let failures = Arc::clone(failures);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let failures = Arc::clone(&failures);
        async move { watch(request, next, &failures).await }
    }))
}

async fn watch(request: Request, next: Next, failures: &Mutex<Vec<String>>) -> Response {
    let asked = format!("{} {}", request.method(), request.uri());
    let response = next.run(request).await;
    if response.status() == 500 {
        failures.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }
    response
}

impl TestApp {
    /// Nobody in particular.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), &self.url, None)
    }

    pub fn bearer(&self, token: &str) -> Client {
        Client::new(self.http.clone(), &self.url, Some(token))
    }

    /// The business itself, which applies products.
    pub fn operator(&self) -> Client {
        self.bearer(&self.operator_token)
    }

    /// An agent of the data plane, which claims work.
    pub fn reconciler(&self) -> Client {
        self.bearer(&self.reconciler_token)
    }

    /// Shuts down as a server does that is asked to, and sees that nothing hangs.
    ///
    /// # Panics
    /// When requests or background tasks do not end.
    pub async fn stop(&mut self) {
        self.control.shutdown().cancel();
        tokio::time::timeout(PATIENCE, &mut self.serving)
            .await
            .expect("requests end")
            .expect("the server ends");
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait())
            .await
            .expect("background tasks end");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.control.shutdown().cancel();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::thread::panicking() {
            assert!(failures.is_empty(), "these were answered with 500: {failures:#?}");
        }
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none in time.
pub async fn wait_until<T, F: Future<Output = Option<T>>>(what: &str, mut condition: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(POLL).await;
    }
}
