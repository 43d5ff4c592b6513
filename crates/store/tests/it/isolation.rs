//! One org never sees or changes another one's rows, whatever the statement says: for each org-owned table that the
//! catalog knows. A new table fails here until it is protected and has a row maker.

use std::collections::BTreeSet;

use plinth_model::id::OrgId;
use plinth_testkit::store::{TestStore, open};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

/// Makes one row of a table for the org `{org}`; parents come first.
const MAKERS: [(&str, &str); 29] = [
    // `open().org()` has made these two.
    ("orgs", ""),
    ("memberships", ""),
    (
        "invitations",
        "insert into plinth.invitations (org_id, id, email, roles, token_hash, invited_by, expires_at)
         values ('{org}', gen_random_uuid(), 'x@example.com', '{viewer}', 'h', '{}', now())",
    ),
    (
        "invitation_mails",
        "insert into plinth.invitation_mails (org_id, invitation_id)
         select org_id, id from plinth.invitations where org_id = '{org}'",
    ),
    (
        "service_accounts",
        "insert into plinth.service_accounts (org_id, id, name, roles, created_by)
         values ('{org}', gen_random_uuid(), 'ci', '{viewer}', '{}')",
    ),
    (
        "service_account_tokens",
        "insert into plinth.service_account_tokens
             (org_id, id, service_account_id, name, token_hash, created_by, expires_at)
         select org_id, gen_random_uuid(), id, 't', 'h', '{}', now()
         from plinth.service_accounts where org_id = '{org}'",
    ),
    (
        "sql_logins",
        "insert into plinth.sql_logins (org_id, id, service_account_id, name, login, created_by, expires_at)
         select org_id, gen_random_uuid(), id, 's', 'plinth_sql_' || org_id, '{}', now()
         from plinth.service_accounts where org_id = '{org}'",
    ),
    (
        "policies",
        "insert into plinth.policies (org_id, id, name, text, created_by, updated_by)
         values ('{org}', gen_random_uuid(), 'p', '', '{}', '{}')",
    ),
    (
        "policy_versions",
        "insert into plinth.policy_versions (org_id, policy_id, version, name, description, changed_by)
         select org_id, id, 1, name, '', '{}' from plinth.policies where org_id = '{org}'",
    ),
    (
        "policy_rows",
        "insert into plinth.policy_rows (org_id, policy_id, class, number, permits, predicate)
         select org_id, id, '*', 1, true, '1 == 1' from plinth.policies where org_id = '{org}'",
    ),
    (
        "refusals",
        "insert into plinth.refusals
             (org_id, principal, action, subject, hour, principal_name, context, count, last_at)
         values ('{org}', 'user_x', 'things:view', '', now(), 'x', '{}', 1, now())",
    ),
    (
        "signals",
        "insert into plinth.signals (org_id, id, principal, kind, detail, weight, at, counts_until)
         values ('{org}', gen_random_uuid(), 'sa_x', 'new_network', '{}', 40, now(), now() + interval '1 day')",
    ),
    (
        "places",
        "insert into plinth.places (org_id, principal, kind, value) values ('{org}', 'sa_x', 'network', '10.0.0.0/24')",
    ),
    (
        "bill_lines",
        "insert into plinth.bill_lines
             (org_id, period, number, price, title, kind, quantity, unit, amount, currency, records, as_of)
         values ('{org}', '2026-11', 1, 'p', 'P', 'flat', 1, 'month', 1, 'EUR', 0, now())",
    ),
    (
        "bill_dates",
        "insert into plinth.bill_dates (org_id, as_of) values ('{org}', now())",
    ),
    (
        "org_keys",
        "insert into plinth.org_keys (org_id, id, wrapped_key) values ('{org}', gen_random_uuid(), 'k')",
    ),
    (
        "idempotency_keys",
        "insert into plinth.idempotency_keys (org_id, actor_id, key, request_hash) values ('{org}', 'a', 'k', 'h')",
    ),
    (
        "resources",
        "insert into plinth.resources (org_id, id, type, name, spec, created_by)
         select '{org}', gen_random_uuid(), 'thing', name, '{}', '{}' from unnest(array['one', 'two']) as name",
    ),
    (
        "resource_labels",
        "insert into plinth.resource_labels (org_id, label, resource_id)
         select org_id, 1, id from plinth.resources where org_id = '{org}'",
    ),
    (
        "resource_refs",
        "insert into plinth.resource_refs (org_id, from_id, pointer, to_id)
         select one.org_id, one.id, '/x', two.id
         from plinth.resources one, plinth.resources two
         where one.org_id = '{org}' and two.org_id = '{org}' and one.name = 'one' and two.name = 'two'",
    ),
    (
        "work_items",
        "insert into plinth.work_items (org_id, resource_id, type, generation)
         select org_id, id, type, 1 from plinth.resources where org_id = '{org}'",
    ),
    (
        "metric_series",
        "insert into plinth.metric_series (org_id, name, resource_id) values ('{org}', 'm', gen_random_uuid())",
    ),
    (
        "metric_points",
        "insert into plinth.metric_points (org_id, series_id, at, value)
         select org_id, id, now(), 1 from plinth.metric_series where org_id = '{org}'",
    ),
    // Its trigger fills the rollups.
    (
        "usage_records",
        "insert into plinth.usage_records (org_id, source, id, meter, quantity, at)
         values ('{org}', 's', 'i', 'm', 1, now())",
    ),
    ("usage_rollups", ""),
    (
        "action_requests",
        "insert into plinth.action_requests (org_id, id, type, action, spec, expires_at)
         values ('{org}', gen_random_uuid(), 'thing', 'check', '{}', now())",
    ),
    (
        "resource_counts",
        "insert into plinth.resource_counts (org_id, kind, live) values ('{org}', 'thing', 1)",
    ),
    // Capture has filled the inbox by now.
    ("event_inbox", ""),
    (
        "events",
        "insert into plinth.event_heads (org_id, seq, hash) values ('{org}', 1, 'h');
         insert into plinth.events
             (org_id, seq, kind, subject_id, subject_name, operation, actor, xid, at, hash)
         values ('{org}', 1, 'org', '{org}', 'x', 'create', '{}', '1', now(), 'h')",
    ),
];

