//! Usage is kept once, or not at all.

use plinth_control::idempotency::Key;
use plinth_control::metric::{self, PointDraft};
use plinth_control::page::PageRequest;
use plinth_control::report::{Ingested, MAX_BATCH, Reporter};
use plinth_control::usage::{self, Filter, Record, RecordDraft};
use plinth_control::{Caller, Code};
use plinth_model::Role;
use plinth_model::id::Id;

use crate::metered::{Waterworks, open, pointers, record};

const NOON: &str = "2026-03-05T12:00:00Z";

async fn list(works: &Waterworks, caller: &Caller, filter: &Filter) -> Vec<Record> {
    let mut found = Vec::new();
    let mut request = PageRequest {
        limit: Some(7),
        cursor: None,
    };
    loop {
        let page = usage::list(&works.control, caller, filter, &request)
            .await
            .expect("a page");
        found.extend(page.items);
        match page.next {
            Some(cursor) => request.cursor = Some(cursor),
            None => return found,
        }
    }
}

#[tokio::test]
async fn a_record_that_is_sent_again_is_a_duplicate() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let batch = [
        record("a", "litres", Some(&pump), "1.50", NOON),
        record("b", "hours", None, "2", NOON),
    ];
    let first = usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    assert_eq!(
        first,
        Ingested {
            accepted: 2,
            duplicate: 0
        }
    );
    // The same quantity in other digits and the same moment in another zone are the same payload.
    let again = [
        record("a", "litres", Some(&pump), "1.5", "2026-03-05T14:00:00+02:00"),
        record("b", "hours", None, "2.0", NOON),
        record("c", "hours", None, "3", NOON),
        record("c", "hours", None, "3", NOON),
    ];
    let second = usage::ingest(&works.control, &owner, &again, None).await.unwrap();
    assert_eq!(
        second,
        Ingested {
            accepted: 1,
            duplicate: 3
        }
    );
}

#[tokio::test]
async fn an_id_with_another_payload_is_a_conflict_and_nothing_of_the_batch_stays() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let original = record("a", "litres", Some(&pump), "1", NOON);
    usage::ingest(&works.control, &owner, std::slice::from_ref(&original), None)
        .await
        .unwrap();
    let others = [
        RecordDraft {
            quantity: "2".to_owned(),
            ..original.clone()
        },
        RecordDraft {
            meter: "hours".to_owned(),
            ..original.clone()
        },
        RecordDraft {
            resource: None,
            ..original.clone()
        },
        RecordDraft {
            at: "2026-03-05T12:00:00.000001Z".to_owned(),
            ..original.clone()
        },
        RecordDraft {
            properties: [("zone".to_owned(), 3.into())].into(),
            ..original.clone()
        },
    ];
    for other in others {
        let batch = [record("new", "litres", None, "5", NOON), other];
        let error = usage::ingest(&works.control, &owner, &batch, None).await.unwrap_err();
        assert_eq!(error.code, Code::UsageConflict);
        assert!(error.detail.contains("`a`"), "{error}");
        assert_eq!(error.errors[0].pointer, "/records/1/id");
    }
    let kept = list(
        &works,
        &owner,
        &Filter {
            meter: Some("litres".to_owned()),
            ..Filter::default()
        },
    )
    .await;
    assert_eq!(kept.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn two_payloads_of_one_id_in_one_batch_are_a_conflict() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let batch = [
        record("a", "hours", None, "1", NOON),
        record("a", "hours", None, "2", NOON),
    ];
    let error = usage::ingest(&works.control, &owner, &batch, None).await.unwrap_err();
    assert_eq!(error.code, Code::UsageConflict);
    assert!(list(&works, &owner, &Filter::default()).await.is_empty());
}

#[tokio::test]
async fn the_same_records_from_many_reporters_at_once_count_once() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let forwards: Vec<RecordDraft> = (0..400)
        .map(|n| record(&format!("r{n}"), "litres", Some(&pump), "1", NOON))
        .collect();
    let reporters = (0..6).map(|reporter| {
        let mut batch = forwards.clone();
        if reporter % 2 == 1 {
            batch.reverse();
        }
        let (control, owner) = (works.control.clone(), owner.clone());
        tokio::spawn(async move { usage::ingest(&control, &owner, &batch, None).await.unwrap() })
    });
    let mut accepted = 0;
    for reporter in reporters.collect::<Vec<_>>() {
        let ingested = reporter.await.unwrap();
        assert_eq!(ingested.accepted + ingested.duplicate, 400);
        accepted += ingested.accepted;
    }
    assert_eq!(accepted, 400);
    let admin = works.test.cell.admin().await;
    let sums = "select sum(quantity)::text, sum(record_count)::bigint from plinth.usage_rollups where meter = 'litres'";
    let row = admin.query_one(sums, &[]).await.unwrap();
    assert_eq!((row.get::<_, String>(0), row.get::<_, i64>(1)), ("400".to_owned(), 400));
}

