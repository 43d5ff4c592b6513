//! What is hidden changes no answer: the same questions in two orgs that differ in hidden things alone are answered with
//! the same bytes, by every way in.

use std::sync::LazyLock;

use plinth_testkit::app::{Org, ServiceAccount, TestApp, wait_until};
use regex::Regex;
use serde_json::{Value, json};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::etl::{copy, files, text};
use crate::sql_access::{connect, opened, start};

/// The contractor sees and changes what is of development, and reads events, metrics, usage and bill of that.
const POLICIES: &str = r#"
permit (principal in Group::"contractors", action in [Action::"pipelines:view", Action::"pipelines:create",
    Action::"pipelines:update", Action::"pipelines:pause", Action::"connections:view"], resource)
when { resource.properties has environment && resource.properties.environment == "development" };
permit (principal in Group::"contractors", action in [Action::"events:view", Action::"metrics:view", Action::"usage:view",
    Action::"bill:view", Action::"members:view"], resource);
"#;

struct World<'a> {
    org: Org<'a>,
    contractor: ServiceAccount,
    sql: Client,
}

/// The org with what the contractor may see, and with more that it may not when `hides`.
async fn world<'a>(app: &'a TestApp, slug: &str, hides: bool) -> World<'a> {
    let org = app.org(slug).await;
    let owner = &org.owner.client;
    let contractor = org.service_account("contractor", "billing").await;
    let groups = json!({"groups": ["contractors"], "roles": ["billing"]});
    owner
        .patch(&org.path(&format!("/service-accounts/{}", contractor.id)), groups)
        .await
        .expect(200);
    let hidden_usage = "forbid (principal in Group::\"contractors\", action in [Action::\"usage:view\", Action::\"bill:view\"], resource)
        when { resource has subject && resource.subject has name && resource.subject.name == \"never\" };";
    for (name, policy) in [("contractors", POLICIES), ("usage", hidden_usage)] {
        owner
            .post(&org.path("/policies"), json!({"name": name, "text": policy}))
            .await
            .expect(201);
    }
    let make = async |plural: &str, name: &str, environment: &str, spec: Value| {
        let body = json!({"name": name, "properties": {"environment": environment}, "spec": spec});
        text(&owner.post(&org.path(&format!("/{plural}")), body).await.expect(201)["id"])
    };
    for name in ["source", "sink"] {
        make("connections", name, "development", files(name)).await;
    }
    let seen = make("pipelines", "orders", "development", copy("source", "sink")).await;
    let mut ids = vec![seen];
    if hides {
        make("connections", "vault", "production", files("vault")).await;
        for name in ["payroll", "payroll-two"] {
            ids.push(make("pipelines", name, "production", copy("source", "vault")).await);
        }
        let gone = make("pipelines", "gone", "production", copy("source", "vault")).await;
        owner.delete(&org.path(&format!("/pipelines/{gone}"))).await.expect(202);
        let signal = "insert into plinth.signals (org_id, id, principal, kind, detail, weight, at, counts_until)
            select org_id, gen_random_uuid(), plinth.id_text('user', user_id), 'new_country', '{}', 40, now(), now()
            from plinth.memberships where email = $1";
        let admin = app.store.cell.admin().await;
        assert_eq!(admin.execute(signal, &[&org.owner.email]).await.unwrap(), 1);
    }
    for (at, id) in ids.iter().enumerate() {
        let point = json!({"points": [{"name": "lag", "resource": id, "value": at, "at": "2026-01-01T00:00:00Z"}]});
        owner.post(&org.path("/metrics"), point).await.expect(200);
    }
    let sql = connect(&opened(&org, &contractor, 3600).await).await;
    let heard = if hides { "payroll-two" } else { "orders" };
    wait_until("the events are numbered", || async {
        let events = owner.get(&org.path("/events?limit=500")).await.expect(200);
        let heard = |event: &&Value| event["data"]["after"]["name"] == heard;
        events["items"].as_array()?.iter().find(heard).map(|_| ())
    })
    .await;
    World { org, contractor, sql }
}

