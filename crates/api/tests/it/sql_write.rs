//! Desired state written by SQL: checked as in the API, by the same policies, with the same events.

use plinth_testkit::app::{Org, ServiceAccount, wait_until};
use serde_json::{Value, json};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::etl::{copy, files, text};
use crate::sql_access::{column, connect, furnish, opened, start};

pub async fn session(org: &Org<'_>, account: &ServiceAccount) -> Client {
    connect(&opened(org, account, 3600).await).await
}

/// How many rows a statement wrote.
pub async fn wrote(client: &Client, statement: &str) -> u64 {
    let messages = client.simple_query(statement).await;
    let messages = messages.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    let complete = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
        _ => None,
    };
    messages.iter().filter_map(complete).sum()
}

/// The code and the message of a refusal.
pub async fn refused(client: &Client, statement: &str) -> (String, String) {
    let Err(error) = client.simple_query(statement).await else {
        panic!("it is done: {statement}");
    };
    let error = error.as_db_error().unwrap_or_else(|| panic!("{error:?}"));
    (error.code().code().to_owned(), error.message().to_owned())
}

fn insert(name: &str, environment: &str, spec: &Value) -> String {
    format!(
        "insert into pipelines (name, properties, spec) values ('{name}', '{{\"environment\": \"{environment}\"}}', '{spec}')"
    )
}

#[tokio::test]
async fn what_sql_creates_is_what_the_api_shows() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let owner = &org.owner.client;

    let create = insert("orders", "development", &copy("source", "sink"));
    let id = column(&sql, &format!("{create} returning id")).await.remove(0);
    let made = owner.get(&org.path("/pipelines/orders")).await.expect(200);
    assert_eq!(text(&made["id"]), id);
    assert_eq!(made["properties"], json!({"environment": "development"}));
    assert_eq!(made["spec"], copy("source", "sink"));
    assert_eq!(made["status"], json!({"state": "pending"}));
    assert_eq!(made["created_by"]["name"], "deployer");

    let typed =
        "insert into pipelines (name, spec_source_connection, spec_destination_connection, spec_mode, spec_batch_rows)
        values ('typed', 'source', 'sink', 'snapshot', 500)";
    assert_eq!(wrote(&sql, typed).await, 1);
    let shown = owner.get(&org.path("/pipelines/typed")).await.expect(200);
    let mut expected = copy("source", "sink");
    expected["batch_rows"] = json!(500);
    assert_eq!(shown["spec"], expected);

    // It is counted, and its reconciler has work.
    let admin = app.store.cell.admin().await;
    for counted in [
        "select count(*) from plinth.work_items w join plinth.resources r on r.org_id = w.org_id and r.id = w.resource_id
            where r.name in ('orders', 'typed')",
        "select count(*) from plinth.usage_records u join plinth.resources r on r.org_id = u.org_id and r.id = u.resource_id
            where r.name in ('orders', 'typed') and meter = 'pipeline_created'",
    ] {
        assert_eq!(admin.query_one(counted, &[]).await.unwrap().get::<_, i64>(0), 2, "{counted}");
    }
}

/// What it writes, and what the API shows of the pipeline `orders` then.
async fn after(org: &Org<'_>, sql: &Client, statement: &str, rows: u64) -> Value {
    assert_eq!(wrote(sql, statement).await, rows, "{statement}");
    org.owner.client.get(&org.path("/pipelines/orders")).await.expect(200)
}

