//! PostgreSQL cannot store NUL: it is refused before, or together with the row, and never makes a request fail.

use plinth_testkit::app;
use serde_json::json;

use crate::etl::{files, named};
use crate::wrong_input::refused;

const NUL: &str = "a\u{0}b";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn nul_in_a_body_is_refused_wherever_it_can_be_written() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("shop", files("s")))
        .await
        .expect(201);
    let nul = NUL;
    let at = "2026-01-01T00:00:00Z";
    for (method, path, body) in [
        (
            "POST",
            "/connections",
            json!({"name": "other", "properties": {"a": nul}, "spec": files("s")}),
        ),
        (
            "POST",
            "/connections",
            json!({"name": "other", "properties": {nul: "a"}, "spec": files("s")}),
        ),
        ("POST", "/connections", named("other", files(nul))),
        ("PATCH", "/connections/shop", json!({"properties": {"a": nul}})),
        ("PATCH", "/connections/shop", json!({"spec": {"directory": nul}})),
        ("PATCH", "", json!({"name": nul})),
        (
            "PATCH",
            &format!("/members/{}", org.owner.id),
            json!({"attributes": {"a": nul}}),
        ),
        (
            "POST",
            "/invitations",
            json!({"email": format!("{nul}@example.com"), "roles": ["viewer"]}),
        ),
        (
            "POST",
            "/metrics",
            json!({"points": [{"name": nul, "resource": "connection_00000000000000000000000000", "value": 1.0, "at": at}]}),
        ),
        (
            "POST",
            "/usage",
            json!({"records": [{"source": nul, "id": "1", "meter": "rows_copied", "quantity": "1", "at": at}]}),
        ),
        (
            "POST",
            "/usage",
            json!({"records": [{"source": "s", "id": "1", "meter": "rows_copied", "quantity": "1", "at": at, "properties": {"a": nul}}]}),
        ),
        (
            "POST",
            "/metrics/query",
            json!({"name": nul, "aggregate": "sum", "from": at, "to": "2026-01-02T00:00:00Z", "bucket_secs": 60}),
        ),
        (
            "POST",
            "/metrics/query",
            json!({"name": "m", "aggregate": "sum", "from": at, "to": "2026-01-02T00:00:00Z", "bucket_secs": 60, "labels": {"a": nul}}),
        ),
        (
            "POST",
            "/metrics/query",
            json!({"name": "m", "aggregate": "sum", "from": at, "to": "2026-01-02T00:00:00Z", "bucket_secs": 60, "group_by": [nul]}),
        ),
    ] {
        let answer = owner.call(method, &org.path(path)).json(&body).send().await;
        refused(answer, &[(422, "validation_failed"), (400, "invalid_request")]);
    }
}

#[tokio::test]
async fn nul_in_a_url_finds_nothing() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for path in [
        "/connections?search=%00",
        "/connections?filter=properties.a=%00",
        "/connections?cursor=%00",
        "/connections/%00",
        "/events?kind=%00",
        "/events?actor=%00",
        "/events?subject=%00",
        "/events?property=a:%00",
        "/usage?meter=%00",
        "/usage?resource=%00",
        "/bill?period=%00",
        "/members?cursor=%00",
        "/service-accounts/%00",
        "/invitations?cursor=%00",
    ] {
        let answer = owner.get(&org.path(path)).await;
        let codes = [
            (422, "validation_failed"),
            (400, "invalid_request"),
            (400, "invalid_cursor"),
            (404, "not_found"),
        ];
        assert!(
            answer.status == 200 || codes.iter().any(|(status, _)| *status == answer.status),
            "{path}: {}",
            answer.text
        );
        if answer.status != 200 {
            refused(answer, &codes);
        }
    }
    owner.get("/v1/orgs/%00").await.problem(404, "not_found");
    app.anonymous()
        .get("/v1/invitations/preview?token=%00")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn nobody_has_nul_in_their_name() {
    let app = app::start().await;
    let login = json!({"email": format!("{NUL}@example.com"), "password": NUL});
    refused(
        app.anonymous().post("/v1/login", login).await,
        &[(401, "unauthenticated"), (422, "validation_failed")],
    );
    let signup = json!({"email": "x@example.com", "name": NUL, "password": "a\u{0}very long password"});
    refused(
        app.anonymous().post("/v1/signup", signup).await,
        &[(422, "validation_failed")],
    );
}
