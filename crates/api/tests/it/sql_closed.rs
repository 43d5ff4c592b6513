//! What a SQL session could find out, or hold up, without being shown anything: by plans, by its clock and its snapshot, by
//! what it leaves behind.

use plinth_control::service_account::sql;
use plinth_testkit::app::wait_until;
use serde_json::json;

use crate::etl::text;
use crate::sql_access::{column, connect, furnish, opened, start};
use crate::sql_write::{refused, session, wrote};

/// What `explain` shows, but for times.
async fn plan(client: &tokio_postgres::Client, statement: &str) -> String {
    let explain = format!("explain (analyze, verbose, costs off, buffers off, timing off, summary off) {statement}");
    column(client, &explain).await.join("\n")
}

#[tokio::test]
async fn no_condition_of_a_session_meets_a_row_that_it_may_not_see() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let other = app.org("others").await;
    furnish(&other).await;
    let forbid = json!({"name": "secret", "text": "forbid (principal, action in [Action::\"resources:view\"], resource) when { resource.name == \"production\" };"});
    org.owner.client.post(&org.path("/policies"), forbid).await.expect(201);
    let account = org.service_account("reports", "viewer").await;
    let sql = session(&org, &account).await;
    let off = "set enable_seqscan = off; set enable_indexscan = off; set enable_bitmapscan = off";
    sql.batch_execute(off).await.unwrap();

    // Whatever is selected from, and whatever is asked of it, the plan has no table of theirs.
    let views = "select c.relname || ' ' || min(a.attname) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'org'::regnamespace group by c.relname";
    let views = column(&sql, views).await;
    assert!(views.len() > 8, "{views:?}");
    for view in &views {
        let (view, column_name) = view.split_once(' ').unwrap();
        let plan = plan(&sql, &format!("select 1 from {view} where {column_name} is null")).await;
        let mut scans = plan.lines().filter(|line| line.contains("Scan"));
        assert!(
            scans.all(|line| ["Function Scan", "Subquery Scan", "plinth.lock_guard"]
                .iter()
                .any(|of| line.contains(of))),
            "{view}: {plan}"
        );
    }
    // So it is the same for what is hidden, for what is another org's, and for what is not there.
    let email = &other.owner.email;
    for (view, condition) in [
        ("pipelines", "name = any ('{VALUE}')"),
        ("pipelines", "starts_with(name, 'VALUE')"),
        ("policies", "starts_with(name, 'VALUE')"),
        ("service_accounts", "name = any ('{VALUE}')"),
        ("members", "email = any ('{VALUE}')"),
        ("events", "subject_name = any ('{VALUE}')"),
    ] {
        let asked = async |value: &str| {
            let statement = format!("select 1 from {view} where {}", condition.replace("VALUE", value));
            plan(&sql, &statement).await.replace(value, "VALUE")
        };
        let nothing = asked("nothing").await;
        for value in ["production", "secret", "reports", email.as_str()] {
            // The account may see itself in no list, and its events by their actor alone.
            let found = asked(value).await;
            assert_eq!(found, nothing, "{view}: {condition} of {value}");
        }
    }
}

#[tokio::test]
async fn no_transaction_outlives_a_policy_and_no_clock_stands_still() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let sql = session(&org, &account).await;
    for level in ["repeatable read", "serializable"] {
        let statement = format!("begin isolation level {level}; select name from pipelines");
        let (code, _) = refused(&sql, &statement).await;
        assert_eq!(code, "0A000", "{level}");
        sql.batch_execute("rollback").await.unwrap();
    }
    // In one message the time of the statement is that of the first.
    let moment =
        "select to_char((now() at time zone 'UTC') + interval '4 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
    let moment = column(&sql, moment).await.remove(0);
    let policy = json!({"name": "until", "text": format!(
        "forbid (principal, action == Action::\"pipelines:view\", resource) when {{ context.time >= datetime(\"{moment}\") }};")});
    org.owner.client.post(&org.path("/policies"), policy).await.expect(201);
    let statements = format!(
        "select count(*) from pipelines; commit;
        select pg_sleep(greatest(extract(epoch from timestamptz '{moment}' - clock_timestamp())::float8, 0) + 0.01); commit;
        select count(*) from pipelines"
    );
    assert_eq!(column(&sql, &statements).await, ["2", "", "0"]);
}

