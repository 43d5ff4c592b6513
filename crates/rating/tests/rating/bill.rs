//! Bills worked out by hand.

use crate::{money, november, plan, rate, used};
use plinth_rating::{LineKind, RatingError};
use rust_decimal::Decimal;
use serde_json::json;

/// Amount of one price for one quantity.
fn amount(price: serde_json::Value, quantity: &str) -> String {
    rate(json!([price]), &[used("a", "thing_1", quantity)])
        .total
        .to_string()
}

#[test]
fn each_model_follows_its_formula() {
    let tiers = json!([{"up_to": "10", "unit_price": "2"}, {"up_to": "20", "unit_price": "1"}, {"unit_price": "0.50"}]);
    let per_unit = json!({"meter": "a", "model": "per_unit", "unit_price": "0.08", "unit_scale": "1000000000"});
    let graduated = json!({"meter": "a", "model": "graduated", "tiers": tiers});
    let volume = json!({"meter": "a", "model": "volume", "tiers": tiers});
    let package = json!({"meter": "a", "model": "package", "package_size": "100", "package_price": "3"});
    let cases = [
        (&per_unit, "1500000000", "0.12"),
        (&per_unit, "1", "0.00"),
        (&graduated, "10", "20.00"),
        (&graduated, "25.5", "32.75"),
        (&volume, "10", "20.00"),
        (&volume, "10.5", "10.50"),
        (&volume, "30", "15.00"),
        (&package, "0", "0.00"),
        (&package, "100", "3.00"),
        (&package, "100.000001", "6.00"),
    ];
    for (price, quantity, expected) in cases {
        assert_eq!(amount(price.clone(), quantity), expected, "{quantity} of {price}");
    }
}

#[test]
fn the_allowance_comes_off_before_tiers_and_packages_are_counted() {
    let tiers = json!([{"up_to": "1", "unit_price": "5"}, {"unit_price": "1"}]);
    let graduated = json!({"meter": "a", "model": "graduated", "tiers": tiers, "included": "2", "unit_scale": "10"});
    assert_eq!(amount(graduated.clone(), "20"), "0.00");
    assert_eq!(amount(graduated.clone(), "30"), "5.00");
    assert_eq!(amount(graduated, "40"), "6.00");
    let package =
        json!({"meter": "a", "model": "package", "package_size": "10", "package_price": "1", "included": "5"});
    assert_eq!(amount(package, "15.5"), "2.00");
}

#[test]
fn tiers_count_the_org_and_not_each_resource() {
    let tiers = json!([{"up_to": "10", "unit_price": "1"}, {"unit_price": "0.10"}]);
    let prices = json!([{"meter": "a", "model": "graduated", "tiers": tiers}]);
    let bill = rate(prices, &[used("a", "thing_1", "15"), used("a", "thing_2", "5")]);
    let lines: Vec<_> = bill
        .lines
        .iter()
        .map(|line| (line.resource.as_deref(), line.amount.to_string()))
        .collect();
    assert_eq!(
        lines,
        [
            (Some("thing_1"), "8.25".to_owned()),
            (Some("thing_2"), "2.75".to_owned())
        ]
    );
    assert!(bill.lines.iter().all(|line| line.tiers.is_empty()));
    let tiers: Vec<_> = bill.subtotals[0]
        .tiers
        .iter()
        .map(|tier| (tier.quantity, tier.amount))
        .collect();
    assert_eq!(tiers, [(money("10"), money("10")), (money("10"), money("1"))]);
}

#[test]
fn lines_too_small_to_charge_alone_are_charged_together() {
    let prices = json!([{"meter": "a", "model": "per_unit", "unit_price": "0.004"}]);
    let usage: Vec<_> = (0..100)
        .map(|index| used("a", &format!("thing_{index:03}"), "1"))
        .collect();
    let bill = rate(prices, &usage);
    assert_eq!(bill.total, money("0.40"));
    assert_eq!(
        bill.lines.iter().filter(|line| line.amount == money("0.01")).count(),
        40
    );
    assert!(bill.lines.iter().all(|line| line.unrounded_amount == money("0.004")));
}

