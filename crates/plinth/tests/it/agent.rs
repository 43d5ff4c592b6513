//! The worker's agent: one process for each pipeline, whatever happens to process, worker, lease and spec.

use std::time::Duration;

use nix::sys::signal::Signal;
use plinth_testkit::app::Client;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::plane::{Plane, ROWS, plane, task_of};
use crate::process::{LIMIT, Process, children, gone, is_alive, kill_9, tasks, wait_for};

/// Less than a lease: whoever goes on within this time did not wait for one to run out.
const SOON: Duration = Duration::from_secs(20);

async fn deleted(owner: &Client, id: &str) -> Option<Value> {
    let events = owner
        .get(&format!("/v1/orgs/acme/events?subject={id}&operation=finalize"))
        .await;
    events.expect(200)["items"].get(0).cloned()
}

#[tokio::test]
async fn each_pipeline_has_a_process_of_its_own_that_ends_with_it() {
    let plane = plane("agent-own").await;
    let mut worker = plane.worker("worker");
    let (following, once) = tokio::join!(
        plane.pipeline("following", json!({"destination": {"schema": "one"}})),
        plane.pipeline("once", json!({"destination": {"schema": "two"}, "mode": "snapshot"})),
    );
    plane.until_state("following", "streaming").await;
    let status = plane.until_state("once", "completed").await;
    assert_eq!(
        (&status["rows"], &status["restarts"]),
        (&json!(ROWS), &json!(0)),
        "{status:#}"
    );
    wait_for("only the process that has something to do is left", LIMIT, async || {
        (tasks(worker.pid).len() == 1).then_some(())
    })
    .await;
    for id in [&following, &once] {
        wait_for("each row is billed once", LIMIT, async || {
            (plane.billed(id).await == ROWS).then_some(())
        })
        .await;
    }
    assert_eq!(worker.end(Signal::SIGTERM).await, Some(0), "{}", worker.said());
}

#[tokio::test]
async fn running_time_is_billed_while_both_sides_are_connected_and_no_longer() {
    let plane = plane("agent-time").await;
    let worker = plane.worker("worker");
    let password = |password: &str| json!({"spec": {"password": password}});
    let from = "/v1/orgs/acme/connections/from";
    plane.owner.patch(from, password("wrong")).await.expect(200);
    let id = plane.pipeline("copy", json!({})).await;
    let failed = plane.until_state("copy", "failed").await;
    assert!(
        failed["message"].as_str().unwrap().contains("wrong_password"),
        "{failed:#}"
    );
    // Its process has told all that it has to when it is gone, which it is when the pipeline is paused.
    plane.patch("copy", json!({"paused": true})).await;
    plane.until_state("copy", "paused").await;
    assert_eq!(plane.usage("pipeline_hours", &id).await, Vec::<String>::new());

    let right = crate::plane::text(&plane.source()["password"]);
    plane.owner.patch(from, password(&right)).await.expect(200);
    let resumed = Instant::now();
    plane.patch("copy", json!({"paused": false})).await;
    plane.until_state("copy", "streaming").await;
    let connected = Instant::now();
    plane.until_equal("public.orders").await;
    let at_least = connected.elapsed();
    plane.patch("copy", json!({"paused": true})).await;
    plane.until_state("copy", "paused").await;
    let billed = plane.usage("pipeline_hours", &id).await;
    let secs: f64 = billed.iter().map(|hours| hours.parse::<f64>().unwrap() * 3600.0).sum();
    // Hours are cut to a millionth, which is 3.6 ms.
    assert!(secs + 0.0036 >= at_least.as_secs_f64(), "{billed:?} after {at_least:?}");
    assert!(secs <= resumed.elapsed().as_secs_f64(), "{billed:?}");
    drop(worker);
}

#[tokio::test]
async fn a_pipeline_that_waits_for_help_takes_no_place_from_one_that_can_work() {
    let plane = plane("agent-places").await;
    let mut wrong = plane.source();
    wrong["password"] = json!("wrong");
    let body = json!({"name": "locked", "spec": wrong});
    plane.owner.post("/v1/orgs/acme/connections", body).await.expect(201);
    let mut command = plane.worker_command();
    command.args(["--capacity", "1"]);
    let worker = Process::start("worker", &plane.logs, command);
    for name in ["one", "two"] {
        plane.pipeline(name, json!({"source": {"connection": "locked"}})).await;
        plane.until_state(name, "failed").await;
    }
    plane.pipeline("works", json!({"mode": "snapshot"})).await;
    plane.until_state("works", "completed").await;
    let path = "/v1/orgs/acme/connections/locked";
    let right = json!({"spec": {"password": plane.source()["password"]}});
    plane.owner.patch(path, right).await.expect(200);
    plane
        .patch("one", json!({"destination": {"connection": "to"}, "interval_secs": 2}))
        .await;
    plane
        .until("one", "works once it was helped", |status| status["state"] != "failed")
        .await;
    drop(worker);
}

