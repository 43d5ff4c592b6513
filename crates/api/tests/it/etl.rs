//! Bodies for the ETL product.

use serde_json::{Value, json};

pub fn named(name: &str, spec: Value) -> Value {
    json!({"name": name, "spec": spec})
}

pub fn files(directory: &str) -> Value {
    json!({"kind": "files", "directory": directory, "format": "csv"})
}

pub fn postgres(password: &str) -> Value {
    json!({"kind": "postgres", "host": "db.example.com", "database": "shop", "user": "reader", "password": password})
}

pub fn copy(source: &str, destination: &str) -> Value {
    json!({"source": {"connection": source}, "destination": {"connection": destination}, "mode": "snapshot"})
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("`{value}` is a text"))
        .to_owned()
}

/// What each item of a list has in this field.
pub fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("`{list}` has items"));
    items.iter().map(|item| &item[field]).collect()
}

/// The pointers of a problem's errors.
pub fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("`{problem}` has errors"));
    errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
}
