//! One answer for each `Idempotency-Key`, whatever goes wrong on the way.

use plinth_testkit::app::{self, Answer, Client};
use serde_json::{Value, json};

use crate::etl::{copy, files, named};

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client
        .call("POST", path)
        .header("idempotency-key", key)
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_makes_nothing_twice() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let path = org.path("/connections");
    let first = post(owner, &path, "k1", &named("shop", files("shop"))).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    owner
        .patch(
            &org.path("/connections/shop"),
            json!({"properties": {"since": "changed"}}),
        )
        .await
        .expect(200);
    let again = post(owner, &path, "k1", &named("shop", files("shop"))).await;
    assert_eq!(
        (again.header("idempotent-replayed"), again.header("etag")),
        ("true", "\"1\"")
    );
    assert_eq!(again.expect(201), first.expect(201));
    let other = post(owner, &path, "k1", &named("shop2", files("shop"))).await;
    other.problem(422, "idempotency_key_reused");
    let elsewhere = post(
        owner,
        &format!("{path}?dry_run=true"),
        "k1",
        &named("shop", files("shop")),
    )
    .await;
    elsewhere.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_its_org() {
    let app = app::start().await;
    let (acme, other) = (app.org("acme").await, app.org("other").await);
    let member = acme.member("developer").await;
    let shop = named("shop", files("shop"));
    post(&acme.owner.client, &acme.path("/connections"), "k", &shop)
        .await
        .expect(201);
    post(&other.owner.client, &other.path("/connections"), "k", &shop)
        .await
        .expect(201);
    post(
        &member.client,
        &acme.path("/connections"),
        "k",
        &named("members", files("shop")),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn a_key_whose_request_failed_is_free_again() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let body = named("copy", copy("source", "sink"));
    post(owner, &org.path("/pipelines"), "k", &body)
        .await
        .problem(422, "validation_failed");
    for name in ["source", "sink"] {
        owner
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
    post(owner, &org.path("/pipelines"), "k", &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_with_one_key_at_the_same_time_make_one_resource() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let requests = (0..12).map(|_| {
        let (client, path) = (org.owner.client.clone(), org.path("/connections"));
        tokio::spawn(async move {
            post(&client, &path, "k", &named("shop", files("shop")))
                .await
                .expect(201)
        })
    });
    let mut bodies = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        bodies.push(request.await.unwrap());
    }
    assert!(bodies.iter().all(|body| body == &bodies[0]), "{bodies:#?}");
    let listed = org.owner.client.get(&org.path("/connections")).await.expect(200);
    assert_eq!(listed["items"], json!([bodies[0]]));
}

#[tokio::test]
async fn each_post_that_makes_something_takes_a_key() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let account = org.service_account("ci", "viewer").await;
    let record =
        json!({"source": "s", "id": "1", "meter": "rows_copied", "quantity": "1", "at": "2026-01-01T00:00:00Z"});
    for (path, body) in [
        ("/v1/orgs".to_owned(), json!({"slug": "second", "name": "Second"})),
        (
            org.path("/invitations"),
            json!({"email": "a@example.com", "roles": ["viewer"]}),
        ),
        (
            org.path("/service-accounts"),
            json!({"name": "cd", "roles": ["viewer"]}),
        ),
        (org.path("/usage"), json!({"records": [record]})),
        (org.path("/metrics"), json!({"points": []})),
    ] {
        let first = post(owner, &path, "key", &body).await;
        assert!([200, 201].contains(&first.status), "{}", first.text);
        let again = post(owner, &path, "key", &body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
        let mut changed = body;
        changed["surplus"] = json!(1);
        let status = post(owner, &path, "key", &changed).await.status;
        assert_eq!(status, 422, "{path}");
        // The keys are the caller's in all of the org: the next path needs another one.
        owner
            .call("POST", &path)
            .header("idempotency-key", "bad key")
            .json(&json!({}))
            .send()
            .await
            .problem(400, "invalid_request");
        let listed = owner.get("/v1/orgs").await.expect(200);
        assert!(listed["items"].as_array().unwrap().len() <= 2);
        app.forget_keys(&org.id).await;
    }
    let tokens = org.path(&format!("/service-accounts/{}/tokens", account.id));
    let issued = post(owner, &tokens, "token key", &json!({"name": "t"})).await;
    issued.problem(400, "invalid_request");
    let issued = post(owner, &tokens, "token-key", &json!({"name": "t"}))
        .await
        .expect(201);
    let again = post(owner, &tokens, "token-key", &json!({"name": "t"})).await;
    let shown = again.status == 201 && again.body["token"] == issued["token"];
    assert!(shown || again.status == 409, "the same token, or none: {}", again.text);
    let count = owner.get(&tokens).await.expect(200)["items"].as_array().unwrap().len();
    assert_eq!(count, 2, "the one of the account and the new one");
}
