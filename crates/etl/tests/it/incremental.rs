//! Following changes by cursor column: nothing is missed, nothing comes twice, shapes may change.

use plinth_etl::run::Outcome;
use plinth_etl::status::{State, TableState};
use serde_json::json;

use crate::support::{Pair, complete, pair, start};

const ORDERS: &str = "
    create table orders (id int primary key, v text, updated_at timestamptz not null default clock_timestamp());
    insert into orders select g, 'v' || g from generate_series(1, 5000) g";

async fn orders(name: &str) -> Pair {
    let pair = pair(name).await;
    pair.from.batch_execute(ORDERS).await.unwrap();
    pair
}

#[tokio::test]
async fn inserts_and_updates_arrive_and_unchanged_rows_are_not_billed_again() {
    let pair = orders("follow").await;
    let running = start(pair.job(json!({"mode": "incremental"})));
    let status = running
        .until(|status| status.state == State::Streaming && status.lag_secs.is_some())
        .await;
    assert_eq!((status.rows, status.tables[0].state), (5000, TableState::Streaming));
    pair.from
        .batch_execute(
            "
        update orders set v = 'new', updated_at = now() where id <= 10;
        insert into orders select g, 'late' from generate_series(6001, 6020) g;
        update orders set updated_at = now() where id = 6001",
        )
        .await
        .unwrap();
    running.until(|status| status.rows == 5030).await;
    pair.assert_equal(&["public.orders"]).await;
    pair.from
        .batch_execute("insert into orders values (9999, 'last')")
        .await
        .unwrap();
    let status = running.until(|status| status.rows == 5031).await;
    assert!(status.tables[0].cursor.is_some());
    let recorder = running.recorder.clone();
    assert_eq!(running.stop().await, Outcome::Cancelled);
    let again = start(pair.job(json!({"mode": "incremental"})));
    again
        .until(|status| status.state == State::Streaming && status.last_read_at.is_some())
        .await;
    assert_eq!(again.progress.status().rows, 5031, "a restart copies nothing again");
    let later = again.recorder.clone();
    again.stop().await;
    let mut billed = recorder.usage.lock().unwrap().clone();
    for usage in later.usage.lock().unwrap().iter() {
        if !billed.iter().any(|known| known.id == usage.id) {
            billed.push(usage.clone());
        }
    }
    assert_eq!(billed.iter().map(|usage| usage.rows).sum::<u64>(), 5031);
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_missed() {
    let pair = orders("late_commit").await;
    let slow = pair.source.admin().await;
    slow.batch_execute("begin; insert into orders values (7001, 'slow', now())")
        .await
        .unwrap();
    let idle = pair.source.admin().await;
    idle.batch_execute("begin; select now()").await.unwrap();
    let running = start(pair.job(json!({"mode": "incremental"})));
    running.until(|status| status.state == State::Streaming).await;
    pair.from
        .batch_execute("insert into orders values (7002, 'fast', now())")
        .await
        .unwrap();
    running.until(|status| status.rows == 5001).await;
    slow.batch_execute("commit").await.unwrap();
    // This one wrote nothing before, so only its start was known.
    idle.batch_execute("insert into orders values (7003, 'idle', now()); commit")
        .await
        .unwrap();
    running.until(|status| status.rows == 5003).await;
    running.stop().await;
    pair.assert_equal(&["public.orders"]).await;
}

#[tokio::test]
async fn a_sequence_as_cursor_misses_no_number_that_commits_late() {
    let pair = pair("sequence").await;
    pair.from
        .batch_execute(
            "create table log (id bigint generated always as identity primary key, v text);
        insert into log (v) select 'v' || g from generate_series(1, 1000) g",
        )
        .await
        .unwrap();
    let running = start(pair.job(json!({
        "mode": "incremental", "source": {"tables": [{"name": "public.log", "cursor": "id"}]},
    })));
    running.until(|status| status.state == State::Streaming).await;
    let slow = pair.source.admin().await;
    slow.batch_execute("begin; insert into log (v) values ('slow')")
        .await
        .unwrap();
    pair.from
        .batch_execute("insert into log (v) values ('fast')")
        .await
        .unwrap();
    running.until(|status| status.rows == 1001).await;
    pair.from
        .batch_execute("insert into log (v) values ('fast too')")
        .await
        .unwrap();
    running.until(|status| status.rows == 1002).await;
    running.stop().await;
    // A new process knows nothing of the writer, and must go on from the checkpoint.
    let again = start(pair.job(json!({
        "mode": "incremental", "source": {"tables": [{"name": "public.log", "cursor": "id"}]},
    })));
    pair.from
        .batch_execute("insert into log (v) values ('fast again')")
        .await
        .unwrap();
    again.until(|status| status.rows == 1003).await;
    let kept: i64 = pair
        .to
        .query_one("select (watermark->>'value')::bigint from _plinth.tables", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 1000, "the watermark never passes a number that is not committed");
    slow.batch_execute("commit").await.unwrap();
    again.until(|status| status.rows == 1004).await;
    again.stop().await;
    pair.assert_equal(&["public.log"]).await;
}

#[tokio::test]
async fn many_rows_with_one_cursor_value_are_read_once_and_whole() {
    let pair = pair("ties").await;
    pair.from
        .batch_execute("create table t (id int primary key, updated_at timestamptz not null)")
        .await
        .unwrap();
    let running = start(pair.job(json!({"mode": "incremental"})));
    running.until(|status| status.state == State::Streaming).await;
    pair.from
        .batch_execute(
            "
        insert into t select g, now() from generate_series(1, 60000) g;
        insert into t select g, clock_timestamp() from generate_series(300001, 300010) g",
        )
        .await
        .unwrap();
    running.until(|status| status.rows == 60_010).await;
    running.stop().await;
    pair.assert_equal(&["public.t"]).await;
}

#[tokio::test]
async fn a_changed_shape_is_copied_anew_and_a_new_table_is_found() {
    let pair = orders("drift").await;
    let running = start(pair.job(json!({"mode": "incremental"})));
    running.until(|status| status.state == State::Streaming).await;
    pair.from
        .batch_execute(
            "
        alter table orders add column extra int default 7, drop column v;
        create table more (id int primary key, updated_at timestamptz not null default now());
        insert into more values (1), (2)",
        )
        .await
        .unwrap();
    running
        .until(|status| status.tables.len() == 2 && status.state == State::Streaming)
        .await;
    running.stop().await;
    pair.assert_equal(&["public.orders", "public.more"]).await;
}

#[tokio::test]
async fn a_dropped_table_fails_clearly_and_comes_back() {
    let pair = orders("dropped").await;
    let mut job = pair.job(json!({
        "mode": "incremental", "source": {"tables": [{"name": "public.orders", "cursor": "updated_at"}]},
    }));
    let running = start(job.clone());
    running.until(|status| status.state == State::Streaming).await;
    pair.from.batch_execute("drop table orders").await.unwrap();
    let status = running.until(|status| status.state == State::Failed).await;
    let message = status.message.unwrap();
    // The words are the catalog's or the database's, depending on what looks first.
    assert!(
        message.contains("public.orders") && message.contains("does not exist"),
        "{message}"
    );
    assert!(status.hint.is_some());
    running.stop().await;
    let kept: i64 = pair
        .to
        .query_one("select count(*) from orders", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 5000, "what was copied stays");
    pair.from.batch_execute(ORDERS).await.unwrap();
    // Nothing tells of rows that the new table does not have, but that it is another table.
    pair.from
        .batch_execute("delete from orders where id <= 100")
        .await
        .unwrap();
    job.epoch += 1;
    let again = start(job);
    again
        .until(|status| status.state == State::Streaming && status.rows > 0)
        .await;
    pair.from
        .batch_execute("update orders set v = 'x', updated_at = clock_timestamp()")
        .await
        .unwrap();
    again.until(|status| status.rows == 9800).await;
    again.stop().await;
    pair.assert_equal(&["public.orders"]).await;
}

#[tokio::test]
async fn a_snapshot_pipeline_that_becomes_incremental_goes_on_from_its_copy() {
    let pair = orders("becomes").await;
    let cursor = json!({"source": {"tables": [{"name": "public.orders", "cursor": "updated_at"}]}});
    complete(&pair.job(cursor.clone())).await;
    pair.from
        .batch_execute("insert into orders values (8000, 'later')")
        .await
        .unwrap();
    let mut follow = pair.job(cursor);
    follow.spec.mode = plinth_etl::spec::Mode::Incremental;
    let running = start(follow);
    running.until(|status| status.rows == 5001).await;
    assert_eq!(
        running.recorder.rows(),
        running.recorder.rows().min(1),
        "only the new row is copied"
    );
    running.stop().await;
    pair.assert_equal(&["public.orders"]).await;
}
