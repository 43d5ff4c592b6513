//! SQL access: a login of a service account sees what policies let the account see, and cannot make it see more.

use plinth_testkit::app::{self, Org, ServiceAccount, TestApp, wait_until};
use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::etl::{copy, files, text};

pub async fn start() -> TestApp {
    let app = app::start().await;
    harden(&app).await;
    app
}

/// A copy of a database has not the rights to connect of its template.
pub async fn harden(app: &TestApp) {
    plinth_store::migrate::harden_cell(&app.store.cell.url()).await.unwrap();
}

pub async fn opened(org: &Org<'_>, account: &ServiceAccount, secs: u64) -> Value {
    let path = org.path(&format!("/service-accounts/{}/sql-logins", account.id));
    let body = json!({"name": "reports", "expires_in_secs": secs});
    org.owner.client.post(&path, body).await.expect(201)
}

pub async fn try_connect(opened: &Value, password: &str) -> Result<Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config
        .host(opened["host"].as_str().unwrap())
        .port(u16::try_from(opened["port"].as_u64().unwrap()).unwrap())
        .dbname(opened["database"].as_str().unwrap())
        .user(opened["login"].as_str().unwrap())
        .password(password);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub async fn connect(opened: &Value) -> Client {
    try_connect(opened, opened["password"].as_str().unwrap()).await.unwrap()
}

/// The first column of each row.
pub async fn column(client: &Client, statement: &str) -> Vec<String> {
    let found = client.simple_query(statement).await;
    let messages = found.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("null").to_owned()),
        _ => None,
    });
    rows.collect()
}

const PIPELINES: &str = "select name from pipelines order by name";
const PRODUCTION: &str =
    "select distinct subject from events where kind = 'pipeline' and after ->> 'name' = 'production'";

/// From viewers, and from what else there is.
async fn hide_production(org: &Org<'_>) {
    let hidden = "forbid (principal, action == Action::\"pipelines:view\", resource)
        when { resource.properties has environment && resource.properties.environment == \"production\" };";
    let policy = json!({"name": "no-production", "text": hidden});
    org.owner.client.post(&org.path("/policies"), policy).await.expect(201);
}

/// Two connections, and a pipeline for each environment.
pub async fn furnish(org: &Org<'_>) {
    let owner = &org.owner.client;
    for name in ["source", "sink"] {
        let body = json!({"name": name, "properties": {"environment": "development"}, "spec": files(name)});
        owner.post(&org.path("/connections"), body).await.expect(201);
    }
    for environment in ["development", "production"] {
        let body = json!({
            "name": environment, "properties": {"environment": environment}, "spec": copy("source", "sink"),
        });
        owner.post(&org.path("/pipelines"), body).await.expect(201);
    }
}

pub fn names(list: &Value) -> Vec<String> {
    let mut names: Vec<String> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(&item["name"]))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_login_sees_the_things_of_its_org_with_typed_columns() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;

    assert_eq!(column(&sql, PIPELINES).await, ["development", "production"]);
    let typed =
        "select id || ' ' || spec_source_connection || ' ' || spec_mode || ' ' || coalesce(spec_paused, false)::text
        from pipelines where name = 'production' and properties ->> 'environment' = 'production'";
    let owner = &org.owner.client;
    let id = text(&owner.get(&org.path("/pipelines/production")).await.expect(200)["id"]);
    assert_eq!(column(&sql, typed).await, [format!("{id} source snapshot false")]);
    assert_eq!(
        column(&sql, "select email from members").await,
        [org.owner.email.as_str()]
    );
    wait_until("the events are numbered", || async {
        (column(&sql, PRODUCTION).await == [id.as_str()]).then_some(())
    })
    .await;
    let record = json!({"records": [{"source": "s", "id": "r", "meter": "rows_copied", "resource": id, "quantity": "7", "at": "2026-01-01T00:00:00Z"}]});
    owner.post(&org.path("/usage"), record).await.expect(200);
    let points = json!({"points": [{"name": "lag", "resource": id, "value": 7.5, "at": "2026-01-01T00:00:00Z"}]});
    owner.post(&org.path("/metrics"), points).await.expect(200);
    let points = "select resource_name || ' ' || resource || ' ' || value from metrics where metric = 'lag'";
    assert_eq!(column(&sql, points).await, [format!("production {id} 7.5")]);
    for (hidden, seen) in [
        ("select name from policies", 0),
        ("select name from service_accounts", 0),
        ("select resource from usage where source = 's'", 1),
        ("select name from connections", 2),
    ] {
        assert_eq!(column(&sql, hidden).await.len(), seen, "a viewer: {hidden}");
    }
    for write in [
        "update pipelines set name = 'x'",
        "delete from pipelines",
        "insert into pipelines (name) values ('x')",
    ] {
        assert!(sql.simple_query(write).await.is_err(), "{write}");
    }

    let lines = "select coalesce(sum(records), 0) || coalesce(string_agg(distinct currency, ','), '') from bill_lines";
    assert_eq!(column(&sql, lines).await, ["0"], "a viewer sees no bill");

    // With another role it sees more, by the same session.
    let account_path = org.path(&format!("/service-accounts/{}", account.id));
    owner
        .patch(&account_path, json!({"roles": ["owner"]}))
        .await
        .expect(200);
    assert_eq!(column(&sql, "select name from service_accounts").await, ["reports"]);
    assert_eq!(
        column(&sql, "select resource || quantity from usage where source = 's'").await,
        [format!("{id}7")]
    );
}

