//! Work for reconcilers: fair claims, leases that fence, and tokens that reach one resource alone.

use std::collections::{BTreeMap, BTreeSet};

use plinth_testkit::app::{self, Client, Org, Row, TestApp, wait_until};
use serde_json::{Value, json};

use crate::etl::{copy, each, files, named, pointers, postgres, text};

async fn connections(org: &Org<'_>) {
    for (name, spec) in [("source", postgres("hunter2")), ("sink", files("sink"))] {
        org.owner
            .client
            .post(&org.path("/connections"), named(name, spec))
            .await
            .expect(201);
    }
}

async fn pipeline(org: &Org<'_>, name: &str) -> String {
    text(
        &org.owner
            .client
            .post(&org.path("/pipelines"), named(name, copy("source", "sink")))
            .await
            .expect(201)["id"],
    )
}

async fn claim(app: &TestApp, agent: &str, capacity: usize) -> Value {
    let claim = json!({"agent": agent, "types": ["pipeline"], "capacity": capacity});
    app.reconciler().post("/v1/work/claim", claim).await.expect(200)
}

/// The one lease that there is to get, and its holder.
async fn claim_one(app: &TestApp, agent: &str) -> (Value, Client) {
    let item = wait_until("there is work", || async {
        claim(app, agent, 1).await["items"].get(0).cloned()
    })
    .await;
    let worker = app.bearer(item["lease"]["token"].as_str().unwrap());
    (item, worker)
}

async fn release(worker: &Client, outcome: &str, generation: i64) -> app::Answer {
    let body = json!({"outcome": outcome, "observed_generation": generation, "retry_after_secs": 0.0});
    worker.post("/v1/work/self/release", body).await
}

fn status(state: &str) -> Value {
    json!({"observed_generation": 1, "status": {"state": state}})
}

#[tokio::test]
async fn a_claim_takes_turns_between_orgs() {
    let app = app::start().await;
    let (busy, quiet) = (app.org("busy").await, app.org("quiet").await);
    for org in [&busy, &quiet] {
        connections(org).await;
    }
    for number in 0..6 {
        pipeline(&busy, &format!("p{number}")).await;
    }
    for number in 0..2 {
        pipeline(&quiet, &format!("p{number}")).await;
    }
    let first = claim(&app, "a", 4).await;
    let mut share = BTreeMap::new();
    for org in each(&first, "org") {
        *share.entry(text(org)).or_insert(0) += 1;
    }
    assert_eq!(share, BTreeMap::from([(busy.id.clone(), 2), (quiet.id.clone(), 2)]));
    let rest = claim(&app, "a", 10).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 4);
    assert_eq!(claim(&app, "b", 10).await, json!({"items": [], "changed": []}));
}

#[tokio::test]
async fn a_claim_gives_an_agent_no_more_of_one_org_than_it_takes() {
    let app = app::start().await;
    let (busy, quiet) = (app.org("busy").await, app.org("quiet").await);
    for org in [&busy, &quiet] {
        connections(org).await;
    }
    for number in 0..5 {
        pipeline(&busy, &format!("p{number}")).await;
    }
    let claim = async |agent: &str, org_capacity: Option<usize>| {
        let claim = json!({"agent": agent, "types": ["pipeline"], "capacity": 10, "org_capacity": org_capacity});
        app.reconciler().post("/v1/work/claim", claim).await.expect(200)["items"].clone()
    };
    let count = |items: &Value| items.as_array().unwrap().len();
    let held = claim("a", Some(2)).await;
    assert_eq!(count(&held), 2, "as many as it takes of one org");
    assert_eq!(claim("a", Some(2)).await, json!([]), "what it holds counts");
    pipeline(&quiet, "p").await;
    let others = claim("a", Some(2)).await;
    assert_eq!(
        (count(&others), &others[0]["org"]),
        (1, &json!(quiet.id)),
        "another org has places of its own"
    );
    assert_eq!(count(&claim("b", Some(2)).await), 2, "each agent counts for itself");

    let worker = app.bearer(held[0]["lease"]["token"].as_str().unwrap());
    release(&worker, "done", 1).await.expect(204);
    assert_eq!(
        count(&claim("a", Some(2)).await),
        1,
        "a place that is given back can be taken"
    );
    pipeline(&busy, "late").await;
    assert_eq!(claim("a", Some(2)).await, json!([]));
    assert_eq!(count(&claim("a", None).await), 1, "who names no limit has none");
}

