//! `plinth serve` and `plinth worker` on a PostgreSQL of their own, and a client that survives their deaths.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plinth_store::StoreConfig;
use plinth_store::config::CellConfig;
use plinth_testkit::app::{PASSWORD, etl_product};
use plinth_testkit::postgres::{PrivateServer, private_server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::Instant;

use crate::plane::text;
use crate::process::{Kept, LIMIT, Logs, plinth, wait_for};

/// How long one request is repeated, over all deaths that it meets.
const PATIENCE: Duration = Duration::from_secs(180);

/// An installation: databases, keys and an address. Its processes are started by the test.
pub struct Service {
    _postgres_log: Kept,
    pub postgres: PrivateServer,
    pub logs: Logs,
    pub address: String,
    pub operator_token: String,
    pub reconciler_token: String,
    home: TempDir,
    key: [u8; 32],
}

/// An address of the loopback interface that is free now.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

/// The product folder of this repository.
pub fn product_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../products/etl")
}

impl Service {
    pub async fn new(test: &str) -> Self {
        let (postgres, logs) = (private_server(&[]).await.unwrap(), Logs::new(test));
        Self {
            _postgres_log: Kept::new(postgres.home().join("server.log"), &logs, "postgres"),
            postgres,
            logs,
            address: free_address(),
            operator_token: format!("plinth_opr_{}", "1".repeat(64)),
            reconciler_token: format!("plinth_rec_{}", "2".repeat(64)),
            home: tempfile::tempdir().unwrap(),
            key: [9; 32],
        }
    }

    pub fn outbox(&self) -> PathBuf {
        self.home.path().join("outbox")
    }

    /// What starts its server.
    pub fn server(&self) -> impl Fn() -> Command + Send + 'static + use<> {
        let (address, outbox) = (self.address.clone(), self.outbox());
        let secrets = [
            ("PLINTH_DATABASE_URL", self.postgres.cluster.url("plinth")),
            (
                "PLINTH_KEY",
                self.key.iter().map(|byte| format!("{byte:02x}")).collect(),
            ),
            ("PLINTH_OPERATOR_TOKEN", self.operator_token.clone()),
            ("PLINTH_RECONCILER_TOKEN", self.reconciler_token.clone()),
        ];
        move || {
            let mut command = plinth(["serve", "--listen", &address, "--outbox"]);
            command.arg(&outbox).envs(secrets.clone());
            command
        }
    }

    /// What starts a worker of it.
    pub fn worker(&self) -> impl Fn() -> Command + Send + 'static + use<> {
        let (url, files) = (format!("http://{}", self.address), self.home.path().join("files"));
        let token = self.reconciler_token.clone();
        move || {
            let mut command = plinth(["worker", "--server", &url, "--files"]);
            command.arg(&files).env("PLINTH_RECONCILER_TOKEN", &token);
            command
        }
    }

    pub fn api(&self) -> Api {
        Api::new(&self.address)
    }

    /// Its databases, for looking past the API.
    pub fn store_config(&self) -> StoreConfig {
        StoreConfig {
            directory_url: self.postgres.cluster.url("plinth"),
            cells: vec![CellConfig {
                name: "local".to_owned(),
                region: "local".to_owned(),
                url: self.postgres.cluster.url("plinth_cell"),
                sql_address: None,
            }],
            role_secret: self.key.to_vec(),
            pool_size: 2,
        }
    }

    /// Waits for the server and sells the ETL product there.
    pub async fn ready(&self) -> Api {
        let api = self.api();
        api.ready().await;
        let operator = api.with_token(&self.operator_token);
        operator.insist(Method::PUT, "/v1/product", &etl_product()).await;
        api
    }
}

/// Somebody who asks until there is an answer.
#[derive(Debug, Clone)]
pub struct Api {
    pub http: reqwest::Client,
    pub url: String,
    pub token: String,
    /// Answers that say that the server is at fault, by whoever was given them.
    pub faults: Arc<Mutex<Vec<String>>>,
}

impl Api {
    pub fn new(address: &str) -> Self {
        // The first one installs it; the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(2));
        Self {
            http: http.timeout(Duration::from_secs(20)).build().unwrap(),
            url: format!("http://{address}"),
            token: String::new(),
            faults: Arc::default(),
        }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    pub async fn ready(&self) {
        wait_for("the server is ready", LIMIT, async || {
            let answer = self.once(Method::GET, "/readyz", "", None).await.ok()?;
            (answer.0 == StatusCode::OK).then_some(())
        })
        .await;
    }

    /// One try.
    pub async fn once(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<(StatusCode, String)> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let answer = response.text().await?;
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            self.faults.lock().unwrap().push(format!("{method} {path}: {answer}"));
        }
        Ok((status, answer))
    }

    /// Repeats a request, always with the same key, until it is served.
    ///
    /// # Panics
    /// When it is refused, or not served for long.
    pub async fn insist(&self, method: Method, path: &str, body: &Value) -> Value {
        let key = format!("{:032x}", rand::random::<u128>());
        let key = if method == Method::POST { key.as_str() } else { "" };
        let body = (!body.is_null()).then_some(body);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let last = match self.once(method.clone(), path, key, body).await {
                Ok((status, text)) if status.is_success() => return serde_json::from_str(&text).unwrap_or_default(),
                Ok((status, text)) if status.is_client_error() => panic!("{method} {path}: {status} {text}"),
                Ok((status, text)) => format!("{status} {text}"),
                Err(error) => format!("{error:?}"),
            };
            assert!(
                Instant::now() < deadline,
                "waited {PATIENCE:?} in vain: {method} {path}; {last}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.insist(Method::GET, path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.insist(Method::POST, path, &body).await
    }

    /// The owner of the new org `acme`.
    pub async fn owner(&self, outbox: &Path) -> Self {
        let body = json!({"email": "owner@example.com", "name": "Owner", "password": PASSWORD});
        let owner = self.with_token(&text(&self.post("/v1/signup", body).await["token"]));
        let token = wait_for("the mail that verifies an address", LIMIT, async || {
            mailed_token(outbox)
        })
        .await;
        self.post("/v1/email-verifications/confirm", json!({"token": token}))
            .await;
        owner.post("/v1/orgs", json!({"slug": "acme", "name": "Acme"})).await;
        owner
    }

    /// A program in `acme`.
    pub async fn service_account(&self, name: &str) -> Self {
        let accounts = "/v1/orgs/acme/service-accounts";
        let account = self.post(accounts, json!({"name": name, "roles": ["developer"]})).await;
        let tokens = format!("{accounts}/{}/tokens", text(&account["id"]));
        self.with_token(&text(&self.post(&tokens, json!({"name": name})).await["token"]))
    }
}

/// The secret in the only mail of a folder.
fn mailed_token(outbox: &Path) -> Option<String> {
    let mails = std::fs::read_dir(outbox).ok()?.flatten().map(|file| file.path());
    let mail = mails
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "eml"))?;
    // Long lines of a mail are folded.
    let body = std::fs::read_to_string(mail)
        .ok()?
        .replace("=\r\n", "")
        .replace("=3D", "=");
    let secret = body.split_once("/verify?token=")?.1.split_whitespace().next()?;
    Some(secret.to_owned())
}