#[tokio::test]
async fn a_policy_holds_from_the_next_statement_on_as_in_the_api() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    wait_until("the events are numbered", || async {
        (column(&sql, PRODUCTION).await.len() == 1).then_some(())
    })
    .await;
    hide_production(&org).await;
    assert_eq!(column(&sql, PIPELINES).await, ["development"]);
    assert_eq!(
        names(&account.client.get(&org.path("/pipelines")).await.expect(200)),
        ["development"]
    );
    assert!(column(&sql, PRODUCTION).await.is_empty());
    let told = "select subject_name from events where kind = 'pipeline' group by 1";
    assert_eq!(column(&sql, told).await, ["development"]);

    let events = account.client.get(&org.path("/events?limit=500")).await.expect(200);
    let items = events["items"].as_array().unwrap();
    let state = |state: &Value| if state.is_null() { "-" } else { "+" };
    let mut heard: Vec<String> = items
        .iter()
        .map(|event| {
            let data = &event["data"];
            format!(
                "{:05}{}{}",
                event["seq"].as_i64().unwrap(),
                state(&data["before"]),
                state(&data["after"])
            )
        })
        .collect();
    heard.sort_unstable();
    assert!(heard.len() > 3, "{heard:?}");
    let read = "select lpad(seq::text, 5, '0') || case when before is null then '-' else '+' end
        || case when after is null then '-' else '+' end from events order by seq";
    let mut read = column(&sql, read).await;
    read.truncate(heard.len());
    assert_eq!(read, heard);
}

#[tokio::test]
async fn conditions_on_the_address_hold_for_the_connection() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    let connections = "select name from connections order by name";
    assert_eq!(column(&sql, connections).await.len(), 2);
    for (range, seen) in [("10.0.0.0/8", 2), ("127.0.0.0/8", 0)] {
        let text = format!(
            "forbid (principal, action == Action::\"connections:view\", resource) when {{ context has ip && context.ip.isInRange(ip(\"{range}\")) }};"
        );
        let name = format!("not-from-{}", range.split('.').next().unwrap());
        org.owner
            .client
            .post(&org.path("/policies"), json!({"name": name, "text": text}))
            .await
            .expect(201);
        assert_eq!(column(&sql, connections).await.len(), seen, "{range}");
    }
    // What the session says of its circumstances is not asked.
    sql.batch_execute("set plinth.context = '{\"ip\": {\"bits\": \"0a000001\"}}'")
        .await
        .unwrap();
    assert!(column(&sql, connections).await.is_empty());
}

