//! What a plan may say: the plans of the product folder are read as they stand, and each fault is named by pointer.

use crate::{product, used};
use plinth_model::Product;
use plinth_rating::{Period, Plan};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The product folder of the reference product.
const METERS: &str = include_str!("../../../../products/etl/meters.yaml");
const CONNECTION: &str = include_str!("../../../../products/etl/types/connection.yaml");
const PIPELINE: &str = include_str!("../../../../products/etl/types/pipeline.yaml");
const STANDARD: &str = include_str!("../../../../products/etl/plans/standard.yaml");

/// YAML is read as JSON first, as it travels: a YAML reader on its own wants tags where JSON has `{"event": {..}}`.
fn read<T: DeserializeOwned>(yaml: &str) -> T {
    serde_json::from_value(serde_yaml_ng::from_str(yaml).unwrap()).unwrap()
}

fn etl() -> Product {
    Product {
        meters: read(METERS),
        types: [CONNECTION, PIPELINE].map(read).to_vec(),
        ..Product::default()
    }
}

#[test]
fn the_standard_plan_of_the_etl_product_is_valid_and_survives_a_round_trip() {
    let document: Value = read(STANDARD);
    let plan = Plan::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&plan).unwrap(), document);
    plan.check(&etl()).unwrap();
}

#[test]
fn a_month_of_the_etl_product_is_billed() {
    let plan = Plan::from_value(read(STANDARD)).unwrap().check(&etl()).unwrap();
    let usage = [
        used("rows_copied", "pipeline_orders", "12000000"),
        used("rows_copied", "pipeline_payments", "3456789"),
        used("bytes_copied", "pipeline_orders", "987654321012"),
        used("bytes_copied", "pipeline_payments", "1234"),
        used("pipeline_hours", "pipeline_orders", "719.25"),
        used("pipeline_created", "pipeline_orders", "1"),
    ];
    let bill = plan.rate(&usage, &Period::month("2026-11").unwrap()).unwrap();
    insta::assert_json_snapshot!(bill);
    assert_eq!(
        bill.hash().unwrap(),
        "d5194b2d06d9125c42768b357214abf536e6f6dc3ec93990aa3dc22d0adb5469"
    );
}

fn faults(document: Value) -> Vec<String> {
    let checked = Plan::from_value(document).and_then(|plan| plan.check(&product()).map(|_| ()));
    checked.unwrap_err().iter().map(ToString::to_string).collect()
}

fn faults_of_price(price: Value) -> Vec<String> {
    faults(json!({"name": "p", "title": "P", "currency": "USD", "prices": [price]}))
}

#[test]
fn a_document_of_another_shape_is_refused_where_it_differs() {
    let plan = |prices: Value| json!({"name": "p", "title": "P", "currency": "USD", "prices": prices});
    let cases = [
        (json!([]), ""),
        (json!({"name": "p", "title": "P"}), ""),
        (plan(json!([{"model": "linear"}])), "/prices/0/model"),
        (
            plan(json!([{"model": "flat", "name": "x", "amount": 5}])),
            "/prices/0/amount",
        ),
        (
            plan(json!([{"model": "flat", "name": "x", "amount": "1e3"}])),
            "/prices/0/amount",
        ),
        (
            plan(json!([{"model": "volume", "tiers": [{"unit_price": "1"}, {"unit_price": "x"}]}])),
            "/prices/0/tiers/1/unit_price",
        ),
        (
            plan(json!([{"model": "volume", "tiers": [{"unit_price": "1", "upto": "3"}]}])),
            "/prices/0/tiers/0/upto",
        ),
        (
            json!({"name": "p", "title": "P", "currency": "USD", "quotas": {"things": -1}}),
            "/quotas/things",
        ),
    ];
    for (document, pointer) in cases {
        let violations = Plan::from_value(document.clone()).unwrap_err();
        assert_eq!(violations[0].pointer, pointer, "{document}: {violations:?}");
    }
}

#[test]
fn faults_of_the_plan_itself_are_all_named() {
    let document = json!({
        "name": "A plan", "title": " ", "currency": "BTC", "quotas": {"thi/ngs": 3},
        "prices": [{"model": "flat", "name": "x", "amount": "1"}, {"model": "flat", "name": "x", "amount": "2"}],
    });
    insta::assert_snapshot!(faults(document).join("\n"));
}

#[test]
fn tiers_without_order_or_end_are_refused() {
    let tiers = |tiers: Value| faults_of_price(json!({"meter": "a", "model": "graduated", "tiers": tiers})).join("\n");
    insta::assert_snapshot!(tiers(json!([])));
    insta::assert_snapshot!(tiers(json!([{"up_to": "10", "unit_price": "1"}])));
    insta::assert_snapshot!(tiers(json!([{"unit_price": "1"}, {"unit_price": "2"}])));
    insta::assert_snapshot!(tiers(json!([
        {"up_to": "10", "unit_price": "-1"}, {"up_to": "10.0", "unit_price": "2"}, {"up_to": "-5", "unit_price": "2"}, {"unit_price": "1"},
    ])));
}

#[test]
fn a_price_has_the_fields_of_its_model_and_no_others() {
    let cases = [
        json!({"model": "flat", "amount": "1"}),
        json!({"model": "flat", "name": "x", "meter": "a"}),
        json!({"model": "per_unit", "meter": "a", "amount": "1"}),
        json!({"model": "per_unit", "meter": "z", "unit_price": "1"}),
        json!({"model": "per_unit", "unit_price": "1"}),
        json!({"model": "per_unit", "meter": "a", "unit_price": "-0.01", "included": "-1", "minimum": "-1"}),
        json!({"model": "per_unit", "meter": "a", "unit_price": "1", "unit_scale": "0"}),
        json!({"model": "per_unit", "meter": "a", "unit_price": "1", "unit_scale": "1.5"}),
        json!({"model": "package", "meter": "a", "package_size": "0"}),
        json!({"model": "flat", "name": "X!", "title": "", "amount": "1", "included": "1"}),
    ];
    let report = cases.map(|price| format!("{price}\n  {}", faults_of_price(price.clone()).join("\n  ")));
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn a_meter_has_one_price() {
    let price = json!({"model": "per_unit", "meter": "a", "unit_price": "1"});
    let document = json!({"name": "p", "title": "P", "currency": "USD", "prices": [price, price]});
    assert_eq!(faults(document), ["/prices/1/meter: this meter has a price already"]);
}
