//! A private PostgreSQL with durable settings, and the server on it as an installation would run it.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use http::Method;
use plinth_embedded::{AfterStop, Cluster, ClusterConfig, Guard};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_postgres::{Client, NoTls};

use crate::http::Connection;
use crate::machine;

/// A cluster of its own in a folder that goes away with it.
#[derive(Debug)]
pub struct Stage {
    pub cluster: Cluster,
    home: TempDir,
}

impl Stage {
    pub async fn open() -> Result<Self> {
        // PostgreSQL's own user has to get in when we are root.
        let open = std::fs::Permissions::from_mode(0o755);
        let home = tempfile::Builder::new()
            .prefix("plinth-bench")
            .permissions(open)
            .tempdir()?;
        let mut config = ClusterConfig::new(home.path().join("postgres"), machine::installation()?)
            .setting("shared_buffers", "1GB")
            .setting("max_wal_size", "8GB")
            .setting("checkpoint_timeout", "1h");
        config.guard = Some(Guard {
            process_id: std::process::id(),
            after_stop: AfterStop::RemoveHome,
        });
        let cluster = Cluster::open(config).await?;
        println!(
            "PostgreSQL: as in `plinth dev` (fsync and synchronous_commit on) with shared_buffers 1GB, no checkpoint by time"
        );
        Ok(Self { cluster, home })
    }

    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// A program of the cluster's own installation, else of the `PATH`.
    pub fn program(&self, name: &str) -> Command {
        let own = self.cluster.config().installation.bin_dir.join(name);
        Command::new(if own.exists() { own } else { PathBuf::from(name) })
    }

    /// A connection as the superuser, whom row-level security does not bind.
    pub async fn connect(&self, database: &str) -> Result<Client> {
        connect(&self.cluster.url(database)).await
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.cluster.destroy().await?)
    }
}

pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // How it ended shows in the next query.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The database that the server makes beside its directory for what orgs own.
pub const CELL: &str = "plinth_cell";
const OPERATOR: &str = "plinth_opr_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// `plinth serve` with the reference product.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    process: Child,
}

impl Server {
    pub async fn start(stage: &Stage) -> Result<Self> {
        let binary = binary("PLINTH_BIN")?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log_file = stage.folder().join("server.log");
        let log = std::fs::File::create(&log_file)?;
        let process = Command::new(&binary)
            .args(["serve", "--log-format", "json", "--listen", &address.to_string()])
            .args([
                "--database-url",
                &stage.cluster.url("plinth"),
                "--key",
                &"5a".repeat(32),
            ])
            .args(["--operator-token", OPERATOR, "--outbox"])
            .arg(stage.folder().join("outbox"))
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run `{}`", binary.display()))?;
        let mut server = Self { address, process };
        if let Err(error) = server.ready().await {
            let log = std::fs::read_to_string(&log_file).unwrap_or_default();
            return Err(error.context(format!("the server did not start:\n{log}")));
        }
        server.apply_product(&binary).await?;
        Ok(server)
    }

    async fn ready(&mut self) -> Result<()> {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..600 {
            look.tick().await;
            ensure!(self.process.try_wait()?.is_none(), "it ended");
            if let Ok(mut connection) = Connection::open(self.address, "").await
                && connection.call(Method::GET, "/readyz", &Value::Null).await.is_ok()
            {
                return Ok(());
            }
        }
        bail!("it does not answer");
    }

    async fn apply_product(&self, binary: &Path) -> Result<()> {
        let product = Path::new(env!("CARGO_MANIFEST_DIR")).join("../products/etl");
        let applied = Command::new(binary)
            .arg("apply")
            .arg(product)
            .env("PLINTH_URL", format!("http://{}", self.address))
            .env("PLINTH_OPERATOR_TOKEN", OPERATOR)
            .output()
            .await?;
        ensure!(
            applied.status.success(),
            "`plinth apply`: {}",
            String::from_utf8_lossy(&applied.stderr)
        );
        Ok(())
    }
}

/// A release binary: from the environment variable that `cargo x bench` sets.
pub fn binary(variable: &str) -> Result<PathBuf> {
    let path = std::env::var_os(variable)
        .with_context(|| format!("set {variable} to a release binary, or run `cargo x bench`"))?;
    Ok(PathBuf::from(path))
}
