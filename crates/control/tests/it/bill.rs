//! A bill adds up, and each of its lines is the sum of the records that it leads to.

use std::collections::BTreeMap;

use plinth_control::bill::{self, Bill, Line, Query};
use plinth_control::page::PageRequest;
use plinth_control::resource::{self, Mode, Options};
use plinth_control::usage::{self, Filter, RecordDraft};
use plinth_control::{Caller, Code};
use plinth_model::Role;
use rust_decimal::Decimal;

use crate::metered::{Dice, Waterworks, open, pointers, record};

fn march() -> Query {
    Query {
        period: Some("2026-03".to_owned()),
        resource: None,
    }
}

async fn march_of(works: &Waterworks, caller: &Caller) -> Bill {
    bill::get(&works.control, caller, &march()).await.expect("a bill")
}

/// Quantity and number of the records behind a line, read through the line's own filter.
async fn drilled(works: &Waterworks, caller: &Caller, line: &Line) -> (Decimal, u64) {
    let drill = line.drill.as_ref().expect("a line of records");
    let filter = Filter {
        meter: Some(drill.meter.clone()),
        resource: Some(drill.resource.clone()),
        from: Some(drill.from.to_string()),
        to: Some(drill.to.to_string()),
    };
    let request = PageRequest {
        limit: Some(500),
        cursor: None,
    };
    let page = usage::list(&works.control, caller, &filter, &request)
        .await
        .expect("a page");
    assert_eq!(page.next, None);
    let quantity = page.items.iter().map(|record| record.quantity).sum();
    (quantity, page.items.len() as u64)
}

/// Records all over February to April, over three pumps and none.
fn random_usage(dice: &mut Dice, pumps: &[String]) -> Vec<RecordDraft> {
    (0..600)
        .map(|n| {
            let meter = ["litres", "hours", "visits"][dice.roll(3) as usize];
            let pump = pumps.get(dice.roll(4) as usize).map(String::as_str);
            let quantity = format!("{}.{:03}", dice.roll(300), dice.roll(1000));
            let day = 1 + dice.roll(28);
            let at = format!(
                "2026-{:02}-{day:02}T{:02}:59:59.999999Z",
                2 + dice.roll(3),
                dice.roll(24)
            );
            record(&format!("r{n}"), meter, pump, &quantity, &at)
        })
        .collect()
}

#[tokio::test]
async fn each_line_is_the_sum_of_its_records_and_the_bill_adds_up() {
    let works = open().await;
    for seed in 1..=3 {
        let owner = works.owner(&format!("acme-{seed}")).await;
        let mut pumps = Vec::new();
        for name in ["one", "two", "three"] {
            pumps.push(works.pump(&owner, name).await);
        }
        let usage = random_usage(&mut Dice::new(seed), &pumps);
        usage::ingest(&works.control, &owner, &usage, None).await.unwrap();
        let bill = march_of(&works, &owner).await;
        let mut quantities = BTreeMap::<&str, Decimal>::new();
        for line in bill.lines.iter().filter(|line| line.drill.is_some()) {
            let rated = &line.rated;
            assert_eq!(
                drilled(&works, &owner, line).await,
                (rated.quantity, rated.records),
                "{line:?}"
            );
            *quantities.entry(rated.meter.as_deref().unwrap()).or_default() += rated.quantity;
        }
        for subtotal in &bill.subtotals {
            let lines = bill.lines.iter().filter(|line| line.rated.price == subtotal.price);
            assert_eq!(lines.map(|line| line.rated.amount).sum::<Decimal>(), subtotal.amount);
        }
        assert_eq!(
            bill.subtotals.iter().map(|subtotal| subtotal.amount).sum::<Decimal>(),
            bill.total
        );
        let amount = |price: &str| {
            bill.subtotals
                .iter()
                .find(|subtotal| subtotal.price == price)
                .unwrap()
                .amount
        };
        let round =
            |amount: Decimal| amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(amount("hours"), round(quantities["hours"] * Decimal::new(3, 2)));
        let billable = quantities["litres"] / Decimal::from(1000) - Decimal::ONE;
        let first = billable.min(Decimal::from(10));
        assert!(billable > Decimal::from(5), "the data reach the tiers: {billable}");
        assert_eq!(
            amount("litres"),
            round(first * Decimal::TWO + (billable - first) * Decimal::new(125, 2))
        );
        assert_eq!(bill.unpriced, ["visits"]);
    }
}

