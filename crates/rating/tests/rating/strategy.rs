//! Random plans and usage. A price is made of few, small numbers, so that bounds are hit often.

use plinth_rating::Usage;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A decimal string from 0 to 30 with up to 4 decimals.
fn small() -> impl Strategy<Value = String> {
    (0..=300_000_i64, 0..=4_u32)
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa % (30 * 10_i64.pow(scale) + 1), scale).to_string())
}

/// Tiers with these ends, given by their widths; whole numbers for a naive oracle to count.
pub fn tiers() -> impl Strategy<Value = (Vec<u64>, Vec<String>)> {
    (0..5_usize).prop_flat_map(|ends| {
        (
            prop::collection::vec(1..20_u64, ends),
            prop::collection::vec(small(), ends + 1),
        )
            .prop_map(|(widths, prices)| {
                let ends = widths.iter().scan(0, |end, width| {
                    *end += width;
                    Some(*end)
                });
                (ends.collect(), prices)
            })
    })
}

pub fn tiers_json(ends: &[u64], prices: &[String]) -> Value {
    let tier = |(index, price): (usize, &String)| match ends.get(index) {
        Some(end) => json!({"up_to": end.to_string(), "unit_price": price}),
        None => json!({"unit_price": price}),
    };
    prices.iter().enumerate().map(tier).collect()
}

/// Any model for this meter, in its own fields.
fn model(meter: &'static str, with_volume: bool) -> impl Strategy<Value = Value> {
    let tiered = move |name: &'static str| {
        tiers()
            .prop_map(move |(ends, prices)| json!({"meter": meter, "model": name, "tiers": tiers_json(&ends, &prices)}))
    };
    let per_unit = small().prop_map(move |price| json!({"meter": meter, "model": "per_unit", "unit_price": price}));
    let package = (1..50_u32, small()).prop_map(move |(size, price)| {
        json!({"meter": meter, "model": "package", "package_size": size.to_string(), "package_price": price})
    });
    let last = if with_volume {
        tiered("volume").boxed()
    } else {
        tiered("graduated").boxed()
    };
    prop_oneof![per_unit, package, tiered("graduated"), last]
}

fn price(meter: &'static str, with_volume: bool) -> impl Strategy<Value = Value> {
    let scale = prop::sample::select(vec!["1", "3", "1000"]);
    (model(meter, with_volume), scale, small(), prop::option::of(small())).prop_map(
        |(mut price, scale, included, minimum)| {
            price["unit_scale"] = json!(scale);
            price["included"] = json!(included);
            if let Some(minimum) = minimum {
                price["minimum"] = json!(minimum);
            }
            price
        },
    )
}

/// The prices of a plan for meters `a` and `b`, and a flat one.
pub fn prices(with_volume: bool) -> impl Strategy<Value = Value> {
    (price("a", with_volume), price("b", with_volume), small())
        .prop_map(|(a, b, amount)| json!([a, {"name": "platform", "model": "flat", "amount": amount}, b]))
}

/// Usage of meters `a` to `c` by up to 8 resources or none, never negative.
pub fn usage() -> impl Strategy<Value = Vec<Usage>> {
    let part = (
        prop::sample::select(vec!["a", "b", "c"]),
        0..9_u32,
        0..10_000_000_u64,
        0..7_u32,
        0..5_u64,
    );
    let part = part.prop_map(|(meter, resource, mantissa, scale, records)| Usage {
        meter: meter.to_owned(),
        resource: (resource > 0).then(|| format!("thing_{resource}")),
        quantity: Decimal::from_i128_with_scale(i128::from(mantissa), scale),
        records,
    });
    prop::collection::vec(part, 0..30)
}

/// Any decimal that there is.
pub fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0..=28_u32)
        .prop_map(|(lo, mid, hi, negative, scale)| Decimal::from_parts(lo, mid, hi, negative, scale))
}
