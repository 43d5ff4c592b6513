//! One answer for each `Idempotency-Key`, whatever goes wrong on the way.

use std::collections::BTreeSet;

use plinth_testkit::app::{self, Answer, Client};
use serde_json::{Value, json};

use crate::action::{Agent, answer, questions};
use crate::etl::{copy, files, named};
use crate::openapi::{document, operations};
use crate::permission::{Workshop, bodies};

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

fn takes_key(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"))
}

/// They are sent, since they do not fit into a path, and change nothing.
const QUESTIONS: [&str; 3] = [
    "POST /v1/orgs/{org}/metrics/query",
    "POST /v1/orgs/{org}/policies/check",
    "POST /v1/orgs/{org}/authorize",
];

#[test]
fn each_route_that_changes_something_takes_a_key_or_says_why_it_needs_none() {
    for (route, operation) in operations(&document()) {
        let (takes, reason) = (takes_key(&operation), &operation["x-no-idempotency-key"]);
        if route.starts_with("GET ") {
            assert!(!takes && reason.is_null(), "`{route}` changes nothing");
            continue;
        }
        let is_told = reason.as_str().is_some_and(|reason| !reason.trim().is_empty());
        assert!(takes != is_told, "`{route}` takes a key, or says why it takes none");
        let of_org = route.contains("/v1/orgs/{org}") && !QUESTIONS.contains(&route.as_str());
        assert!(takes || !of_org, "`{route}` changes something in an org");
    }
}

async fn once(client: &Client, method: &str, path: &str, body: &str) -> Answer {
    let call = client.call(method, path).header("idempotency-key", "once");
    call.body("application/json", body.to_owned()).send().await
}

#[tokio::test]
async fn each_route_of_an_org_that_takes_a_key_does_its_work_once() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let _agent = Agent::start(&app);
    let owner = &org.owner.client;
    let mut workshop = Workshop::open(&org).await;
    let takers: BTreeSet<String> = operations(&document())
        .into_iter()
        .filter(|(route, operation)| route.contains("/v1/orgs/{org}") && takes_key(operation))
        .map(|(route, _)| route)
        .collect();
    let cases = bodies();
    assert!(takers.iter().all(|route| cases.contains_key(route.as_str())));
    for (route, body) in cases.iter().filter(|(route, _)| takers.contains(**route)) {
        let (method, _) = route.split_once(' ').unwrap();
        let path = workshop.path(route).await;
        let body = if body.is_null() {
            String::new()
        } else {
            workshop.body(body).to_string()
        };
        let first = once(owner, method, &path, &body).await;
        assert!(first.status < 300, "{route}: {}", first.text);
        let mut before = app.rows_of(&org.id).await;
        let again = once(owner, method, &path, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{route}");
        assert_eq!(again.header("etag"), first.header("etag"), "{route}");
        let mut after = app.rows_of(&org.id).await;
        assert_eq!(after, before, "{route} changed something once more");
        once(owner, method, &path, &format!("{body} "))
            .await
            .problem(422, "idempotency_key_reused");
        let malformed = owner.call(method, &path).header("idempotency-key", "bad key");
        let malformed = malformed.body("application/json", body).send().await;
        malformed.problem(400, "invalid_request");
        after = app.rows_of(&org.id).await;
        for rows in [&mut before, &mut after] {
            rows.remove("idempotency_keys");
        }
        assert_eq!(after, before, "{route}");
        app.forget_keys(&org.id).await;
    }
}

#[tokio::test]
async fn an_org_and_a_membership_are_made_once() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let new = json!({"slug": "second", "name": "Second"});
    let first = post(owner, "/v1/orgs", "k", &new).await.expect(201);
    assert_eq!(post(owner, "/v1/orgs", "k", &new).await.expect(201), first);
    post(owner, "/v1/orgs", "k", &json!({"slug": "third", "name": "Third"}))
        .await
        .problem(422, "idempotency_key_reused");
    let listed = owner.get("/v1/orgs").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);

    let invitation = json!({"email": "bob@example.com", "roles": ["viewer"]});
    owner.post(&org.path("/invitations"), invitation).await.expect(201);
    let bob = app.sign_up("bob@example.com").await;
    let token = json!({"token": app.mailed_token("bob@example.com", "invite").await});
    let joined = post(&bob.client, "/v1/invitations/accept", "k", &token)
        .await
        .expect(200);
    assert_eq!(
        post(&bob.client, "/v1/invitations/accept", "k", &token)
            .await
            .expect(200),
        joined
    );
    post(&bob.client, "/v1/invitations/accept", "other", &token)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn an_answer_of_an_agent_is_kept_and_a_question_without_one_is_asked_again() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let path = org.path("/connections/actions/check");
    let question = json!({"spec": files("shop")});
    let ask = || {
        let (client, path, question) = (org.owner.client.clone(), path.clone(), question.clone());
        tokio::spawn(async move { post(&client, &path, "k", &question).await })
    };
    // Both wait for the answer to one question.
    let (first, second) = (ask(), ask());
    let agent = app.reconciler();
    let asked = questions(&agent).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(!first.is_finished() && !second.is_finished());
    answer(&agent, &asked[0], json!({"ok": "first"})).await.expect(204);
    for waiting in [first, second, ask()] {
        assert_eq!(waiting.await.unwrap().expect(200), json!({"ok": "first"}));
    }
    app.forget_keys(&org.id).await;
    // The asker goes away before there is an answer, and the question runs out.
    let gone = ask();
    let lost = questions(&agent).await;
    gone.abort();
    app.expire_questions(&org.id).await;
    let again = ask();
    let asked = questions(&agent).await;
    assert_ne!(asked[0]["id"], lost[0]["id"]);
    answer(&agent, &asked[0], json!({"ok": "second"})).await.expect(204);
    assert_eq!(again.await.unwrap().expect(200), json!({"ok": "second"}));
}