#[tokio::test]
async fn a_login_ends_whatever_it_has_left_behind() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let login = opened(&org, &account, 3600).await;
    let sql = connect(&login).await;
    let admin = app.store.cell.admin().await;
    // As on a server without a superuser, where changes cannot be refused.
    admin
        .batch_execute("drop event trigger plinth_logins_change_nothing")
        .await
        .unwrap();
    sql.batch_execute("alter default privileges grant select on tables to public")
        .await
        .unwrap();
    let path = org.path(&format!(
        "/service-accounts/{}/sql-logins/{}",
        account.id,
        text(&login["id"])
    ));
    org.owner.client.delete(&path).await.expect(204);
    wait_until("the session ends", || async { sql.is_closed().then_some(()) }).await;
    let known = "select count(*) from pg_roles where rolname = $1";
    let role = text(&login["login"]);
    assert_eq!(admin.query_one(known, &[&role]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn what_cannot_be_read_again_is_not_written() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let deep = format!("{}{}", "[".repeat(80), "]".repeat(80));
    for (statement, message) in [
        (
            "update pipelines set properties = '{\"n\": 1e400}' where name = 'production'".to_owned(),
            "/properties: has a number that is too large",
        ),
        (
            "update pipelines set spec = jsonb_set(spec, '{batch_rows}', '1e400') where name = 'production'".to_owned(),
            "/spec: has a number that is too large",
        ),
        (
            format!(
                "update pipelines set spec = jsonb_set(spec, '{{batch_rows}}', '{deep}') where name = 'production'"
            ),
            "/spec: is nested deeper than 64 levels",
        ),
    ] {
        assert_eq!(
            refused(&sql, &statement).await,
            ("23514".to_owned(), message.to_owned()),
            "{statement}"
        );
    }
    // What a driver writes as a decimal is a whole number.
    wrote(
        &sql,
        "update pipelines set spec_batch_rows = 1000.00 where name = 'production'",
    )
    .await;
    let spec = "select spec ->> 'batch_rows' from pipelines where name = 'production'";
    assert_eq!(column(&sql, spec).await, ["1000"]);
    // The clock of the session is not the log's.
    sql.batch_execute("set timezone = 'Asia/Kolkata'").await.unwrap();
    wrote(
        &sql,
        "update pipelines set properties = '{\"a\": \"b\"}' where name = 'production'",
    )
    .await;
    wait_until("the events are numbered", || async {
        let times = "select distinct right(after ->> 'created_at', 6) from events
            where kind = 'pipeline' and after -> 'properties' ? 'a'";
        (column(&sql, times).await == ["+00:00"]).then_some(())
    })
    .await;
    let fields =
        "select count(*) from pg_proc where proname = 'write_resource' and 'debug_print_plan=off' = any (proconfig)";
    let admin = app.store.cell.admin().await;
    assert_eq!(admin.query_one(fields, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_field_of_a_branch_is_named_and_a_use_that_is_hidden_refuses_a_deletion() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let (_, message) = refused(
        &sql,
        "update connections set spec_directory = '../etc' where name = 'source'",
    )
    .await;
    assert!(message.starts_with("/spec/directory: "), "{message}");
    let hide = json!({"name": "hide", "text": "forbid (principal, action == Action::\"pipelines:view\", resource);"});
    org.owner.client.post(&org.path("/policies"), hide).await.expect(201);
    let (code, message) = refused(&sql, "delete from connections where name = 'source'").await;
    assert_eq!(code, "23503", "{message}");
}

#[tokio::test]
async fn whoever_holds_up_a_server_goes() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let cell = app.control.store().cells().next().unwrap().clone();
    let looking = tokio::spawn(sql::make_way(app.control.clone(), cell));
    sql.batch_execute("begin; update pipelines set properties = '{\"a\": \"b\"}' where name = 'production'")
        .await
        .unwrap();
    let patch = json!({"properties": {"a": "c"}});
    let owner = &org.owner.client;
    owner.patch(&org.path("/pipelines/production"), patch).await.expect(200);
    assert!(sql.is_closed());
    looking.abort();
}

#[tokio::test]
async fn events_usage_and_points_are_read_in_parts() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let owner = &org.owner.client;
    let id = text(&owner.get(&org.path("/pipelines/production")).await.expect(200)["id"]);
    let record =
        |at: &str| json!({"source": "s", "id": at, "meter": "rows_copied", "resource": id, "quantity": "7", "at": at});
    let records = json!({"records": [record("2026-01-01T00:00:00Z"), record("2026-01-02T00:00:00Z")]});
    owner.post(&org.path("/usage"), records).await.expect(200);
    let points = json!({"points": [{"name": "lag", "resource": id, "value": 7.5, "at": "2026-01-01T00:00:00Z"}]});
    owner.post(&org.path("/metrics"), points).await.expect(200);
    let account = org.service_account("reports", "viewer").await;
    let sql = session(&org, &account).await;
    let newest = wait_until("the events are numbered", || async {
        let count = column(&sql, "select count(*) from events")
            .await
            .remove(0)
            .parse::<i64>()
            .unwrap();
        (count > 6).then_some(count)
    })
    .await;
    let since = format!("select seq from events_since({}, 2)", newest - 3);
    assert_eq!(
        column(&sql, &since).await,
        [(newest - 2).to_string(), (newest - 1).to_string()]
    );
    let first = "select seq from events limit 1";
    assert!(column(&sql, first).await[0].parse::<i64>().unwrap() >= newest);
    let usage = "select id from usage_between('2026-01-01', '2026-01-02')";
    assert_eq!(column(&sql, usage).await, ["2026-01-01T00:00:00Z"]);
    let points = "select value from metrics_between('2026-01-01')";
    assert_eq!(column(&sql, points).await, ["7.5"]);
}
