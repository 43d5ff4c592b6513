//! Sign-up, login, sessions and recovery, as a browser and as a program see them.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use plinth_api::{AppConfig, router};
use plinth_control::{Control, ControlConfig, MailTransport};
use plinth_testkit::store::{self, TestStore};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const ADA: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery";

/// The API over a control plane of its own.
pub struct Api {
    router: Router,
    _test: TestStore,
}

pub struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    pub body: Value,
}

pub async fn open(development: bool) -> Api {
    let test = store::open().await;
    let config = ControlConfig {
        public_url: "https://console.example.com".to_owned(),
        mail: MailTransport::Outbox("outbox".into()),
        mail_from: "Plinth <no-reply@example.com>".to_owned(),
        key_encryption_key: [7; 32],
        previous_key: None,
        development,
        samples: Vec::new(),
        countries: None,
        lease_secs: 30.0,
        undelete_secs: 3600.0,
    };
    let control = Control::open(test.store.clone(), config, CancellationToken::new())
        .await
        .unwrap();
    let app = AppConfig {
        secure_cookies: true,
        ..AppConfig::default()
    };
    Api {
        router: router(control, app, None),
        _test: test,
    }
}

impl Api {
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(
            Method::GET,
            path,
            &[("authorization", &format!("Bearer {token}"))],
            None,
        )
        .await
    }

    /// Signs Ada up; her token.
    async fn sign_up(&self) -> String {
        let answer = self
            .post("/v1/signup", json!({"email": ADA, "name": "Ada", "password": PASSWORD}))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["token"].as_str().unwrap().to_owned()
    }

    /// The token of the newest message's link.
    async fn mailed_token(&self) -> String {
        let answer = self.call(Method::GET, "/v1/dev/outbox", &[], None).await;
        let body = answer.body["items"][0]["body"].as_str().unwrap();
        body.split_once("?token=")
            .unwrap()
            .1
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    }
}

impl Answer {
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.body
        );
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
    }
}

