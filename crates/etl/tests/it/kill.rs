//! kill -9 of the worker at any moment: no row lost, none twice, none billed twice.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use plinth_etl::Error;
use plinth_etl::checkpoint::Usage;
use plinth_etl::progress::Progress;
use plinth_etl::report::{Metric, Reporter};
use plinth_etl::run::{Job, Outcome, run};
use plinth_etl::status::{PipelineStatus, State};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::support::{LIMIT, Pair, Recorder, connection_of, eventually, job, pair};

const ROWS: u64 = 200_000;
const TABLES: &str = "
    create table orders (id bigint primary key, v text, n numeric(12,2), updated_at timestamptz not null default now());
    create table items (a int, b int, v text, updated_at timestamptz not null default now(), primary key (a, b));
    insert into orders select g, md5(g::text), g / 100.0 from generate_series(1, 150000) g;
    insert into items select g / 5, g % 5, repeat(md5(g::text), 3) from generate_series(1, 50000) g;
    analyze";

/// What the processes said together.
#[derive(Default)]
struct Said {
    usage: HashMap<String, u64>,
    state: Value,
}

impl Said {
    fn take(&mut self, line: &str) {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return;
        };
        match value.get("usage") {
            Some(usage) => {
                let rows = usage["rows"].as_u64().unwrap();
                let known = self.usage.insert(usage["id"].as_str().unwrap().to_owned(), rows);
                assert!(
                    known.is_none_or(|known| known == rows),
                    "one id, two quantities: {usage}"
                );
            }
            None => self.state = value,
        }
    }
}

