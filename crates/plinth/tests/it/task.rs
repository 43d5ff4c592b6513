//! The process of one pipeline, started as the agent does it: orders on standard input, reports by HTTP, an exit code.

use nix::sys::signal::Signal;
use plinth_testkit::app::wait_until;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::plane::{Plane, ROWS, plane, text};
use crate::process::{LIMIT, Process, plinth, wait_for};

/// Exit codes, as the agent reads them.
const COMPLETED: i32 = 0;
const STOPPED: i32 = 3;
const FENCED: i32 = 4;

/// A lease on the one pipeline that there is.
async fn lease(plane: &Plane, agent: &str) -> Value {
    let claim = json!({"agent": agent, "types": ["pipeline"], "capacity": 1});
    wait_until("there is work", || async {
        let claimed = plane
            .app
            .reconciler()
            .post("/v1/work/claim", claim.clone())
            .await
            .expect(200);
        claimed["items"].get(0).map(|item| item["lease"].clone())
    })
    .await
}

async fn start(plane: &Plane, name: &str, lease: &Value) -> Process {
    let orders = json!({
        "server": plane.app.url, "token": lease["token"], "epoch": lease["epoch"],
        "bounds": {"files": plane.files.path(), "networks": {"rules": null}},
    });
    let mut task = Process::start(name, &plane.logs, plinth(["etl-task"]));
    let line = format!("{orders}\n");
    task.stdin.as_mut().unwrap().write_all(line.as_bytes()).await.unwrap();
    task
}

#[tokio::test]
async fn without_orders_it_ends_with_a_message() {
    let plane = plane("task-orders").await;
    for input in ["", "{}\n"] {
        let mut task = Process::start("task", &plane.logs, plinth(["etl-task"]));
        task.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        assert_eq!(task.ended().await.code(), Some(1));
        assert!(task.said().contains("no orders on standard input"), "{}", task.said());
    }
}

#[tokio::test]
async fn a_finished_copy_is_reported_measured_and_billed_before_the_process_ends() {
    let plane = plane("task-done").await;
    let id = plane.pipeline("copy", json!({"mode": "snapshot"})).await;
    let lease = lease(&plane, "test").await;
    let mut task = start(&plane, "task", &lease).await;
    assert_eq!(task.ended().await.code(), Some(COMPLETED), "{}", task.said());
    let pipeline = plane.owner.get("/v1/orgs/acme/pipelines/copy").await.expect(200);
    let status = &pipeline["status"];
    assert_eq!(
        (&status["state"], &status["rows"]),
        (&json!("completed"), &json!(ROWS)),
        "{status:#}"
    );
    assert_eq!(status["tables"][0]["rows_total"], ROWS, "{status:#}");
    assert!(
        status["source"]["server"].as_str().unwrap().starts_with("PostgreSQL "),
        "{status:#}"
    );
    assert_eq!(plane.billed(&id).await, ROWS);
    assert_eq!(
        plane.records(&id).await,
        3,
        "pipeline, table and one chunk; no record of usage is left"
    );
    let query = json!({"name": "rows_copied", "resource": id, "aggregate": "last", "bucket_secs": 31_622_400,
        "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"});
    let answer = plane.owner.post("/v1/orgs/acme/metrics/query", query).await.expect(200);
    assert_eq!(answer["series"][0]["points"][0]["value"], json!(5000.0), "{answer}");
    plane.until_equal("public.orders").await;
    assert!(!task.said().contains(&text(&lease["token"])), "its token is its own");
}

#[tokio::test]
async fn the_end_of_its_input_stops_it_and_the_next_one_goes_on() {
    let plane = plane("task-stop").await;
    let id = plane.pipeline("copy", json!({})).await;
    let lease = lease(&plane, "test").await;
    let mut task = start(&plane, "one", &lease).await;
    plane.until_state("copy", "streaming").await;
    assert!(task.is_running());
    drop(task.stdin.take());
    assert_eq!(task.ended().await.code(), Some(STOPPED), "{}", task.said());
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    let mut task = start(&plane, "two", &lease).await;
    plane.until_equal("public.orders").await;
    wait_for("only the new row is copied", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 1).then_some(())
    })
    .await;
    drop(task.stdin.take());
    assert_eq!(task.ended().await.code(), Some(STOPPED), "{}", task.said());
}

#[tokio::test]
async fn a_lost_lease_ends_it_with_a_code_of_its_own() {
    let plane = plane("task-lost").await;
    let id = plane.pipeline("copy", json!({})).await;
    let first = lease(&plane, "one").await;
    let mut task = start(&plane, "one", &first).await;
    plane.until_state("copy", "streaming").await;
    plane.app.expire_lease(&id).await;
    assert_eq!(task.ended().await.code(), Some(FENCED), "{}", task.said());
    let mut late = start(&plane, "late", &first).await;
    assert_eq!(late.ended().await.code(), Some(FENCED), "{}", late.said());
}

#[tokio::test]
async fn a_newer_process_shuts_out_one_that_stood_still() {
    let plane = plane("task-fence").await;
    let id = plane.pipeline("copy", json!({})).await;
    let first = lease(&plane, "one").await;
    let mut old = start(&plane, "old", &first).await;
    plane.until_state("copy", "streaming").await;
    // As a machine that sleeps, and wakes up when all is over.
    old.signal(Signal::SIGSTOP);
    plane.app.expire_lease(&id).await;
    let second = lease(&plane, "two").await;
    assert!(second["epoch"].as_u64() > first["epoch"].as_u64(), "{second}");
    let mut new = start(&plane, "new", &second).await;
    plane
        .sql(&plane.from, "insert into orders values (6000, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    old.signal(Signal::SIGCONT);
    assert_eq!(old.ended().await.code(), Some(FENCED), "{}", old.said());
    plane
        .sql(&plane.from, "insert into orders values (6001, 'later')")
        .await;
    plane.until_equal("public.orders").await;
    assert!(new.is_running(), "{}", new.said());
    wait_for("each row is billed once", LIMIT, async || {
        (plane.billed(&id).await == ROWS + 2).then_some(())
    })
    .await;
    drop(new.stdin.take());
    assert_eq!(new.ended().await.code(), Some(STOPPED), "{}", new.said());
}