#[tokio::test]
async fn a_deletion_is_given_out_beyond_the_places_of_an_org_and_alone_to_whom_asks_for_no_other() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let doomed = pipeline(&org, "doomed").await;
    let claim = async |only: Option<&str>| {
        let claim = json!({"agent": "a", "types": ["pipeline"], "capacity": 10, "org_capacity": 1, "only": only});
        app.reconciler().post("/v1/work/claim", claim).await.expect(200)["items"].clone()
    };
    let ids = |items: &Value| -> Vec<String> {
        let items = items.as_array().unwrap().iter();
        items.map(|item| text(&item["resource"]["id"])).collect()
    };
    let held = claim(None).await;
    assert_eq!(ids(&held), [doomed.as_str()]);
    let worker = app.bearer(held[0]["lease"]["token"].as_str().unwrap());
    release(&worker, "done", 1).await.expect(204);
    // It takes the one place of its org before the deletion.
    let holds_the_place = pipeline(&org, "holds").await;
    assert_eq!(ids(&claim(None).await), [holds_the_place]);
    pipeline(&org, "waits").await;
    assert_eq!(claim(Some("deleted")).await, json!([]), "nothing is being deleted");

    org.owner
        .client
        .delete(&org.path("/pipelines/doomed"))
        .await
        .expect(202);
    assert_eq!(ids(&claim(Some("deleted")).await), [doomed.as_str()]);
    app.expire_lease(&doomed).await;
    assert_eq!(
        ids(&claim(None).await),
        [doomed.as_str()],
        "who takes anything takes it, too"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_never_hold_the_same_resource() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let mut created = BTreeSet::new();
    for number in 0..24 {
        created.insert(pipeline(&org, &format!("p{number}")).await);
    }
    let agents: Vec<_> = (0..6)
        .map(|agent| {
            let client = app.reconciler();
            tokio::spawn(async move {
                let mut held = Vec::new();
                loop {
                    let claim = json!({"agent": format!("agent-{agent}"), "types": ["pipeline"], "capacity": 2});
                    let claimed = client.post("/v1/work/claim", claim).await.expect(200);
                    if claimed["items"] == json!([]) {
                        return held;
                    }
                    held.extend(each(&claimed, "resource").iter().map(|resource| text(&resource["id"])));
                }
            })
        })
        .collect();
    let mut held = Vec::new();
    for agent in agents {
        held.extend(agent.await.unwrap());
    }
    assert_eq!(held.len(), 24, "each once");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), created);
}

#[tokio::test]
async fn a_lease_that_was_not_renewed_in_time_writes_nothing_any_more() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let id = pipeline(&org, "copy").await;
    let (first, slow) = claim_one(&app, "slow").await;
    slow.put("/v1/work/self/status", status("connecting")).await.expect(204);
    app.expire_lease(&id).await;
    let (second, quick) = claim_one(&app, "quick").await;
    let epoch = |item: &Value| item["lease"]["epoch"].as_i64().unwrap();
    assert!(epoch(&second) > epoch(&first));
    quick
        .put("/v1/work/self/status", status("snapshotting"))
        .await
        .expect(204);
    let at = "2026-01-01T00:00:00Z";
    let usage = json!({"records": [{"source": "w", "id": "1", "meter": "rows_copied", "quantity": "1", "at": at}]});
    let points = json!({"points": [{"name": "rows_copied", "value": 1.0, "at": at}]});
    let before = app.rows_of(&org.id).await;
    slow.get("/v1/work/self").await.problem(409, "lease_lost");
    slow.put("/v1/work/self/status", status("failed"))
        .await
        .problem(409, "lease_lost");
    slow.post("/v1/work/self/renew", json!({}))
        .await
        .problem(409, "lease_lost");
    slow.post("/v1/work/self/usage", usage.clone())
        .await
        .problem(409, "lease_lost");
    slow.post("/v1/work/self/metrics", points.clone())
        .await
        .problem(409, "lease_lost");
    slow.post("/v1/work/self/finalize", json!({}))
        .await
        .problem(409, "lease_lost");
    release(&slow, "done", 1).await.problem(409, "lease_lost");
    assert_eq!(app.rows_of(&org.id).await, before);
    assert_eq!(
        quick.post("/v1/work/self/usage", usage).await.expect(200),
        json!({"accepted": 1, "duplicate": 0})
    );
    assert_eq!(
        quick.post("/v1/work/self/metrics", points).await.expect(200)["accepted"],
        1
    );
    let shown = org.owner.client.get(&org.path("/pipelines/copy")).await.expect(200);
    assert_eq!(shown["status"]["state"], "snapshotting");
}

