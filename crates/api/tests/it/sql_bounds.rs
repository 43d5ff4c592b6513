//! What a SQL session could do to others without being shown anything: refuse to end, hold on to what all share, and measure
//! how much there is of them.

use plinth_control::{housekeeping, service_account::sql};
use plinth_testkit::app::{self, wait_until};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::etl::text;
use crate::sql_access::{column, furnish, opened, start, try_connect};
use crate::sql_write::{refused, session};

/// Keeps on with a statement, over new sessions when it has lost one, until it is let in no more.
fn keep_on(login: &Value, statement: &'static str) -> JoinHandle<()> {
    let login = login.clone();
    tokio::spawn(async move {
        let password = text(&login["password"]);
        while let Ok(client) = try_connect(&login, &password).await {
            let statement = statement.replace("{password}", &password);
            while client.batch_execute(&statement).await.is_ok() {}
        }
    })
}

/// Each makes every other change of the role fail.
const RENEWS_ITS_PASSWORD: &str = "begin; alter role current_user password '{password}'; select pg_sleep(0.1); commit";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_changes_its_role_over_and_over_ends_all_the_same() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("others").await);
    let account = org.service_account("reports", "viewer").await;
    let admin = app.store.cell.admin().await;
    let is_busy = async |login: &Value| {
        let busy = "select from pg_stat_activity where usename = $1 and query like '%alter role%'";
        wait_until("it is at it", || async {
            let found = admin.query(busy, &[&text(&login["login"])]).await.unwrap();
            (!found.is_empty()).then_some(())
        })
        .await;
    };
    let role = async |login: &Value| {
        let known = "select count(*) from pg_roles where rolname = $1";
        admin
            .query_one(known, &[&text(&login["login"])])
            .await
            .unwrap()
            .get::<_, i64>(0)
    };

    let revoked = opened(&org, &account, 3600).await;
    let busy = [
        keep_on(&revoked, RENEWS_ITS_PASSWORD),
        keep_on(&revoked, RENEWS_ITS_PASSWORD),
    ];
    is_busy(&revoked).await;
    let path = org.path(&format!(
        "/service-accounts/{}/sql-logins/{}",
        account.id,
        text(&revoked["id"])
    ));
    org.owner.client.delete(&path).await.expect(204);
    for session in busy {
        session.await.unwrap();
    }
    assert_eq!(role(&revoked).await, 0);

    // One that has run out holds up the end of no other.
    let (mine, theirs) = (
        opened(&org, &account, 3600).await,
        opened(&other, &other.service_account("reports", "viewer").await, 3600).await,
    );
    let busy = [keep_on(&mine, RENEWS_ITS_PASSWORD), keep_on(&mine, RENEWS_ITS_PASSWORD)];
    is_busy(&mine).await;
    let expire = "update plinth.sql_logins set expires_at = now() where login = any ($1)";
    let logins = [&mine, &theirs].map(|login| text(&login["login"]));
    admin.execute(expire, &[&logins.as_slice()]).await.unwrap();
    housekeeping::step(&app.control).await.unwrap();
    for session in busy {
        session.await.unwrap();
    }
    assert_eq!((role(&mine).await, role(&theirs).await), (0, 0));
}