#[tokio::test]
async fn lines_name_their_resources_also_after_these_are_gone() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let pump = works.pump(&owner, "gone").await;
    usage::ingest(
        &works.control,
        &owner,
        &[record("a", "hours", Some(&pump), "100", "2026-03-31T23:59:59Z")],
        None,
    )
    .await
    .unwrap();
    let named = |bill: &Bill| {
        bill.lines[0]
            .resource
            .clone()
            .map(|resource| (resource.id, resource.type_name, resource.name))
    };
    let expected = Some((pump.clone(), Some("pump".to_owned()), Some("gone".to_owned())));
    assert_eq!(named(&march_of(&works, &owner).await), expected);
    let options = Options {
        mode: Mode::Commit,
        if_version: None,
        key: None,
    };
    resource::delete(&works.control, &owner, "pumps", "gone", &options)
        .await
        .unwrap();
    assert_eq!(named(&march_of(&works, &owner).await), expected);
    // Purged: what is left is the log, and after that nothing but the id.
    let admin = works.test.cell.admin().await;
    admin
        .execute("delete from plinth.resources where name = 'gone'", &[])
        .await
        .unwrap();
    let told =
        "insert into plinth.events (org_id, seq, kind, subject_id, subject_name, operation, actor, xid, at, hash)
        select org_id, 1, kind, subject_id, subject_name, operation, actor, '1', at, '' from plinth.event_inbox
        where kind = 'pump' and operation = 'create'";
    assert_eq!(admin.execute(told, &[]).await.unwrap(), 1);
    assert_eq!(named(&march_of(&works, &owner).await), expected);
    admin.execute("delete from plinth.events", &[]).await.unwrap();
    let bill = march_of(&works, &owner).await;
    let resource = bill.lines[0].resource.clone().unwrap();
    assert_eq!((resource.type_name, resource.name), (None, None));
    assert_eq!(resource.id.rsplit('_').next(), pump.rsplit('_').next());
    assert_eq!(drilled(&works, &owner, &bill.lines[0]).await, (Decimal::from(100), 1));
}

#[tokio::test]
async fn the_bill_of_one_resource_is_its_part_of_the_whole_bill() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let (one, two) = (works.pump(&owner, "one").await, works.pump(&owner, "two").await);
    let batch = [
        record("a", "litres", Some(&one), "6000", "2026-03-01T00:00:00Z"),
        record("b", "litres", Some(&two), "3000", "2026-03-02T00:00:00Z"),
        record("c", "hours", Some(&two), "10", "2026-03-02T00:00:00Z"),
    ];
    usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    let whole = march_of(&works, &owner).await;
    let part = async |resource: &str| {
        let query = Query {
            resource: Some(resource.to_owned()),
            ..march()
        };
        bill::get(&works.control, &owner, &query).await.unwrap()
    };
    let of_two = part(&two).await;
    let expected: Vec<Line> = whole
        .lines
        .iter()
        .filter(|line| line.rated.resource.as_ref() == Some(&two))
        .cloned()
        .collect();
    assert_eq!(of_two.lines, expected);
    assert_eq!(of_two.lines.len(), 2);
    // 9 m3 less 1 free at 2.00, a third of it; and ten hours.
    assert_eq!(of_two.total.to_string(), "5.63");
    assert_eq!(
        of_two.subtotals.iter().map(|subtotal| subtotal.amount).sum::<Decimal>(),
        of_two.total
    );
    assert_eq!(part(&one).await.total.to_string(), "10.67");
    let nothing = part(&plinth_model::id::Id::generate().text("pump")).await;
    assert_eq!((nothing.lines.len(), nothing.total.to_string().as_str()), (0, "0.00"));
}

