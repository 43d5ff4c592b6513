//! Measures the copy of 3 million rows against `psql | psql`, and the worker's memory. Run by `bench/etl`.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use plinth_embedded::{Cluster, ClusterConfig, Installation, SearchOptions};
use plinth_etl::content::of_table;
use plinth_etl::spec::{ConnectionSpec, PostgresSpec};
use serde_json::json;

const RATE_LIMIT: f64 = 0.6;
const MEMORY_LIMIT_MB: f64 = 256.0;

const TABLE: &str = "(id bigint, customer uuid, status text, total numeric(12,2), note text, flags boolean,
    ratio double precision, details jsonb, ordered_at timestamptz, updated_at timestamptz)";

const FILL: &str = "
    insert into orders select g, md5(g::text)::uuid, (array['new', 'paid', 'shipped'])[1 + g % 3], g % 100000 / 100.0,
           case when g % 4 = 0 then 'please ring twice ' || g end, g % 2 = 0, g / 7.0, jsonb_build_object('n', g, 'tags', array['a', 'b']),
           now() - g * interval '1 second', now() - g * interval '1 millisecond'
      from generate_series(1, ROWS) g;
    alter table orders add primary key (id); vacuum (freeze, analyze) orders; checkpoint";

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let (rows, rounds) = (setting("BENCH_ROWS", 3_000_000), setting("BENCH_ROUNDS", 3));
    let home = tempfile::Builder::new().prefix("plinth-bench").tempdir()?;
    let installation = Installation::find(&SearchOptions::from_env())?;
    let config = ClusterConfig::new(home.path().join("postgres"), installation)
        .setting("shared_buffers", "512MB")
        .setting("max_wal_size", "8GB");
    let cluster = Cluster::open(config).await?;
    let databases = Databases {
        admin: cluster.url("postgres"),
        from: cluster.url("bench_from"),
        to: cluster.url("bench_to"),
    };
    databases.prepare(rows).await?;
    println!("{rows} rows, {rounds} rounds, the best of each counts");
    let (mut psql, mut engine, mut memory) = (0.0_f64, 0.0_f64, 0.0_f64);
    for round in 1..=rounds {
        let by_psql = rows as f64 / databases.by_psql()?;
        let (secs, peak_mb) = databases.by_engine(round)?;
        let by_engine = rows as f64 / secs;
        println!("round {round}: psql {by_psql:>9.0} rows/s, engine {by_engine:>9.0} rows/s, {peak_mb:.0} MB");
        psql = psql.max(by_psql);
        engine = engine.max(by_engine);
        memory = memory.max(peak_mb);
    }
    databases.compare().await?;
    let ratio = engine / psql;
    println!("etl copy: {engine:.0} rows/s, psql {psql:.0} rows/s, ratio {ratio:.2} (limit {RATE_LIMIT})");
    println!("etl peak memory: {memory:.0} MB (limit {MEMORY_LIMIT_MB})");
    cluster.stop().await?;
    let good = ratio >= RATE_LIMIT && memory < MEMORY_LIMIT_MB;
    println!("{}", if good { "passed" } else { "failed" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Databases {
    admin: String,
    from: String,
    to: String,
}

impl Databases {
    async fn prepare(&self, rows: u64) -> anyhow::Result<()> {
        for database in ["bench_from", "bench_to"] {
            psql(&self.admin, &format!("create database {database}"))?;
        }
        psql(&self.from, &format!("create table orders {TABLE}"))?;
        for statement in FILL.replace("ROWS", &rows.to_string()).split(';') {
            psql(&self.from, statement)?;
        }
        Ok(())
    }

    /// Seconds of the pipe, its destination's primary key included, as the engine makes one too.
    fn by_psql(&self) -> anyhow::Result<f64> {
        psql(
            &self.to,
            &format!("drop table if exists by_psql; create table by_psql {TABLE}"),
        )?;
        let started = Instant::now();
        let mut out = Command::new("psql")
            .args([&self.from, "-qXc", "copy orders to stdout (format binary)"])
            .stdout(Stdio::piped())
            .spawn()
            .context("psql is needed")?;
        let pipe = out.stdout.take().context("no output")?;
        let status = Command::new("psql")
            .args([&self.to, "-qXc", "copy by_psql from stdin (format binary)"])
            .stdin(pipe)
            .status()?;
        ensure!(out.wait()?.success() && status.success(), "psql failed");
        psql(&self.to, "alter table by_psql add primary key (id)")?;
        let secs = started.elapsed().as_secs_f64();
        psql(&self.to, "checkpoint")?;
        Ok(secs)
    }

    /// Seconds of a worker process from start to end, and its peak memory in MB.
    fn by_engine(&self, round: u64) -> anyhow::Result<(f64, f64)> {
        psql(&self.to, "drop schema if exists copied cascade")?;
        let job = json!({
            "pipeline": format!("bench_{round}"),
            "spec": {
                "source": {"connection": "from", "tables": [{"name": "public.orders"}]},
                "destination": {"connection": "to", "schema": "copied"},
                "mode": "snapshot",
            },
            "source": ConnectionSpec::Postgres(PostgresSpec::from_url(&self.from)?),
            "destination": ConnectionSpec::Postgres(PostgresSpec::from_url(&self.to)?),
        });
        let runner = std::env::current_exe()?.with_file_name("../plinth-etl-run");
        ensure!(runner.exists(), "build `plinth-etl-run` in release first");
        let started = Instant::now();
        let mut child = Command::new(runner)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        child
            .stdin
            .take()
            .context("no input")?
            .write_all(job.to_string().as_bytes())?;
        let mut peak = 0.0_f64;
        let status = loop {
            peak = peak.max(peak_mb(child.id()).unwrap_or_default());
            if let Some(status) = child.try_wait()? {
                break status;
            }
            pause();
        };
        let secs = started.elapsed().as_secs_f64();
        ensure!(status.success(), "the engine failed");
        psql(&self.to, "checkpoint")?;
        Ok((secs, peak))
    }

    async fn compare(&self) -> anyhow::Result<()> {
        let (from, to) = (PostgresSpec::from_url(&self.from)?, PostgresSpec::from_url(&self.to)?);
        let there = of_table(&from, &"public.orders".parse()?).await?;
        let here = of_table(&to, &"copied.orders".parse()?).await?;
        ensure!(there == here, "the copy differs: {here:?} instead of {there:?}");
        Ok(())
    }
}

fn psql(url: &str, sql: &str) -> anyhow::Result<()> {
    let status = Command::new("psql")
        .args([url, "-qX", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .status()?;
    ensure!(status.success(), "psql failed: {sql}");
    Ok(())
}

/// The most memory that the process has held so far, as the kernel counts it.
fn peak_mb(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1024.0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this thread has nothing else to do between two looks at the process"
)]
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(20));
}
