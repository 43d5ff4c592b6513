//! Secrets go in, and nowhere out: not in answers, events, lists, problems or logs.

use std::io;
use std::sync::{Arc, Mutex};

use plinth_testkit::app::{self, Answer};
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::etl::{copy, files, named, pointers, postgres};

const FIRST: &str = "first-hunter2-secret";
const SECOND: &str = "second-hunter2-secret";

/// Everything that is logged by this process, which runs one test alone.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL);
        // Beside other tests in one process the first one listens for all.
        let _ = subscriber
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .try_init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

fn is_clean(answer: &Answer) {
    let whole = answer.whole();
    assert!(!whole.contains("hunter2"), "{}: {whole}", answer.asked);
}

#[tokio::test]
async fn a_secret_never_comes_back_out() {
    let log = Log::start();
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let connections = org.path("/connections");
    let shop = org.path("/connections/shop");
    let keyed = owner
        .call("POST", &connections)
        .header("idempotency-key", "k")
        .json(&named("shop", postgres(FIRST)));
    let mut answers = vec![keyed.send().await];
    let keyed = owner
        .call("POST", &connections)
        .header("idempotency-key", "k")
        .json(&named("shop", postgres(FIRST)));
    answers.push(keyed.send().await);
    answers.push(owner.get(&shop).await);
    answers.push(owner.get(&connections).await);
    answers.push(owner.put(&shop, json!({"spec": postgres(SECOND)})).await);
    answers.push(owner.patch(&shop, json!({"spec": {"password": FIRST}})).await);
    answers.push(
        owner
            .patch(&format!("{shop}?dry_run=true"), json!({"spec": {"password": SECOND}}))
            .await,
    );
    answers.push(owner.get(&format!("{connections}?filter=spec.password={}", "x")).await);
    answers.push(owner.delete(&shop).await);
    let id = answers[0].body["id"].as_str().unwrap().to_owned();
    answers.push(owner.call("POST", &format!("{connections}/{id}/undelete")).send().await);
    for answer in &answers {
        assert!([200, 201].contains(&answer.status), "{}: {}", answer.asked, answer.text);
        is_clean(answer);
    }
    for wrong in [
        json!({"kind": "postgres", "password": FIRST}),
        json!({"kind": "postgres", "host": "h", "database": "d", "user": "u", "password": {"deep": FIRST}}),
        json!({"kind": "postgres", "host": "h", "database": "d", "user": "u", "password": FIRST.repeat(100)}),
        json!({"kind": "files", "directory": "d", "format": "csv", "password": FIRST}),
        json!({"kind": "unknown", "password": FIRST}),
    ] {
        let answer = owner.post(&connections, named("wrong", wrong)).await;
        is_clean(&answer);
        answer.problem(422, "validation_failed");
    }
    app.settled(&org.id).await;
    let events = owner.get(&org.path("/events?limit=500")).await;
    assert!(events.body["items"].as_array().unwrap().len() >= 6);
    is_clean(&events);
    let rows = format!("{:?}", app.rows_of(&org.id).await);
    assert!(!rows.contains("hunter2"), "a secret lies in the database as it is");
    assert!(log.text().contains("request"), "the log was listened to");
    assert!(!log.text().contains("hunter2"), "a secret is in the log");
}

#[tokio::test]
async fn a_secret_that_is_left_out_stays_and_null_removes_it() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let created = owner
        .post(&org.path("/connections"), named("shop", postgres(FIRST)))
        .await
        .expect(201);
    assert_eq!(
        (&created["secrets_set"], &created["spec"]["password"]),
        (&json!(["/password"]), &Value::Null)
    );
    let shop = org.path("/connections/shop");
    let mut spec = created["spec"].clone();
    spec["host"] = json!("other.example.com");
    let moved = owner.put(&shop, json!({"spec": spec})).await.expect(200);
    assert_eq!(
        (&moved["secrets_set"], &moved["generation"]),
        (&json!(["/password"]), &json!(2))
    );
    assert_eq!(sealed_password(&app, &org).await, FIRST);
    let changed = owner
        .patch(&shop, json!({"spec": {"password": SECOND}}))
        .await
        .expect(200);
    assert_eq!((&changed["generation"], &changed["spec"]), (&json!(3), &moved["spec"]));
    assert_eq!(sealed_password(&app, &org).await, SECOND);
    let same = owner
        .patch(&shop, json!({"spec": {"password": SECOND}}))
        .await
        .expect(200);
    assert_eq!(
        same["version"], changed["version"],
        "the same secret again changes nothing"
    );
    let removed = owner
        .patch(&shop, json!({"spec": {"password": null}}))
        .await
        .expect(200);
    assert_eq!(removed["secrets_set"], json!([]));
}

/// The password of `shop` as a worker gets it whose pipeline reads from there.
async fn sealed_password(app: &app::TestApp, org: &app::Org<'_>) -> String {
    let owner = &org.owner.client;
    if owner.get(&org.path("/pipelines/copy")).await.status == 404 {
        owner
            .post(&org.path("/connections"), named("sink", files("sink")))
            .await
            .expect(201);
        owner
            .post(&org.path("/pipelines"), named("copy", copy("shop", "sink")))
            .await
            .expect(201);
    } else {
        let paused = owner.get(&org.path("/pipelines/copy")).await.expect(200)["spec"]["paused"] == true;
        owner
            .patch(&org.path("/pipelines/copy"), json!({"spec": {"paused": !paused}}))
            .await
            .expect(200);
    }
    let claim = json!({"agent": "a", "types": ["pipeline"], "wait_secs": 10});
    let claimed = app.reconciler().post("/v1/work/claim", claim).await.expect(200);
    let worker = app.bearer(claimed["items"][0]["lease"]["token"].as_str().unwrap());
    let assignment = worker.get("/v1/work/self").await.expect(200);
    let done = json!({"outcome": "done", "observed_generation": assignment["resource"]["generation"]});
    worker.post("/v1/work/self/release", done).await.expect(204);
    assignment["references"]["/source/connection"]["spec"]["password"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_secret_is_checked_like_any_other_field() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let problem = org
        .owner
        .client
        .post(&org.path("/connections"), named("shop", postgres("")))
        .await;
    let problem = problem.problem(422, "validation_failed");
    assert!(
        pointers(&problem).iter().all(|pointer| *pointer == "/spec/password"),
        "{problem}"
    );
}