#[test]
fn a_minimum_is_made_up_by_a_line_of_its_own() {
    let prices = json!([{"meter": "a", "model": "per_unit", "unit_price": "1", "minimum": "10"}]);
    let bill = rate(prices.clone(), &[used("a", "thing_1", "3")]);
    let lines: Vec<_> = bill
        .lines
        .iter()
        .map(|line| (line.kind, line.amount.to_string()))
        .collect();
    assert_eq!(
        lines,
        [
            (LineKind::Usage, "3.00".to_owned()),
            (LineKind::Minimum, "7.00".to_owned())
        ]
    );
    assert_eq!((bill.subtotals[0].amount, bill.total), (money("10"), money("10")));
    assert_eq!(rate(prices.clone(), &[]).total, money("10"));
    assert_eq!(rate(prices, &[used("a", "thing_1", "10")]).lines.len(), 1);
}

#[test]
fn fixed_amounts_are_prorated_by_seconds() {
    let prices = json!([
        {"name": "platform", "model": "flat", "amount": "30"},
        {"meter": "a", "model": "per_unit", "unit_price": "1", "minimum": "15"},
    ]);
    let period = november().active("2026-11-21T00:00:00Z".parse().unwrap(), november().to());
    let bill = plan(prices).rate(&[], &period).unwrap();
    let amounts: Vec<_> = bill.lines.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["10.00", "5.00"]);
    assert_eq!(bill.lines[0].quantity.to_string(), "0.333333333333333333");
}

#[test]
fn amounts_have_the_decimals_of_the_currency() {
    let in_currency = |currency: &str| {
        let plan = json!({"name": "p", "title": "P", "currency": currency, "prices": [{"meter": "a", "model": "per_unit", "unit_price": "1.2345"}]});
        let plan = plinth_rating::Plan::from_value(plan)
            .unwrap()
            .check(&crate::product())
            .unwrap();
        plan.rate(&[used("a", "thing_1", "1")], &november())
            .unwrap()
            .total
            .to_string()
    };
    assert_eq!(["JPY", "USD", "KWD"].map(in_currency), ["1", "1.23", "1.235"]);
}

#[test]
fn corrections_reduce_what_they_correct_and_nothing_more() {
    let prices = json!([{"meter": "a", "model": "per_unit", "unit_price": "1"}]);
    let usage = [used("a", "thing_1", "5"), used("a", "thing_1", "-2")];
    let bill = rate(prices.clone(), &usage);
    assert_eq!((bill.total, bill.lines[0].records), (money("3"), 2));
    let error = plan(prices).rate(&usage[1..], &november()).unwrap_err();
    let expected = RatingError::NegativeQuantity {
        meter: "a".to_owned(),
        resource: Some("thing_1".to_owned()),
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "the usage of meter `a` is negative in total for resource `thing_1`"
    );
}

#[test]
fn a_number_past_the_range_of_a_decimal_is_an_error() {
    let price = |unit_price: &str| json!([{"meter": "a", "model": "per_unit", "unit_price": unit_price}]);
    let huge = [used("a", "thing_1", &Decimal::MAX.to_string())];
    let error = plan(price("10")).rate(&huge, &november()).unwrap_err();
    assert_eq!(error, RatingError::OutOfRange { price: "a".to_owned() });
    // The product has 56 digits on its way; the amount fits again.
    let scaled = json!([{"meter": "a", "model": "per_unit", "unit_price": "12345678901234567890.25", "unit_scale": "79228162514264337593543950335"}]);
    assert_eq!(rate(scaled, &huge).total, money("12345678901234567890.25"));
}

#[test]
fn a_total_never_drops_a_cent_to_fit() {
    let flat = |name: &str, amount: &str| json!({"name": name, "model": "flat", "amount": amount});
    let prices = json!([
        flat("one", "700000000000000000000000000.01"),
        flat("two", "100000000000000000000000000")
    ]);
    let error = plan(prices).rate(&[], &november()).unwrap_err();
    assert_eq!(
        error,
        RatingError::OutOfRange {
            price: "total".to_owned()
        }
    );
}

#[test]
fn usage_without_a_price_is_named_and_usage_without_a_resource_has_a_line() {
    let prices = json!([{"meter": "a", "model": "per_unit", "unit_price": "1"}]);
    let bill = rate(
        prices,
        &[used("z", "thing_1", "1"), used("b", "", "1"), used("a", "", "2")],
    );
    assert_eq!(bill.unpriced, ["b", "z"]);
    assert_eq!((bill.lines.len(), bill.lines[0].resource.as_deref()), (1, None));
    assert_eq!(bill.total, money("2"));
}

#[test]
fn a_half_of_a_cent_is_rounded_up() {
    let price = json!({"meter": "a", "model": "per_unit", "unit_price": "0.005"});
    assert_eq!(
        ["1", "3", "5"].map(|quantity| amount(price.clone(), quantity)),
        ["0.01", "0.02", "0.03"]
    );
}
