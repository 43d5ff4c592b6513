//! The sample source `shop` and the sample destination `warehouse`: real databases with logins of their own.

use anyhow::Context;
use plinth_control::config::Sample;
use plinth_etl::sample;
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Map, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::files::Home;
use super::postgres::Database;

/// Makes both at the first start, keeps the shop alive, and gives the connections that each new org begins with.
pub async fn start(
    database: &Database,
    home: &Home,
    rows: u64,
    shutdown: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<Vec<Sample>> {
    let password = home.token("sample.password", || Alphanumeric.sample_string(&mut rand::rng(), 24))?;
    let admin = database.url("postgres");
    sample::ensure(&admin, &password, rows)
        .await
        .context("cannot make the sample databases")?;
    tasks.spawn(sample::keep_alive(database.url(sample::SHOP), shutdown.clone()));
    let url = url::Url::parse(&admin)?;
    let host = url.host_str().unwrap_or("127.0.0.1").to_owned();
    let port = url.port().unwrap_or(5432);
    let connection = |name: &str, user: &str, title: &str| {
        let mut properties = Map::new();
        properties.insert("sample".to_owned(), json!(title));
        Sample {
            plural: "connections".to_owned(),
            name: name.to_owned(),
            properties,
            spec: json!({
                "kind": "postgres", "host": host, "port": port, "database": name, "user": user,
                "password": password, "tls": "disable",
            }),
        }
    };
    Ok(vec![
        connection(sample::SHOP, sample::READER, "source"),
        connection(sample::WAREHOUSE, sample::WRITER, "destination"),
    ])
}