/// Made together with another table's row.
const MADE_WITH: [&str; 1] = ["event_heads"];

/// Indexes that do not begin with the org, and why they need not.
const CROSS_ORG_INDEXES: [(&str, &str); 3] = [
    (
        "event_inbox_order",
        "its only reader is the sequencer, which works over all orgs in order",
    ),
    (
        "work_items_due",
        "its only reader is the claim, which takes turns between orgs",
    ),
    (
        "sql_logins_login",
        "a session of such a login is not in an org before its row is found",
    ),
];

/// Tables of a cell that no org owns.
const SHARED_TABLES: [&str; 10] = [
    "channels",
    "countries",
    "country_file",
    "ended_logins",
    "home",
    "lock_guard",
    "policy_compiler",
    "resource_types",
    "role_rows",
    "sql_types",
];

struct Setting {
    test: TestStore,
    admin: Client,
    ours: OrgId,
    theirs: OrgId,
}

/// Two orgs, each with a row in every table.
async fn two_orgs() -> Setting {
    let test = open().await;
    let (ours, theirs) = (test.org("ours").await.id, test.org("theirs").await.id);
    let admin = test.cell.admin().await;
    for org in [ours, theirs] {
        for (table, maker) in MAKERS {
            let made = admin.batch_execute(&maker.replace("{org}", &org.0.to_string())).await;
            made.unwrap_or_else(|error| panic!("row maker of `{table}`: {error:?}"));
        }
    }
    Setting {
        test,
        admin,
        ours,
        theirs,
    }
}

impl Setting {
    async fn api(&self, scope: Option<OrgId>) -> Client {
        let password = self.test.config.role_password("plinth_api");
        let url = self.test.cell.url_as("plinth_api", &password);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        if let Some(org) = scope {
            // As the control plane itself: what is left is the wall around the org, and no policy hides a hole in it.
            let enter = "select set_config('plinth.org', $1, false), set_config('plinth.principal', 'plinth', false)";
            client.execute(enter, &[&org.0.to_string()]).await.unwrap();
        }
        client
    }