#[tokio::test]
async fn a_program_gets_its_token_in_the_body_and_no_cookie() {
    let api = open(false).await;
    let answer = api
        .post("/v1/signup", json!({"email": ADA, "name": "Ada", "password": PASSWORD}))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    assert_eq!(answer.body.get("csrf_token"), None);
    let me = api.get("/v1/me", answer.body["token"].as_str().unwrap()).await;
    assert_eq!(
        (&me.body["user"]["email"], &me.body["user"]["email_verified_at"]),
        (&json!(ADA), &Value::Null)
    );
    assert_eq!(
        (&me.body["service_account"], &me.body["csrf_token"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(me.body["orgs"], json!([]));
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let api = open(false).await;
    let body = json!({"email": ADA, "name": "Ada", "password": PASSWORD, "session": "cookie"});
    let answer = api.post("/v1/signup", body).await;
    assert_eq!(answer.body.get("token"), None);
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=1209"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = set.split(';').next().unwrap();
    let me = api.call(Method::GET, "/v1/me", &[("cookie", cookie)], None).await;
    let csrf = me.body["csrf_token"].as_str().unwrap();
    assert_eq!(answer.body["csrf_token"], csrf);
    let log_out = async |headers: &[(&str, &str)]| api.call(Method::POST, "/v1/logout", headers, None).await;
    log_out(&[("cookie", cookie)]).await.is_problem(403, "csrf_failed");
    log_out(&[("cookie", cookie), ("x-csrf-token", "guess")])
        .await
        .is_problem(403, "csrf_failed");
    let out = log_out(&[("cookie", cookie), ("x-csrf-token", csrf)]).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    api.call(Method::GET, "/v1/me", &[("cookie", cookie)], None)
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_input_is_named_by_field_and_never_repeated() {
    let api = open(false).await;
    let answer = api
        .post("/v1/signup", json!({"email": "ada", "name": "", "password": "hunter2"}))
        .await;
    answer.is_problem(422, "validation_failed");
    let pointers: Vec<_> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["pointer"])
        .collect();
    assert_eq!(pointers, ["/email", "/name", "/password"]);
    assert!(!answer.body.to_string().contains("hunter2"));
    let unknown = api
        .post(
            "/v1/login",
            json!({"email": ADA, "password": PASSWORD, "remember": true}),
        )
        .await;
    unknown.is_problem(422, "validation_failed");
    api.post("/v1/login", json!({"email": 7, "password": PASSWORD}))
        .await
        .is_problem(422, "validation_failed");
    api.post("/v1/email-verifications", json!({}))
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_taken_address_is_409_and_a_wrong_password_401_for_anybody() {
    let api = open(false).await;
    api.sign_up().await;
    let taken = api
        .post("/v1/signup", json!({"email": ADA, "name": "Eve", "password": PASSWORD}))
        .await;
    taken.is_problem(409, "conflict");
    assert_eq!(taken.body["errors"][0]["pointer"], "/email");
    let wrong = api.post("/v1/login", json!({"email": ADA, "password": "wrong"})).await;
    let unknown = api
        .post("/v1/login", json!({"email": "eve@example.com", "password": "wrong"}))
        .await;
    wrong.is_problem(401, "unauthenticated");
    unknown.is_problem(401, "unauthenticated");
    assert_eq!(wrong.body["detail"], unknown.body["detail"]);
}

#[tokio::test]
async fn too_many_wrong_passwords_answer_429_with_the_time_to_wait() {
    let api = open(false).await;
    for _ in 0..10 {
        api.post("/v1/login", json!({"email": ADA, "password": "wrong"}))
            .await
            .is_problem(401, "unauthenticated");
    }
    let locked = api.post("/v1/login", json!({"email": ADA, "password": "wrong"})).await;
    locked.is_problem(429, "locked_out");
    let secs: u64 = locked.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((890..=900).contains(&secs), "{secs}");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_link_in_the_mail() {
    let api = open(true).await;
    let token = api.sign_up().await;
    assert_eq!(
        api.post("/v1/password-resets", json!({"email": ADA})).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        api.post("/v1/password-resets", json!({"email": "eve@example.com"}))
            .await
            .status,
        StatusCode::ACCEPTED
    );
    let confirm = json!({"token": api.mailed_token().await, "password": "a much better password"});
    let confirmed = api.post("/v1/password-resets/confirm", confirm.clone()).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT, "{}", confirmed.body);
    api.get("/v1/me", &token).await.is_problem(401, "unauthenticated");
    api.post("/v1/password-resets/confirm", confirm)
        .await
        .is_problem(422, "validation_failed");
    let login = api
        .post("/v1/login", json!({"email": ADA, "password": "a much better password"}))
        .await;
    assert_eq!(login.status, StatusCode::OK);
    assert!(login.body["user"]["email_verified_at"].is_string());
}

#[tokio::test]
async fn the_link_in_the_mail_confirms_the_address_without_a_login() {
    let api = open(true).await;
    let token = api.sign_up().await;
    let again = [("authorization", format!("Bearer {token}"))];
    let again: Vec<_> = again.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = api
        .call(Method::POST, "/v1/email-verifications", &again, Some(json!({})))
        .await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    let confirm = json!({"token": api.mailed_token().await});
    assert_eq!(
        api.post("/v1/email-verifications/confirm", confirm).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(api.get("/v1/me", &token).await.body["user"]["email_verified_at"].is_string());
}

#[tokio::test]
async fn nobody_reads_the_outbox_of_a_server_that_is_not_for_development() {
    let api = open(false).await;
    api.sign_up().await;
    api.call(Method::GET, "/v1/dev/outbox", &[], None)
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn a_user_lists_own_sessions_and_ends_one_that_is_not_wanted() {
    let api = open(false).await;
    let old = api.sign_up().await;
    let login = api.post("/v1/login", json!({"email": ADA, "password": PASSWORD})).await;
    let new = login.body["token"].as_str().unwrap().to_owned();
    let listed = api.get("/v1/sessions", &new).await;
    let current: Vec<_> = listed.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["current"])
        .collect();
    assert_eq!(current, [&json!(true), &json!(false)]);
    let unwanted = format!("/v1/sessions/{}", listed.body["items"][1]["id"].as_str().unwrap());
    let bearer = format!("Bearer {new}");
    let end = async || {
        api.call(Method::DELETE, &unwanted, &[("authorization", &bearer)], None)
            .await
    };
    assert_eq!(end().await.status, StatusCode::NO_CONTENT);
    api.get("/v1/me", &old).await.is_problem(401, "unauthenticated");
    end().await.is_problem(404, "not_found");
}

#[tokio::test]
async fn me_names_the_orgs_that_the_caller_belongs_to() {
    let api = open(true).await;
    let token = api.sign_up().await;
    let confirm = json!({"token": api.mailed_token().await});
    api.post("/v1/email-verifications/confirm", confirm).await;
    let bearer = format!("Bearer {token}");
    let new = Some(json!({"slug": "acme", "name": "Acme Inc."}));
    let org = api
        .call(Method::POST, "/v1/orgs", &[("authorization", &bearer)], new)
        .await;
    assert_eq!(org.status, StatusCode::CREATED, "{}", org.body);
    let me = api.get("/v1/me", &token).await;
    let expected = json!([{"id": org.body["id"], "slug": "acme", "name": "Acme Inc.", "roles": ["owner"]}]);
    assert_eq!(me.body["orgs"], expected);
}
