//! Wrong input of every kind is a problem with a code, and never our failure. What the app answered with 500, it
//! reports when it is dropped.

use std::collections::BTreeMap;

use plinth_testkit::app::{self, Answer, Client, Org};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::etl::{copy, files, named, pointers};
use crate::openapi::{document, operations};

/// A refusal in full, with one of these codes.
#[track_caller]
pub fn refused(answer: Answer, codes: &[(u16, &str)]) {
    let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
    let status = answer.status;
    assert!(
        codes.contains(&(status, code.as_str())),
        "{}: {}",
        answer.asked,
        answer.text
    );
    answer.problem(status, &code);
}

async fn send(client: &Client, method: &str, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    client.call(method, path).body(content_type, body.into()).send().await
}

/// The routes with a JSON body, filled in for an org, with who may call them.
fn routes_with_bodies(org: &Org<'_>, key: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (route, operation) in operations(&document()) {
        if operation["requestBody"].is_null() {
            continue;
        }
        let (method, path) = route.split_once(' ').unwrap();
        let path = path
            .replace("{org}", &org.slug)
            .replace("{key}", key)
            .replace("{action}", "check");
        let path = path
            .replace("{user_id}", &org.owner.id)
            .replace("{id}", "action_00000000000000000000000000");
        found.insert(format!("{method} {path}"), method.to_owned());
    }
    found
}

#[tokio::test]
async fn a_form_that_says_a_thing_twice_is_not_guessed_at() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let twice = r#"{"statements": [{"effect": "forbid", "effect": "permit", "subject": "everybody"}]}"#;
    let answer = send(
        &org.owner.client,
        "POST",
        &org.path("/policies/check"),
        "application/json",
        twice,
    )
    .await;
    let body = answer.problem(422, "validation_failed").to_string();
    assert!(body.contains("duplicate field `effect`"), "{body}");
}

#[tokio::test]
async fn a_spec_that_is_too_large_is_refused_at_its_place() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let mut spec = files("s");
    let refuse = async |spec: &Value| {
        let asked = named("shop", spec.clone());
        let answer = org.owner.client.post(&org.path("/connections"), asked).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(pointers(&problem), ["/spec"]);
    };
    spec["numbers"] = json!(vec![1e308; 4000]);
    refuse(&spec).await;
    spec["numbers"] = json!("x".repeat(1024 * 1024));
    refuse(&spec).await;
}

#[tokio::test]
async fn no_body_that_is_not_what_a_route_wants_makes_it_fail() {
    let app = app::start().await;
    let org = app.org("acme").await;
    org.owner
        .client
        .post(&org.path("/connections"), named("shop", files("s")))
        .await
        .expect(201);
    let deep = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    let bodies: [(&str, Vec<u8>); 11] = [
        ("nothing", Vec::new()),
        ("not JSON", b"{".to_vec()),
        ("two values", b"{} {}".to_vec()),
        ("not UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("half a surrogate", b"{\"name\": \"\\ud800\"}".to_vec()),
        ("too deep", deep.into_bytes()),
        ("too large a number", b"{\"name\": 1e999}".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("a text", b"\"text\"".to_vec()),
        ("an unknown field", b"{\"surplus\": 1}".to_vec()),
    ];
    let codes = [
        (400, "invalid_json"),
        (422, "validation_failed"),
        (404, "not_found"),
        (409, "lease_lost"),
    ];
    for (route, method) in routes_with_bodies(&org, "shop") {
        let (_, path) = route.split_once(' ').unwrap();
        let client = match path {
            "/v1/product" => app.operator(),
            _ if path.starts_with("/v1/work/self") => continue,
            _ if path.starts_with("/v1/work") => app.reconciler(),
            _ => org.owner.client.clone(),
        };
        for (what, body) in &bodies {
            let answer = send(&client, &method, path, "application/json", body.clone()).await;
            assert!(answer.status < 500, "{route} with {what}: {}", answer.text);
            refused(answer, &codes);
        }
        let form = send(&client, &method, path, "application/x-www-form-urlencoded", "name=shop").await;
        refused(form, &[(415, "unsupported_media_type"), (404, "not_found")]);
        let untyped = client.call(&method, path).send().await;
        refused(untyped, &[(415, "unsupported_media_type"), (404, "not_found")]);
    }
}

#[tokio::test]
async fn wrong_types_and_unknown_fields_are_named_by_their_pointer() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let post = async |body: Value| {
        org.owner
            .client
            .post(&org.path("/connections"), body)
            .await
            .problem(422, "validation_failed")
    };
    for (body, pointer) in [
        (json!({"name": 5, "spec": {}}), "/name"),
        (json!({"name": "shop", "spec": files("s"), "color": "red"}), "/color"),
        (
            json!({"name": "shop", "spec": files("s"), "properties": []}),
            "/properties",
        ),
        (
            json!({"name": "shop", "spec": files("s"), "properties": {"a": {"b": 1}}}),
            "/properties",
        ),
        (json!({"name": "shop", "spec": "files"}), "/spec"),
        (
            json!({"name": "shop", "spec": {"kind": "files", "directory": 5, "format": "csv"}}),
            "/spec/directory",
        ),
        (json!({"name": "shop", "spec": {"kind": "oracle"}}), "/spec/kind"),
    ] {
        let problem = post(body.clone()).await;
        assert!(pointers(&problem).contains(&pointer), "{body}: {problem}");
    }
}

#[tokio::test]
async fn a_list_is_not_taken_for_the_fields_of_an_object() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let at = "2026-01-01T00:00:00Z";
    let point = json!(["m", null, at, 1.0, {}]);
    let record = json!(["s", "1", "rows_copied", null, "1", at, {}]);
    let (owner, operator) = (&org.owner.client, app.operator());
    let post = async |path: &str, body: Value| owner.post(&org.path(path), body).await;
    let mut answers = vec![
        (post("/metrics", json!({"points": [point]})).await, "/points/0"),
        (post("/usage", json!({"records": [record]})).await, "/records/0"),
    ];
    let product = app::etl_product();
    let fields = |value: &Value| Value::Array(value.as_object().unwrap().values().cloned().collect());
    for pointer in [
        "/product",
        "/types/0",
        "/types/1/verbs/0",
        "/types/1/verbs/0/set",
        "/meters/0",
        "/meters/3/source/event",
        "/plans/0",
        "/plans/0/prices/0",
        "/dashboards/0",
    ] {
        let mut wrong = product.clone();
        let field = wrong
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer} of {product}"));
        *field = fields(field);
        // What stands inside of one of several forms is named by the place of the forms.
        let named = pointer.trim_end_matches("/event");
        answers.push((operator.put("/v1/product?dry_run=true", wrong).await, named));
    }
    for (answer, pointer) in answers {
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(pointers(&problem), [pointer], "{problem}");
        assert!(problem.to_string().contains("expected an object"), "{problem}");
    }
}