    async fn tables(&self) -> Vec<String> {
        let select = "select relation.relname::text
            from pg_class relation
            join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attname = 'org_id'
            where relation.relnamespace = 'plinth'::regnamespace and relation.relkind in ('r', 'p')
            order by 1";
        self.admin
            .query(select, &[])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect()
    }

    /// The columns that can be written, as SQL wants them.
    async fn columns(&self, table: &str) -> String {
        let select = "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
            where attrelid = ('plinth.' || $1::text)::regclass and attnum > 0 and not attisdropped and attgenerated = ''";
        self.admin.query_one(select, &[&table]).await.unwrap().get(0)
    }

    /// All rows of another org's, as text.
    async fn rows_of(&self, table: &str, org: OrgId) -> Vec<String> {
        let select = format!("select to_jsonb(t)::text from plinth.{table} t where org_id = $1 order by 1");
        self.admin
            .query(&select, &[&org.0])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect()
    }
}

/// Neither a right to the table nor a row in it: both end in "nothing", and only these two.
fn nothing(outcome: Result<u64, tokio_postgres::Error>, what: &str) {
    match outcome {
        Ok(count) => assert_eq!(count, 0, "{what}"),
        Err(error) => refused(&error, what),
    }
}

fn refused(error: &tokio_postgres::Error, what: &str) {
    assert_eq!(
        error.code(),
        Some(&SqlState::INSUFFICIENT_PRIVILEGE),
        "{what}: {error:?}"
    );
}

#[tokio::test]
async fn every_table_with_an_org_has_a_row_maker_and_the_others_are_known() {
    let setting = two_orgs().await;
    let made: BTreeSet<String> = MAKERS
        .iter()
        .map(|(table, _)| *table)
        .chain(MADE_WITH)
        .map(str::to_owned)
        .collect();
    let tables = setting.tables().await;
    assert_eq!(tables.iter().cloned().collect::<BTreeSet<_>>(), made);
    for table in &tables {
        assert!(
            !setting.rows_of(table, setting.theirs).await.is_empty(),
            "the maker of `{table}` made no row"
        );
    }
    let select = "select relname::text from pg_class
        where relnamespace = 'plinth'::regnamespace and relkind in ('r', 'p') and relname <> all ($1) order by 1";
    let others = setting.admin.query(select, &[&tables]).await.unwrap();
    assert_eq!(
        others.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(),
        SHARED_TABLES
    );
}

#[tokio::test]
async fn every_table_is_bound_to_its_org_by_forced_row_level_security() {
    let setting = two_orgs().await;
    // A policy for all commands, or one for each: all of them ask for the org first, of the row as it is and as it becomes.
    let select = "select relrowsecurity and relforcerowsecurity, (
            select count(*) > 0 and bool_and(
                coalesce(pg_get_expr(polqual, polrelid), bound.clause) like bound.clause || '%'
                and coalesce(pg_get_expr(polwithcheck, polrelid), bound.clause) like bound.clause || '%')
            from pg_policy, (values ('(%org_id = ( SELECT plinth.current_org()')) as bound (clause)
            where polrelid = relation.oid and polpermissive and polroles && array[0, 'plinth_api'::regrole]::oid[]), (
            select count(*) from pg_policy, unnest(case polcmd when '*' then array['r', 'a', 'w', 'd'] else array[polcmd::text] end)
            where polrelid = relation.oid and polpermissive and polroles && array[0, 'plinth_api'::regrole]::oid[])
        from pg_class relation where oid = ('plinth.' || $1::text)::regclass";
    for table in setting.tables().await {
        let row = setting.admin.query_one(select, &[&table]).await.unwrap();
        assert!(row.get::<_, bool>(0), "`{table}` does not force row-level security");
        assert!(
            row.get::<_, bool>(1),
            "`{table}` has no policy that binds plinth_api to its org"
        );
        assert!(
            (3..=4).contains(&row.get::<_, i64>(2)),
            "`{table}` has a second policy that lets plinth_api see more"
        );
    }
}

