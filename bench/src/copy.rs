//! PostgreSQL to PostgreSQL, 3 million rows: the data plane's worker against `psql COPY | psql COPY`, binary, in turns.
//!
//! The worker's time is that of its whole process: connecting, planning, checkpoints, usage, primary key, statistics,
//! swap. That of `psql` is the pipe alone; with the key and the statistics it is shown beside.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_postgres::Client;

use crate::report::{Limit, Verdict, median, setting};
use crate::stage::{Stage, binary};

const RATE_LIMIT: Limit = Limit::AtLeast(0.6);
const MEMORY_LIMIT: Limit = Limit::AtMost(256.0);

const TABLE: &str = "(id bigint, customer uuid, status text, total numeric(12,2), note text, flags boolean,
    ratio double precision, details jsonb, ordered_at timestamptz, updated_at timestamptz)";

const FILL: &str = "insert into orders
    select g, md5(g::text)::uuid, (array['new', 'paid', 'shipped'])[1 + g % 3], g % 100000 / 100.0,
        case when g % 4 = 0 then 'please ring twice ' || g end, g % 2 = 0, g / 7.0,
        jsonb_build_object('n', g, 'tags', array['a', 'b']),
        now() - g * interval '1 second', now() - g * interval '1 millisecond'
    from generate_series(1, $ROWS) g";

pub async fn run() -> Result<Vec<Verdict>> {
    let (rows, rounds) = (setting("BENCH_ROWS", 3_000_000), setting("BENCH_ROUNDS", 5));
    let stage = Stage::open().await?;
    let bench = Bench::prepare(&stage, rows).await?;
    let (mut psql, mut worker, mut memory) = (Vec::new(), Vec::new(), 0.0_f64);
    let rate = |secs: f64| rows as f64 / secs;
    for round in 1..=rounds {
        let (by_psql, (by_worker, peak)) = if round % 2 == 0 {
            (bench.by_psql().await?, bench.by_worker(round).await?)
        } else {
            let by_worker = bench.by_worker(round).await?;
            (bench.by_psql().await?, by_worker)
        };
        println!(
            "round {round}: worker {:.0} rows/s with {peak:.0} MB, psql {:.0} rows/s (with key and statistics {:.0})",
            rate(by_worker),
            rate(by_psql.pipe),
            rate(by_psql.whole)
        );
        psql.push(rate(by_psql.pipe));
        worker.push(rate(by_worker));
        memory = memory.max(peak);
    }
    bench.compare().await?;
    drop(bench);
    stage.close().await?;
    let (psql, worker) = (median(&psql), median(&worker));
    let what = format!("copy {rows} rows: worker {worker:.0}/s to psql {psql:.0}/s");
    let memory = Verdict {
        what: "copy: peak memory of the worker".to_owned(),
        figure: memory,
        unit: " MB",
        limit: MEMORY_LIMIT,
    };
    Ok(vec![Verdict::ratio(what, worker / psql, RATE_LIMIT), memory])
}

/// Seconds of the pipe, and of all that the worker does as well.
struct Piped {
    pipe: f64,
    whole: f64,
}

struct Bench<'a> {
    stage: &'a Stage,
    from: Client,
    to: Client,
}

impl<'a> Bench<'a> {
    async fn prepare(stage: &'a Stage, rows: u64) -> Result<Self> {
        let admin = stage.connect("postgres").await?;
        for database in ["bench_from", "bench_to"] {
            admin.batch_execute(&format!("create database {database}")).await?;
        }
        let (from, to) = (stage.connect("bench_from").await?, stage.connect("bench_to").await?);
        from.batch_execute(&format!("create table orders {TABLE}")).await?;
        from.batch_execute(&FILL.replace("$ROWS", &rows.to_string())).await?;
        from.batch_execute("alter table orders add primary key (id)").await?;
        from.batch_execute("vacuum (freeze, analyze) orders").await?;
        from.batch_execute("checkpoint").await?;
        Ok(Self { stage, from, to })
    }

    async fn by_psql(&self) -> Result<Piped> {
        let fresh = format!("drop table if exists by_psql; create table by_psql {TABLE}; checkpoint");
        for statement in fresh.split(';') {
            self.to.batch_execute(statement).await?;
        }
        let began = Instant::now();
        let mut out = self
            .stage
            .program("psql")
            .args([&self.stage.cluster.url("bench_from"), "-qXc"])
            .arg("copy orders to stdout (format binary)")
            .stdout(Stdio::piped())
            .spawn()
            .context("psql is needed")?;
        let output: Stdio = out.stdout.take().context("no output")?.try_into()?;
        let status = self
            .stage
            .program("psql")
            .args([&self.stage.cluster.url("bench_to"), "-qXc"])
            .arg("copy by_psql from stdin (format binary)")
            .stdin(output)
            .status()
            .await?;
        ensure!(out.wait().await?.success() && status.success(), "psql failed");
        let pipe = began.elapsed().as_secs_f64();
        self.to
            .batch_execute("alter table by_psql add primary key (id)")
            .await?;
        self.to.batch_execute("analyze by_psql").await?;
        let whole = began.elapsed().as_secs_f64();
        Ok(Piped { pipe, whole })
    }

    /// Seconds of a worker process from start to end, and its peak memory in MB.
    async fn by_worker(&self, round: u64) -> Result<(f64, f64)> {
        self.to.batch_execute("drop schema if exists copied cascade").await?;
        self.to.batch_execute("checkpoint").await?;
        let job = json!({
            "pipeline": format!("bench_{round}"),
            "spec": {
                "source": {"connection": "from", "tables": [{"name": "public.orders"}]},
                "destination": {"connection": "to", "schema": "copied"},
                "mode": "snapshot",
            },
            "source": self.connection("bench_from")?,
            "destination": self.connection("bench_to")?,
        });
        let began = Instant::now();
        let mut child = tokio::process::Command::new(binary("PLINTH_ETL_RUN_BIN")?)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().context("no input")?;
        input.write_all(job.to_string().as_bytes()).await?;
        drop(input);
        let process = child.id().context("the worker ended at once")?;
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let mut peak = 0.0_f64;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status?,
                _ = look.tick() => peak = peak.max(peak_mb(process).unwrap_or_default()),
            }
        };
        ensure!(status.success(), "the worker failed");
        Ok((began.elapsed().as_secs_f64(), peak))
    }

    /// A connection's spec for a database of the cluster.
    fn connection(&self, database: &str) -> Result<Value> {
        let config: tokio_postgres::Config = self.stage.cluster.url(database).parse()?;
        let password = config.get_password().map(String::from_utf8_lossy);
        Ok(json!({
            "kind": "postgres", "host": "127.0.0.1", "port": self.stage.cluster.port(), "database": database,
            "user": config.get_user(), "password": password, "tls": "disable",
        }))
    }

    /// The copy is right: the same rows, whatever their order.
    async fn compare(&self) -> Result<()> {
        let content = |table: &str| {
            format!("select count(*), sum(hashtextextended(row::text, 0)::numeric)::text from {table} as row")
        };
        let there = self.from.query_one(&content("orders"), &[]).await?;
        let here = self.to.query_one(&content("copied.orders"), &[]).await?;
        ensure!(
            there.get::<_, i64>(0) == here.get::<_, i64>(0) && there.get::<_, String>(1) == here.get::<_, String>(1),
            "the copy differs"
        );
        Ok(())
    }
}

/// The most memory that the process has held so far, as the kernel counts it.
fn peak_mb(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1024.0)
}
