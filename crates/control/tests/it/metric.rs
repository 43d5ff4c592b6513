//! The database's answers against the same computed by hand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plinth_control::metric::{self, PointDraft, Query, Series};
use plinth_control::report::{Ingested, MAX_BATCH, Reporter};
use plinth_control::{Caller, Code, Control};
use plinth_model::Role;
use plinth_model::id::Id;

use crate::metered::{Dice, Waterworks, open, pointers};

mod oracle;

use oracle::{assert_alike, expected, groups};

/// 2026-03-05 12:00:00.
const NOON: i64 = 1_772_712_000;

fn second(at: i64) -> String {
    Timestamp::from_second(at).expect("a time").to_string()
}

fn point(name: &str, resource: &str, at: i64, value: f64, labels: &[(&str, &str)]) -> PointDraft {
    let labels = labels
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    PointDraft {
        name: name.to_owned(),
        resource: Some(resource.to_owned()),
        at: second(at),
        value,
        labels,
    }
}

fn ask(aggregate: &str, from: i64, to: i64, bucket_secs: i64) -> Query {
    Query {
        name: "flow".to_owned(),
        aggregate: aggregate.to_owned(),
        from: second(from),
        to: second(to),
        bucket_secs,
        ..Query::default()
    }
}

async fn query(works: &Waterworks, caller: &Caller, query: &Query) -> Vec<Series> {
    metric::query(&works.control, caller, query).await.expect("an answer")
}

/// Points of two pumps and three valves (one of them without a label), at most one a second and series; values go up
/// and now and then start again.
fn random_points(dice: &mut Dice, pumps: &[String]) -> Vec<PointDraft> {
    let mut points = Vec::new();
    for pump in pumps {
        for valve in ["a", "b", ""] {
            let labels: &[(&str, &str)] = if valve.is_empty() {
                &[]
            } else {
                &[("valve", valve), ("kind", "x")]
            };
            let mut value = 0.0;
            for at in NOON - 500..NOON + 500 {
                if dice.roll(10) == 0 {
                    let step = dice.roll(1000) as f64 / 8.0;
                    value = if dice.roll(12) == 0 { step } else { value + step };
                    points.push(point("flow", pump, at, value, labels));
                }
            }
        }
    }
    points
}

#[tokio::test]
async fn every_aggregate_is_what_a_plain_computation_gives() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pumps = [works.pump(&owner, "one").await, works.pump(&owner, "two").await];
    let mut dice = Dice::new(11);
    let points = random_points(&mut dice, &pumps);
    metric::ingest(&works.control, &owner, &points, None).await.unwrap();
    let groupings: [&[&str]; 5] = [&[], &["resource"], &["valve"], &["valve", "resource"], &["missing"]];
    for round in 0..12 {
        for aggregate in ["sum", "avg", "min", "max", "p95", "last", "rate"] {
            let from = NOON - 300 + dice.roll(300) as i64;
            let mut asked = ask(
                aggregate,
                from,
                from + 1 + dice.roll(400) as i64,
                1 + dice.roll(90) as i64,
            );
            asked.group_by = groupings[round % groupings.len()]
                .iter()
                .map(|name| (*name).to_owned())
                .collect();
            asked.resource = (dice.roll(3) == 0).then(|| pumps[0].clone());
            if dice.roll(3) == 0 {
                asked.labels.insert("valve".to_owned(), "b".to_owned());
            }
            let found = groups(query(&works, &owner, &asked).await);
            assert_alike(&found, &expected(&points, &asked), &asked);
        }
    }
}

#[tokio::test]
async fn rate_sees_through_resets_and_begins_before_the_window() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let counter = [(-30, 100.0), (10, 160.0), (20, 5.0), (30, 65.0), (70, 65.0)];
    let points: Vec<_> = counter
        .iter()
        .map(|(at, value)| point("flow", &pump, NOON + at, *value, &[]))
        .collect();
    metric::ingest(&works.control, &owner, &points, None).await.unwrap();
    let series = query(&works, &owner, &ask("rate", NOON, NOON + 120, 60)).await;
    // 60 from before the window, nothing for the reset, 60 after it; then standstill.
    assert_eq!(
        groups(series)[&BTreeMap::new()],
        BTreeMap::from([(NOON, 2.0), (NOON + 60, 0.0)])
    );
    let series = query(&works, &owner, &ask("rate", NOON - 60, NOON, 60)).await;
    assert!(series.is_empty(), "one point alone has not grown from anything");
}

