//! Creating resources through HTTP, 16 clients, against `pgbench` doing the same inserts on the same cluster.
//!
//! `pgbench` gets the server's own statements from `crates/store/queries`, as the server's role and in its scope, with
//! row-level security, triggers, quota and usage records; prepared, and sent as one pipeline, which is the fastest way
//! that it knows. The server runs all the time: it numbers the events of both. The two take turns; medians count.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::http::Connection;
use crate::report::{Limit, Verdict, median, setting};
use crate::stage::{CELL, Server, Stage};
use crate::tenant::{self, Tenant};

const CLIENTS: usize = 16;
const LIMIT: Limit = Limit::AtLeast(0.5);

const SCOPE: &str = include_str!("../../crates/store/queries/scope.sql");
const CREATE: &str = include_str!("../../crates/store/queries/resource/create.sql");
const LOCK_TARGET: &str = include_str!("../../crates/store/queries/resource/lock_target.sql");
const SET_REFS: &str = include_str!("../../crates/store/queries/resource/set_refs.sql");

/// What is created.
struct Kind {
    name: &'static str,
    plural: &'static str,
    spec: Value,
    status: &'static str,
    /// Meters that count one for each creation.
    meters: &'static str,
    quotas: &'static str,
    /// Pointers into the spec to names of connections.
    references: &'static [&'static str],
}

fn kinds() -> [Kind; 2] {
    let tables = json!([{"name": "public.customers"}, {"name": "public.orders", "cursor": "updated_at"}]);
    [
        Kind {
            name: "connection",
            plural: "connections",
            spec: json!({"kind": "files", "directory": "exports/shop", "format": "parquet"}),
            status: "{}",
            meters: "{}",
            quotas: r#"{"standard": 100}"#,
            references: &[],
        },
        Kind {
            name: "pipeline",
            plural: "pipelines",
            spec: json!({
                "source": {"connection": "from", "tables": tables},
                "destination": {"connection": "to", "schema": "copied"},
                "mode": "incremental", "interval_secs": 10,
            }),
            status: r#"{"state": "pending"}"#,
            meters: "{pipeline_created}",
            quotas: r#"{"standard": 50}"#,
            references: &["/source/connection", "/destination/connection"],
        },
    ]
}

pub async fn run() -> Result<Vec<Verdict>> {
    let stage = Stage::open().await?;
    let server = Server::start(&stage).await?;
    let tenants = tenant::create(&stage, &server, CLIENTS).await?;
    for tenant in &tenants {
        make_connections(server.address, tenant).await?;
    }
    let bench = Bench {
        cell: stage.connect(CELL).await?,
        period: Duration::from_secs(setting("BENCH_SECS", 8)),
        stage: &stage,
        address: server.address,
        tenants: &tenants,
    };
    let mut verdicts = Vec::new();
    for kind in kinds() {
        verdicts.push(bench.compare(&kind).await?);
    }
    drop(server);
    stage.close().await?;
    Ok(verdicts)
}

/// What the pipelines refer to.
async fn make_connections(address: SocketAddr, tenant: &Tenant) -> Result<()> {
    let mut connection = Connection::open(address, &tenant.token).await?;
    for name in ["from", "to"] {
        let body = json!({"name": name, "spec": {"kind": "files", "directory": name, "format": "csv"}});
        connection
            .call(Method::POST, &tenant.path("connections"), &body)
            .await?;
    }
    Ok(())
}

struct Bench<'a> {
    stage: &'a Stage,
    address: SocketAddr,
    tenants: &'a [Tenant],
    cell: Client,
    period: Duration,
}