#[tokio::test]
async fn the_current_month_is_the_default_and_counts_creations() {
    let works = open().await;
    let owner = works.owner("acme").await;
    works.pump(&owner, "one").await;
    works.pump(&owner, "two").await;
    let bill = bill::get(&works.control, &owner, &Query::default()).await.unwrap();
    assert!(bill.from <= bill.as_of && bill.as_of < bill.to);
    let created = bill
        .subtotals
        .iter()
        .find(|subtotal| subtotal.price == "pump_created")
        .unwrap();
    assert_eq!((created.amount.to_string().as_str(), created.records), ("10.00", 2));
    assert_eq!(bill.plan, "free");
    assert_eq!(bill.currency, "EUR");
}

#[tokio::test]
async fn a_late_record_is_in_the_bill_of_its_own_month() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let before = march_of(&works, &owner).await;
    assert_eq!(before.total.to_string(), "0.00");
    usage::ingest(
        &works.control,
        &owner,
        &[record("late", "hours", None, "50", "2026-03-31T23:59:59.999Z")],
        None,
    )
    .await
    .unwrap();
    let after = march_of(&works, &owner).await;
    assert_eq!(after.total.to_string(), "1.50");
    let line = &after.lines[0];
    assert_eq!(line.resource, None);
    assert_eq!(line.drill.as_ref().unwrap().resource, "none");
    let april = Query {
        period: Some("2026-04".to_owned()),
        resource: None,
    };
    assert_eq!(
        bill::get(&works.control, &owner, &april)
            .await
            .unwrap()
            .total
            .to_string(),
        "0.00"
    );
}

#[tokio::test]
async fn a_period_that_is_no_month_or_lies_ahead_is_refused() {
    let works = open().await;
    let owner = works.owner("acme").await;
    for period in ["", "2026", "2026-13", "march", "9998-01"] {
        let query = Query {
            period: Some(period.to_owned()),
            resource: None,
        };
        assert_eq!(
            pointers(bill::get(&works.control, &owner, &query).await),
            ["/period"],
            "{period}"
        );
    }
}

#[tokio::test]
async fn usage_beyond_all_measure_is_an_answer_and_no_failure() {
    let works = open().await;
    let owner = works.owner("acme").await;
    let batch: Vec<RecordDraft> = (0..100)
        .map(|n| record(&n.to_string(), "hours", None, &"9".repeat(28), "2026-03-05T12:00:00Z"))
        .collect();
    usage::ingest(&works.control, &owner, &batch, None).await.unwrap();
    let error = bill::get(&works.control, &owner, &march()).await.unwrap_err();
    assert_eq!(error.code, Code::Conflict);
    assert!(error.detail.contains("`hours`"), "{error}");
}

#[tokio::test]
async fn an_org_on_a_plan_that_is_no_longer_sold_is_told_so() {
    let works = open().await;
    let owner = works.owner("acme").await;
    works
        .test
        .cell
        .admin()
        .await
        .execute("update plinth.orgs set plan = 'old'", &[])
        .await
        .unwrap();
    let error = bill::get(&works.control, &owner, &march()).await.unwrap_err();
    assert_eq!(error.code, Code::Conflict);
    assert!(error.detail.contains("`old`"), "{error}");
}

#[tokio::test]
async fn a_bill_holds_nothing_of_another_org() {
    let works = open().await;
    let (owner, stranger) = (works.owner("acme").await, works.owner("stranger").await);
    let pump = works.pump(&owner, "one").await;
    usage::ingest(
        &works.control,
        &owner,
        &[record("a", "hours", Some(&pump), "50", "2026-03-05T12:00:00Z")],
        None,
    )
    .await
    .unwrap();
    let theirs = march_of(&works, &stranger).await;
    assert_eq!(theirs.total.to_string(), "0.00");
    let query = Query {
        resource: Some(pump),
        ..march()
    };
    let asked = bill::get(&works.control, &stranger, &query).await.unwrap();
    assert!(asked.lines.is_empty());
}

#[tokio::test]
async fn a_viewer_does_not_see_the_bill() {
    let works = open().await;
    let viewer = works.with_roles(&works.owner("acme").await, vec![Role::Viewer]).await;
    let error = bill::get(&works.control, &viewer, &march()).await.unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("bill:view"))
    );
}
