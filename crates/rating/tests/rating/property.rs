//! What holds for every plan and every usage.

use crate::{november, plan, product, rate, strategy, used};
use plinth_rating::{Bill, Model, Plan, Price, Tier, Usage};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

fn assert_adds_up(bill: &Bill) {
    for subtotal in &bill.subtotals {
        let lines = bill.lines.iter().filter(|line| line.price == subtotal.price);
        assert_eq!(
            lines.map(|line| line.amount).sum::<Decimal>(),
            subtotal.amount,
            "{}",
            subtotal.price
        );
    }
    assert_eq!(
        bill.subtotals.iter().map(|subtotal| subtotal.amount).sum::<Decimal>(),
        bill.total
    );
    for amount in bill.lines.iter().map(|line| line.amount).chain([bill.total]) {
        assert_eq!(amount.scale(), 2, "{amount}");
        assert!(amount >= Decimal::ZERO, "{amount}");
    }
}

/// The amount of whole units, each bought on its own: the slow way, with nothing of the engine's in it.
fn unit_by_unit(ends: &[u64], prices: &[String], count: u64) -> Decimal {
    let price_of = |unit: u64| {
        let tier = ends.iter().filter(|end| **end < unit).count();
        prices[tier].parse::<Decimal>().unwrap()
    };
    (1..=count).map(price_of).sum()
}

/// Half a cent and more is a cent.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

proptest! {
    #[test]
    fn the_order_of_usage_does_not_matter(
        prices in strategy::prices(true),
        (usage, shuffled) in strategy::usage().prop_flat_map(|usage| (Just(usage.clone()), Just(usage).prop_shuffle())),
    ) {
        let (one, other) = (rate(prices.clone(), &usage), rate(prices, &shuffled));
        prop_assert_eq!(one.canonical_json().unwrap(), other.canonical_json().unwrap());
        prop_assert_eq!(one.hash().unwrap(), other.hash().unwrap());
    }

    #[test]
    fn usage_may_be_rolled_up_before_or_not(prices in strategy::prices(true), usage in strategy::usage(), trailing in 0..5_u32) {
        let mut rolled = Vec::<Usage>::new();
        for part in &usage {
            match rolled.iter_mut().find(|known| known.meter == part.meter && known.resource == part.resource) {
                Some(known) => {
                    known.quantity += part.quantity;
                    known.records += part.records;
                }
                None => rolled.push(part.clone()),
            }
        }
        for part in &mut rolled {
            part.quantity.rescale(part.quantity.scale() + trailing);
        }
        prop_assert_eq!(rate(prices.clone(), &usage).hash().unwrap(), rate(prices, &rolled).hash().unwrap());
    }

    #[test]
    fn a_bill_adds_up(prices in strategy::prices(true), usage in strategy::usage()) {
        assert_adds_up(&rate(prices, &usage));
    }

    #[test]
    fn no_usage_is_lost(prices in strategy::prices(true), usage in strategy::usage()) {
        let bill = rate(prices, &usage);
        for meter in ["a", "b"] {
            let records: u64 = usage.iter().filter(|part| part.meter == meter).map(|part| part.records).sum();
            let quantity: Decimal = usage.iter().filter(|part| part.meter == meter).map(|part| part.quantity).sum();
            let lines: Vec<_> = bill.lines.iter().filter(|line| line.meter.as_deref() == Some(meter)).collect();
            prop_assert_eq!(lines.iter().map(|line| line.records).sum::<u64>(), records);
            prop_assert_eq!(lines.iter().map(|line| line.quantity).sum::<Decimal>(), quantity);
        }
    }

    #[test]
    fn more_usage_never_costs_less_without_volume_prices(
        prices in strategy::prices(false),
        usage in strategy::usage(),
        more in 1..10_000_u64,
    ) {
        let before = rate(prices.clone(), &usage);
        for meter in ["a", "b"] {
            let mut usage = usage.clone();
            usage.push(used(meter, "thing_1", &Decimal::new(i64::try_from(more).unwrap(), 2).to_string()));
            prop_assert!(rate(prices.clone(), &usage).total >= before.total);
        }
    }

    #[test]
    fn splitting_work_over_resources_changes_no_subtotal(prices in strategy::prices(true), usage in strategy::usage()) {
        let together: Vec<_> = usage.iter().cloned().map(|part| Usage { resource: None, ..part }).collect();
        prop_assert_eq!(rate(prices.clone(), &usage).total, rate(prices, &together).total);
    }

    #[test]
    fn graduated_tiers_agree_with_buying_unit_by_unit(
        (ends, prices) in strategy::tiers(),
        count in 0..120_u64,
        included in 0..30_u64,
    ) {
        let price = json!([{"meter": "a", "model": "graduated", "included": included.to_string(), "tiers": strategy::tiers_json(&ends, &prices)}]);
        let bill = rate(price, &[used("a", "thing_1", &count.to_string())]);
        let expected = unit_by_unit(&ends, &prices, count.saturating_sub(included));
        prop_assert_eq!(bill.total, cents(expected));
        prop_assert_eq!(bill.lines[0].tiers.iter().map(|tier| tier.amount).sum::<Decimal>(), expected);
        prop_assert_eq!(&bill.lines[0].tiers, &bill.subtotals[0].tiers);
    }

    #[test]
    fn volume_tiers_agree_with_the_price_of_the_last_unit((ends, prices) in strategy::tiers(), count in 1..120_u64) {
        let price = json!([{"meter": "a", "model": "volume", "tiers": strategy::tiers_json(&ends, &prices)}]);
        let bill = rate(price, &[used("a", "thing_1", &count.to_string())]);
        let last = unit_by_unit(&ends, &prices, count) - unit_by_unit(&ends, &prices, count - 1);
        prop_assert_eq!(bill.total, cents(last * Decimal::from(count)));
    }

    #[test]
    fn packages_agree_with_opening_one_after_the_other(count in 0..300_u64, size in 1..40_u64, cents_each in 0..500_i64) {
        let each = Decimal::new(cents_each, 2);
        let price = json!([{"meter": "a", "model": "package", "package_size": size.to_string(), "package_price": each.to_string()}]);
        let bill = rate(price, &[used("a", "thing_1", &count.to_string())]);
        let opened = (0..count).filter(|unit| unit % size == 0).count();
        prop_assert_eq!(bill.total, Decimal::from(opened) * each);
        prop_assert_eq!(bill.subtotals[0].packages, Some(Decimal::from(opened)));
    }

    #[test]
    fn any_usage_of_any_price_ends_in_a_bill_or_an_error(
        model in prop::sample::select(vec![Model::Flat, Model::PerUnit, Model::Graduated, Model::Volume, Model::Package]),
        numbers in prop::array::uniform8(strategy::any_decimal()),
        quantities in prop::collection::vec((strategy::any_decimal(), any::<u64>()), 0..6),
        (from, to) in (any::<i32>(), any::<i32>()),
    ) {
        let document = wild_plan(model, numbers);
        let usage: Vec<_> = quantities.iter().enumerate().map(|(index, (quantity, records))| Usage {
            meter: "a".to_owned(), resource: Some(format!("thing_{index}")), quantity: *quantity, records: *records,
        }).collect();
        let at = |second: i32| jiff::Timestamp::from_second(i64::from(second)).unwrap();
        if let (Ok(plan), Ok(period)) = (document.check(&product()), plinth_rating::Period::new(at(from), at(to)))
            && let Ok(bill) = plan.rate(&usage, &period)
        {
            assert_adds_up(&bill);
        }
    }

    #[test]
    fn any_text_in_a_plan_is_read_or_refused(text in ".{0,40}") {
        let price = json!({"meter": text, "model": "per_unit", "unit_price": text, "title": text});
        let document = json!({"name": text, "title": text, "currency": text, "quotas": {&text: 1}, "prices": [price]});
        prop_assert!(Plan::from_value(document).and_then(|plan| plan.check(&product())).is_err());
        let _ = plinth_rating::Period::month(&text);
        let _ = plinth_rating::parse_decimal(&text);
    }

    #[test]
    fn an_unchecked_document_of_any_shape_is_no_plan(text in "[\\[\\]{}:,\"a-z0-9.-]{0,40}") {
        if let Ok(value) = serde_json::from_str(&text) {
            prop_assert!(Plan::from_value(value).is_err());
        }
    }
}