#[tokio::test]
async fn the_bill_has_the_lines_that_the_api_shows() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let owner = &org.owner.client;
    let ids = ["development", "production"].map(|name| org.path(&format!("/pipelines/{name}")));
    let id = text(&owner.get(&ids[0]).await.expect(200)["id"]);
    let at = jiff::Timestamp::now().to_string();
    let record = json!({"records": [{"source": "s", "id": "r", "meter": "rows_copied", "resource": id, "quantity": "12345678", "at": at}]});
    owner.post(&org.path("/usage"), record).await.expect(200);
    let account = org.service_account("books", "billing").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    let shown = async || {
        let bill = account.client.get(&org.path("/bill")).await.expect(200);
        let line = |line: &Value| {
            let resource = line["resource"]["id"].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {resource} {} {}",
                text(&line["price"]),
                text(&line["quantity"]),
                text(&line["amount"])
            )
        };
        let mut lines: Vec<String> = bill["lines"].as_array().unwrap().iter().map(line).collect();
        lines.sort();
        lines
    };
    let written = "select price || ' ' || coalesce(resource, '-') || ' ' || quantity || ' ' || amount from bill_lines
        where period = to_char(now() at time zone 'UTC', 'YYYY-MM') order by 1";
    let lines = shown().await;
    assert!(lines.iter().any(|line| line.contains(&id)), "{lines:?}");
    let mut read = column(&sql, written).await;
    read.sort();
    assert_eq!(read, lines);

    // A line that a policy hides is in neither; the others cost what they cost.
    let hidden = format!(
        "forbid (principal, action == Action::\"bill:view\", resource) when {{ resource has subject && resource.subject.id == \"{id}\" }};"
    );
    owner
        .post(&org.path("/policies"), json!({"name": "hidden", "text": hidden}))
        .await
        .expect(201);
    let fewer: Vec<String> = lines.iter().filter(|line| !line.contains(&id)).cloned().collect();
    wait_until("the policy is known", || async {
        (shown().await == fewer).then_some(())
    })
    .await;
    let mut read = column(&sql, written).await;
    read.sort();
    assert_eq!(read, fewer);
}

#[tokio::test]
async fn a_login_ends_at_once() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let login = opened(&org, &account, 3600).await;
    assert!(try_connect(&login, "another password").await.is_err());
    let sql = connect(&login).await;
    assert_eq!(column(&sql, "select count(*) from pipelines").await, ["2"]);

    let path = org.path(&format!("/service-accounts/{}/sql-logins", account.id));
    let one = format!("{path}/{}", text(&login["id"]));
    org.owner.client.delete(&one).await.expect(204);
    assert!(
        sql.simple_query("select name from pipelines").await.is_err(),
        "the session goes on"
    );
    assert!(try_connect(&login, login["password"].as_str().unwrap()).await.is_err());
    let listed = org.owner.client.get(&path).await.expect(200);
    assert!(
        listed["items"][0]["revoked_at"].is_string() && listed["items"][0].get("password").is_none(),
        "{listed}"
    );

    // One that runs out shows nothing from then on, before anybody has ended it.
    let short = opened(&org, &account, 60).await;
    let sql = connect(&short).await;
    let admin = app.store.cell.admin().await;
    let run_out = "update plinth.sql_logins set expires_at = now() where revoked_at is null";
    assert_eq!(admin.execute(run_out, &[]).await.unwrap(), 1);
    assert!(column(&sql, "select name from pipelines").await.is_empty());
    plinth_control::housekeeping::step(&app.control).await.unwrap();
    assert!(sql.simple_query("select name from pipelines").await.is_err());
    assert!(try_connect(&short, short["password"].as_str().unwrap()).await.is_err());

    // And with its account.
    let last = opened(&org, &account, 3600).await;
    let sql = connect(&last).await;
    org.owner
        .client
        .delete(&org.path(&format!("/service-accounts/{}", account.id)))
        .await
        .expect(204);
    assert!(sql.simple_query("select name from pipelines").await.is_err());
    let left = "select rolname from pg_roles where rolname = any ($1)";
    let logins: Vec<String> = [&login, &short, &last]
        .iter()
        .map(|login| text(&login["login"]))
        .collect();
    assert!(
        admin.query(left, &[&logins]).await.unwrap().is_empty(),
        "a role is left"
    );
}