#[tokio::test]
async fn names_are_names_and_sql_and_html_are_only_text() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for name in [
        "",
        "-",
        "a-",
        "A",
        "a b",
        "a_b",
        "ä",
        "a\u{0}",
        "'; drop table plinth.resources; --",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "%00",
        &"a".repeat(64),
    ] {
        let problem = owner
            .post(&org.path("/connections"), named(name, files("s")))
            .await
            .problem(422, "validation_failed");
        assert_eq!(pointers(&problem), ["/name"], "{name}");
        let path = org.path("/service-accounts");
        owner
            .post(&path, json!({"name": name, "roles": ["viewer"]}))
            .await
            .problem(422, "validation_failed");
        owner
            .post("/v1/orgs", json!({"slug": name, "name": "x"}))
            .await
            .problem(422, "validation_failed");
    }
    let nasty = "'; drop table plinth.resources; -- <script>alert(1)</script> \u{202e} \"\\ $1 {}";
    let body = json!({"name": "shop", "properties": {"note": nasty}, "spec": files("s")});
    let created = owner.post(&org.path("/connections"), body).await.expect(201);
    assert_eq!(created["properties"]["note"], nasty);
    owner.patch(&org.path(""), json!({"name": nasty})).await.expect(200);
    assert_eq!(owner.get(&org.path("")).await.expect(200)["name"], nasty);
    for query in [
        "filter=properties.note='; drop table plinth.resources; --",
        "search='; drop table x; --",
        "filter=properties.\"a\"=\"b\"",
    ] {
        owner.get(&org.path(&format!("/connections?{query}"))).await.expect(200);
    }
}

#[tokio::test]
async fn a_folder_that_is_not_below_the_orgs_own_is_refused_before_a_worker_sees_it() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let connections = org.path("/connections?dry_run=true");
    let create = async |folder: &str| {
        let body = named("lake", files(folder));
        org.owner.client.post(&connections, body).await
    };
    for folder in ["/lake", "/", "..", "../lake", "lake/../..", "lake//raw", "./lake"] {
        let refused = create(folder).await.problem(422, "validation_failed");
        assert_eq!(pointers(&refused), ["/spec/directory"], "{folder}: {refused}");
    }
    for folder in ["lake", "lake/raw", "lake/", ".hidden/a.b", "ä b"] {
        create(folder).await.expect(201);
    }
}

