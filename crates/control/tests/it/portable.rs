//! The database's check of JSON Schemas against the API's: the same values are valid.

use std::collections::BTreeMap;

use plinth_control::schema::portable;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

const CONNECTION: &str = include_str!("../../../../products/etl/types/connection.yaml");
const PIPELINE: &str = include_str!("../../../../products/etl/types/pipeline.yaml");

const CASES: usize = 4_000;
const KEYS: [&str; 3] = ["a", "b", "c/d"];
const PATTERNS: [&str; 7] = [
    "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "^[^\\x00-\\x1f]+$",
    "b",
    "^\\.?[^./\\x00-\\x1f][^/\\x00-\\x1f]*(/\\.?[^./\\x00-\\x1f][^/\\x00-\\x1f]*)*/?$",
    "^(a|é)*$",
    "\\d|^[\\w.]+$",
    "^.$",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![
            json!(-1),
            json!(0),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!(2),
            json!(10)
        ]),
        prop::sample::select(vec![
            "", "a", "ab", "a-b", "-a", "1", "é", "😀", "a/.b", "../a", "x\ny", "a.b"
        ])
        .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), inner, 0..4).prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn types() -> impl Strategy<Value = Value> {
    let names = ["null", "boolean", "object", "array", "number", "string", "integer"];
    prop_oneof![
        prop::sample::select(names.to_vec()).prop_map(Value::from),
        prop::sample::subsequence(names.to_vec(), 1..4).prop_map(|names| json!(names)),
    ]
}

fn keyword() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        4 => types().prop_map(|value| ("type", value)),
        1 => value().prop_map(|value| ("const", value)),
        1 => prop::collection::vec(value(), 1..4).prop_map(|values| ("enum", json!(values))),
        2 => (prop::sample::select(vec!["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]), 0..3)
            .prop_map(|(keyword, bound)| (keyword, json!(bound))),
        2 => (prop::sample::select(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), prop::sample::select(vec![json!(0), json!(1), json!(1.5)])),
        1 => (1..4).prop_map(|value| ("multipleOf", json!(value))),
        1 => Just(("uniqueItems", json!(true))),
        2 => prop::sample::select(PATTERNS.to_vec()).prop_map(|value| ("pattern", json!(value))),
        1 => prop::sample::subsequence(KEYS.to_vec(), 0..3).prop_map(|keys| ("required", json!(keys))),
    ]
}

fn object(keywords: Vec<(&'static str, Value)>) -> Value {
    let keywords: BTreeMap<_, _> = keywords.into_iter().collect();
    json!(keywords)
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => prop::collection::vec(keyword(), 0..4).prop_map(object),
        1 => any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let applicator = prop_oneof![
            3 => prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), inner.clone(), 0..3)
                .prop_map(|fields| ("properties", json!(fields))),
            3 => (prop::sample::select(vec!["additionalProperties", "items", "not", "if", "then", "else"]), inner.clone()),
            2 => (prop::sample::select(vec!["allOf", "anyOf", "oneOf"]), prop::collection::vec(inner, 1..4).prop_map(Value::from)),
        ];
        (prop::collection::vec(keyword(), 0..3), prop::collection::vec(applicator, 1..4))
            .prop_map(|(keywords, applicators)| object([keywords, applicators].concat()))
    })
}

fn mentions(schema: &Value, seen: &mut BTreeMap<String, [usize; 2]>, valid: bool) {
    if let Some(keywords) = schema.as_object() {
        for (keyword, value) in keywords.iter().filter(|(keyword, _)| !KEYS.contains(&keyword.as_str())) {
            seen.entry(keyword.clone()).or_default()[usize::from(valid)] += 1;
            if ["properties", "allOf", "anyOf", "oneOf"].contains(&keyword.as_str()) {
                let inner: Vec<_> = value.as_object().map_or_else(
                    || value.as_array().into_iter().flatten().collect(),
                    |fields| fields.values().collect(),
                );
                inner.into_iter().for_each(|inner| mentions(inner, seen, valid));
            } else {
                mentions(value, seen, valid);
            }
        }
    }
}