#[tokio::test]
async fn what_is_asked_twice_is_made_once() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    let account = org.service_account("reports", "viewer").await;
    let path = org.path(&format!("/service-accounts/{}/sql-logins", account.id));
    let ask = async || {
        let call = org.owner.client.call("POST", &path).header("idempotency-key", "k");
        call.json(&json!({"name": "reports"})).send().await.expect(201)
    };
    let first = ask().await;
    assert_eq!(ask().await, first);
    assert_eq!(names(&org.owner.client.get(&path).await.expect(200)), ["reports"]);

    for at in 1..10 {
        let body = json!({"name": format!("report {at}")});
        org.owner.client.post(&path, body).await.expect(201);
    }
    let refused = org.owner.client.post(&path, json!({"name": "one more"})).await;
    refused.problem(403, "quota_exceeded");

    let theirs = other.path(&format!("/service-accounts/{}/sql-logins", account.id));
    other.owner.client.post(&theirs, json!({"name": "x"})).await.expect(404);
    other.owner.client.get(&theirs).await.expect(404);
    let viewer = org.member("viewer").await;
    viewer.client.post(&path, json!({"name": "x"})).await.expect(403);
    org.owner
        .client
        .post(&path, json!({"name": "", "expires_in_secs": 1}))
        .await
        .expect(422);
    org.owner
        .client
        .delete(&format!("{path}/sql_nonsense"))
        .await
        .expect(404);
}

/// What a session might try. `{org}` and `{login}` are another org's.
const TRIED: [&str; 73] = [
    // Settings.
    "set plinth.org = '{org}'",
    "set plinth.principal = 'plinth'",
    "set plinth.class = 'resources:update'",
    "set plinth.actor = '{\"type\": \"user\", \"id\": \"user_x\", \"name\": \"x\"}'",
    "select set_config('plinth.org', '{org}', false)",
    "set search_path = plinth, org",
    "set session_replication_role = replica",
    "set plan_cache_mode = force_generic_plan",
    // Roles.
    "set role plinth_api",
    "set role plinth_system",
    "set role plinth_owner",
    "set role plinth_views",
    "set role plinth_logins",
    "set role plinth_sql",
    "reset role",
    "set session authorization plinth_system",
    "grant plinth_system to current_user",
    "alter role current_user createrole",
    "alter role current_user set search_path = plinth",
    "alter role \"{login}\" password 'x'",
    "drop role \"{login}\"",
    "create role mine",
    // Tables and functions of the control plane.
    "select * from plinth.resources",
    "select * from plinth.sql_logins",
    "select plinth.current_org()",
    "select plinth.make_login('plinth_sql_00000000000000000000000000', 'SCRAM-SHA-256$', now())",
    "select plinth.show_types('[]')",
    "select (plinth.judgement('resources:view')).path",
    "table plinth.channels",
    "select * from plinth.signals",
    "table plinth.countries",
    "select plinth.country_of('203.0.113.7')",
    "insert into org.pipelines (name) values ('x')",
    "update org.pipelines set spec = '{}'",
    "delete from org.events",
    "delete from org.signals",
    "truncate org.events",
    "select 1; lock table org.pipelines in access exclusive mode",
    "revoke select on org.pipelines from plinth_sql",
    "grant select on org.pipelines to plinth_sql",
    "drop owned by plinth_sql",
    "alter default privileges grant select on tables to public",
    "alter default privileges for role plinth_sql grant select on tables to public",
    // Things of its own.
    "create temporary table resources (id text)",
    "create temporary view pipelines as select 1",
    "create schema mine",
    "create table public.mine (id text)",
    "create view org.mine as select * from org.pipelines",
    "create function public.mine() returns int language sql as 'select 1'",
    "create function pg_temp.peek(text) returns boolean language plpgsql cost 0.0001 as 'begin raise notice ''%'', $1; return true; end'",
    "create operator public.=== (leftarg = text, rightarg = text, function = texteq)",
    "create or replace view org.pipelines as select 1",
    "do $x$ begin raise notice 'x'; end $x$",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "comment on view org.pipelines is 'mine'",
    // What the server knows of others.
    "select * from pg_stat_activity",
    "select * from pg_locks",
    "select * from pg_roles",
    "select * from pg_authid",
    "select * from pg_auth_members",
    "select reltuples from pg_class",
    "select pg_total_relation_size('plinth.resources')",
    "select n_live_tup from pg_stat_user_tables",
    "select pg_current_wal_lsn()",
    "select pg_try_advisory_lock(hashtext('plinth.sequencer'))",
    "select pg_stat_get_live_tuples('plinth.resources'::regclass)",
    "select pg_terminate_backend(1)",
    "select pg_cancel_backend(1)",
    "set log_min_messages = debug5",
    "copy org.pipelines to program 'cat'",
    "copy (select 1) to '/tmp/plinth-sql-access'",
    "select pg_read_file('PG_VERSION')",
];