/// On a server with other databases that everybody may connect to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_at_its_role_in_another_database_holds_up_no_end() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = org.service_account("reports", "viewer").await;
    let (mut stubborn, plain) = (opened(&org, &account, 3600).await, opened(&org, &account, 3600).await);
    let admin = app.store.cell.admin().await;
    let is_open =
        "select from pg_database where datname = 'postgres' and has_database_privilege('public', datname, 'connect')";
    assert_eq!(
        admin.query(is_open, &[]).await.unwrap().len(),
        1,
        "a database that is open"
    );
    stubborn["database"] = json!("postgres");
    let holds = "begin; alter role current_user password '{password}'; select pg_sleep(600); commit";
    let busy = [
        keep_on(&stubborn, holds),
        keep_on(&stubborn, holds),
        keep_on(&stubborn, holds),
    ];
    wait_until("it is at it", || async {
        let at_it = "select from pg_stat_activity where usename = $1 and query like '%pg_sleep(600)%'";
        let found = admin.query(at_it, &[&text(&stubborn["login"])]).await.unwrap();
        (!found.is_empty()).then_some(())
    })
    .await;
    for login in [&stubborn, &plain] {
        let path = org.path(&format!(
            "/service-accounts/{}/sql-logins/{}",
            account.id,
            text(&login["id"])
        ));
        org.owner.client.delete(&path).await.expect(204);
    }
    let role = async |login: &Value| {
        let known = "select count(*) from pg_roles where rolname = $1";
        let found = admin.query_one(known, &[&text(&login["login"])]).await.unwrap();
        found.get::<_, i64>(0)
    };
    assert_eq!(role(&plain).await, 0);
    for session in busy {
        session.abort();
    }
    wait_until("it is gone, too", || async {
        housekeeping::step(&app.control).await.unwrap();
        (role(&stubborn).await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_view_can_be_locked_against_others() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = org.service_account("deployer", "owner").await;
    let sql = session(&org, &account).await;
    let views = column(
        &sql,
        "select relname from pg_class where relnamespace = 'org'::regnamespace and relkind = 'v'",
    )
    .await;
    assert!(views.len() > 8, "{views:?}");
    for view in views {
        for mode in ["row exclusive", "share", "exclusive", "access exclusive"] {
            let (code, _) = refused(&sql, &format!("begin; lock table org.{view} in {mode} mode")).await;
            assert_eq!(code, "42501", "{view}: {mode}");
            sql.batch_execute("rollback").await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_uses_up_the_locks_of_the_server_goes() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = org.service_account("reports", "viewer").await;
    let sql = session(&org, &account).await;
    let most =
        "select current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int / 40";
    let most: usize = column(&sql, most).await.remove(0).parse().unwrap();
    // Each that has written holds a lock, until it is released.
    let held = "savepoint s; alter role current_user set work_mem = '8MB';".repeat(most.max(200) + 100);
    sql.batch_execute(&format!("begin; {held}")).await.unwrap();
    let cell = app.control.store().cells().next().unwrap().clone();
    let looking = tokio::spawn(sql::make_way(app.control.clone(), cell));
    wait_until("it is ended", || async { sql.is_closed().then_some(()) }).await;
    looking.abort();
}

#[tokio::test]
async fn no_cost_that_a_session_sets_makes_a_view_read_what_is_not_its_own() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("others").await);
    furnish(&org).await;
    let admin = app.store.cell.admin().await;
    let uuid = plinth_model::Id::split(&other.id).unwrap().1.0;
    let many = "insert into plinth.usage_records (org_id, id, meter, quantity, at, source, recorded_at)
        select $1, 'r' || n, 'rows_copied', 1, now(), 'api', now() from generate_series(1, 30000) as n";
    admin.execute(many, &[&uuid]).await.unwrap();
    admin.batch_execute("analyze plinth.usage_records").await.unwrap();
    let account = org.service_account("reports", "viewer").await;
    let sql = session(&org, &account).await;
    let buffers = async || {
        let plan = column(
            &sql,
            "explain (analyze, buffers, costs off, timing off) select count(*) from usage",
        )
        .await;
        let line = plan
            .iter()
            .find(|line| line.contains("Buffers"))
            .expect("a plan with buffers");
        let counts = line
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|count| count.parse::<u32>().ok());
        counts.sum::<u32>()
    };
    let pages = "select pg_relation_size('plinth.usage_records') / 8192";
    let pages: i64 = admin.query_one(pages, &[]).await.unwrap().get(0);
    buffers().await;
    let usual = buffers().await;
    sql.batch_execute(
        "set random_page_cost = 1e10; set cpu_index_tuple_cost = 1e10; set seq_page_cost = 0; set cpu_tuple_cost = 0",
    )
    .await
    .unwrap();
    let bent = buffers().await;
    assert!(
        i64::from(usual.max(bent)) < pages / 2,
        "{usual}, then {bent}, of {pages}"
    );
}

#[tokio::test]
async fn of_statements_that_are_sent_at_once_each_has_its_own_age() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let login = opened(&org, &account, 3600).await;
    let text_of = "forbid (principal, action == Action::\"pipelines:view\", resource) when { context.authentication.age_secs >= 6 };";
    let policy = json!({"name": "fresh", "text": text_of});
    org.owner.client.post(&org.path("/policies"), policy).await.expect(201);
    let sql = crate::sql_access::connect(&login).await;
    let until = format!("timestamptz '{}' + interval '6.1 seconds'", text(&login["created_at"]));
    let statements = format!(
        "select count(*) from pipelines; commit;
        select pg_sleep(greatest(extract(epoch from {until} - clock_timestamp())::float8, 0)); commit;
        select count(*) from pipelines"
    );
    assert_eq!(column(&sql, &statements).await, ["2", "", "0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_is_applied_whatever_a_session_does_to_its_views() {
    let app = start().await;
    let org = app.org("acme").await;
    let admin = app.store.cell.admin().await;
    // As on a server without a superuser, where changes cannot be refused.
    admin
        .batch_execute("drop event trigger plinth_logins_change_nothing")
        .await
        .unwrap();
    let account = org.service_account("reports", "viewer").await;
    let login = opened(&org, &account, 3600).await;
    let busy = keep_on(
        &login,
        "begin; revoke select on org.pipelines from plinth_sql; select pg_sleep(0.2); commit",
    );
    wait_until("it is at it", || async {
        let found = admin.query(
            "select from pg_stat_activity where query like '%revoke select%' and usename like 'plinth_sql_%'",
            &[],
        );
        (!found.await.unwrap().is_empty()).then_some(())
    })
    .await;
    // Each adds a column to a view that the session is at.
    let mut product = app::Setup::default().product;
    for round in 0..3 {
        let types = product["types"].as_array_mut().unwrap();
        let pipeline = types.iter_mut().find(|each| each["name"] == "pipeline").unwrap();
        pipeline["spec_schema"]["properties"][format!("note_{round}")] = json!({"type": "string"});
        app.operator().put("/v1/product", product.clone()).await.expect(200);
    }
    busy.abort();
    let known =
        "select count(*) from pg_attribute where attrelid = 'org.pipelines'::regclass and attname like 'spec_note_%'";
    assert_eq!(admin.query_one(known, &[]).await.unwrap().get::<_, i64>(0), 3);
}

#[tokio::test]
async fn a_plan_says_how_many_logins_there_are() {
    let app = start().await;
    let mut product = app::etl_product();
    product["plans"][0]["quotas"] = json!({"sql-logins": 1});
    app.operator().put("/v1/product", product.clone()).await.expect(200);
    let org = app.org("acme").await;
    let account = org.service_account("reports", "viewer").await;
    let path = org.path(&format!("/service-accounts/{}/sql-logins", account.id));
    let open = async || org.owner.client.post(&path, json!({"name": "reports"})).await;
    let first = open().await.expect(201);
    let problem = open().await.problem(403, "quota_exceeded");
    assert!(text(&problem["detail"]).contains("quota of 1 SQL logins"), "{problem}");
    let id = text(&first["id"]);
    org.owner.client.delete(&format!("{path}/{id}")).await.expect(204);
    open().await.expect(201);
    // As an operator has it for this org alone.
    let admin = app.store.cell.admin().await;
    let own = "update plinth.orgs set quotas = '{\"sql-logins\": 2}'";
    admin.batch_execute(own).await.unwrap();
    open().await.expect(201);
    open().await.problem(403, "quota_exceeded");

    product["plans"][0]["quotas"] = json!({"sql-logins": 0});
    app.operator().put("/v1/product", product).await.expect(200);
    let other = app.org("other").await;
    admin
        .batch_execute("update plinth.orgs set quotas = '{}'")
        .await
        .unwrap();
    let account = other.service_account("reports", "viewer").await;
    let path = other.path(&format!("/service-accounts/{}/sql-logins", account.id));
    let answer = other.owner.client.post(&path, json!({"name": "reports"})).await;
    let problem = answer.problem(403, "quota_exceeded");
    assert!(text(&problem["detail"]).contains("has no SQL logins"), "{problem}");
}