impl Bench<'_> {
    async fn compare(&self, kind: &Kind) -> Result<Verdict> {
        let scripts = self.scripts(kind).await?;
        let rounds = setting("BENCH_ROUNDS", 5);
        let (mut server, mut pgbench) = (Vec::new(), Vec::new());
        // The first round warms caches and connections up.
        for round in 0..=rounds {
            let (by_server, by_pgbench) = if round % 2 == 0 {
                let by_server = self.by_server(kind, round).await?;
                (by_server, self.by_pgbench(&scripts, round).await?)
            } else {
                let by_pgbench = self.by_pgbench(&scripts, round).await?;
                (self.by_server(kind, round).await?, by_pgbench)
            };
            if round > 0 {
                println!(
                    "{} round {round}: HTTP {by_server:.0}/s, pgbench {by_pgbench:.0}/s",
                    kind.name
                );
                server.push(by_server);
                pgbench.push(by_pgbench);
            }
        }
        let (server, pgbench) = (median(&server), median(&pgbench));
        let what = format!("create {}: HTTP {server:.0}/s to pgbench {pgbench:.0}/s", kind.name);
        Ok(Verdict::ratio(what, server / pgbench, LIMIT))
    }

    /// Each run begins with all events numbered and all pages written.
    async fn settle(&self) -> Result<()> {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        let waiting = "select exists (select from plinth.event_inbox)";
        while self.cell.query_one(waiting, &[]).await?.get(0) {
            look.tick().await;
        }
        Ok(self.cell.batch_execute("checkpoint").await?)
    }

    /// Creations a second, each client with a connection of its own that asks again when it is answered.
    async fn by_server(&self, kind: &Kind, round: u64) -> Result<f64> {
        self.settle().await?;
        let began = Instant::now();
        let end = began + self.period;
        let clients = self.tenants.iter().map(|tenant| self.client(tenant, kind, round, end));
        let created: u64 = try_join_all(clients).await?.into_iter().sum();
        Ok(created as f64 / began.elapsed().as_secs_f64())
    }

    async fn client(&self, tenant: &Tenant, kind: &Kind, round: u64, end: Instant) -> Result<u64> {
        let mut connection = Connection::open(self.address, &tenant.token).await?;
        let path = tenant.path(kind.plural);
        let rest = format!("\", \"spec\": {}}}", kind.spec);
        let mut created = 0;
        while Instant::now() < end {
            let body = Bytes::from(format!("{{\"name\": \"http-{round}-{created}{rest}"));
            let (status, answer) = connection.exchange(Method::POST, &path, body).await?;
            ensure!(
                status == StatusCode::CREATED,
                "{status}: {}",
                String::from_utf8_lossy(&answer)
            );
            created += 1;
        }
        Ok(created)
    }

    async fn by_pgbench(&self, scripts: &[PathBuf], round: u64) -> Result<f64> {
        self.settle().await?;
        let secs = self.period.as_secs().max(1).to_string();
        let base = jiff::Timestamp::now().as_millisecond() << 16;
        let mut command = self.stage.program("pgbench");
        command
            .args(["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", &secs])
            .args([
                "-D",
                &format!("base={base}"),
                "-D",
                "n=0",
                "-D",
                &format!("round={round}"),
            ])
            .env("PGOPTIONS", "-c role=plinth_api");
        for script in scripts {
            command.arg("-f").arg(script);
        }
        let output = command.arg(self.stage.cluster.url(CELL)).output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success() && !errors.contains("aborted"),
            "pgbench: {errors}"
        );
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        rate.with_context(|| format!("pgbench did not tell its rate: {text}"))
    }

    /// A script for each org; `pgbench` picks one at random for each transaction.
    async fn scripts(&self, kind: &Kind) -> Result<Vec<PathBuf>> {
        let mut scripts = Vec::new();
        for tenant in self.tenants {
            let path = self.stage.folder().join(format!("{}-{}.sql", kind.name, tenant.slug));
            write_script(&path, &self.script(kind, tenant).await?)?;
            scripts.push(path);
        }
        Ok(scripts)
    }

    async fn script(&self, kind: &Kind, tenant: &Tenant) -> Result<String> {
        let org = tenant.id;
        let actor = json!({"type": "service_account", "id": tenant.account, "name": "bench"});
        let revision = "select revision from plinth.resource_types where name = $1";
        let revision: i64 = self.cell.query_one(revision, &[&kind.name]).await?.get(0);
        // The time goes up in the first half, as in the server's ids, so that the indexes grow at the same end.
        let id = "encode(int8send(:high::bigint) || int8send(:low::bigint), 'hex')::uuid";
        let name = "'pgbench-' || :round::text || '-' || :client_id::text || '-' || :n::text";
        let spec = kind.spec.to_string();
        let create = filled(
            CREATE,
            &[
                &format!("'{org}'"),
                id,
                &format!("'{}'", kind.name),
                name,
                "'{}'",
                &format!("'{spec}'"),
                "'{}'",
                &format!("'{actor}'"),
                &format!("'{}'", kind.meters),
                &format!("'{}'", kind.quotas),
                &format!("{revision}"),
                &format!("'{}'", kind.status),
            ],
        );
        let scope = filled(
            SCOPE,
            &[
                &format!("'{org}'"),
                &format!("'{actor}'"),
                "'req_019aafc0000070008000000000000000'",
                &format!("'service_account:{}'", tenant::uuid_of(&tenant.account)?),
                "''",
            ],
        );
        let mut statements = vec!["begin".to_owned(), scope, create];
        if !kind.references.is_empty() {
            statements.extend(self.references(kind, tenant, id).await?);
        }
        statements.push("commit".to_owned());
        let mut script =
            "\\set n :n + 1\n\\set high :base + :n * 65536 + 28672\n\\set low random(0, 9223372036854775806)\n\\startpipeline\n"
                .to_owned();
        for statement in statements {
            writeln!(script, "{};", statement.trim())?;
        }
        script.push_str("\\endpipeline\n");
        Ok(script)
    }

    /// Each target locked, then all of them recorded.
    async fn references(&self, kind: &Kind, tenant: &Tenant, id: &str) -> Result<Vec<String>> {
        let org = format!("'{}'", tenant.id);
        let mut statements = Vec::new();
        let mut targets = Vec::new();
        for pointer in kind.references {
            let name = kind.spec.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let find = "select id::text from plinth.resources where org_id = $1 and type = 'connection' and name = $2";
            let target: String = self.cell.query_one(find, &[&tenant.id, &name]).await?.get(0);
            statements.push(filled(LOCK_TARGET, &[&org, "'connection'", &format!("'{name}'")]));
            targets.push(target);
        }
        let list = |texts: &[&str]| format!("'{{{}}}'", texts.join(","));
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        statements.push(filled(SET_REFS, &[&org, id, &list(kind.references), &list(&targets)]));
        Ok(statements)
    }
}

/// The statement with texts in the place of its parameters.
fn filled(statement: &str, values: &[&str]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered.fold(statement.to_owned(), |text, (at, value)| {
        text.replace(&format!("${}", at + 1), value)
    })
}

fn write_script(path: &Path, script: &str) -> Result<()> {
    std::fs::write(path, script).with_context(|| format!("cannot write `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenth_parameter_is_not_the_first_one_with_a_zero() {
        let values: Vec<String> = (1..=10).map(|number| format!("<{number}>")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(filled("$1 $10 $2", &values), "<1> <10> <2>");
    }
}