#[tokio::test]
async fn a_pause_bills_what_was_copied_and_shows_what_there_is() {
    let plane = plane("agent-pause").await;
    let worker = plane.worker("worker");
    let id = plane.pipeline("copy", json!({})).await;
    plane.until_state("copy", "streaming").await;
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    plane.patch("copy", json!({"paused": true})).await;
    let paused = plane.until_state("copy", "paused").await;
    assert_eq!(paused["tables"][0]["state"], "paused", "{paused:#}");
    assert_eq!(plane.billed(&id).await, ROWS + 1);
    plane.patch("copy", json!({"paused": false})).await;
    plane
        .until("copy", "keeps its counts until it streams", |status| {
            assert_eq!(status["rows"], ROWS + 1, "{status:#}");
            status["state"] == "streaming"
        })
        .await;
    drop(worker);
}

#[tokio::test]
async fn a_process_that_keeps_dying_is_started_again_after_growing_waits() {
    let plane = plane("agent-crash").await;
    let worker = plane.worker("worker");
    plane.pipeline("copy", json!({})).await;
    plane.until_state("copy", "streaming").await;
    let mut task = task_of(&worker, None).await;
    let mut waits = Vec::new();
    for restarts in 1..=3_u64 {
        kill_9(task);
        let died = Instant::now();
        let status = plane
            .until("copy", "tells of the death", |status| status["restarts"] == restarts)
            .await;
        assert_eq!(
            (&status["state"], &status["source"]["connected"]),
            (&json!("connecting"), &json!(false))
        );
        let message = status["message"].as_str().unwrap_or_default();
        assert!(
            message.contains("signal: 9") && status["hint"].is_string(),
            "{status:#}"
        );
        assert_eq!(status["rows"], ROWS, "what is copied stays on show");
        task = task_of(&worker, Some(task)).await;
        waits.push(died.elapsed().as_secs());
    }
    assert!(
        waits[0] >= 1 && waits[1] >= 2 && waits[2] >= 4,
        "the waits grow: {waits:?}"
    );
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    let status = plane.until_state("copy", "streaming").await;
    assert_eq!(
        (&status["restarts"], &status["message"]),
        (&json!(3), &Value::Null),
        "{status:#}"
    );
}

#[tokio::test]
async fn a_copy_whose_process_dies_again_and_again_gets_whole_all_the_same() {
    let plane = plane("agent-fail-point").await;
    plane
        .sql(
            &plane.from,
            "insert into orders select g, repeat(md5(g::text), 400) from generate_series(10001, 16000) g",
        )
        .await;
    let mut command = plane.worker_command();
    // Each process dies after its first commits; only what it has committed gets the copy on.
    command.env("PLINTH_ETL_FAIL", "destination.after_commit=kill:3");
    let worker = Process::start("worker", &plane.logs, command);
    let id = plane
        .pipeline("copy", json!({"mode": "snapshot", "parallelism": 1}))
        .await;
    let status = plane.until_state("copy", "completed").await;
    assert!(status["restarts"].as_u64() >= Some(1), "the processes died: {status:#}");
    plane.until_equal("public.orders").await;
    wait_for("each row is billed once", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 6000).then_some(())
    })
    .await;
    drop(worker);
}

#[tokio::test]
async fn a_paused_pipeline_has_no_process_and_goes_on_where_it_was() {
    let plane = plane("agent-pause").await;
    let worker = plane.worker("worker");
    let id = plane.pipeline("copy", json!({})).await;
    plane.until_state("copy", "streaming").await;
    let task = task_of(&worker, None).await;
    plane.patch("copy", json!({"paused": true})).await;
    let status = plane.until_state("copy", "paused").await;
    assert_eq!(
        (&status["rows"], &status["destination"]["connected"]),
        (&json!(ROWS), &json!(false)),
        "{status:#}"
    );
    assert!(!is_alive(task), "it ends before the pipeline counts as paused");
    plane
        .sql(
            &plane.from,
            "insert into orders select g, 'meanwhile' from generate_series(6001, 6100) g",
        )
        .await;
    plane.patch("copy", json!({"paused": false})).await;
    plane.until_equal("public.orders").await;
    plane.until_state("copy", "streaming").await;
    wait_for("only new rows are copied", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 100).then_some(())
    })
    .await;
    assert_ne!(task_of(&worker, None).await, task);
}