#[tokio::test]
async fn a_point_that_is_sent_again_changes_nothing() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let first = [
        point("flow", &pump, NOON, 1.0, &[("valve", "a")]),
        point("flow", &pump, NOON, 2.0, &[]),
    ];
    let ingested = metric::ingest(&works.control, &owner, &first, None).await.unwrap();
    assert_eq!(
        ingested,
        Ingested {
            accepted: 2,
            duplicate: 0
        }
    );
    let again = [
        point("flow", &pump, NOON, 9.0, &[("valve", "a")]),
        point("flow", &pump, NOON + 1, 3.0, &[]),
        point("flow", &pump, NOON + 1, 4.0, &[]),
    ];
    let ingested = metric::ingest(&works.control, &owner, &again, None).await.unwrap();
    assert_eq!(
        ingested,
        Ingested {
            accepted: 1,
            duplicate: 2
        }
    );
    let sum = query(&works, &owner, &ask("sum", NOON, NOON + 60, 60)).await;
    assert_eq!(sum[0].points[0].value, 6.0);
}

#[tokio::test]
async fn reporters_of_the_same_new_series_at_once_all_succeed() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let reporters = (0..6).map(|reporter| {
        let (control, owner, pump): (Control, _, _) = (works.control.clone(), owner.clone(), pump.clone());
        tokio::spawn(async move {
            let valve = |n: i64| if reporter % 2 == 0 { n } else { 49 - n };
            let batch: Vec<_> = (0..50)
                .map(|n| point("flow", &pump, NOON, 1.0, &[("valve", &valve(n).to_string())]))
                .collect();
            metric::ingest(&control, &owner, &batch, None).await.unwrap()
        })
    });
    let mut accepted = 0;
    for reporter in reporters.collect::<Vec<_>>() {
        accepted += reporter.await.unwrap().accepted;
    }
    assert_eq!(accepted, 50);
}

#[tokio::test]
async fn a_full_batch_is_taken_and_a_larger_one_refused() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let mut batch: Vec<_> = (0..MAX_BATCH as i64)
        .map(|n| point("flow", &pump, NOON + n, 1.0, &[]))
        .collect();
    assert_eq!(
        metric::ingest(&works.control, &owner, &batch, None)
            .await
            .unwrap()
            .accepted,
        MAX_BATCH
    );
    batch.push(point("flow", &pump, NOON - 1, 1.0, &[]));
    assert_eq!(
        pointers(metric::ingest(&works.control, &owner, &batch, None).await),
        ["/points"]
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn each_wrong_field_of_a_point_is_pointed_at() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let stranger = works.owner("stranger").await;
    let (pump, foreign) = (works.pump(&owner, "one").await, works.pump(&stranger, "theirs").await);
    let good = point("flow", &pump, NOON, 1.0, &[]);
    let many: Vec<String> = (0..17).map(|n| format!("l{n}")).collect();
    let labelled = |labels: &[(&str, &str)]| point("flow", &pump, NOON, 1.0, labels);
    let batch = [
        good.clone(),
        PointDraft {
            name: "Flow".to_owned(),
            ..good.clone()
        },
        PointDraft {
            name: "f".repeat(64),
            value: f64::NAN,
            ..good.clone()
        },
        PointDraft {
            resource: Some(foreign),
            value: f64::INFINITY,
            ..good.clone()
        },
        PointDraft {
            resource: None,
            value: 1e101,
            ..good.clone()
        },
        PointDraft {
            resource: Some(pump.replace("pump", "valve")),
            value: 5e-324,
            ..good.clone()
        },
        PointDraft {
            at: "12:00".to_owned(),
            ..good.clone()
        },
        PointDraft {
            labels: many.into_iter().map(|name| (name, "x".to_owned())).collect(),
            ..good.clone()
        },
        labelled(&[("resource", "x")]),
        labelled(&[("a-b", "x")]),
        labelled(&[("a", "x\u{0}")]),
        labelled(&[("a", &"x".repeat(256))]),
    ];
    let expected = [
        "/points/1/name",
        "/points/2/name",
        "/points/2/value",
        "/points/3/resource",
        "/points/3/value",
        "/points/4/resource",
        "/points/4/value",
        "/points/5/resource",
        "/points/5/value",
        "/points/6/at",
        "/points/7/labels",
        "/points/8/labels",
        "/points/9/labels",
        "/points/10/labels",
        "/points/11/labels",
    ];
    assert_eq!(
        pointers(metric::ingest(&works.control, &owner, &batch, None).await),
        expected
    );
    assert!(query(&works, &owner, &ask("sum", NOON, NOON + 60, 60)).await.is_empty());
}