async fn spawn(job: &Job, fail: Option<String>) -> Child {
    let document = json!({
        "pipeline": job.pipeline, "epoch": job.epoch, "spec": job.spec, "source": job.source, "destination": job.destination,
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_plinth-etl-run"));
    if let Some(fail) = fail {
        command.env("PLINTH_ETL_FAIL", fail);
    }
    let mut child = command
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(document.to_string().as_bytes()).await.unwrap();
    child
}

/// Reads what the process says until it ends; kills it after `life`.
async fn live(mut child: Child, life: Option<Duration>, said: &mut Said) -> bool {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let death = tokio::time::sleep(life.unwrap_or(LIMIT));
    tokio::pin!(death);
    loop {
        tokio::select! {
            line = lines.next_line() => match line.unwrap() {
                Some(line) => said.take(&line),
                None => break,
            },
            () = &mut death => {
                assert!(life.is_some(), "the process hangs: {}", said.state);
                child.start_kill().unwrap();
            }
        }
    }
    child.wait().await.unwrap().success()
}

/// A moment that differs from round to round and is the same in each run of the test.
fn moment(round: u64) -> Duration {
    let noise = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(40 + noise % 700)
}

async fn change(pair: &Pair, round: u64) {
    let sql = format!(
        "
        update orders set v = v || '{round}', updated_at = now() where id % 97 = {round};
        insert into orders select 1000000 + {round} * 1000 + g, 'new', g from generate_series(1, 50) g;
        update items set v = 'changed', updated_at = now() where a % 89 = {round}"
    );
    pair.from.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn killed_again_and_again_while_the_source_changes_the_copy_is_exact() {
    let pair = pair("kill").await;
    pair.from.batch_execute(TABLES).await.unwrap();
    let job = pair.job(json!({"mode": "incremental", "destination": {"schema": "copied"}}));
    let mut said = Said::default();
    for round in 0..12 {
        let child = spawn(&job, None).await;
        live(child, Some(moment(round)), &mut said).await;
        change(&pair, round).await;
    }
    let child = spawn(&job, None).await;
    let expected = [
        pair.source_hash("public.orders").await,
        pair.source_hash("public.items").await,
    ];
    let following = live(child, Some(Duration::from_secs(60)), &mut said);
    let equal = eventually(async || {
        let orders: bool = pair
            .to
            .query_one(
                "select to_regclass('copied.orders') is not null and to_regclass('copied.items') is not null",
                &[],
            )
            .await
            .unwrap()
            .get(0);
        if !orders {
            return None;
        }
        let now = [
            pair.destination_hash("copied.orders").await,
            pair.destination_hash("copied.items").await,
        ];
        (now == expected).then_some(())
    });
    tokio::select! {
        _ = following => panic!("the process ended: {}", said.state),
        equal = equal => assert!(equal.is_some(), "the copy never became equal"),
    }
    // That process went as soon as the copy was equal: what it had not reported yet, the next one does.
    for _ in 0..10 {
        if said.usage.values().sum::<u64>() >= ROWS {
            return;
        }
        let child = spawn(&job, None).await;
        live(child, Some(Duration::from_secs(3)), &mut said).await;
    }
    panic!("rows were not billed: {:?}", said.usage);
}

#[tokio::test]
async fn a_snapshot_that_is_killed_at_each_fail_point_has_no_double_rows() {
    let pair = pair("fail_points").await;
    let smaller = TABLES.replace("150000)", "30000)").replace("50000)", "10000)");
    pair.from.batch_execute(&smaller).await.unwrap();
    let tables = ["orders", "items"];
    let mut there = Vec::new();
    for table in tables {
        there.push(pair.source_hash(&format!("public.{table}")).await);
    }
    let mut said = Said::default();
    for (at, fail) in [
        "destination.before_checkpoint=kill:2",
        "destination.before_commit=kill:3",
        "destination.after_commit=kill:2",
        "run.before_publish=kill:1",
        "destination.before_swap=kill:2",
    ]
    .into_iter()
    .enumerate()
    {
        let job = pair.job(json!({"destination": {"schema": format!("copy_{at}")}}));
        let child = spawn(&job, Some(fail.to_owned())).await;
        assert!(!live(child, None, &mut said).await, "{fail} was not hit");
        let child = spawn(&job, None).await;
        assert!(live(child, None, &mut said).await, "{fail}");
        for (table, there) in tables.iter().zip(&there) {
            assert_eq!(
                pair.destination_hash(&format!("copy_{at}.{table}")).await,
                *there,
                "{fail} {table}"
            );
        }
    }
}

#[tokio::test]
async fn usage_of_a_killed_copy_is_counted_once_per_chunk() {
    let pair = pair("kill_usage").await;
    pair.from.batch_execute(TABLES).await.unwrap();
    let job = pair.job(json!({"source": {"tables": [
        {"name": "public.orders", "cursor": "updated_at"}, {"name": "public.items", "cursor": "updated_at"}]}}));
    let mut said = Said::default();
    let mut round = 0;
    for fail in [
        Some("destination.after_commit=kill:3"),
        Some("destination.before_commit=kill:4"),
        None,
    ] {
        round += 1;
        let child = spawn(&job, fail.map(str::to_owned)).await;
        assert_eq!(live(child, None, &mut said).await, fail.is_none(), "round {round}");
    }
    assert_eq!(said.usage.values().sum::<u64>(), ROWS);
    pair.assert_equal(&["public.orders", "public.items"]).await;
}

/// A control plane that is away when the copy ends: it takes no usage at first.
struct Away {
    refusals: AtomicU32,
    taken: Recorder,
}

impl Reporter for Away {
    async fn status(&self, _: &PipelineStatus) -> plinth_etl::Result<()> {
        Ok(())
    }

    async fn metrics(&self, _: &[Metric]) -> plinth_etl::Result<()> {
        Ok(())
    }

    async fn usage(&self, usage: &[Usage]) -> plinth_etl::Result<()> {
        let left = self
            .refusals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(Error::transient("control_plane", "away")),
            Err(_) => self.taken.usage(usage).await,
        }
    }
}

#[tokio::test]
async fn usage_that_cannot_be_delivered_at_the_end_of_a_copy_is_not_lost() {
    let pair = pair("late_usage").await;
    pair.from.batch_execute(TABLES).await.unwrap();
    let away = Away {
        refusals: AtomicU32::new(3),
        taken: Recorder::default(),
    };
    let (progress, cancel) = (Progress::default(), CancellationToken::new());
    let job = pair.job(json!({}));
    let running = Box::pin(run(&job, &progress, &away, &cancel));
    let outcome = tokio::time::timeout(LIMIT, running).await.unwrap();
    assert_eq!(outcome, Outcome::Completed);
    assert_eq!(progress.status().state, State::Completed);
    assert_eq!((away.taken.rows(), away.refusals.into_inner()), (ROWS, 0));
}

#[tokio::test]
async fn a_killed_copy_into_files_is_exact() {
    let pair = pair("kill_files").await;
    pair.from.batch_execute(TABLES).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = json!({"kind": "files", "directory": folder.path(), "format": "parquet"});
    let files: plinth_etl::spec::ConnectionSpec = serde_json::from_value(files).unwrap();
    let into = job(
        connection_of(&pair.source.url()),
        files.clone(),
        json!({"batch_rows": 500}),
    );
    let mut said = Said::default();
    for round in 0..6 {
        let child = spawn(&into, None).await;
        live(child, Some(moment(round)), &mut said).await;
    }
    let child = spawn(&into, None).await;
    assert!(live(child, None, &mut said).await);
    let back = job(files, connection_of(&pair.destination.url()), json!({}));
    crate::support::complete(&back).await;
    for table in ["orders", "items"] {
        pair.to
            .batch_execute(&format!("alter table {table} alter updated_at type timestamptz"))
            .await
            .unwrap();
    }
    pair.assert_equal(&["public.orders", "public.items"]).await;
}
