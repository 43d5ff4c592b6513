//! A list of 100 rows with row-level security against the same query without, among 1,000 orgs.
//!
//! The server's own statement, prepared on two connections: one as `plinth_api` in the scope of an org, one as a role
//! that bypasses row-level security. The org is named in the statement in both. They take turns, org by org, and
//! nothing but the query itself is timed: setting the scope and going to and fro would only make them more alike.

use std::time::Instant;

use anyhow::{Result, ensure};
use bytes::BytesMut;
use rand::seq::IndexedRandom;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use crate::report::{Limit, Verdict, median, setting};
use crate::stage::{CELL, Server, Stage};

const LIST: &str = include_str!("../../crates/store/queries/resource/list.sql");
const MATCHES: &str = include_str!("../../crates/store/queries/resource/matches.sql");
const ROWS: i64 = 100;
const ORGS: u64 = 1_000;
const LIMIT: Limit = Limit::AtMost(1.2);

/// Without triggers: the events of these rows are not what is measured.
const FILL: &str = r#"
set session_replication_role = replica;
insert into plinth.orgs (org_id, slug, name, plan)
select gen_random_uuid(), 'org-' || number, 'Org ' || number, 'standard' from generate_series(1, $ORGS) as number;
insert into plinth.resources (org_id, id, type, name, properties, spec, status, created_by, created_at, updated_at)
select org_id, gen_random_uuid(), 'pipeline', 'pipeline-' || number, '{"team": "data", "environment": "production"}',
    '{"source": {"connection": "shop", "tables": [{"name": "public.customers"}, {"name": "public.orders"}]},
      "destination": {"connection": "warehouse", "schema": "copied"}, "mode": "incremental", "interval_secs": 10}',
    '{"state": "streaming", "source": {"server": "PostgreSQL 15.18"}, "tables": [
      {"name": "public.customers", "state": "streaming", "rows": 10000, "bytes": 734003, "rows_total": 10000},
      {"name": "public.orders", "state": "streaming", "rows": 400000, "bytes": 31457280, "rows_total": 400000}]}',
    '{"type": "user", "id": "user_01jd0000000000000000000000", "name": "ann@example.com"}', at, at
from generate_series(1, 100) as number, plinth.orgs, lateral (select now() - random() * interval '90 days' as at) as instant
where slug like 'org-%';
insert into plinth.memberships (org_id, user_id, email, name, roles)
select org_id, '00000000-0000-0000-0000-000000000001', 'ann@example.com', 'Ann', '{viewer}' from plinth.orgs where slug like 'org-%';
reset session_replication_role;
vacuum (freeze, analyze) plinth.resources;
vacuum (freeze, analyze) plinth.orgs;
vacuum (freeze, analyze) plinth.memberships;
create role bench_bypass bypassrls;
grant usage on schema plinth to bench_bypass;
grant select on plinth.resources to bench_bypass;
"#;

/// One of the two ways to ask.
struct Side {
    client: Client,
    statement: Statement,
    micros: Vec<f64>,
}

impl Side {
    async fn open(stage: &Stage, role: &str) -> Result<Self> {
        let client = stage.connect(CELL).await?;
        client.batch_execute(&format!("set role {role}")).await?;
        let list = LIST
            .replace("{matches}", MATCHES.trim())
            .replace("{column}", "created_at")
            .replace("{type}", "timestamptz")
            .replace("{direction}", "desc")
            .replace("{comparison}", "<");
        let statement = client.prepare(&list).await?;
        Ok(Self {
            client,
            statement,
            micros: Vec::new(),
        })
    }

    /// As the server does at `begin`, but for the session, so that it lies outside of what is timed.
    async fn enter(&self, org: Uuid) -> Result<()> {
        let scope = "select set_config('plinth.org', $1, false),
            set_config('plinth.principal', 'user:00000000-0000-0000-0000-000000000001', false),
            set_config('plinth.actor', '{\"type\": \"user\", \"id\": \"user_1\", \"name\": \"Ann\"}', false)";
        self.client.execute(scope, &[&org.to_string()]).await?;
        Ok(())
    }