#[tokio::test]
async fn an_assignment_has_all_that_a_worker_needs_and_the_worker_reports_back() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let id = pipeline(&org, "copy").await;
    let (item, worker) = claim_one(&app, "a").await;
    assert_eq!((&item["org"], &item["attempts"]), (&json!(org.id), &json!(1)));
    let assignment = worker.get("/v1/work/self").await.expect(200);
    assert_eq!(assignment["resource"]["id"], id.as_str());
    assert_eq!(
        assignment["references"]["/source/connection"]["spec"],
        postgres("hunter2")
    );
    assert_eq!(
        assignment["references"]["/destination/connection"]["spec"],
        files("sink")
    );
    let renewed = worker.post("/v1/work/self/renew", json!({})).await.expect(200);
    assert!(renewed["expires_at"].as_str() > item["lease"]["expires_at"].as_str());
    assert_eq!(renewed["generation"], 1);
    let ttls = (&item["lease"]["ttl_secs"], &renewed["ttl_secs"]);
    assert_eq!(ttls, (&json!(30.0), &json!(30.0)), "as the server is set");
    worker
        .put("/v1/work/self/status", status("streaming"))
        .await
        .expect(204);
    let wrong = worker
        .put("/v1/work/self/status", status("dancing"))
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&wrong), ["/status/state"]);
    let shown = org.owner.client.get(&org.path("/pipelines/copy")).await.expect(200);
    assert_eq!(
        (&shown["status"]["state"], &shown["version"]),
        (&json!("streaming"), &json!(1))
    );
    app.settled(&org.id).await;
    let events = org
        .owner
        .client
        .get(&org.path("/events?operation=status"))
        .await
        .expect(200);
    assert_eq!(events["items"][0]["data"]["actor"]["type"], "worker");
    release(&worker, "done", 1).await.expect(204);
    worker.get("/v1/work/self").await.problem(409, "lease_lost");
    assert_eq!(
        claim(&app, "a", 5).await["items"],
        json!([]),
        "nothing to do until it changes"
    );
}

#[tokio::test]
async fn a_holder_is_told_of_each_new_generation_once() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    pipeline(&org, "copy").await;
    let (_, worker) = claim_one(&app, "a").await;
    assert_eq!(claim(&app, "a", 0).await["changed"], json!([]));
    let copy = org.path("/pipelines/copy");
    org.owner
        .client
        .patch(&copy, json!({"spec": {"paused": true}}))
        .await
        .expect(200);
    org.owner
        .client
        .patch(&copy, json!({"spec": {"batch_rows": 500}}))
        .await
        .expect(200);
    assert_eq!(
        claim(&app, "b", 5).await,
        json!({"items": [], "changed": []}),
        "another agent neither gets nor hears of it"
    );
    let told = claim(&app, "a", 0).await;
    assert_eq!(told["changed"][0]["resource"]["generation"], 3, "the newest alone");
    assert_eq!(told["changed"].as_array().unwrap().len(), 1);
    assert_eq!(claim(&app, "a", 0).await["changed"], json!([]));
    release(&worker, "done", 2).await.expect(204);
    let (again, worker) = claim_one(&app, "b").await;
    assert_eq!(
        again["resource"]["generation"], 3,
        "done with an older generation is not done"
    );
    release(&worker, "done", 3).await.expect(204);
    org.owner
        .client
        .patch(&copy, json!({"properties": {"team": "data"}}))
        .await
        .expect(200);
    assert_eq!(claim(&app, "a", 5).await["items"], json!([]), "labels are no work");
}

