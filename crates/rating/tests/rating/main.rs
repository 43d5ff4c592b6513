//! The rating engine as its callers see it.

#![expect(clippy::unwrap_used, reason = "a test ends where its setting fails")]

mod bill;
mod plan;
mod property;
mod strategy;

use plinth_model::product::{Meter, Product, ResourceType};
use plinth_rating::{Bill, CheckedPlan, Period, Plan, Usage};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A product with the meters `a`, `b` and `c`, and the type `things`.
fn product() -> Product {
    let meter = |name: &str| -> Meter {
        serde_json::from_value(json!({"name": name, "title": name.to_uppercase(), "unit": "piece"})).unwrap()
    };
    let thing: ResourceType = serde_json::from_value(json!({
        "name": "thing", "plural": "things", "title": "Thing", "title_plural": "Things", "spec_schema": {},
    }))
    .unwrap();
    Product {
        meters: ["a", "b", "c"].map(meter).to_vec(),
        types: vec![thing],
        ..Product::default()
    }
}

/// A plan in US dollars with these prices.
fn plan(prices: Value) -> CheckedPlan {
    let plan = json!({"name": "test", "title": "Test", "currency": "USD", "prices": prices});
    Plan::from_value(plan).unwrap().check(&product()).unwrap()
}

fn used(meter: &str, resource: &str, quantity: &str) -> Usage {
    Usage {
        meter: meter.to_owned(),
        resource: (!resource.is_empty()).then(|| resource.to_owned()),
        quantity: quantity.parse().unwrap(),
        records: 1,
    }
}

fn november() -> Period {
    Period::month("2026-11").unwrap()
}

fn rate(prices: Value, usage: &[Usage]) -> Bill {
    plan(prices).rate(usage, &november()).unwrap()
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}
