//! Fields that name another resource: the target is there, and stays for as long as it is named.

use plinth_testkit::app::{self, Org};
use serde_json::{Value, json};

use crate::etl::{copy, each, files, named, pointers};

async fn connections(org: &Org<'_>) {
    for name in ["source", "sink"] {
        org.owner
            .client
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
}

async fn pipeline(org: &Org<'_>, name: &str) -> Value {
    org.owner
        .client
        .post(&org.path("/pipelines"), named(name, copy("source", "sink")))
        .await
        .expect(201)
}

#[tokio::test]
async fn a_reference_to_nothing_is_refused_with_its_pointer() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    let body = named("copy", copy("nowhere", "neither"));
    let problem = org
        .owner
        .client
        .post(&org.path("/pipelines"), body)
        .await
        .problem(422, "validation_failed");
    assert_eq!(
        pointers(&problem),
        ["/spec/source/connection", "/spec/destination/connection"]
    );
    assert_eq!(
        org.owner.client.get(&org.path("/pipelines")).await.expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn what_is_referred_to_cannot_be_deleted_and_the_answer_says_by_what() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    connections(&org).await;
    let (first, second) = (pipeline(&org, "first").await, pipeline(&org, "second").await);
    let refused = owner
        .delete(&org.path("/connections/source"))
        .await
        .problem(409, "conflict");
    let offender = |resource: &Value| json!({"type": "pipeline", "id": resource["id"], "name": resource["name"]});
    assert_eq!(refused["offenders"], json!([offender(&first), offender(&second)]));
    for name in ["first", "second"] {
        owner.delete(&org.path(&format!("/pipelines/{name}"))).await.expect(202);
    }
    owner.delete(&org.path("/connections/source")).await.expect(200);
}

#[tokio::test]
async fn what_refers_to_something_gone_cannot_come_back() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    connections(&org).await;
    let id = pipeline(&org, "copy").await["id"].as_str().unwrap().to_owned();
    owner.delete(&org.path("/pipelines/copy")).await.expect(202);
    owner.delete(&org.path("/connections/source")).await.expect(200);
    let undelete = org.path(&format!("/pipelines/{id}/undelete"));
    let refused = owner
        .call("POST", &undelete)
        .send()
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&refused), ["/spec/source/connection"]);
    owner
        .post(&org.path("/connections"), named("source", files("another")))
        .await
        .expect(201);
    owner.call("POST", &undelete).send().await.expect(200);
    owner
        .delete(&org.path("/connections/source"))
        .await
        .problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_deleted_at_the_moment_it_is_named_is_either_gone_or_kept() {
    let app = app::start().await;
    let org = app.org("acme").await;
    connections(&org).await;
    for round in 0..10 {
        let target = format!("target-{round}");
        org.owner
            .client
            .post(&org.path("/connections"), named(&target, files("t")))
            .await
            .expect(201);
        let (client, path) = (org.owner.client.clone(), org.path("/pipelines"));
        let body = named(&format!("copy-{round}"), copy(&target, "sink"));
        let create = tokio::spawn(async move { client.post(&path, body).await.status });
        let (client, path) = (org.owner.client.clone(), org.path(&format!("/connections/{target}")));
        let delete = tokio::spawn(async move { client.delete(&path).await.status });
        let outcome = (create.await.unwrap(), delete.await.unwrap());
        assert!([(201, 409), (422, 200)].contains(&outcome), "{outcome:?}");
    }
    let pipelines = org
        .owner
        .client
        .get(&org.path("/pipelines?limit=500"))
        .await
        .expect(200);
    let known = org
        .owner
        .client
        .get(&org.path("/connections?limit=500"))
        .await
        .expect(200);
    for spec in each(&pipelines, "spec") {
        assert!(each(&known, "name").contains(&&spec["source"]["connection"]), "{spec}");
    }
}