/// Whether the database finds nothing wrong, for each pair.
async fn in_database(client: &tokio_postgres::Client, pairs: &[(Value, Value)]) -> Vec<bool> {
    let (schemas, values): (Vec<_>, Vec<_>) = pairs.iter().map(|(schema, value)| (schema, value)).unzip();
    let asked = "select plinth.schema_error(schema, value, '') is null from unnest($1::jsonb[], $2::jsonb[])
        with ordinality as t (schema, value, place) order by place";
    let rows = client.query(asked, &[&schemas, &values]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_database_takes_what_the_validator_takes() {
    let test = plinth_testkit::store::open().await;
    let client = test.cell.admin().await;
    let mut runner = TestRunner::new(Config::default());
    let mut cases = Vec::new();
    for _ in 0..CASES {
        cases.push((schema(), value()).new_tree(&mut runner).unwrap().current());
    }
    let portable: Vec<_> = cases
        .iter()
        .map(|(schema, value)| (portable(schema).unwrap(), value.clone()))
        .collect();
    let found = in_database(&client, &portable).await;
    let mut seen = BTreeMap::new();
    for ((schema, value), found) in cases.iter().zip(found) {
        let valid = jsonschema::draft202012::options()
            .build(schema)
            .unwrap()
            .is_valid(value);
        assert_eq!(found, valid, "{schema}\n{value}");
        mentions(schema, &mut seen, valid);
    }
    for (keyword, [invalid, valid]) in &seen {
        assert!(
            *invalid >= 5 && *valid >= 5,
            "{keyword} was not tried both ways: {invalid}, {valid}"
        );
    }
    assert_eq!(seen.len(), 27, "{seen:?}");
}

/// Each example of the product, and each of them with one thing changed.
#[tokio::test]
async fn specs_of_the_product_are_taken_alike() {
    let test = plinth_testkit::store::open().await;
    let client = test.cell.admin().await;
    let strange = [
        json!(null),
        json!(""),
        json!("UPPER"),
        json!(0),
        json!(1.0),
        json!([]),
        json!({}),
        json!({"name": "a"}),
    ];
    let mut cases = Vec::new();
    for declared in [CONNECTION, PIPELINE] {
        let declared: Value = serde_yaml_ng::from_str(declared).unwrap();
        let schema = &declared["spec_schema"];
        for example in examples(schema) {
            cases.push((schema.clone(), example.clone()));
            for pointer in pointers(&example, "") {
                for value in &strange {
                    let mut changed = example.clone();
                    *changed.pointer_mut(&pointer).unwrap() = value.clone();
                    cases.push((schema.clone(), changed));
                }
            }
        }
    }
    let portable: Vec<_> = cases
        .iter()
        .map(|(schema, value)| (portable(schema).unwrap(), value.clone()))
        .collect();
    let found = in_database(&client, &portable).await;
    let mut counts = [0, 0];
    for ((schema, value), found) in cases.iter().zip(found) {
        let valid = jsonschema::draft202012::options()
            .build(schema)
            .unwrap()
            .is_valid(value);
        // A secret is never in what SQL writes.
        if value
            .get("password")
            .is_some_and(|password| password != "correct horse battery staple")
        {
            continue;
        }
        assert_eq!(found, valid, "{value}");
        counts[usize::from(valid)] += 1;
    }
    assert!(counts[0] > 100 && counts[1] > 10, "{counts:?}");
}

/// All that stand in a schema.
fn examples(schema: &Value) -> Vec<Value> {
    let own = schema["examples"].as_array().into_iter().flatten().cloned();
    let of_branches = schema["oneOf"].as_array().into_iter().flatten().flat_map(examples);
    own.chain(of_branches).collect()
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (format!("{at}/{key}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(place, value)| (format!("{at}/{place}"), value))
            .collect(),
        _ => Vec::new(),
    };
    let below = inner.into_iter().flat_map(|(at, value)| pointers(value, &at));
    std::iter::once(at.to_owned()).chain(below).collect()
}