#[tokio::test]
async fn reporters_that_disagree_at_once_never_both_win() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let reporters = (0..8).map(|reporter| {
        let batch = [record("same", "hours", None, &reporter.to_string(), NOON)];
        let (control, owner) = (works.control.clone(), owner.clone());
        tokio::spawn(async move { usage::ingest(&control, &owner, &batch, None).await })
    });
    let mut won = 0;
    for reporter in reporters.collect::<Vec<_>>() {
        match reporter.await.unwrap() {
            Ok(ingested) => won += ingested.accepted,
            Err(error) => assert_eq!(error.code, Code::UsageConflict),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(list(&works, &owner, &Filter::default()).await.len(), 1);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn each_wrong_field_of_a_record_is_pointed_at() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let stranger = works.owner("stranger").await;
    let foreign = works.pump(&stranger, "theirs").await;
    let good = record("a", "litres", None, "1", NOON);
    let far = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(11);
    let batch = [
        good.clone(),
        RecordDraft {
            source: String::new(),
            id: "x".repeat(201),
            ..good.clone()
        },
        RecordDraft {
            source: "control".to_owned(),
            meter: "pump_created".to_owned(),
            ..good.clone()
        },
        RecordDraft {
            meter: "milk".to_owned(),
            quantity: "-1".to_owned(),
            ..good.clone()
        },
        RecordDraft {
            quantity: "1e3".to_owned(),
            at: "yesterday".to_owned(),
            ..good.clone()
        },
        RecordDraft {
            quantity: "1".repeat(29),
            at: "1999-12-31T23:59:59Z".to_owned(),
            ..good.clone()
        },
        RecordDraft {
            quantity: "0.0000000000001".to_owned(),
            at: far.to_string(),
            ..good.clone()
        },
        RecordDraft {
            resource: Some(foreign),
            ..good.clone()
        },
        RecordDraft {
            resource: Some(Id::generate().text("pump")),
            ..good.clone()
        },
        RecordDraft {
            resource: Some("pump 7".to_owned()),
            ..good.clone()
        },
        RecordDraft {
            properties: [("x".to_owned(), "y".repeat(9_000).into())].into(),
            ..good.clone()
        },
        RecordDraft {
            id: "a\u{0}".to_owned(),
            ..good
        },
    ];
    let result = usage::ingest(&works.control, &owner, &batch, None).await;
    let foreign_and_unknown: Vec<_> = result
        .as_ref()
        .unwrap_err()
        .errors
        .iter()
        .filter(|error| ["/records/7/resource", "/records/8/resource"].contains(&error.pointer.as_str()))
        .map(|error| error.message.clone())
        .collect();
    assert_eq!(foreign_and_unknown, ["there is no such resource"; 2]);
    let expected = [
        "/records/1/source",
        "/records/1/id",
        "/records/2/source",
        "/records/2/meter",
        "/records/3/meter",
        "/records/3/quantity",
        "/records/4/quantity",
        "/records/4/at",
        "/records/5/quantity",
        "/records/5/at",
        "/records/6/quantity",
        "/records/6/at",
        "/records/7/resource",
        "/records/8/resource",
        "/records/9/resource",
        "/records/10/properties",
        "/records/11/id",
    ];
    assert_eq!(pointers(result), expected);
    assert!(list(&works, &owner, &Filter::default()).await.is_empty());
}

#[tokio::test]
async fn a_full_batch_is_taken_and_a_larger_one_refused() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let mut batch: Vec<RecordDraft> = (0..MAX_BATCH)
        .map(|n| record(&n.to_string(), "hours", None, "0.25", NOON))
        .collect();
    let ingested = usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    assert_eq!(
        ingested,
        Ingested {
            accepted: MAX_BATCH,
            duplicate: 0
        }
    );
    batch.push(record("more", "hours", None, "1", NOON));
    assert_eq!(
        pointers(usage::ingest(&works.control, &owner, &batch, None).await),
        ["/records"]
    );
}

