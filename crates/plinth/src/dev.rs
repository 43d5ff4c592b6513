//! Everything on one machine: PostgreSQL, server, console, worker and sample data, in one home folder.

mod files;
mod postgres;
mod sample;
mod supervise;

pub use self::files::Home;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use plinth_api::AppConfig;
use plinth_control::ControlConfig;
use plinth_control::ControlError;
use plinth_control::auth::{OperatorKind, new_operator_token};
use plinth_control::config::MailTransport;
use plinth_control::product::{self, Mode};
use plinth_model::product::Product;
use plinth_store::StoreConfig;
use plinth_store::config::CellConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::output::print;
use crate::cli::product_document;
use crate::server::{Server, ServerConfig, explain, listen};
use crate::settings::{LogFormat, check, countries};
use crate::signal::stop_on_signal;
use crate::telemetry;

/// The databases of a home.
pub const DIRECTORY: &str = "plinth_directory";
pub const LOCAL_CELL: &str = "plinth_cell";

#[derive(Debug, Args)]
pub struct DevArgs {
    /// Folder that keeps all data
    #[arg(long, env = "PLINTH_HOME", value_name = "DIR", default_value = ".plinth")]
    home: PathBuf,
    /// Address to listen on
    #[arg(long, env = "PLINTH_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = check::listen)]
    listen: SocketAddr,
    /// Product folder to sell
    #[arg(long, env = "PLINTH_PRODUCT", value_name = "DIR", default_value = "products/etl")]
    product: PathBuf,
    /// Start without the sample source database
    #[arg(long)]
    no_sample: bool,
    /// Rows of the sample source database
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    sample_rows: u64,
    /// Start without a worker
    #[arg(long)]
    no_worker: bool,
    /// File in MaxMind's format (MMDB) that says in which country an address is
    #[arg(long, env = "PLINTH_COUNTRY_FILE", value_name = "FILE")]
    country_file: Option<PathBuf>,
    /// How logs look
    #[arg(long, env = "PLINTH_LOG_FORMAT", value_name = "FORMAT", default_value = "pretty")]
    log_format: LogFormat,
    /// OTLP endpoint for traces
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
}

pub async fn run(args: DevArgs) -> anyhow::Result<()> {
    let _telemetry = telemetry::start(args.log_format, args.otlp_endpoint.as_deref())?;
    let product = product_document(&args.product)?;
    let product = serde_json::from_value(product).context("the product folder is not a product")?;
    let home = files::Home::open(&args.home)?;
    // Before anything is built, since that takes a while: a port that is taken is told at once.
    let listener = listen(args.listen).await?;
    let shutdown = CancellationToken::new();
    stop_on_signal(shutdown.clone());
    let database = postgres::start(&home).await?;
    let done = Box::pin(serve(&args, product, (&home, &database), listener, &shutdown)).await;
    shutdown.cancel();
    database.stop().await?;
    done
}

async fn serve(
    args: &DevArgs,
    product: Product,
    (home, database): (&files::Home, &postgres::Database),
    listener: TcpListener,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let tasks = TaskTracker::new();
    let samples = if args.no_sample {
        Vec::new()
    } else {
        sample::start(database, home, args.sample_rows, shutdown, &tasks).await?
    };
    let reconciler_token = home.token("reconciler.token", || new_operator_token(OperatorKind::Reconciler))?;
    let config = config(args, home, database, samples, &reconciler_token)?;
    let serving = CancellationToken::new();
    let server = Server::start(config, listener, serving.clone()).await?;
    let applied = product::apply(&server.control, "plinth dev", product, Mode::Apply)
        .await
        .map_err(|error| refused(error, &args.product))?;
    tracing::info!(
        revision = applied.revision,
        changes = applied.changes.len(),
        "product applied"
    );
    if !args.no_worker {
        let url = format!("http://{}", server.address);
        tasks.spawn(supervise::worker(
            url,
            home.path("reconciler.token"),
            home.path("files"),
            shutdown.clone(),
        ));
    }
    tasks.close();
    let whereabouts = whereabouts(home.root(), database.folder());
    greet(server.address, &whereabouts, !args.no_sample);
    let stopping = stop_in_order(shutdown.clone(), tasks.clone(), serving);
    let (done, ()) = tokio::join!(server.run(), stopping);
    done
}

