//! The end of a resource: deleted, torn down, gone; or brought back in time.

use plinth_control::housekeeping;
use plinth_testkit::app::{self, Org, TestApp};
use serde_json::{Value, json};

use crate::etl::{copy, each, files, named, pointers, text};

async fn pipeline(org: &Org<'_>) -> String {
    let owner = &org.owner.client;
    for name in ["source", "sink"] {
        owner
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
    text(
        &owner
            .post(&org.path("/pipelines"), named("copy", copy("source", "sink")))
            .await
            .expect(201)["id"],
    )
}

async fn finalize(app: &TestApp) {
    let claim = json!({"agent": "a", "types": ["pipeline"], "wait_secs": 10});
    let claimed = app.reconciler().post("/v1/work/claim", claim).await.expect(200);
    let item = &claimed["items"][0];
    assert!(item["resource"]["deleted_at"].is_string(), "{item}");
    let worker = app.bearer(item["lease"]["token"].as_str().unwrap());
    worker.post("/v1/work/self/finalize", json!({})).await.expect(204);
}

#[tokio::test]
async fn a_reconciled_resource_is_gone_when_its_reconciler_has_torn_it_down() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let id = pipeline(&org).await;
    let by_id = org.path(&format!("/pipelines/{id}"));
    let deleted = owner.delete(&org.path("/pipelines/copy")).await.expect(202);
    assert!(deleted["deleted_at"].is_string());
    owner.get(&org.path("/pipelines/copy")).await.problem(404, "not_found");
    assert_eq!(owner.get(&by_id).await.expect(200)["deleted_at"], deleted["deleted_at"]);
    assert_eq!(
        owner.delete(&by_id).await.expect(202),
        deleted,
        "deleting it again changes nothing"
    );
    owner
        .patch(&by_id, json!({"properties": {"a": "b"}}))
        .await
        .problem(409, "conflict");
    app.age_deletion(&id).await;
    housekeeping::step(&app.control).await.unwrap();
    owner.get(&by_id).await.expect(200);
    finalize(&app).await;
    owner
        .call("POST", &format!("{by_id}/undelete"))
        .send()
        .await
        .problem(409, "conflict");
    assert_eq!(housekeeping::step(&app.control).await.unwrap().purged, 1);
    owner.get(&by_id).await.problem(404, "not_found");
    app.settled(&org.id).await;
    let events = owner
        .get(&org.path(&format!("/events?subject={id}&order=asc")))
        .await
        .expect(200);
    // The test has made the deletion older by SQL, which is in the log as well.
    let data = each(&events, "data")
        .into_iter()
        .filter(|data| data["actor"]["type"] != "sql");
    let operations: Vec<&Value> = data.map(|data| &data["operation"]).collect();
    assert_eq!(operations, ["create", "delete", "finalize", "purge"]);
}

#[tokio::test]
async fn another_resource_is_gone_when_nobody_wants_it_back() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let id = text(
        &owner
            .post(&org.path("/connections"), named("shop", files("shop")))
            .await
            .expect(201)["id"],
    );
    owner.delete(&org.path("/connections/shop")).await.expect(200);
    assert_eq!(housekeeping::step(&app.control).await.unwrap().purged, 0);
    app.age_deletion(&id).await;
    assert_eq!(housekeeping::step(&app.control).await.unwrap().purged, 1);
    owner
        .get(&org.path(&format!("/connections/{id}")))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_deleted_resource_comes_back_as_it_was() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let id = pipeline(&org).await;
    let before = owner.get(&org.path("/pipelines/copy")).await.expect(200);
    owner.delete(&org.path("/pipelines/copy")).await.expect(202);
    let undelete = org.path(&format!("/pipelines/{id}/undelete"));
    let restored = owner.call("POST", &undelete).send().await.expect(200);
    for field in ["id", "name", "spec", "properties", "created_at", "deleted_at"] {
        assert_eq!(restored[field], before[field], "{field}");
    }
    assert_eq!((&restored["generation"], &restored["version"]), (&json!(3), &json!(3)));
    assert_eq!(
        owner.call("POST", &undelete).send().await.expect(200),
        restored,
        "once is enough"
    );
    assert_eq!(owner.get(&org.path("/pipelines/copy")).await.expect(200), restored);
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_keeps_the_old_one_away() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let id = text(
        &owner
            .post(&org.path("/connections"), named("shop", files("old")))
            .await
            .expect(201)["id"],
    );
    owner.delete(&org.path("/connections/shop")).await.expect(200);
    owner
        .post(&org.path("/connections"), named("shop", files("new")))
        .await
        .expect(201);
    let undelete = org.path(&format!("/connections/{id}/undelete"));
    let refused = owner.call("POST", &undelete).send().await.problem(409, "conflict");
    assert_eq!(pointers(&refused), ["/name"]);
    owner.delete(&org.path("/connections/shop")).await.expect(200);
    owner.call("POST", &undelete).send().await.expect(200);
    assert_eq!(
        owner.get(&org.path("/connections/shop")).await.expect(200)["spec"],
        files("old")
    );
}