#[tokio::test]
async fn what_takes_no_body_refuses_one_that_would_go_unheeded() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for name in ["from", "to"] {
        owner
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
    let copy = named("copy", copy("from", "to"));
    owner.post(&org.path("/pipelines"), copy).await.expect(201);
    let verb = |key: &str| {
        let call = owner.call("POST", &org.path("/pipelines/copy/pause"));
        call.header("idempotency-key", key)
    };
    let wish = json!({"reason": "maintenance"});
    for call in [
        owner.call("POST", &org.path("/pipelines/copy/pause")),
        verb("with-a-key"),
        owner.call("DELETE", &org.path("/pipelines/copy")),
    ] {
        let refused = call.json(&wish).send().await.problem(422, "validation_failed");
        assert_eq!(pointers(&refused), ["/reason"], "{refused}");
    }
    let text = verb("text").body("text/plain", "now").send().await;
    text.problem(400, "invalid_json");
    let unchanged = owner.get(&org.path("/pipelines/copy")).await.expect(200);
    assert_ne!(unchanged["spec"]["paused"], true, "{unchanged}");
    // An object without fields asks for nothing.
    verb("empty").json(&json!({})).send().await.expect(200);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_404_and_a_method_that_is_not_405() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for path in [
        "/",
        "/v1",
        "/v2/orgs",
        "/v1/orgs/acme/nothing",
        "/v1/orgs/acme/connections/a/b/c",
        "/v1/orgs//connections",
        "/v1/%ff",
        "/v1/orgs/%ff/connections",
        "/v1/orgs/acme/connections/%ff",
        "/v1/orgs/acme/connections/not there",
        "/v1/orgs/acme/connections/pipeline_01jd0000000000000000000000",
        "/v1/orgs/acme/connections/connection_x",
        "/v1/orgs/org_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "/v1/orgs/ACME",
    ] {
        owner.get(path).await.problem(404, "not_found");
    }
    for path in ["/v1/orgs/acme/connections/%ff", "/v1/orgs/acme/pipelines/a%ffb/pause"] {
        let method = if path.ends_with("pause") { "POST" } else { "GET" };
        let answer = owner.call(method, path).send().await.problem(404, "not_found");
        assert!(answer["detail"].as_str().unwrap().contains("not UTF-8"), "{answer}");
    }
    for (method, path) in [
        ("POST", "/healthz"),
        ("DELETE", "/v1/orgs"),
        ("PUT", "/v1/orgs/acme"),
        ("PATCH", "/v1/orgs/acme/connections"),
        ("POST", "/v1/orgs/acme/connections/shop"),
        ("GET", "/v1/signup"),
        ("DELETE", "/v1/product"),
        ("TRACE", "/v1/me"),
    ] {
        let answer = owner.call(method, path).send().await;
        assert!(
            !answer.header("allow").is_empty(),
            "{method} {path} says what is allowed"
        );
        answer.problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn tokens_that_are_none_are_401_whatever_they_look_like() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let long = "x".repeat(4000);
    for token in [
        "",
        "x",
        "plinth_ses_x",
        "plinth_sat_x",
        "plinth_opr_x",
        "plinth_rec_x",
        "plinth_act_x",
        "plinth_eml_x",
        "plinth_zzz_x",
        &long,
    ] {
        app.bearer(token)
            .get(&org.path(""))
            .await
            .problem(401, "unauthenticated");
        app.bearer(token).get("/v1/me").await.problem(401, "unauthenticated");
    }
    for header in ["Basic YTpi", "Bearer", "bearer\tx", "Bearer ä"] {
        let answer = app
            .anonymous()
            .call("GET", "/v1/me")
            .header("authorization", header)
            .send()
            .await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        answer.problem(401, "unauthenticated");
    }
}

/// Sends the head of a request whose body would be too large, and none of the body.
async fn announce(app: &app::TestApp, head: &str) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_before_it_is_read() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let token = org.owner.client.token.as_deref().unwrap();
    for extra in ["", "idempotency-key: k\r\n"] {
        let head = format!(
            "POST /v1/orgs/acme/connections HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{extra}content-length: 9000000\r\n\r\n"
        );
        let answer = announce(&app, &head).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("\"code\":\"body_too_large\""), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_id_is_kept_when_it_is_plain_and_made_anew_when_it_is_not() {
    let app = app::start().await;
    let ask = async |id: &str| {
        app.anonymous()
            .call("GET", "/v1/me")
            .header("x-request-id", id)
            .send()
            .await
    };
    assert_eq!(ask("my-id_1.2").await.header("x-request-id"), "my-id_1.2");
    for strange in ["<script>", "a b", &"x".repeat(65), "ä"] {
        let answer = ask(strange).await;
        assert_ne!(answer.header("x-request-id"), strange);
        answer.problem(401, "unauthenticated");
    }
}