    async fn list(&mut self, org: Uuid) -> Result<()> {
        self.enter(org).await?;
        let (nothing, no_id) = (None::<&str>, None::<Uuid>);
        let params: [&(dyn ToSql + Sync); 8] = [&org, &"pipeline", &false, &nothing, &NoPath, &nothing, &no_id, &ROWS];
        let began = Instant::now();
        let rows = self.client.query(&self.statement, &params).await?;
        self.micros.push(began.elapsed().as_secs_f64() * 1e6);
        ensure!(rows.len() as i64 == ROWS, "{} rows instead of {ROWS}", rows.len());
        Ok(())
    }

    /// The times since the last call.
    fn take(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.micros)
    }
}

/// The list's filter when there is none: a null of the type `jsonpath`, which has no counterpart in Rust.
#[derive(Debug)]
struct NoPath;

impl ToSql for NoPath {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

pub async fn run() -> Result<Vec<Verdict>> {
    let stage = Stage::open().await?;
    // The server makes the tables; nothing is asked of it afterwards.
    drop(Server::start(&stage).await?);
    let admin = stage.connect(CELL).await?;
    for statement in FILL.replace("$ORGS", &ORGS.to_string()).split_inclusive(";\n") {
        admin.batch_execute(statement).await?;
    }
    let orgs = admin
        .query("select org_id from plinth.orgs where slug like 'org-%'", &[])
        .await?;
    let orgs: Vec<Uuid> = orgs.iter().map(|row| row.get(0)).collect();
    let mut scoped = Side::open(&stage, "plinth_api").await?;
    let mut bypassing = Side::open(&stage, "bench_bypass").await?;
    prove_the_difference(&scoped, &bypassing, &orgs).await?;
    compare(&mut scoped, &mut bypassing, &orgs, WARM_UP).await?;
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for round in 1..=setting("BENCH_ROUNDS", 5) {
        let (with, without) = compare(&mut scoped, &mut bypassing, &orgs, setting("BENCH_QUERIES", 4_000)).await?;
        println!("round {round}: median with RLS {with:.0} us, without {without:.0} us");
        ratios.push(with / without);
        times.push(with);
    }
    stage.close().await?;
    let what = format!(
        "list {ROWS} of {ORGS} orgs, with RLS ({:.0} us) to without",
        median(&times)
    );
    Ok(vec![Verdict::ratio(what, median(&ratios), LIMIT)])
}

const WARM_UP: u64 = 500;

/// The medians of both sides, in microseconds.
async fn compare(scoped: &mut Side, bypassing: &mut Side, orgs: &[Uuid], queries: u64) -> Result<(f64, f64)> {
    for number in 0..queries {
        let org = *orgs.choose(&mut rand::rng()).unwrap_or(&Uuid::nil());
        if number % 2 == 0 {
            scoped.list(org).await?;
            bypassing.list(org).await?;
        } else {
            bypassing.list(org).await?;
            scoped.list(org).await?;
        }
    }
    Ok((median(&scoped.take()), median(&bypassing.take())))
}

/// One side sees its org alone, the other one all.
async fn prove_the_difference(scoped: &Side, bypassing: &Side, orgs: &[Uuid]) -> Result<()> {
    let count = "select count(*) from plinth.resources";
    scoped.enter(orgs[0]).await?;
    let seen: i64 = scoped.client.query_one(count, &[]).await?.get(0);
    ensure!(seen == ROWS, "row-level security shows {seen} rows instead of {ROWS}");
    let all: i64 = bypassing.client.query_one(count, &[]).await?.get(0);
    ensure!(all >= ROWS * ORGS as i64, "the bypass shows {all} rows");
    Ok(())
}