/// Why the product folder cannot be sold here, and the way out when it is for what exists.
fn refused(error: ControlError, folder: &Path) -> anyhow::Error {
    let in_the_way = !error.offenders.is_empty();
    let error = explain(error);
    if !in_the_way {
        return error;
    }
    anyhow::anyhow!(
        "{error}\nhint: start with the product folder that was used before (`plinth dev --product <folder>`), change or \
         delete these there, then start with `{}` again; another `--home` begins empty",
        folder.display()
    )
}

/// The worker gives its leases back while the server still takes them.
async fn stop_in_order(shutdown: CancellationToken, tasks: TaskTracker, serving: CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => tasks.wait().await,
        // The server stopped by itself.
        () = serving.cancelled() => shutdown.cancel(),
    }
    serving.cancel();
}

fn config(
    args: &DevArgs,
    home: &files::Home,
    database: &postgres::Database,
    samples: Vec<plinth_control::config::Sample>,
    reconciler_token: &str,
) -> anyhow::Result<ServerConfig> {
    let key = home.key()?;
    let cell = CellConfig {
        name: "local".to_owned(),
        region: "local".to_owned(),
        url: database.url(LOCAL_CELL),
        sql_address: None,
    };
    Ok(ServerConfig {
        store: StoreConfig {
            directory_url: database.url(DIRECTORY),
            cells: vec![cell],
            role_secret: key.to_vec(),
            pool_size: 24,
        },
        control: ControlConfig {
            public_url: format!("http://{}", args.listen),
            mail: MailTransport::Outbox(home.path("outbox")),
            mail_from: "Plinth <no-reply@localhost>".to_owned(),
            key_encryption_key: key,
            previous_key: None,
            development: true,
            samples,
            countries: countries(args.country_file.as_deref())?,
            lease_secs: 30.0,
            undelete_secs: 7.0 * 24.0 * 3600.0,
        },
        app: AppConfig::default(),
        operator_token: Some(home.token("operator.token", || new_operator_token(OperatorKind::Operator))?),
        reconciler_token: Some(reconciler_token.to_owned()),
    })
}

/// Nobody may be reading: a server goes on without.
fn greet(address: SocketAddr, whereabouts: &str, has_sample: bool) {
    let next = if has_sample {
        "open it, sign up, and press \"New pipeline\": the sample database `shop` is there to copy"
    } else {
        "open it and sign up"
    };
    let text = format!(
        "
  Plinth is ready:  http://{address}

  Next: {next}.
  Mail lands in http://{address}/outbox; {whereabouts}.
  Ctrl-C stops everything; the next start carries on.
"
    );
    drop(print(&text));
}

/// Where the data is. The databases lie elsewhere when PostgreSQL's user cannot enter the home.
fn whereabouts(home: &Path, databases: &Path) -> String {
    let inside = home
        .canonicalize()
        .is_ok_and(|real_home| databases.starts_with(real_home));
    let (home, databases) = (home.display(), databases.display());
    if inside {
        format!("all data is in {home}")
    } else {
        format!("the databases are in {databases},\n  keys, mail and files in {home}")
    }
}

#[cfg(test)]
mod tests {
    use plinth_control::{Code, FieldError, Offender};

    use super::*;

    #[test]
    fn what_does_not_fit_the_product_folder_is_named_with_the_way_out() {
        let error =
            ControlError::new(Code::Conflict, "1 resource that exists does not fit").with_offenders(vec![Offender {
                org: Some("org_1".to_owned()),
                org_slug: Some("acme".to_owned()),
                type_name: "pipeline".to_owned(),
                id: "pipeline_1".to_owned(),
                name: "orders".to_owned(),
                errors: vec![FieldError::new("", "its type would be gone")],
            }]);
        insta::assert_snapshot!(refused(error, Path::new("toys")), @r"
        1 resource that exists does not fit
          in the way: pipeline/orders in org acme (org_1); its type would be gone
        hint: start with the product folder that was used before (`plinth dev --product <folder>`), change or delete these there, then start with `toys` again; another `--home` begins empty
        ");
    }

    #[test]
    fn the_greeting_says_where_the_databases_are() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let (home, link) = (real.join("home"), real.join("link"));
        std::fs::create_dir_all(home.join("postgres/server")).unwrap();
        std::os::unix::fs::symlink(&home, &link).unwrap();
        for named in [&home, &link] {
            let told = whereabouts(named, &home.join("postgres/server"));
            assert_eq!(told, format!("all data is in {}", named.display()));
        }
        let told = whereabouts(&home, Path::new("/var/lib/plinth/1234"));
        assert!(told.starts_with("the databases are in /var/lib/plinth/1234,"), "{told}");
        assert!(told.ends_with(&format!("in {}", home.display())), "{told}");
    }
}