#[tokio::test]
async fn a_changed_spec_is_carried_out_by_a_new_process() {
    let plane = plane("agent-change").await;
    plane
        .sql(
            &plane.from,
            "create table items (id int primary key, updated_at timestamptz not null default now());
        insert into items select generate_series(1, 200)",
        )
        .await;
    let worker = plane.worker("worker");
    let id = plane.pipeline("copy", json!({})).await;
    plane.until_state("copy", "streaming").await;
    let task = task_of(&worker, None).await;
    let tables =
        json!([{"name": "public.orders", "cursor": "updated_at"}, {"name": "public.items", "cursor": "updated_at"}]);
    plane.patch("copy", json!({"source": {"tables": tables}})).await;
    plane.until_equal("public.items").await;
    plane
        .until("copy", "shows both tables", |status| {
            status["tables"].as_array().is_some_and(|all| all.len() == 2)
        })
        .await;
    assert_ne!(task_of(&worker, None).await, task);
    assert!(!is_alive(task), "never two processes for one pipeline");
    wait_for("the first table is not copied again", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_deleted_pipeline_leaves_its_rows_and_nothing_else() {
    let plane = plane("agent-delete").await;
    let worker = plane.worker("worker");
    let id = plane.pipeline("copy", json!({})).await;
    plane.until_state("copy", "streaming").await;
    let task = task_of(&worker, None).await;
    assert!(plane.records(&id).await > 0);
    plane.owner.delete("/v1/orgs/acme/pipelines/copy").await.expect(202);
    wait_for("the pipeline is torn down", LIMIT, async || {
        deleted(&plane.owner, &id).await
    })
    .await;
    assert!(!is_alive(task));
    assert_eq!(plane.records(&id).await, 0);
    plane.until_equal("public.orders").await;
    plane
        .owner
        .get("/v1/orgs/acme/pipelines/copy")
        .await
        .problem(404, "not_found");
    assert_eq!(plane.billed(&id).await, ROWS, "deletion forgives no bill");
}

#[tokio::test]
async fn a_pipeline_whose_destination_is_gone_can_still_be_deleted() {
    let plane = plane("agent-delete-gone").await;
    let nowhere = json!({"kind": "postgres", "host": "127.0.0.1", "port": 1, "database": "x", "user": "x",
        "password": "x", "tls": "disable"});
    let body = json!({"name": "nowhere", "spec": nowhere});
    plane.owner.post("/v1/orgs/acme/connections", body).await.expect(201);
    let _worker = plane.worker("worker");
    let id = plane
        .pipeline("copy", json!({"destination": {"connection": "nowhere"}}))
        .await;
    let status = plane
        .until("copy", "says what is wrong", |status| status["message"].is_string())
        .await;
    assert!(
        status["message"].as_str().unwrap().contains("connection_refused"),
        "{status:#}"
    );
    plane.owner.delete("/v1/orgs/acme/pipelines/copy").await.expect(202);
    wait_for("the pipeline is torn down", LIMIT, async || {
        deleted(&plane.owner, &id).await
    })
    .await;
}

/// Two workers, and which of them has the pipeline.
async fn holder(plane: &Plane, id: &str) -> (Process, Process, i32) {
    let (one, two) = (plane.worker("one"), plane.worker("two"));
    plane.until_state(id, "streaming").await;
    match tasks(one.pid).first().copied() {
        Some(task) => (one, two, task),
        None => {
            let task = task_of(&two, None).await;
            (two, one, task)
        }
    }
}

#[tokio::test]
async fn a_killed_worker_takes_its_process_along_and_another_worker_goes_on() {
    let plane = plane("agent-killed").await;
    let id = plane.pipeline("copy", json!({})).await;
    let (mut holder, other, task) = holder(&plane, &id).await;
    holder.signal(Signal::SIGKILL);
    holder.ended().await;
    // Its input has ended with the worker, which is what it lives by.
    gone("the process of a killed worker", task, Duration::from_secs(10)).await;
    plane.app.expire_lease(&id).await;
    task_of(&other, None).await;
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    wait_for("each row is billed once", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 1).then_some(())
    })
    .await;
    let status = plane.until_state("copy", "streaming").await;
    assert_eq!(status["rows"], ROWS + 1, "{status:#}");
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_gives_its_pipelines_back_at_once() {
    let plane = plane("agent-stop").await;
    let id = plane.pipeline("copy", json!({})).await;
    let (mut holder, other, task) = holder(&plane, &id).await;
    assert_eq!(holder.end(Signal::SIGTERM).await, Some(0), "{}", holder.said());
    assert!(!is_alive(task), "a worker does not end before its processes");
    let stopped = Instant::now();
    task_of(&other, None).await;
    assert!(
        stopped.elapsed() < SOON,
        "nobody had to wait for the lease: {:?}",
        stopped.elapsed()
    );
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    wait_for("nothing is copied twice", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_stops_its_process_before_another_writes() {
    let plane = plane("agent-lost").await;
    let id = plane.pipeline("copy", json!({})).await;
    let (holder, other, task) = holder(&plane, &id).await;
    plane.app.expire_lease(&id).await;
    gone("the process without a lease", task, LIMIT).await;
    let all = wait_for("there is one process again", LIMIT, async || {
        let all = [tasks(holder.pid), tasks(other.pid)].concat();
        (all.len() == 1).then_some(all)
    })
    .await;
    assert_ne!(all, [task]);
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
}

#[tokio::test]
async fn a_worker_with_a_wrong_token_ends_and_says_why() {
    let plane = plane("agent-token").await;
    let mut command = plane.worker_command();
    command.env("PLINTH_RECONCILER_TOKEN", format!("plinth_rec_{}", "0".repeat(64)));
    let mut worker = Process::start("worker", &plane.logs, command);
    assert_eq!(worker.ended().await.code(), Some(1));
    assert!(worker.said().contains("error:"), "{}", worker.said());
    assert!(children(worker.pid, "etl-task").is_empty());
}
