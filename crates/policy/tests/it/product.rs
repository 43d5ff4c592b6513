//! The vocabulary of the reference product, which most tests speak.

use plinth_model::Product;
use plinth_policy::vocabulary::{Label, Labels};
use plinth_policy::{Policy, Vocabulary};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const CONNECTION: &str = include_str!("../../../../products/etl/types/connection.yaml");
const PIPELINE: &str = include_str!("../../../../products/etl/types/pipeline.yaml");

/// YAML is read as JSON first, as it travels.
fn read<T: DeserializeOwned>(yaml: &str) -> T {
    serde_json::from_value(serde_yaml_ng::from_str(yaml).unwrap()).unwrap()
}

/// With the labels `cost` (a number) and `production` (a truth) declared.
pub fn etl() -> Vocabulary {
    let product = Product {
        types: [CONNECTION, PIPELINE].map(read).to_vec(),
        ..Product::default()
    };
    let labels = Labels {
        properties: [("cost".to_owned(), Label::Long), ("production".to_owned(), Label::Bool)].into(),
        attributes: [("level".to_owned(), Label::Long)].into(),
    };
    Vocabulary::new(&product, &labels)
}

/// A policy that must be valid.
pub fn policy(text: &str) -> Policy {
    Policy::parse(text, &etl()).unwrap_or_else(|findings| panic!("{text}\n{findings:#?}"))
}

pub fn principal(roles: &[&str], attributes: Value) -> Value {
    let ancestors: Vec<String> = roles.iter().map(|role| format!("Role::{role}")).collect();
    json!({"uid": "User::user_ann", "id": "user_ann", "name": "Ann", "ancestors": ancestors, "attributes": attributes})
}

pub fn row(properties: Value) -> Value {
    json!({
        "id": "pipeline_1", "type": "pipeline", "name": "orders", "org": "org_1", "creator": "User::user_bob",
        "properties": properties, "spec": {"mode": "snapshot", "source": {"connection": "shop"}},
    })
}

pub fn context() -> Value {
    json!({
        "time": 1_764_000_000_000_i64, "local": {"hour": 10, "minute": 5, "weekday": "tuesday"},
        "ip": {"address": "10.0.0.1", "bits": "0a000001"}, "country": "DE",
        "authentication": {"age_secs": 60, "strength": 2}, "risk": 5,
    })
}