#[tokio::test]
async fn what_sql_changes_is_what_the_api_shows() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let made = after(&org, &sql, &insert("orders", "development", &copy("source", "sink")), 1).await;
    let id = text(&made["id"]);

    let pause = "update pipelines set spec_paused = true where name in ('orders', 'production')";
    let paused = after(&org, &sql, pause, 2).await;
    assert_eq!(paused["spec"]["paused"], true);
    assert_eq!((&paused["version"], &paused["generation"]), (&json!(2), &json!(2)));
    // What changes nothing writes nothing; labels are no change of the desired state.
    assert_eq!(after(&org, &sql, pause, 2).await["version"], 2);
    let label = "update pipelines set properties = properties || '{\"team\": \"data\"}' where name = 'orders'";
    let labelled = after(&org, &sql, label, 1).await;
    assert_eq!((&labelled["version"], &labelled["generation"]), (&json!(3), &json!(2)));
    let unset = "update pipelines set spec_paused = null where name = 'orders'";
    assert_eq!(after(&org, &sql, unset, 1).await["spec"], copy("source", "sink"));

    // A transaction is one.
    let undone = "begin; delete from pipelines where name = 'orders'; rollback";
    assert!(after(&org, &sql, undone, 1).await["deleted_at"].is_null());
    assert_eq!(wrote(&sql, "delete from pipelines where name = 'orders'").await, 1);
    let owner = &org.owner.client;
    owner.get(&org.path("/pipelines/orders")).await.expect(404);
    let gone = owner.get(&org.path(&format!("/pipelines/{id}"))).await.expect(200);
    assert!(gone["deleted_at"].is_string(), "{gone}");

    let heard =
        format!("select operation || ' ' || (actor ->> 'name') from events where subject = '{id}' order by seq");
    wait_until("the events are numbered", || async {
        let heard = column(&sql, &heard).await;
        let expected = ["create", "update", "update", "update", "delete"].map(|done| format!("{done} deployer"));
        (heard == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_the_api_refuses_sql_refuses() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let before = column(&sql, "select count(*) || max(version)::text from pipelines").await;

    let with = |field: &str, value: Value| {
        let mut spec = copy("source", "sink");
        spec[field] = value;
        insert("x", "development", &spec)
    };
    for (statement, code, message) in [
        (with("batch_rows", json!(1)), "23514", "/spec/batch_rows: is too small"),
        (with("mode", json!("never")), "23514", "/spec/mode: must be one of \"snapshot\", \"incremental\""),
        (with("unknown", json!(1)), "23514", "/spec/unknown: is not a field"),
        (with("source", json!({})), "23514", "/spec/source: `connection` is missing"),
        (insert("x", "d", &copy("no-such", "sink")), "23514", "/spec/source/connection: there is no connection with the name `no-such`"),
        (insert("X y", "d", &copy("source", "sink")), "23514", "/name: use 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends"),
        (insert("actions", "d", &copy("source", "sink")), "23514", "/name: is reserved: choose another one"),
        (insert("production", "d", &copy("source", "sink")), "23505", "there is one with the name `production` already"),
        ("insert into pipelines (name) values ('x')".to_owned(), "23514", "/spec: `source` is missing"),
        ("insert into pipelines (name, state) values ('x', 'streaming')".to_owned(), "0A000", "column `state` is not for writing"),
        ("update pipelines set status = '{}' where name = 'production'".to_owned(), "0A000", "column `status` is not for writing"),
        ("update pipelines set name = 'x' where name = 'production'".to_owned(), "23514", "/name: cannot change"),
        ("update pipelines set spec_mode = 'incremental' where name = 'production'".to_owned(), "23514", "/spec/mode: cannot change once the resource exists"),
        ("update pipelines set spec = '[]' where name = 'production'".to_owned(), "23514", "/spec: must be of type object"),
        ("update pipelines set properties = '{\"a b\": 1}' where name = 'production'".to_owned(), "23514", "/properties: `a b` is not a property name: use 1 to 63 letters, digits, `_`, `-` or `.`, a letter first"),
        ("update pipelines set properties = '{\"a\": []}' where name = 'production'".to_owned(), "23514", "/properties/a: is not a flat value: use a string of up to 256 characters, a number or a boolean"),
        ("delete from connections where name = 'source'".to_owned(), "23503", "`source` is in use: delete or change what refers to it first"),
        ("insert into connections (name, spec) values ('db', '{\"kind\": \"postgres\", \"host\": \"h\", \"database\": \"d\", \"user\": \"u\", \"password\": \"p\"}')".to_owned(), "0A000", "/spec/password: is a secret, which SQL cannot write"),
        ("begin isolation level repeatable read; delete from pipelines where name = 'production'".to_owned(), "0A000", "SQL access is for transactions of isolation level `read committed`"),
    ] {
        let (found_code, found) = refused(&sql, &statement).await;
        assert_eq!((found_code.as_str(), found.as_str()), (code, message), "{statement}");
        sql.batch_execute("rollback").await.unwrap();
    }
    assert_eq!(
        column(&sql, "select count(*) || max(version)::text from pipelines").await,
        before
    );
}

#[tokio::test]
async fn secrets_that_are_set_stay_and_are_never_shown() {
    let app = start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let body = json!({"name": "db", "spec": crate::etl::postgres("hunter22")});
    owner.post(&org.path("/connections"), body).await.expect(201);
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    wrote(
        &sql,
        "update connections set spec_host = 'other.example.com' where name = 'db'",
    )
    .await;
    let shown = owner.get(&org.path("/connections/db")).await.expect(200);
    assert_eq!(shown["spec"]["host"], "other.example.com");
    assert_eq!(shown["secrets_set"], json!(["/password"]));
    assert!(!column(&sql, "select spec::text from connections").await[0].contains("password"));
    // One kind of connection does not become another.
    let files = files("d").to_string();
    let (code, _) = refused(
        &sql,
        &format!("update connections set spec = '{files}' where name = 'db'"),
    )
    .await;
    assert_eq!(code, "23514");
}

/// What contractors may: see, and write what is of development.
const CONTRACTORS: [&str; 2] = [
    "permit ({who}, action in [Action::\"pipelines:view\", Action::\"connections:view\"], resource);",
    "permit ({who}, action in [Action::\"pipelines:create\", Action::\"pipelines:update\"], resource)
        when { resource.properties has environment && resource.properties.environment == \"development\" };",
];

/// The id of the policy that lets the contractor write.
async fn let_in(org: &Org<'_>, account: &ServiceAccount) -> String {
    let who = format!("principal == ServiceAccount::\"{}\"", account.id);
    let mut id = String::new();
    for (at, policy) in CONTRACTORS.iter().enumerate() {
        let body = json!({"name": format!("contractors-{at}"), "text": policy.replace("{who}", &who)});
        id = text(&org.owner.client.post(&org.path("/policies"), body).await.expect(201)["id"]);
    }
    id
}

#[tokio::test]
async fn policies_decide_what_may_be_written() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("contractor", "billing").await;
    let policy = let_in(&org, &account).await;
    let sql = session(&org, &account).await;
    let mine = insert("mine", "development", &copy("source", "sink"));
    assert_eq!(wrote(&sql, &mine).await, 1);
    let theirs = insert("theirs", "production", &copy("source", "sink"));
    for (statement, action, name) in [
        (theirs.as_str(), "create", "theirs"),
        (
            "update pipelines set spec_paused = true where name = 'production'",
            "update",
            "production",
        ),
        // Not into another environment, and not by a setting of its own.
        (
            "update pipelines set properties = '{\"environment\": \"production\"}' where name = 'mine'",
            "update",
            "mine",
        ),
        (
            "set plinth.class = 'resources:undelete'; delete from pipelines where name = 'mine'",
            "delete",
            "mine",
        ),
    ] {
        let message = format!("no role or policy of yours grants `pipelines:{action}` for `{name}`");
        assert_eq!(
            refused(&sql, statement).await,
            ("42501".to_owned(), message),
            "{statement}"
        );
    }
    let pause = "update pipelines set spec_paused = not coalesce(spec_paused, false) where name = 'mine'";
    assert_eq!(wrote(&sql, pause).await, 1);
    // The next statement after a policy goes finds it gone.
    let path = org.path(&format!("/policies/{policy}"));
    org.owner.client.delete(&path).await.expect(204);
    assert_eq!(refused(&sql, pause).await.0, "42501");
}

#[tokio::test]
async fn who_may_write_nothing_is_told_so_before_anything_else() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let sql = session(&org, &org.service_account("reader", "viewer").await).await;
    for (statement, action) in [
        ("insert into pipelines (name) values ('x')", "create"),
        ("update pipelines set spec_batch_rows = 1", "update"),
        ("delete from connections", "delete"),
    ] {
        let (code, message) = refused(&sql, statement).await;
        assert_eq!(code, "42501", "{statement}: {message}");
        assert!(message.contains(&format!(":{action}` for ")), "{message}");
    }
}

#[tokio::test]
async fn quotas_hold_and_other_orgs_do_not_exist() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    furnish(&org).await;
    furnish(&other).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let admin = app.store.cell.admin().await;
    let limit = "update plinth.orgs set quotas = '{\"pipelines\": 3}'";
    admin.execute(limit, &[]).await.unwrap();
    assert_eq!(
        wrote(&sql, &insert("third", "development", &copy("source", "sink"))).await,
        1
    );
    let (code, message) = refused(&sql, &insert("fourth", "development", &copy("source", "sink"))).await;
    assert_eq!((code.as_str(), message.as_str()), ("PL001", "quota of 3 reached"));

    let theirs = other
        .owner
        .client
        .get(&other.path("/pipelines/production"))
        .await
        .expect(200);
    let id = text(&theirs["id"]);
    for statement in [
        format!("update pipelines set spec_paused = true where id = '{id}'"),
        format!("delete from pipelines where id = '{id}'"),
    ] {
        assert_eq!(wrote(&sql, &statement).await, 0, "{statement}");
    }
    assert_eq!(wrote(&sql, "update pipelines set spec_paused = true").await, 3);
    assert_eq!(wrote(&sql, "delete from pipelines").await, 3);
    let after = other
        .owner
        .client
        .get(&other.path("/pipelines/production"))
        .await
        .expect(200);
    assert_eq!(after, theirs);
}

#[tokio::test]
async fn of_two_who_write_at_once_one_is_told() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let (one, two) = (session(&org, &account).await, session(&org, &account).await);
    one.batch_execute("begin; update pipelines set spec_batch_rows = 1000 where name = 'production'")
        .await
        .unwrap();
    let second = tokio::spawn(async move {
        refused(
            &two,
            "update pipelines set spec_parallelism = 4 where name = 'production'",
        )
        .await
    });
    let admin = app.store.cell.admin().await;
    wait_until("the second waits", || async {
        let waits = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%spec_parallelism%'";
        (!admin.query(waits, &[]).await.unwrap().is_empty()).then_some(())
    })
    .await;
    one.batch_execute("commit").await.unwrap();
    assert_eq!(
        second.await.unwrap(),
        ("40001".to_owned(), "`production` has changed meanwhile".to_owned())
    );
}