#[tokio::test]
async fn a_worker_reports_on_its_own_resource_only() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let (own, other) = (works.pump(&owner, "own").await, works.pump(&owner, "other").await);
    let resource = Id::parse("pump", &own).unwrap();
    let reporter = Reporter::Worker {
        type_name: "pump",
        resource,
    };
    let mut tx = works.control.store().begin(&owner.scope).await.unwrap();
    let batch = [
        record("a", "litres", None, "1", NOON),
        record("b", "litres", Some(&own), "2", NOON),
    ];
    let ingested = usage::record(&works.control, &mut tx, &owner.scope, reporter, &batch)
        .await
        .unwrap();
    assert_eq!(ingested.accepted, 2);
    let batch = [record("c", "litres", Some(&other), "1", NOON)];
    let refused = usage::record(&works.control, &mut tx, &owner.scope, reporter, &batch).await;
    assert_eq!(pointers(refused), ["/records/0/resource"]);
    tx.commit().await.unwrap();
    let kept = list(
        &works,
        &owner,
        &Filter {
            resource: Some(own.clone()),
            meter: Some("litres".to_owned()),
            ..Filter::default()
        },
    )
    .await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|record| record.resource.as_ref() == Some(&own)));
}

#[tokio::test]
async fn the_list_is_newest_first_and_pages_without_gap_or_repetition() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    // Many records share a moment, so that pages break among equals.
    let batch: Vec<RecordDraft> = (0..60)
        .map(|n| {
            let at = format!("2026-03-05T12:0{}:00Z", n % 5);
            record(
                &format!("r{n:02}"),
                "litres",
                (n % 3 == 0).then_some(pump.as_str()),
                "1",
                &at,
            )
        })
        .collect();
    usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    let litres = Filter {
        meter: Some("litres".to_owned()),
        ..Filter::default()
    };
    let all = list(&works, &owner, &litres).await;
    let mut expected: Vec<(String, String)> = batch.iter().map(|draft| (draft.at.clone(), draft.id.clone())).collect();
    expected.sort();
    expected.reverse();
    let found: Vec<(String, String)> = all
        .iter()
        .map(|record| (record.at.to_string(), record.id.clone()))
        .collect();
    assert_eq!(found, expected);
    let count = async |filter: Filter| list(&works, &owner, &filter).await.len();
    assert_eq!(
        count(Filter {
            resource: Some(pump.clone()),
            ..litres.clone()
        })
        .await,
        20
    );
    assert_eq!(
        count(Filter {
            resource: Some("none".to_owned()),
            ..litres.clone()
        })
        .await,
        40
    );
    let (from, to) = (
        Some("2026-03-05T12:01:00Z".to_owned()),
        Some("2026-03-05T12:03:00Z".to_owned()),
    );
    assert_eq!(count(Filter { from, to, ..litres }).await, 24);
}

#[tokio::test]
async fn a_cursor_of_usage_is_of_no_use_in_another_list() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let drafts = ["1", "2", "3"].map(|id| record(id, "litres", None, "1", NOON));
    usage::ingest(&works.control, &owner, &drafts, None).await.unwrap();
    let list = async |caller: &Caller, filter: Filter, cursor: Option<String>| {
        let page = PageRequest { limit: Some(1), cursor };
        usage::list(&works.control, caller, &filter, &page).await
    };
    let litres = || Filter {
        meter: Some("litres".to_owned()),
        ..Filter::default()
    };
    let next = list(&owner, litres(), None).await.unwrap().next;
    assert!(next.is_some());
    list(&owner, litres(), next.clone()).await.unwrap();
    for other in [
        Filter::default(),
        Filter {
            meter: Some("hours".to_owned()),
            ..Filter::default()
        },
        Filter {
            resource: Some(usage::NO_RESOURCE.to_owned()),
            ..litres()
        },
        Filter {
            from: Some("2026-01-01T00:00:00Z".to_owned()),
            ..litres()
        },
        Filter {
            to: Some("2027-01-01T00:00:00Z".to_owned()),
            ..litres()
        },
    ] {
        let refused = list(&owner, other.clone(), next.clone()).await.unwrap_err();
        assert_eq!(refused.code, Code::InvalidCursor, "{other:?}");
    }
    let stranger = works.owner("other").await;
    let refused = list(&stranger, litres(), next).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidCursor);
}