/// Those of them that are allowed, since they change nothing.
const HARMLESS: [&str; 10] = [
    "set plinth.org = '{org}'",
    "set plinth.principal = 'plinth'",
    "set plinth.class = 'resources:update'",
    "set plinth.actor = '{\"type\": \"user\", \"id\": \"user_x\", \"name\": \"x\"}'",
    "select set_config('plinth.org', '{org}', false)",
    "set search_path = plinth, org",
    "set plan_cache_mode = force_generic_plan",
    "set role plinth_sql",
    "reset role",
    "alter role current_user set search_path = plinth",
];

#[tokio::test]
async fn nothing_that_a_session_tries_shows_it_more() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    furnish(&org).await;
    furnish(&other).await;
    hide_production(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let spy = connect(&opened(&org, &account, 3600).await).await;
    let stranger = opened(&other, &other.service_account("reports", "owner").await, 3600).await;
    let uuid = plinth_model::Id::split(&other.id).unwrap().1.0.to_string();

    let looks = [
        "select string_agg(name, ',' order by name) from org.pipelines",
        "select count(*)::text from org.connections",
        "select string_agg(email, ',') from org.members",
        "select count(*)::text from org.events where subject_name = 'production'",
        "select count(*)::text from org.policies",
    ];
    let seen = async || {
        let mut seen = Vec::new();
        for look in looks {
            seen.extend(column(&spy, look).await);
        }
        seen
    };
    let before = seen().await;
    assert_eq!(before[..2], ["development", "2"]);
    let mut surprises = Vec::new();
    for tried in TRIED {
        let statement = tried
            .replace("{org}", &uuid)
            .replace("{login}", stranger["login"].as_str().unwrap());
        let answer = spy.simple_query(&statement).await;
        if answer.is_ok() != HARMLESS.contains(&tried) {
            surprises.push(format!("{statement}: {answer:?}"));
        }
        assert_eq!(seen().await, before, "after {statement}");
    }

    assert!(surprises.is_empty(), "{surprises:#?}");
    spy.batch_execute("set row_security = off").await.unwrap();
    for look in looks {
        assert!(spy.simple_query(look).await.is_err(), "{look}");
    }
    spy.batch_execute("reset row_security").await.unwrap();

    // What is hidden is not looked at by what the session asks, so that no error tells of it.
    for probe in [
        "select name from org.pipelines where 1 / (length(name) - length('production')) is not null",
        "select name from org.pipelines order by 1 / (length(name) - length('production'))",
        "select sum(1 / (length(name) - length('production'))) from org.pipelines",
        "select seq from org.events where 1 / (length(subject_name) - length('production')) is null",
        "select case when kind = 'pipeline' then 1 / (length(after ->> 'name') - length('production')) end from org.events",
    ] {
        let answer = spy.simple_query(probe).await;
        assert!(answer.is_ok(), "{probe}: {answer:?}");
    }
    // Nor does anybody's listening hear of another org.
    assert!(column(&spy, "select pg_listening_channels()").await.is_empty());
}
