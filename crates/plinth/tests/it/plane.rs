//! A data plane for one test: a control plane in this process, real workers beside it, a source and a destination.

use std::time::Duration;

use plinth_etl::content::{ContentHash, of_table};
use plinth_etl::spec::PostgresSpec;
use plinth_testkit::app::{self, Client, TestApp};
use plinth_testkit::postgres::Database;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::{LIMIT, Logs, Process, plinth, tasks, wait_for};

pub struct Plane {
    pub app: TestApp,
    pub owner: Client,
    pub from: tokio_postgres::Client,
    pub to: tokio_postgres::Client,
    pub logs: Logs,
    pub files: TempDir,
    source: Database,
    destination: Database,
}

/// A table with a key and a cursor column.
const ORDERS: &str = "
    create table orders (id bigint primary key, v text, updated_at timestamptz not null default clock_timestamp());
    insert into orders select g, md5(g::text) from generate_series(1, 5000) g;
    analyze";

/// Rows of the table `orders` at the beginning.
pub const ROWS: u64 = 5000;

/// A plane with an org `acme`, whose connections `from` and `to` are a filled source and an empty destination.
pub async fn plane(test: &str) -> Plane {
    let app = app::start().await;
    let owner = app.org("acme").await.owner.client;
    let server = plinth_testkit::postgres::server().await;
    let (source, destination) = (server.database("plane_from").await, server.database("plane_to").await);
    let (from, to) = (source.admin().await, destination.admin().await);
    from.batch_execute(ORDERS).await.unwrap();
    let plane = Plane {
        app,
        owner,
        from,
        to,
        logs: Logs::new(test),
        files: tempfile::tempdir().unwrap(),
        source,
        destination,
    };
    plane.connect(&plane.owner, "acme").await;
    plane
}

/// The spec of a connection to the database that a URL names.
pub fn connection(url: &str) -> Value {
    let spec = PostgresSpec::from_url(url).unwrap();
    json!({
        "kind": "postgres", "host": spec.host, "port": spec.port, "database": spec.database, "user": spec.user,
        "password": spec.password, "tls": "disable",
    })
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("`{value}` is a text"))
        .to_owned()
}

/// Lays `over` over `base`.
pub fn merged(mut base: Value, over: Value) -> Value {
    json_patch::merge(&mut base, &over);
    base
}

impl Plane {
    /// Makes the connections `from` and `to` in an org.
    pub async fn connect(&self, owner: &Client, org: &str) {
        for (name, side) in [("from", &self.source), ("to", &self.destination)] {
            let body = json!({"name": name, "spec": connection(&side.url())});
            owner
                .post(&format!("/v1/orgs/{org}/connections"), body)
                .await
                .expect(201);
        }
    }

    /// What starts a worker of this plane.
    pub fn worker_command(&self) -> Command {
        let mut command = plinth(["worker", "--server", &self.app.url, "--files"]);
        command
            .arg(self.files.path())
            .env("PLINTH_RECONCILER_TOKEN", &self.app.reconciler_token);
        command
    }

    pub fn worker(&self, name: &str) -> Process {
        Process::start(name, &self.logs, self.worker_command())
    }

    /// A new pipeline from `from` to `to`, `over` a usual incremental one; its id.
    pub async fn pipeline(&self, name: &str, over: Value) -> String {
        self.pipeline_of(&self.owner, "acme", name, over).await
    }

    /// The same in any org.
    pub async fn pipeline_of(&self, owner: &Client, org: &str, name: &str, over: Value) -> String {
        let usual = json!({
            "source": {"connection": "from", "tables": [{"name": "public.orders", "cursor": "updated_at"}]},
            "destination": {"connection": "to"}, "mode": "incremental", "interval_secs": 1,
        });
        let body = json!({"name": name, "spec": merged(usual, over)});
        text(&owner.post(&format!("/v1/orgs/{org}/pipelines"), body).await.expect(201)["id"])
    }

    /// The spec of the connection `from`.
    pub fn source(&self) -> Value {
        connection(&self.source.url())
    }

    pub async fn patch(&self, name: &str, spec: Value) {
        let path = format!("/v1/orgs/acme/pipelines/{name}");
        self.owner.patch(&path, json!({"spec": spec})).await.expect(200);
    }

    /// Waits until the status of a pipeline, by name or id, is as wanted.
    pub async fn until(&self, key: &str, what: &str, wanted: impl FnMut(&Value) -> bool) -> Value {
        self.until_of(&self.owner, "acme", key, what, wanted).await
    }

    /// The same in any org.
    pub async fn until_of(
        &self,
        owner: &Client,
        org: &str,
        key: &str,
        what: &str,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Value {
        let path = format!("/v1/orgs/{org}/pipelines/{key}");
        let last = std::cell::RefCell::new(Value::Null);
        let waited = tokio::time::timeout(LIMIT, async {
            loop {
                let status = owner.get(&path).await.expect(200)["status"].clone();
                if wanted(&status) {
                    return status;
                }
                *last.borrow_mut() = status;
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        });
        match waited.await {
            Ok(status) => status,
            Err(_) => panic!("waited {LIMIT:?} in vain: `{key}` {what}; it is {:#}", last.borrow()),
        }
    }

    pub async fn until_state(&self, key: &str, state: &str) -> Value {
        self.until(key, state, |status| status["state"] == state).await
    }

    pub async fn hash(&self, side: &Database, table: &str) -> ContentHash {
        let spec = PostgresSpec::from_url(&side.url()).unwrap();
        of_table(&spec, &table.parse().unwrap()).await.unwrap_or_default()
    }

    /// Waits until the destination's table holds what the source's does.
    pub async fn until_equal(&self, table: &str) {
        let what = format!("both sides hold the same in `{table}`");
        wait_for(what, LIMIT, async || {
            let there = self.hash(&self.source, table).await;
            (self.hash(&self.destination, table).await == there && there.rows > 0).then_some(())
        })
        .await;
    }

    /// Rows that were billed for a resource.
    pub async fn billed(&self, id: &str) -> u64 {
        let rows = self.usage("rows_copied", id).await;
        rows.iter().map(|quantity| quantity.parse::<u64>().unwrap()).sum()
    }

    /// The quantities of the records of a resource.
    pub async fn usage(&self, meter: &str, id: &str) -> Vec<String> {
        let path = format!("/v1/orgs/acme/usage?meter={meter}&resource={id}&limit=500");
        let answer = self.owner.get(&path).await.expect(200);
        assert_eq!(answer["next"], Value::Null, "one page holds all");
        let records = answer["items"].as_array().unwrap().iter();
        records.map(|record| text(&record["quantity"])).collect()
    }

    pub async fn sql(&self, side: &tokio_postgres::Client, sql: &str) {
        side.batch_execute(sql).await.unwrap();
    }

    /// The records that a pipeline has in its destination.
    pub async fn records(&self, id: &str) -> i64 {
        let sql = "select (select count(*) from _plinth.pipelines where pipeline = $1)
            + (select count(*) from _plinth.tables where pipeline = $1)
            + (select count(*) from _plinth.checkpoints where pipeline = $1)
            + (select count(*) from _plinth.usage where pipeline = $1)";
        self.to.query_one(sql, &[&id]).await.unwrap().get(0)
    }
}

/// Waits for the process of the one pipeline that a worker has; another one than `before`.
pub async fn task_of(worker: &Process, before: Option<i32>) -> i32 {
    wait_for("the worker has a process for the pipeline", LIMIT, async || {
        tasks(worker.pid).into_iter().find(|pid| Some(*pid) != before)
    })
    .await
}