/// What every org has of its own: ids, names of the org, moments, cursors, places in the log.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    let own = r#"[a-z]+_[0-9a-z]{26}|(alpha|omega)|\d{4}-\d\d-\d\dT[0-9:.]+Z|"(next|cursor)":"[^"]*"|"seq":\d+|"hash":"[^"]*"|"request_?id":"[^"]*""#;
    Regex::new(own).expect("an expression")
});

fn without_own(text: &str) -> String {
    OWN.replace_all(text, "<own>").into_owned()
}

/// What the contractor asks of the API; `{id}` is the id of something hidden, or one that nothing has.
const ASKED: [(&str, &str, &str); 44] = [
    ("GET", "/pipelines", ""),
    ("GET", "/pipelines?limit=1", ""),
    ("GET", "/pipelines?deleted=true", ""),
    ("GET", "/pipelines?sort=name", ""),
    ("GET", "/pipelines?sort=-updated_at", ""),
    ("GET", "/pipelines?search=pay", ""),
    ("GET", "/pipelines?filter=properties.environment%3Dproduction", ""),
    ("GET", "/pipelines?filter=properties.environment!%3Ddevelopment", ""),
    ("GET", "/pipelines?filter=spec.destination.connection%3Dvault", ""),
    ("GET", "/pipelines?include=actions", ""),
    ("GET", "/connections?include=actions", ""),
    ("GET", "/connections/vault", ""),
    ("GET", "/pipelines/payroll", ""),
    ("GET", "/pipelines/{id}", ""),
    ("PATCH", "/pipelines/payroll", r#"{"spec": {"paused": true}}"#),
    (
        "PATCH",
        "/pipelines/{id}",
        r#"{"properties": {"environment": "development"}}"#,
    ),
    (
        "PUT",
        "/pipelines/payroll",
        r#"{"name": "payroll", "properties": {}, "spec": {}}"#,
    ),
    ("DELETE", "/pipelines/payroll", ""),
    ("DELETE", "/pipelines/{id}", ""),
    ("POST", "/pipelines/payroll/pause", ""),
    ("POST", "/pipelines/{id}/pause", ""),
    ("POST", "/pipelines/{id}/undelete", ""),
    ("POST", "/connections/vault/actions/check", "{}"),
    (
        "POST",
        "/pipelines?dry_run=true",
        r#"{"name": "new", "properties": {"environment": "development"}, "spec": {"source": {"connection": "source"}, "destination": {"connection": "vault"}, "mode": "snapshot"}}"#,
    ),
    (
        "PATCH",
        "/pipelines/orders?dry_run=true",
        r#"{"spec": {"destination": {"connection": "vault"}}}"#,
    ),
    ("GET", "/events?kind=pipeline", ""),
    ("GET", "/events?subject={id}", ""),
    ("GET", "/events?kind=pipeline&operation=delete", ""),
    ("GET", "/events?kind=connection&direction=desc", ""),
    (
        "POST",
        "/metrics/query",
        r#"{"metric": "lag", "from": "2025-12-31T00:00:00Z", "to": "2026-01-02T00:00:00Z", "aggregate": "sum"}"#,
    ),
    (
        "POST",
        "/metrics/query",
        r#"{"metric": "lag", "from": "2025-12-31T00:00:00Z", "to": "2026-01-02T00:00:00Z", "aggregate": "max", "group_by": ["resource"]}"#,
    ),
    (
        "GET",
        "/metrics/query?metric=lag&from=2025-12-31T00:00:00Z&to=2026-01-02T00:00:00Z&aggregate=sum",
        "",
    ),
    (
        "GET",
        "/metrics/query?metric=lag&from=2025-12-31T00:00:00Z&to=2026-01-02T00:00:00Z&aggregate=max&group_by=resource",
        "",
    ),
    (
        "GET",
        "/metrics/query?metric=lag&from=2025-12-31T00:00:00Z&to=2026-01-02T00:00:00Z&aggregate=max&resource={id}",
        "",
    ),
    (
        "POST",
        "/authorize",
        r#"{"questions": [{"action": "pipelines:view", "resource": "payroll"}]}"#,
    ),
    (
        "POST",
        "/authorize",
        r#"{"questions": [{"action": "pipelines:delete", "resource": "{id}"}, {"action": "pipelines:pause", "resource": "orders"}]}"#,
    ),
    (
        "POST",
        "/authorize",
        r#"{"questions": [{"action": "pipelines:create", "draft": {"properties": {"environment": "production"}}}]}"#,
    ),
    ("GET", "/policies", ""),
    ("GET", "/service-accounts", ""),
    ("GET", "/service-accounts/{id}", ""),
    ("GET", "/members", ""),
    ("GET", "/invitations", ""),
    ("GET", "/permissions", ""),
    ("GET", "", ""),
];

/// What it asks by SQL.
const LOOKED_FOR: [&str; 15] = [
    "select name, properties, spec, status, version from pipelines order by name",
    "select count(*) from connections",
    "select name from pipelines where 1 / (length(name) - length('payroll')) is not null",
    "select max(length(name)) from pipelines",
    "select kind, operation, subject_name, before is null, after is null from events where kind in ('pipeline', 'connection') order by seq",
    "select count(*) from events where subject_name like 'pay%'",
    "select metric, resource_name, value from metrics order by 1, 2, 3",
    "select email from members",
    "select name from policies",
    "select principal, kind, at from signals where 1 / (weight - 40) is not null",
    "select name from service_accounts",
    "update pipelines set spec_paused = true where name = 'payroll'",
    "delete from pipelines where spec_destination_connection = 'vault'",
    "update pipelines set spec = jsonb_set(spec, '{destination,connection}', '\"vault\"') where name = 'orders'",
    "insert into pipelines (name, properties, spec_source_connection, spec_destination_connection, spec_mode)
        values ('new', '{\"environment\": \"development\"}', 'source', 'vault', 'snapshot')",
];

async fn asked(world: &World<'_>, id: &str, (method, path, body): (&str, &str, &str)) -> String {
    let call = world
        .contractor
        .client
        .call(method, &world.org.path(&path.replace("{id}", id)));
    let call = match body {
        "" => call,
        body => call.json(&serde_json::from_str(&body.replace("{id}", id)).unwrap()),
    };
    let answer = call.send().await;
    without_own(&format!("{} {}", answer.status, answer.body))
}

async fn looked_for(world: &World<'_>, statement: &str) -> String {
    let found = match world.sql.simple_query(statement).await {
        Ok(messages) => messages
            .iter()
            .map(|message| match message {
                SimpleQueryMessage::Row(row) => (0..row.len())
                    .map(|at| row.get(at).unwrap_or("null"))
                    .collect::<Vec<_>>()
                    .join("|"),
                SimpleQueryMessage::CommandComplete(count) => count.to_string(),
                _ => String::new(),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => {
            let error = error.as_db_error().unwrap();
            format!(
                "{} {} {:?} {:?}",
                error.code().code(),
                error.message(),
                error.detail(),
                error.hint()
            )
        }
    };
    without_own(&found)
}

#[tokio::test]
async fn nobody_can_tell_whether_there_is_something_hidden() {
    let app = start().await;
    let (with, without) = (world(&app, "alpha", true).await, world(&app, "omega", false).await);
    let hidden = text(
        &with
            .org
            .owner
            .client
            .get(&with.org.path("/pipelines/payroll"))
            .await
            .expect(200)["id"],
    );
    let nothing = plinth_model::Id::generate().text("pipeline");
    for question in ASKED {
        let (there, here) = (
            asked(&with, &hidden, question).await,
            asked(&without, &nothing, question).await,
        );
        assert_eq!(there, here, "{question:?}");
    }
    for statement in LOOKED_FOR {
        let (there, here) = (
            looked_for(&with, statement).await,
            looked_for(&without, statement).await,
        );
        assert_eq!(there, here, "{statement}");
    }
    // They would be told apart by somebody who may see.
    let names = with
        .org
        .owner
        .client
        .get(&with.org.path("/pipelines"))
        .await
        .expect(200);
    assert_eq!(names["items"].as_array().unwrap().len(), 3);

    // The one thing that tells, since names are unique: a name that is taken. It is said without what it is.
    let body = json!({"name": "payroll", "properties": {"environment": "development"}, "spec": copy("source", "sink")});
    let taken = with.contractor.client.post(&with.org.path("/pipelines"), body).await;
    let taken = taken.problem(409, "conflict");
    assert!(!taken.to_string().contains("production"), "{taken}");
}