#[tokio::test]
async fn every_index_begins_with_the_org() {
    let setting = two_orgs().await;
    let select = "select index.indexrelid::regclass::text, index.indisprimary, coalesce((
            select attname::text from pg_attribute where attrelid = index.indrelid and attnum = index.indkey[0]), '')
        from pg_index index where index.indrelid = ('plinth.' || $1::text)::regclass";
    for table in setting.tables().await {
        let indexes = setting.admin.query(select, &[&table]).await.unwrap();
        assert!(indexes.iter().any(|index| index.get(1)), "`{table}` has no primary key");
        for index in indexes {
            let (name, first): (String, String) = (index.get(0), index.get(2));
            let name = name.trim_start_matches("plinth.");
            let excused = CROSS_ORG_INDEXES.iter().any(|(known, _)| *known == name);
            assert_eq!(
                first == "org_id",
                !excused,
                "`{name}` of `{table}` begins with `{first}`"
            );
        }
    }
}

#[tokio::test]
async fn another_org_sees_and_changes_nothing() {
    let setting = two_orgs().await;
    let api = setting.api(Some(setting.ours)).await;
    for table in setting.tables().await {
        let before = setting.rows_of(&table, setting.theirs).await;
        let theirs = setting.theirs.0;
        let select = format!("select from plinth.{table} where org_id = $1");
        nothing(
            api.execute(&select, &[&theirs]).await,
            &format!("select from `{table}`"),
        );
        let select = format!("select from plinth.{table} where org_id <> $1");
        nothing(
            api.execute(&select, &[&setting.ours.0]).await,
            &format!("select from `{table}` of all others"),
        );
        let update = format!("update plinth.{table} set org_id = org_id where org_id = $1");
        nothing(api.execute(&update, &[&theirs]).await, &format!("update of `{table}`"));
        let take = format!("update plinth.{table} set org_id = $2 where org_id = $1");
        nothing(
            api.execute(&take, &[&theirs, &setting.ours.0]).await,
            &format!("taking rows of `{table}`"),
        );
        let delete = format!("delete from plinth.{table} where org_id = $1");
        nothing(
            api.execute(&delete, &[&theirs]).await,
            &format!("delete from `{table}`"),
        );
        assert_eq!(
            setting.rows_of(&table, setting.theirs).await,
            before,
            "`{table}` was changed"
        );
    }
}

#[tokio::test]
async fn a_row_of_another_org_is_refused_even_when_it_is_there_already() {
    let setting = two_orgs().await;
    let api = setting.api(Some(setting.ours)).await;
    for table in setting.tables().await {
        let row = setting.rows_of(&table, setting.theirs).await.swap_remove(0);
        let columns = setting.columns(&table).await;
        let insert = format!(
            "insert into plinth.{table} ({columns}) overriding system value
             select {columns} from jsonb_populate_record(null::plinth.{table}, $1::text::jsonb)"
        );
        let error = api.execute(&insert, &[&row]).await.expect_err(&table);
        refused(&error, &format!("insert into `{table}`"));
        let give = format!("update plinth.{table} set org_id = $2 where org_id = $1");
        let error = api
            .execute(&give, &[&setting.ours.0, &setting.theirs.0])
            .await
            .expect_err(&table);
        refused(&error, &format!("giving a row of `{table}` away"));
    }
}

/// Without this, a scope that shows nothing at all would pass the tests above.
#[tokio::test]
async fn an_org_sees_its_own_rows() {
    let setting = two_orgs().await;
    let api = setting.api(Some(setting.ours)).await;
    for table in setting.tables().await {
        let seen = api.execute(&format!("select from plinth.{table}"), &[]).await;
        match seen {
            Ok(seen) => assert_eq!(
                seen,
                setting.rows_of(&table, setting.ours).await.len() as u64,
                "`{table}`"
            ),
            Err(error) => {
                refused(&error, &table);
                assert_eq!(table, "event_inbox", "only the sequencer reads the inbox");
            }
        }
    }
}

#[tokio::test]
async fn without_a_scope_nothing_is_there() {
    let setting = two_orgs().await;
    let api = setting.api(None).await;
    for table in setting.tables().await {
        nothing(
            api.execute(&format!("select from plinth.{table}"), &[]).await,
            &format!("select from `{table}`"),
        );
        nothing(
            api.execute(&format!("update plinth.{table} set org_id = org_id"), &[])
                .await,
            &format!("update of `{table}`"),
        );
        nothing(
            api.execute(&format!("delete from plinth.{table}"), &[]).await,
            &format!("delete from `{table}`"),
        );
    }
}
