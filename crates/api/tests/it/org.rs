//! Orgs, members, invitations and service accounts, as programs of several people see them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::account::{Answer, Api, PASSWORD, open};

/// Somebody with a token, at the API.
struct Person<'a> {
    api: &'a Api,
    token: String,
}

impl<'a> Person<'a> {
    async fn sign_up(api: &'a Api, email: &str) -> Self {
        let body = json!({"email": email, "name": "Somebody", "password": PASSWORD});
        let answer = api.post("/v1/signup", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        Self {
            api,
            token: answer.body["token"].as_str().unwrap().to_owned(),
        }
    }

    async fn verified(api: &'a Api, email: &str) -> Self {
        let person = Self::sign_up(api, email).await;
        let token = mailed_token(api, email, "/verify").await;
        let answer = api
            .post("/v1/email-verifications/confirm", json!({ "token": token }))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        person
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.api.call(method, path, &[("authorization", &bearer)], body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}

/// The token in the newest link to the page.
async fn mailed_token(api: &Api, email: &str, page: &str) -> String {
    let outbox = api.call(Method::GET, "/v1/dev/outbox", &[], None).await;
    let mut mails = outbox.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|mail| mail["recipient"] == email);
    let link = mails
        .find_map(|mail| mail["body"].as_str().unwrap().split_once(&format!("{page}?token=")))
        .unwrap()
        .1;
    link.split_whitespace().next().unwrap().to_owned()
}

fn created(answer: Answer) -> Value {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn an_org_is_created_once_for_each_idempotency_key() {
    let api = open(true).await;
    let ada = Person::sign_up(&api, "ada@example.com").await;
    let bearer = format!("Bearer {}", ada.token);
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "one")];
    let body = json!({"slug": "acme", "name": "Acme"});
    let first = created(api.call(Method::POST, "/v1/orgs", &headers, Some(body.clone())).await);
    let again = created(api.call(Method::POST, "/v1/orgs", &headers, Some(body.clone())).await);
    assert_eq!((&first, first["slug"].as_str()), (&again, Some("acme")));
    let other = api
        .call(
            Method::POST,
            "/v1/orgs",
            &headers,
            Some(json!({"slug": "b", "name": "B"})),
        )
        .await;
    other.is_problem(422, "idempotency_key_reused");
    let taken = ada.post("/v1/orgs", body).await;
    taken.is_problem(409, "conflict");
    assert_eq!(taken.body["errors"][0]["pointer"], "/slug");
    assert_eq!(ada.get("/v1/orgs").await.body, json!({"items": [first], "next": null}));
    ada.post("/v1/orgs", json!({"slug": "c", "name": "C", "plan": "gold"}))
        .await
        .is_problem(422, "validation_failed");
}

#[tokio::test]
async fn a_colleague_joins_by_mail_and_a_stranger_finds_nothing() {
    let api = open(true).await;
    let ada = Person::verified(&api, "ada@example.com").await;
    let org = created(ada.post("/v1/orgs", json!({"slug": "acme", "name": "Acme"})).await);
    let invitation = json!({"email": "bob@example.com", "roles": ["developer"]});
    let invited = created(ada.post("/v1/orgs/acme/invitations", invitation).await);
    assert_eq!(
        (&invited["accepted_at"], &invited["invited_by"]["name"]),
        (&Value::Null, &json!("Somebody"))
    );
    let token = mailed_token(&api, "bob@example.com", "/invite").await;
    let preview = api
        .call(
            Method::GET,
            &format!("/v1/invitations/preview?token={token}"),
            &[],
            None,
        )
        .await;
    assert_eq!(preview.body["org"], json!({"slug": "acme", "name": "Acme"}));
    let eve = Person::sign_up(&api, "eve@example.com").await;
    eve.post("/v1/invitations/accept", json!({ "token": token }))
        .await
        .is_problem(403, "forbidden");
    let bob = Person::sign_up(&api, "bob@example.com").await;
    let joined = bob.post("/v1/invitations/accept", json!({ "token": token })).await;
    assert_eq!((joined.status, &joined.body["org"]), (StatusCode::OK, &org));
    let members = bob.get("/v1/orgs/acme/members").await.body;
    let bob_id = members["items"][1]["user_id"].as_str().unwrap();
    bob.patch(&format!("/v1/orgs/acme/members/{bob_id}"), json!({"roles": ["owner"]}))
        .await
        .is_problem(403, "forbidden");
    let promoted = ada
        .patch(&format!("/v1/orgs/acme/members/{bob_id}"), json!({"roles": ["admin"]}))
        .await;
    assert_eq!(promoted.body["roles"], json!(["admin"]));
    for path in ["", "/members", "/invitations", "/service-accounts", "/permissions"] {
        eve.get(&format!("/v1/orgs/acme{path}"))
            .await
            .is_problem(404, "not_found");
    }
    assert_eq!(
        bob.delete(&format!("/v1/orgs/acme/members/{bob_id}")).await.status,
        StatusCode::NO_CONTENT
    );
    bob.get("/v1/orgs/acme").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_program_gets_in_with_a_token_that_is_shown_once_until_it_is_revoked() {
    let api = open(true).await;
    let ada = Person::verified(&api, "ada@example.com").await;
    created(ada.post("/v1/orgs", json!({"slug": "acme", "name": "Acme"})).await);
    let account = created(
        ada.post(
            "/v1/orgs/acme/service-accounts",
            json!({"name": "ci", "roles": ["viewer"]}),
        )
        .await,
    );
    let tokens = format!(
        "/v1/orgs/acme/service-accounts/{}/tokens",
        account["id"].as_str().unwrap()
    );
    let issued = created(
        ada.post(&tokens, json!({"name": "deploy", "expires_in_secs": 3600}))
            .await,
    );
    let program = Person {
        api: &api,
        token: issued["token"].as_str().unwrap().to_owned(),
    };
    let permissions = program.get("/v1/orgs/acme/permissions").await.body;
    assert!(
        permissions["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!("events:view"))
    );
    assert_eq!(program.get("/v1/orgs").await.body["items"][0]["slug"], "acme");
    program
        .post("/v1/orgs", json!({"slug": "mine", "name": "Mine"}))
        .await
        .is_problem(403, "forbidden");
    let listed = ada.get(&tokens).await.body;
    assert_eq!(
        (listed["items"][0].get("token"), &listed["items"][0]["id"]),
        (None, &issued["id"])
    );
    let token = format!("{tokens}/{}", issued["id"].as_str().unwrap());
    assert_eq!(ada.delete(&token).await.status, StatusCode::NO_CONTENT);
    program.get("/v1/orgs/acme").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_unconfirmed_owner_invites_nobody_and_the_last_owner_stays() {
    let api = open(true).await;
    let ada = Person::sign_up(&api, "ada@example.com").await;
    created(ada.post("/v1/orgs", json!({"slug": "acme", "name": "Acme"})).await);
    let invitation = json!({"email": "bob@example.com", "roles": ["viewer"]});
    ada.post("/v1/orgs/acme/invitations", invitation)
        .await
        .is_problem(403, "email_not_verified");
    let members = ada.get("/v1/orgs/acme/members").await.body;
    let path = format!(
        "/v1/orgs/acme/members/{}",
        members["items"][0]["user_id"].as_str().unwrap()
    );
    ada.delete(&path).await.is_problem(409, "conflict");
    ada.patch(&path, json!({"roles": ["admin"]}))
        .await
        .is_problem(409, "conflict");
    ada.delete("/v1/orgs/acme/members/nobody")
        .await
        .is_problem(404, "not_found");
    ada.get("/v1/orgs/acme/members?limit=0")
        .await
        .is_problem(400, "invalid_request");
    ada.get("/v1/orgs/acme/members?cursor=x")
        .await
        .is_problem(400, "invalid_cursor");
    assert_eq!(
        ada.patch("/v1/orgs/acme", json!({"name": "Acme Ltd"})).await.body["name"],
        "Acme Ltd"
    );
}