#[tokio::test]
async fn the_largest_values_and_labels_that_are_accepted_can_be_aggregated() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let text = "\u{10348}".repeat(28);
    let names: Vec<String> = (0..16).map(|n| format!("label_{n:02}")).collect();
    let labels: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    let batch: Vec<_> = (0..200)
        .map(|n| {
            point(
                "flow",
                &pump,
                NOON + n,
                if n % 2 == 0 { 1e100 } else { -1e100 },
                &labels,
            )
        })
        .chain((0..200).map(|n| point("flow", &pump, NOON + n, if n % 2 == 0 { 1e-100 } else { 0.0 }, &[])))
        .collect();
    metric::ingest(&works.control, &owner, &batch, None).await.unwrap();
    for aggregate in ["sum", "avg", "min", "max", "p95", "last", "rate"] {
        for bucket_secs in [1, 60, 31_622_400] {
            let series = query(&works, &owner, &ask(aggregate, NOON, NOON + 200, bucket_secs)).await;
            assert!(
                series[0].points.iter().all(|point| point.value.is_finite()),
                "{aggregate}"
            );
        }
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_answered_with_what_is_wrong() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let good = ask("sum", NOON, NOON + 60, 60);
    let cases: [(Query, &[&str]); 9] = [
        (
            Query {
                name: "1".to_owned(),
                aggregate: "mean".to_owned(),
                ..good.clone()
            },
            &["/name", "/aggregate"],
        ),
        (ask("sum", NOON, NOON, 60), &["/to"]),
        (ask("sum", NOON, NOON - 60, 60), &["/to"]),
        (
            Query {
                from: "noon".to_owned(),
                to: String::new(),
                ..good.clone()
            },
            &["/from", "/to"],
        ),
        (
            Query {
                bucket_secs: 0,
                ..good.clone()
            },
            &["/bucket_secs"],
        ),
        (
            Query {
                bucket_secs: i64::MAX,
                ..good.clone()
            },
            &["/bucket_secs"],
        ),
        (ask("sum", NOON - 11_000, NOON, 1), &["/bucket_secs"]),
        (
            Query {
                group_by: vec!["a".to_owned(), "a".to_owned()],
                ..good.clone()
            },
            &["/group_by"],
        ),
        (
            Query {
                resource: Some("pump".to_owned()),
                ..good
            },
            &["/resource"],
        ),
    ];
    for (asked, expected) in cases {
        assert_eq!(
            pointers(metric::query(&works.control, &owner, &asked).await),
            expected,
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_would_be_too_large_is_refused() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let valves: BTreeSet<String> = (0..6).map(|n| n.to_string()).collect();
    for valve in &valves {
        let batch: Vec<_> = (0..2_000)
            .map(|n| point("flow", &pump, NOON + n, 1.0, &[("valve", valve)]))
            .collect();
        metric::ingest(&works.control, &owner, &batch, None).await.unwrap();
    }
    for aggregate in ["sum", "last", "rate"] {
        let asked = Query {
            group_by: vec!["valve".to_owned()],
            ..ask(aggregate, NOON, NOON + 2_000, 1)
        };
        assert_eq!(
            pointers(metric::query(&works.control, &owner, &asked).await),
            ["/bucket_secs"]
        );
        let coarser = Query {
            bucket_secs: 2,
            ..asked
        };
        assert_eq!(query(&works, &owner, &coarser).await.len(), valves.len());
    }
}

#[tokio::test]
async fn a_worker_measures_its_own_resource_only() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let (own, other) = (works.pump(&owner, "own").await, works.pump(&owner, "other").await);
    let reporter = Reporter::Worker {
        type_name: "pump",
        resource: Id::parse("pump", &own).unwrap(),
    };
    let mut tx = works.control.store().begin(&owner.scope).await.unwrap();
    let unnamed = PointDraft {
        resource: None,
        ..point("flow", &own, NOON, 1.0, &[])
    };
    let ingested = metric::record(&mut tx, &owner.scope, reporter, &[unnamed])
        .await
        .unwrap();
    assert_eq!(ingested.accepted, 1);
    let refused = metric::record(
        &mut tx,
        &owner.scope,
        reporter,
        &[point("flow", &other, NOON, 1.0, &[])],
    )
    .await;
    assert_eq!(pointers(refused), ["/points/0/resource"]);
    tx.commit().await.unwrap();
    let asked = Query {
        group_by: vec!["resource".to_owned()],
        ..ask("sum", NOON, NOON + 60, 60)
    };
    assert_eq!(query(&works, &owner, &asked).await[0].group["resource"], own);
}

#[tokio::test]
async fn metrics_of_another_org_are_not_seen() {
    let works = open().await;
    let (owner, stranger) = (works.owner("acme").await, works.owner("stranger").await);
    let pump = works.pump(&owner, "one").await;
    metric::ingest(&works.control, &owner, &[point("flow", &pump, NOON, 1.0, &[])], None)
        .await
        .unwrap();
    let asked = Query {
        resource: Some(pump),
        ..ask("sum", NOON, NOON + 60, 60)
    };
    assert_eq!(query(&works, &owner, &asked).await.len(), 1);
    assert!(query(&works, &stranger, &asked).await.is_empty());
}

#[tokio::test]
async fn who_may_not_measure_or_look_is_told_which_permission_is_missing() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let viewer = works.with_roles(&owner, vec![Role::Viewer]).await;
    let error = metric::ingest(&works.control, &viewer, &[], None).await.unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("metrics:create"))
    );
    let billing = works.with_roles(&owner, vec![Role::Billing]).await;
    let error = metric::query(&works.control, &billing, &ask("sum", NOON, NOON + 60, 60))
        .await
        .unwrap_err();
    assert_eq!(error.permission.as_deref(), Some("metrics:view"));
}