#[tokio::test]
async fn a_cursor_or_filter_that_cannot_be_read_is_refused() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let cursor = PageRequest {
        limit: None,
        cursor: Some("e30".to_owned()),
    };
    let error = usage::list(&works.control, &owner, &Filter::default(), &cursor)
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::InvalidCursor);
    let filter = Filter {
        resource: Some("x".to_owned()),
        ..Filter::default()
    };
    let refused = usage::list(&works.control, &owner, &filter, &PageRequest::default()).await;
    assert_eq!(pointers(refused), ["/resource"]);
}

#[tokio::test]
async fn usage_of_another_org_is_not_seen_and_does_not_collide() {
    let works = open().await;
    let (owner, stranger) = (works.owner("acme").await, works.owner("stranger").await);
    usage::ingest(&works.control, &owner, &[record("a", "hours", None, "1", NOON)], None)
        .await
        .unwrap();
    assert!(list(&works, &stranger, &Filter::default()).await.is_empty());
    let ingested = usage::ingest(
        &works.control,
        &stranger,
        &[record("a", "hours", None, "2", NOON)],
        None,
    )
    .await
    .unwrap();
    assert_eq!(
        ingested,
        Ingested {
            accepted: 1,
            duplicate: 0
        }
    );
}

#[tokio::test]
async fn who_may_not_report_or_look_is_told_which_permission_is_missing() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let viewer = works.with_roles(&owner, vec![Role::Viewer]).await;
    let error = usage::ingest(&works.control, &viewer, &[record("a", "hours", None, "1", NOON)], None)
        .await
        .unwrap_err();
    assert_eq!(error.permission.as_deref(), Some("usage:create"));
    let nobody = works.with_roles(&owner, Vec::new()).await;
    let error = usage::list(&works.control, &nobody, &Filter::default(), &PageRequest::default())
        .await
        .unwrap_err();
    assert_eq!(error.permission.as_deref(), Some("usage:view"));
}

#[tokio::test]
async fn a_key_gives_the_same_answer_again_and_only_to_the_same_request() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let key = |hash: u8| Key::new("once", vec![hash; 32]).unwrap();
    let batch = [record("a", "hours", None, "1", NOON)];
    for _ in 0..2 {
        let ingested = usage::ingest(&works.control, &owner, &batch, Some(&key(1)))
            .await
            .unwrap();
        assert_eq!(
            ingested,
            Ingested {
                accepted: 1,
                duplicate: 0
            }
        );
    }
    let error = usage::ingest(&works.control, &owner, &batch, Some(&key(2)))
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::IdempotencyKeyReused);
    let unkeyed = usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    assert_eq!(
        unkeyed,
        Ingested {
            accepted: 0,
            duplicate: 1
        }
    );
}

#[tokio::test]
async fn a_batch_that_was_refused_does_not_use_up_its_key() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let key = Key::new("once", vec![1; 32]).unwrap();
    let wrong = [record("a", "milk", None, "1", NOON)];
    assert_eq!(
        pointers(usage::ingest(&works.control, &owner, &wrong, Some(&key)).await),
        ["/records/0/meter"]
    );
    let right = [record("a", "hours", None, "1", NOON)];
    let ingested = usage::ingest(&works.control, &owner, &right, Some(&key)).await.unwrap();
    assert_eq!(ingested.accepted, 1);
}

#[tokio::test]
async fn the_holder_of_a_lease_reports_until_it_is_overtaken() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "one").await;
    let holder = works.lease().await;
    let batch = [record("a", "litres", None, "1", NOON)];
    let ingested = usage::report_by_lease(&works.control, &holder, &batch).await.unwrap();
    assert_eq!(ingested.accepted, 1);
    let point = PointDraft {
        name: "flow".to_owned(),
        at: NOON.to_owned(),
        value: 1.0,
        ..PointDraft::default()
    };
    let ingested = metric::report_by_lease(&works.control, &holder, std::slice::from_ref(&point))
        .await
        .unwrap();
    assert_eq!(ingested.accepted, 1);
    let litres = Filter {
        meter: Some("litres".to_owned()),
        ..Filter::default()
    };
    assert_eq!(list(&works, &owner, &litres).await[0].resource, Some(pump));

    let expire = "update plinth.work_items set leased_until = now()";
    works.test.cell.admin().await.execute(expire, &[]).await.unwrap();
    let late = [record("b", "litres", None, "1", NOON)];
    let error = usage::report_by_lease(&works.control, &holder, &late)
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::LeaseLost);
    let error = metric::report_by_lease(&works.control, &holder, &[point])
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::LeaseLost);
    assert_eq!(list(&works, &owner, &litres).await.len(), 1);
}
