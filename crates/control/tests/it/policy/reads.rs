//! Events, usage and points are shown by the database as they are decided about in process.

use std::collections::BTreeSet;

use plinth_control::event::{self, Direction, EventFilter, Shown};
use plinth_control::page::PageRequest;
use plinth_control::{Caller, metric, resource, usage};
use plinth_model::Resource;
use plinth_model::permission::Kind;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{NOON, Setting, flow, flow_of_the_day, setting};
use crate::metered::record;

const ROUNDS: u32 = 100;

/// Statements about what is read, for the contractor; `$PUMP` is the id of one.
fn statements() -> impl Strategy<Value = Vec<String>> {
    let conditions = vec![
        "true",
        r#"(resource has subject && resource.subject.id == "$PUMP")"#,
        r#"(resource has subject && resource.subject.type == "pump")"#,
        r#"(resource has subject && resource.subject has name && resource.subject.name like "prod*")"#,
        r#"(!(resource has subject) || (resource has subject && resource.subject.type == "member"))"#,
        r#"(resource.id like "*3*")"#,
        r#"(context has ip && context.ip.isInRange(ip("192.0.2.0/24")))"#,
    ];
    let of_rows = prop::sample::select(conditions).prop_map(str::to_owned);
    let of_pumps = prop::sample::select(vec![
        "true",
        r#"(resource.name like "pro*")"#,
        r#"(resource.properties has environment && resource.properties.environment == "development")"#,
    ]);
    let effect = || prop::sample::select(vec!["permit", "permit", "forbid"]);
    let write_of_rows = |effect: &str, what: &str, condition: &str| {
        format!(r#"{effect} (principal is User, action == Action::"{what}", resource) when {{ {condition} }};"#)
    };
    let write_of_pumps = |effect: &str, condition: &str| {
        format!(
            r#"{effect} (principal in Group::"contractors", action == Action::"pumps:view", resource) when {{ {condition} }};"#
        )
    };
    let what = prop::sample::select(vec!["events:view", "usage:view", "metrics:view"]);
    let rows = (effect(), what, of_rows.clone())
        .prop_map(move |(effect, what, condition)| write_of_rows(effect, what, &condition));
    let pumps = (effect(), of_pumps.clone()).prop_map(move |(effect, condition)| write_of_pumps(effect, condition));
    let any = prop::collection::vec(prop_oneof![3 => rows, 1 => pumps], 1..6);
    // What nothing permits, nobody has to hide: most sets permit something of each.
    let events = of_rows
        .clone()
        .prop_map(move |condition| write_of_rows("permit", "events:view", &condition));
    let points = of_rows.prop_map(move |condition| write_of_rows("permit", "metrics:view", &condition));
    let seen = of_pumps.prop_map(move |condition| write_of_pumps("permit", condition));
    let mostly = |statement: BoxedStrategy<String>| prop::option::weighted(0.8, statement);
    (
        mostly(events.boxed()),
        mostly(points.boxed()),
        mostly(seen.boxed()),
        any,
    )
        .prop_map(|(events, points, seen, any)| [events, points, seen].into_iter().flatten().chain(any).collect())
}

/// What a caller sees, by numbers of events, ids of records and ids of pumps with points.
#[derive(Debug, PartialEq)]
struct Seen {
    events: Vec<i64>,
    records: BTreeSet<String>,
    pumps: BTreeSet<String>,
}

impl Setting {
    async fn measure(&self, pumps: &[Resource]) {
        let control = &self.works.control;
        let (mut points, mut records) = (Vec::new(), vec![record("none", "hours", None, "1", NOON)]);
        for pump in pumps {
            records.push(record(
                &format!("of-{}", pump.name),
                "hours",
                Some(&pump.id.text("pump")),
                "1",
                NOON,
            ));
            points.push(flow(pump));
        }
        metric::ingest(control, &self.owner, &points, None).await.unwrap();
        usage::ingest(control, &self.owner, &records, None).await.unwrap();
        self.works.number_events().await;
    }

    /// By row-level security, with what the server asks of it.
    async fn shown(&self, caller: &Caller) -> Seen {
        let control = &self.works.control;
        let page = || PageRequest {
            limit: Some(500),
            cursor: None,
        };
        let query = event::Query {
            filter: EventFilter::default(),
            page: page(),
            direction: Direction::Ascending,
            after: None,
        };
        let events = event::list(control, caller, &query).await.map(|page| page.items);
        let records = usage::list(control, caller, &usage::Filter::default(), &page())
            .await
            .map(|page| page.items);
        let ask = metric::Query {
            group_by: vec!["resource".to_owned()],
            ..flow_of_the_day()
        };
        let series = metric::query(control, caller, &ask).await.unwrap_or_default();
        Seen {
            events: events.unwrap_or_default().iter().map(|event| event.seq).collect(),
            records: records
                .unwrap_or_default()
                .into_iter()
                .map(|record| record.id)
                .collect(),
            pumps: series
                .into_iter()
                .map(|series| series.group["resource"].clone())
                .collect(),
        }
    }

    /// In process: the end of the log as a stream is given it, and what may be said of each record and pump.
    async fn decided(&self, caller: &Caller, pumps: &[Resource]) -> Seen {
        let control = &self.works.control;
        let tail = control.hub().tail(caller.scope.org, 0);
        let everything = EventFilter::default();
        let section = event::follow(control, caller, &tail, &everything, (0, i64::MAX)).await;
        let events = section.map(|section| section.events).unwrap_or_default();
        let seq = |event: Shown| match event {
            Shown::Whole(logged) => logged.event().seq,
            Shown::Cut(event) => event.seq,
        };
        let view = |kind: &str, id: &str, pump: Option<&Resource>| {
            let mut view = json!({"id": id, "type": kind, "org": caller.scope.org.to_string(), "properties": {}});
            if let Some(pump) = pump {
                view["subject"] = json!({"type": "pump", "id": pump.id.text("pump"), "name": pump.name});
            }
            view
        };
        let may = |kind, view: &dyn Fn() -> Value| caller.permits(kind, "view", view);
        let mut records = BTreeSet::new();
        let all = pumps.iter().map(Some).chain([None]);
        for (id, source, pump) in all.flat_map(|pump| {
            let own = pump.map(|pump| (format!("{}/pump_created", pump.id.0), "control", Some(pump)));
            let reported = (
                pump.map_or("none".to_owned(), |pump| format!("of-{}", pump.name)),
                "gauge",
                pump,
            );
            own.into_iter().chain([reported])
        }) {
            if may(Kind::Usage, &|| view("usage", &format!("{source}/{id}"), pump)) {
                records.insert(id);
            }
        }
        let measured = pumps.iter().filter(|pump| {
            may(Kind::Metrics, &|| view("metrics", "flow", Some(pump)))
                && may(Kind::Resources("pumps"), &|| plinth_policy::view::resource(pump))
        });
        Seen {
            events: events.into_iter().map(seq).collect(),
            records,
            pumps: measured.map(|pump| pump.id.text("pump")).collect(),
        }
    }
}

#[tokio::test]
async fn events_usage_and_points_are_shown_as_they_are_decided_about() {
    let setting = setting().await;
    let pumps = setting.four_pumps().await;
    setting.measure(&pumps).await;
    let every = setting.shown(&setting.owner).await;
    assert_eq!(every.pumps.len(), pumps.len());
    let mut runner = TestRunner::new(Config::default());
    let (mut seen, mut hidden) = ([0; 3], [0; 3]);
    for _ in 0..ROUNDS {
        let text = statements().new_tree(&mut runner).unwrap().current().join("\n");
        let text = text.replace("$PUMP", &pumps[0].id.text("pump"));
        let made = setting.write("tried", &text).await;
        let contractor = setting.contractor().await;
        let shown = setting.shown(&contractor).await;
        assert_eq!(shown, setting.decided(&contractor, &pumps).await, "by\n{text}");
        let counts = |seen: &Seen| [seen.events.len(), seen.records.len(), seen.pumps.len()];
        for (at, (count, all)) in counts(&shown).into_iter().zip(counts(&every)).enumerate() {
            seen[at] += count;
            hidden[at] += all.saturating_sub(count);
        }
        setting.forget(&made).await;
    }
    assert!(
        seen.iter().chain(&hidden).all(|count| *count >= 20),
        "{seen:?} {hidden:?}"
    );
}

/// Whatever the server asks, the database shows no more: not a row to a reader for whom no policy holds.
#[tokio::test]
async fn a_reader_sees_nothing_that_no_policy_permits() {
    let setting = setting().await;
    let pumps = setting.four_pumps().await;
    setting.measure(&pumps).await;
    let client = setting.works.test.cell.admin().await;
    let count = async |principal: &str, table: &str| -> i64 {
        client
            .batch_execute("begin; set local role plinth_reads")
            .await
            .unwrap();
        let settings = "select set_config('plinth.org', $1, true), set_config('plinth.principal', $2, true)";
        let org = setting.owner.scope.org.0.to_string();
        client.execute(settings, &[&org, &principal]).await.unwrap();
        let found = client
            .query_one(&format!("select count(*) from plinth.{table}"), &[])
            .await;
        client.batch_execute("rollback").await.unwrap();
        found.unwrap().get(0)
    };
    let contractor = format!("user:{}", setting.contractor.0);
    let owner = format!("user:{}", setting.org.owner.0);
    for table in ["events", "metric_series", "metric_points"] {
        assert_eq!(count(&contractor, table).await, 0, "{table}");
        assert_ne!(count(&owner, table).await, 0, "{table}");
    }
    for table in ["events", "usage_records", "metric_series", "metric_points", "resources"] {
        assert_eq!(count("", table).await, 0, "{table} to nobody");
    }
}

/// Records and events that are hidden, and three records that are seen behind them.
const MUCH_HIDDEN: &str = "
        insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at, properties)
        select org_id, 'gauge', 'hidden-' || n, 'hours', null, 1, timestamptz '2026-03-01' + n * interval '1 s', '{}'
        from plinth.orgs, generate_series(1, 50000) as n;
        insert into plinth.usage_records (org_id, source, id, meter, resource_id, quantity, at, properties)
        select org_id, 'gauge', 'seen-' || n, 'hours', id, 1, timestamptz '2026-02-01' + n * interval '1 s', '{}'
        from plinth.resources, generate_series(1, 3) as n where name = 'dev';
        insert into plinth.events (org_id, seq, kind, subject_id, subject_name, operation, after, actor, request_id, xid, at, hash)
        select org_id, seq + n, 'pump', gen_random_uuid(), 'gone', 'create', '{}', '{\"type\": \"system\", \"id\": \"test\", \"name\": \"test\"}',
            'req', 1, now(), decode(repeat('00', 32), 'hex')
        from plinth.event_heads, generate_series(1, 120000) as n;
        update plinth.event_heads set seq = seq + 120000";