#[tokio::test]
async fn a_change_wakes_an_agent_that_waits() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let waiting = tokio::spawn({
        let agent = app.reconciler();
        async move {
            agent
                .post(
                    "/v1/work/claim",
                    json!({"agent": "a", "types": ["pipeline"], "wait_secs": 20}),
                )
                .await
                .expect(200)
        }
    });
    let id = pipeline(&org, "copy").await;
    assert_eq!(waiting.await.unwrap()["items"][0]["resource"]["id"], id.as_str());
}

#[tokio::test]
async fn what_could_not_be_done_comes_up_again_and_counts() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    pipeline(&org, "copy").await;
    for attempt in 1..=3 {
        let (item, worker) = claim_one(&app, "a").await;
        assert_eq!(item["attempts"], attempt);
        release(&worker, "retry", 1).await.expect(204);
    }
    let (_, worker) = claim_one(&app, "a").await;
    let later = json!({"outcome": "retry", "observed_generation": 1, "retry_after_secs": 3600.0});
    worker.post("/v1/work/self/release", later).await.expect(204);
    assert_eq!(claim(&app, "a", 5).await["items"], json!([]));
    org.owner
        .client
        .patch(&org.path("/pipelines/copy"), json!({"spec": {"paused": true}}))
        .await
        .expect(200);
    let (item, _) = claim_one(&app, "a").await;
    assert_eq!(item["attempts"], 1, "a new generation is not made to wait");
}

#[tokio::test]
async fn only_a_deleted_resource_is_finalized() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let id = pipeline(&org, "copy").await;
    let (_, worker) = claim_one(&app, "a").await;
    worker
        .post("/v1/work/self/finalize", json!({}))
        .await
        .problem(409, "conflict");
    org.owner.client.delete(&org.path("/pipelines/copy")).await.expect(202);
    assert!(claim(&app, "a", 0).await["changed"][0]["resource"]["deleted_at"].is_string());
    worker.post("/v1/work/self/finalize", json!({})).await.expect(204);
    worker
        .post("/v1/work/self/finalize", json!({}))
        .await
        .problem(409, "lease_lost");
    let gone = org
        .owner
        .client
        .get(&org.path(&format!("/pipelines/{id}")))
        .await
        .expect(200);
    assert!(
        gone["deleted_at"].is_string() && gone["finalized_at"].is_string(),
        "{gone}"
    );
    let undelete = org.path(&format!("/pipelines/{id}/undelete"));
    org.owner
        .client
        .call("POST", &undelete)
        .send()
        .await
        .problem(409, "conflict");
    assert_eq!(claim(&app, "a", 5).await, json!({"items": [], "changed": []}));
}

