//! A second product that has nothing to do with copying data: a bakery with ovens that bake loaves.

use serde_json::{Value, json};

/// Ovens are not reconciled and have a field of any shape; loaves are, and name the oven that they are baked in.
pub fn bakery() -> Value {
    json!({
        "product": {"name": "bakery", "title": "The bakery", "default_plan": "daily-bread"},
        "types": [oven(), loaf()],
        "meters": [
            {"name": "flour", "title": "Flour", "unit": "gram"},
            {"name": "loaves", "title": "Loaves", "unit": "loaf", "source": {"event": {"type": "loaf", "operation": "create"}}},
        ],
        "plans": [{"name": "daily-bread", "title": "Daily bread", "currency": "EUR", "quotas": {"ovens": 20}, "prices": [
            {"meter": "flour", "title": "Flour", "model": "per_unit", "price_unit": "kg", "unit_scale": "1000", "unit_price": "1.20"},
            {"meter": "loaves", "title": "Loaves", "model": "per_unit", "price_unit": "loaf", "unit_price": "0.50"},
        ]}],
        "dashboards": [],
    })
}

fn oven() -> Value {
    json!({
        "name": "oven", "plural": "ovens", "title": "Oven", "title_plural": "Ovens",
        "spec_schema": {
            "type": "object", "additionalProperties": false, "required": ["degrees"],
            "properties": {
                "degrees": {"type": "integer", "minimum": 50, "maximum": 300},
                "fuel": {"type": "string", "enum": ["wood", "gas"], "x-plinth-immutable": true},
                "key": {"type": "string", "x-plinth-secret": true, "writeOnly": true},
                "notes": true,
            },
        },
    })
}

fn loaf() -> Value {
    json!({
        "name": "loaf", "plural": "loaves", "title": "Loaf", "title_plural": "Loaves", "reconciled": true, "verbs": [{"name": "slice", "title": "Slice", "set": {"spec": {"sliced": true}}}],
        "spec_schema": {
            "type": "object", "additionalProperties": false, "required": ["oven", "grams"],
            "properties": {
                "oven": {"type": "string", "x-plinth-reference": "oven"},
                "grams": {"type": "integer", "minimum": 100},
                "sliced": {"type": "boolean"},
            },
        },
        "status_schema": {
            "type": "object", "additionalProperties": false, "required": ["crust"],
            "properties": {"crust": {"type": "string", "enum": ["pale", "golden", "burnt"]}},
        },
    })
}