/// What is hidden may be long: a page gives what it has found after a while, and the next one goes on from there.
#[tokio::test]
async fn what_is_seen_is_found_behind_much_that_is_hidden() {
    let setting = setting().await;
    let control = &setting.works.control;
    let pump = resource::get(control, &setting.owner, "pumps", "dev").await.unwrap();
    setting.works.number_events().await;
    let text = r#"
        permit (principal is User, action == Action::"events:view", resource) when { resource has subject && resource.subject.id == "$PUMP" };
        permit (principal is User, action == Action::"pumps:view", resource);
        forbid (principal in Group::"contractors", action == Action::"usage:view", resource)
        unless { resource has subject && resource.subject.id == "$PUMP" };"#;
    setting
        .write("little", &text.replace("$PUMP", &pump.id.text("pump")))
        .await;
    let admin = setting.works.test.cell.admin().await;
    admin
        .batch_execute("set session_replication_role = replica")
        .await
        .unwrap();
    admin.batch_execute(MUCH_HIDDEN).await.unwrap();
    let contractor = setting.contractor().await;
    let mut cursor = None;
    let mut records = Vec::new();
    loop {
        let request = PageRequest { limit: Some(2), cursor };
        let page = usage::list(control, &contractor, &usage::Filter::default(), &request)
            .await
            .unwrap();
        records.extend(page.items.into_iter().map(|record| record.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let own = format!("{}/pump_created", pump.id.0);
    assert_eq!(records, [own.as_str(), "seen-3", "seen-2", "seen-1"]);
    for (direction, after) in [
        (Direction::Descending, None),
        (Direction::Ascending, None),
        (Direction::Descending, Some(0)),
    ] {
        let (mut cursor, mut names) = (None, Vec::new());
        loop {
            let query = event::Query {
                filter: EventFilter::default(),
                page: PageRequest { limit: Some(1), cursor },
                direction,
                after,
            };
            let page = event::list(control, &contractor, &query).await.unwrap();
            names.extend(page.items.into_iter().map(|event| event.subject_name));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["dev"], "{direction:?}");
    }
}