/// Somebody else takes the rows of a report the other way round, so that the two wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_the_database_breaks_off_is_made_again() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let id = pipeline(&org, "copy").await;
    let (_, worker) = claim_one(&app, "a").await;
    let (gate, rival) = (app.rival().await, app.rival().await);
    gate.hold(Row::Resource, &id).await;
    let report = tokio::spawn(async move { worker.put("/v1/work/self/status", status("connecting")).await });
    app.blocked_at(Row::Resource).await;
    rival.hold(Row::WorkItem, &id).await;
    gate.let_go().await;
    app.blocked_at(Row::WorkItem).await;
    // The report holds the resource by now: this goes on only when the report is broken off.
    rival.hold(Row::Resource, &id).await;
    rival.let_go().await;
    report.await.unwrap().expect(204);
    let shown = org.owner.client.get(&org.path("/pipelines/copy")).await.expect(200);
    assert_eq!(shown["status"]["state"], "connecting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_and_changes_at_the_same_time_all_succeed() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    pipeline(&org, "copy").await;
    let (_, worker) = claim_one(&app, "a").await;
    let at = "2026-01-01T00:00:00Z";
    let changes = (0..4).map(|writer| {
        let (owner, path) = (org.owner.client.clone(), org.path("/pipelines/copy"));
        let (worker, agent) = (worker.clone(), app.reconciler());
        tokio::spawn(async move {
            for round in 0..25 {
                let id = format!("{writer}-{round}");
                let usage =
                    json!({"records": [{"source": "w", "id": id, "meter": "rows_copied", "quantity": "1", "at": at}]});
                let points = json!({"points": [{"name": "m", "value": 1.0, "at": at, "labels": {"n": id}}]});
                let state = if round % 2 == 0 { "connecting" } else { "snapshotting" };
                match writer {
                    0 => owner
                        .patch(&path, json!({"spec": {"batch_rows": 1000 + round}}))
                        .await
                        .expect(200),
                    1 => worker.put("/v1/work/self/status", status(state)).await.expect(204),
                    2 => {
                        worker.post("/v1/work/self/metrics", points).await.expect(200);
                        worker.post("/v1/work/self/usage", usage).await.expect(200)
                    }
                    _ => {
                        worker.post("/v1/work/self/renew", json!({})).await.expect(200);
                        agent
                            .post("/v1/work/claim", json!({"agent": "a", "types": ["pipeline"]}))
                            .await
                            .expect(200)
                    }
                };
            }
        })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.unwrap();
    }
}

#[tokio::test]
async fn a_lease_reaches_its_own_resource_and_nothing_else() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    pipeline(&org, "mine").await;
    let (item, worker) = claim_one(&app, "a").await;
    let other = pipeline(&org, "other").await;
    let mine = text(&item["resource"]["id"]);
    let at = "2026-01-01T00:00:00Z";
    let usage = |resource: &str| json!({"records": [{"source": "w", "id": "1", "meter": "rows_copied", "resource": resource, "quantity": "1", "at": at}]});
    let points =
        |resource: &str| json!({"points": [{"name": "rows_copied", "resource": resource, "value": 1.0, "at": at}]});
    let before = app.rows_of(&org.id).await;
    let refused = worker
        .post("/v1/work/self/usage", usage(&other))
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&refused), ["/records/0/resource"]);
    let refused = worker
        .post("/v1/work/self/metrics", points(&other))
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&refused), ["/points/0/resource"]);
    for path in [
        "/pipelines",
        &format!("/pipelines/{mine}"),
        "/connections/source",
        "/events",
        "/usage",
        "/members",
        "",
    ] {
        worker.get(&org.path(path)).await.problem(404, "not_found");
    }
    worker
        .delete(&org.path("/pipelines/mine"))
        .await
        .problem(404, "not_found");
    worker
        .post("/v1/work/claim", json!({"agent": "a", "types": ["pipeline"]}))
        .await
        .problem(403, "forbidden");
    assert_eq!(app.rows_of(&org.id).await, before);
    worker.post("/v1/work/self/usage", usage(&mine)).await.expect(200);
    let forged = app.bearer(&format!("{}x", worker.token.as_deref().unwrap()));
    forged.get("/v1/work/self").await.problem(409, "lease_lost");
}

#[tokio::test]
async fn a_claim_that_makes_no_sense_is_refused() {
    let app = app::start().await;
    let claim = async |body: Value| app.reconciler().post("/v1/work/claim", body).await;
    claim(json!({"agent": "a", "types": ["connection"]}))
        .await
        .problem(422, "validation_failed");
    claim(json!({"agent": "a", "types": ["unknown"]}))
        .await
        .problem(422, "validation_failed");
    for body in [
        json!({"agent": "", "types": ["pipeline"]}),
        json!({"agent": "a\u{0}b", "types": ["pipeline"]}),
        json!({"agent": "a", "types": ["pipeline"], "capacity": 101}),
        json!({"agent": "a", "types": ["pipeline"], "wait_secs": 31}),
        json!({"agent": "a", "types": ["pipeline"], "org_capacity": 0}),
    ] {
        claim(body).await.problem(400, "invalid_request");
    }
    claim(json!({"agent": "a", "types": "pipeline"}))
        .await
        .problem(422, "validation_failed");
    claim(json!({"agent": "a", "types": ["pipeline"], "only": "finalized"}))
        .await
        .problem(422, "validation_failed");
    claim(json!({"agent": "a", "types": [], "capacity": -1}))
        .await
        .problem(422, "validation_failed");
}
