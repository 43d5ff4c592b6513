//! Full copies: one state, no double rows, readers see all or nothing, one writer at a time.

use plinth_etl::run::Outcome;
use plinth_etl::status::{State, TableState};
use serde_json::json;

use crate::support::{Versions, complete, eventually, on_versions, pair_of, start};

on_versions! { own: Own, newest: Newest; [a_snapshot_is_one_state_of_the_source_while_it_is_written_to, usage_is_counted_once_per_row_and_a_completed_pipeline_copies_nothing_again, a_table_that_the_pipeline_did_not_make_is_not_touched, tables_go_to_the_schema_that_is_asked_for_and_stay_invisible_until_whole, a_newer_lease_shuts_an_older_process_out, taking_over_in_one_database_leaves_the_others_of_the_server_alone] }

async fn a_snapshot_is_one_state_of_the_source_while_it_is_written_to(versions: Versions) {
    let pair = pair_of(versions, "one_state").await;
    pair.from
        .batch_execute(
            "
        create table a (id int primary key, amount int, filler text);
        create table b (id int primary key, amount int, filler text);
        insert into a select g, 100, repeat('x', 200) from generate_series(1, 30000) g;
        insert into b select g, 100, repeat('x', 200) from generate_series(1, 30000) g;
    ",
        )
        .await
        .unwrap();
    let writer = pair.source.admin().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone();
    let writing = tokio::spawn(async move {
        let mut moved = 0;
        while !stopped.is_cancelled() {
            moved += 1;
            let id = moved % 30_000 + 1;
            let sql = format!(
                "begin; update a set amount = amount - 1 where id = {id};
                               update b set amount = amount + 1 where id = {}; commit",
                30_001 - id
            );
            writer.batch_execute(&sql).await.unwrap();
        }
        moved
    });
    let status = complete(&pair.job(json!({"parallelism": 4}))).await;
    stop.cancel();
    assert_eq!(
        status.restarts, 0,
        "a copy that was interrupted is of two snapshots: {:?}",
        status.message
    );
    assert!(writing.await.unwrap() > 10, "nothing was written during the copy");
    let sum = "select (select sum(amount) from a) + (select sum(amount) from b), (select count(*) from a)";
    let row = pair.to.query_one(sum, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (6_000_000, 30_000));
}

async fn usage_is_counted_once_per_row_and_a_completed_pipeline_copies_nothing_again(versions: Versions) {
    let pair = pair_of(versions, "usage_once").await;
    pair.from
        .batch_execute(
            "create table t (id int primary key, v text);
        insert into t select g, repeat('v', 100) from generate_series(1, 20000) g",
        )
        .await
        .unwrap();
    let first = start(pair.job(json!({})));
    first.until(|status| status.state == State::Completed).await;
    let recorder = first.recorder.clone();
    assert_eq!(first.ended().await, Outcome::Completed);
    assert_eq!(recorder.rows(), 20_000);
    let status = complete(&pair.job(json!({}))).await;
    assert_eq!((status.rows, status.tables[0].state), (20_000, TableState::Completed));
    let left: i64 = pair
        .to
        .query_one("select count(*) from _plinth.usage", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 0, "usage is acknowledged");
}

async fn a_table_that_the_pipeline_did_not_make_is_not_touched(versions: Versions) {
    let pair = pair_of(versions, "foreign_table").await;
    pair.from
        .batch_execute("create table t (id int primary key); insert into t values (1)")
        .await
        .unwrap();
    pair.to
        .batch_execute("create table t (precious text); insert into t values ('keep')")
        .await
        .unwrap();
    let running = start(pair.job(json!({})));
    let status = running.until(|status| status.state == State::Failed).await;
    assert!(status.message.unwrap().contains("destination_table_exists"));
    running.stop().await;
    let kept: String = pair.to.query_one("select precious from t", &[]).await.unwrap().get(0);
    assert_eq!(kept, "keep");
}

async fn tables_go_to_the_schema_that_is_asked_for_and_stay_invisible_until_whole(versions: Versions) {
    let pair = pair_of(versions, "schema").await;
    pair.from
        .batch_execute(
            "create table t (id int primary key, v text);
        insert into t select g, repeat('v', 500) from generate_series(1, 60000) g",
        )
        .await
        .unwrap();
    let running = start(pair.job(json!({"destination": {"schema": "copied"}, "parallelism": 1})));
    let mut seen = Vec::new();
    eventually(async || {
        let exists: bool = pair
            .to
            .query_one("select to_regclass('copied.t') is not null", &[])
            .await
            .unwrap()
            .get(0);
        if exists {
            let count: i64 = pair
                .to
                .query_one("select count(*) from copied.t", &[])
                .await
                .unwrap()
                .get(0);
            seen.push(count);
        }
        (running.progress.status().state == State::Completed).then_some(())
    })
    .await
    .unwrap();
    assert!(seen.iter().all(|count| *count == 60_000), "{seen:?}");
    assert_eq!(running.ended().await, Outcome::Completed);
}

async fn a_newer_lease_shuts_an_older_process_out(versions: Versions) {
    let pair = pair_of(versions, "fence").await;
    pair.from
        .batch_execute(
            "create table t (id int primary key, updated_at timestamptz not null default now());
        insert into t select g from generate_series(1, 1000) g",
        )
        .await
        .unwrap();
    let mut job = pair.job(json!({"mode": "incremental"}));
    let old = start(job.clone());
    old.until(|status| status.state == State::Streaming).await;
    job.epoch = 2;
    let new = start(job.clone());
    new.until(|status| status.state == State::Streaming).await;
    pair.from.batch_execute("insert into t values (5000)").await.unwrap();
    assert_eq!(old.ended().await, Outcome::Fenced);
    new.until(|status| status.rows == 1001).await;
    job.epoch = 1;
    assert_eq!(
        start(job).ended().await,
        Outcome::Fenced,
        "an old lease is refused from the start"
    );
    new.stop().await;
    pair.assert_equal(&["public.t"]).await;
}

async fn taking_over_in_one_database_leaves_the_others_of_the_server_alone(versions: Versions) {
    let (here, there) = (pair_of(versions, "here").await, pair_of(versions, "there").await);
    let streaming = async |pair: &crate::support::Pair| {
        let run = start(pair.job(json!({"mode": "incremental"})));
        run.until(|status| status.state == State::Streaming).await;
        run
    };
    for pair in [&here, &there] {
        pair.from
            .batch_execute("create table t (id int primary key, updated_at timestamptz not null default now())")
            .await
            .unwrap();
    }
    let run = streaming(&here).await;
    for _ in 0..2 {
        streaming(&there).await.stop().await;
    }
    here.from.batch_execute("insert into t values (1)").await.unwrap();
    let status = run.until(|status| status.rows == 1).await;
    assert_eq!(status.restarts, 0, "{:?}", status.message);
    run.stop().await;
}