/// A plan with one price of numbers that may be anything, with the fields of its model.
fn wild_plan(model: Model, [first, second, third, scale, included, minimum, size, end]: [Decimal; 8]) -> Plan {
    let is = |models: &[Model]| models.contains(&model);
    let metered = !is(&[Model::Flat]);
    let tiers = vec![
        Tier {
            up_to: Some(end.abs()),
            unit_price: first.abs(),
        },
        Tier {
            up_to: None,
            unit_price: second.abs(),
        },
    ];
    let price = Price {
        name: Some("p".to_owned()),
        meter: metered.then(|| "a".to_owned()),
        model,
        unit_scale: metered.then(|| scale.trunc().abs()),
        included: metered.then(|| included.abs()),
        minimum: metered.then_some(minimum),
        amount: is(&[Model::Flat]).then_some(third),
        unit_price: is(&[Model::PerUnit]).then_some(third),
        tiers: is(&[Model::Graduated, Model::Volume]).then_some(tiers),
        package_size: is(&[Model::Package]).then_some(size),
        package_price: is(&[Model::Package]).then_some(third),
        ..Price::default()
    };
    Plan {
        name: "p".to_owned(),
        title: "P".to_owned(),
        description: None,
        currency: "USD".to_owned(),
        quotas: [].into(),
        prices: vec![price],
    }
}

#[test]
fn a_plan_that_was_rated_twice_gives_one_hash() {
    let prices = json!([{"meter": "a", "model": "per_unit", "unit_price": "0.10"}]);
    let usage = [used("a", "thing_1", "7")];
    let hash = |quantity: &str| rate(prices.clone(), &[used("a", "thing_1", quantity)]).hash().unwrap();
    assert_eq!(
        hash("7"),
        plan(prices.clone()).rate(&usage, &november()).unwrap().hash().unwrap()
    );
    assert_eq!(hash("7"), hash("7.000"));
    assert_ne!(hash("7"), hash("7.001"));
}
