//! The server: migrated databases, background work, and HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use clap::Args;
use plinth_api::AppConfig;
use plinth_control::auth::{OperatorKind, register_operator};
use plinth_control::{Control, ControlConfig, ControlError, background};
use plinth_store::{Store, StoreConfig, migrate as migrations};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::failure::offender_line;
use crate::cli::output::print;
use crate::cli::product_document;
use crate::settings::{LogFormat, ServeArgs};
use crate::signal::stop_on_signal;
use crate::{console, telemetry};

/// What a running server is made of.
#[derive(Debug)]
pub struct ServerConfig {
    pub store: StoreConfig,
    pub control: ControlConfig,
    pub app: AppConfig,
    pub operator_token: Option<String>,
    pub reconciler_token: Option<String>,
}

/// How long requests that are under way get at the end.
const GRACE: Duration = Duration::from_secs(10);

pub async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let settings = args.resolve()?;
    let control = settings.control()?;
    let store = settings.store()?;
    let format = settings.log_format.unwrap_or(LogFormat::Pretty);
    let _telemetry = telemetry::start(format, settings.otlp_endpoint.as_deref())?;
    let config = ServerConfig {
        store,
        app: AppConfig {
            trusted_proxies: settings.trusted_proxies.clone(),
            secure_cookies: control.public_url.starts_with("https://"),
            ..AppConfig::default()
        },
        control,
        operator_token: settings.operator_token.clone(),
        reconciler_token: settings.reconciler_token.clone(),
    };
    let shutdown = CancellationToken::new();
    stop_on_signal(shutdown.clone());
    let listener = listen(settings.listen()).await?;
    let server = Server::start(config, listener, shutdown).await?;
    tracing::info!("listening on http://{}", server.address);
    server.run().await
}

pub async fn migrate(args: ServeArgs) -> anyhow::Result<()> {
    let settings = args.resolve()?;
    let store = settings.store()?;
    let _telemetry = telemetry::start(LogFormat::Pretty, None)?;
    migrations::run(&store).await.context("cannot migrate the databases")?;
    tracing::info!("the databases are up to date");
    Ok(())
}

#[derive(Debug, Args)]
pub struct OpenapiArgs {
    /// The product folder
    #[arg(default_value = "products/etl")]
    product: PathBuf,
}

pub fn openapi(args: &OpenapiArgs) -> anyhow::Result<()> {
    let document = product_document(&args.product)?;
    let product = serde_json::from_value(document).context("the product folder is not a product")?;
    print(&serde_json::to_string_pretty(&plinth_api::document(&product))?)
}

/// A server that is bound and ready.
#[derive(Debug)]
pub struct Server {
    pub control: Control,
    pub address: SocketAddr,
    listener: TcpListener,
    app: AppConfig,
}

/// Takes the address; who connects waits until the server runs.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        let port = address.port().saturating_add(1);
        let other = SocketAddr::new(address.ip(), port);
        format!(
            "cannot listen on {address}: is another server running there? stop it, or choose another address, such as \
             `--listen {other}`"
        )
    })
}

impl Server {
    pub async fn start(
        config: ServerConfig,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        migrations::run(&config.store)
            .await
            .context("cannot migrate the databases")?;
        let store = Store::open(&config.store)?;
        let control = Control::open(store, config.control, shutdown).await.map_err(explain)?;
        let tokens = [
            ("default operator", OperatorKind::Operator, config.operator_token),
            ("default reconciler", OperatorKind::Reconciler, config.reconciler_token),
        ];
        for (name, kind, token) in tokens {
            if let Some(token) = token {
                register_operator(&control, name, kind, &token).await.map_err(explain)?;
            }
        }
        Ok(Self {
            control,
            address: listener.local_addr()?,
            listener,
            app: config.app,
        })
    }

    /// Serves until shutdown, then lets requests end.
    pub async fn run(self) -> anyhow::Result<()> {
        let shutdown = self.control.shutdown().clone();
        let tasks = background::start(&self.control);
        let router = plinth_api::router(self.control, self.app, console::router());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let stopping = shutdown.clone();
        // Else the kernel holds an event back until the one before it is acknowledged, which takes up to 40 ms.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
        });
        let serving = axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned());
        tokio::select! {
            ended = serving.into_future() => ended?,
            () = async { shutdown.cancelled().await; tokio::time::sleep(GRACE).await } => {
                tracing::warn!("some requests did not end in time");
            }
        }
        tasks.close();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            tracing::warn!("some background work did not end in time");
        }
        Ok(())
    }
}

/// An error of the control floor with its cause.
pub fn explain(error: ControlError) -> anyhow::Error {
    let fields: String = error
        .errors
        .iter()
        .map(|field| format!("\n  {}: {}", field.pointer, field.message))
        .collect();
    let offenders: String = error
        .offenders
        .iter()
        .map(|offender| format!("\n  in the way: {}", offender_line(&json!(offender))))
        .collect();
    let detail = format!("{}{fields}{offenders}", error.detail);
    match error.cause {
        Some(cause) => anyhow::anyhow!(cause).context(detail),
        None => anyhow::anyhow!(detail),
    }
}
