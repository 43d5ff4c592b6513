//! What differs between two product documents, thing by thing.

use plinth_model::Product;
use serde::Serialize;
use serde_json::Value;

/// One thing that applying adds, updates or removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `product`, `type`, `meter`, `plan`, `dashboard` or `role`.
    pub kind: &'static str,
    pub name: String,
    pub change: &'static str,
    /// The fields that differ, as JSON pointers, for an update.
    pub detail: String,
}

/// In the order of the document; empty when nothing differs.
pub fn changes(before: &Product, after: &Product) -> Vec<Change> {
    let mut changes = Vec::new();
    let head = |product: &Product| vec![serde_json::to_value(&product.product).unwrap_or_default()];
    section(&mut changes, "product", &head(before), &head(after));
    section(&mut changes, "type", &values(&before.types), &values(&after.types));
    section(&mut changes, "meter", &values(&before.meters), &values(&after.meters));
    section(&mut changes, "plan", &before.plans, &after.plans);
    section(
        &mut changes,
        "dashboard",
        &values(&before.dashboards),
        &values(&after.dashboards),
    );
    section(&mut changes, "role", &values(&before.roles), &values(&after.roles));
    changes
}

fn values<T: Serialize>(items: &[T]) -> Vec<Value> {
    items
        .iter()
        .map(|item| serde_json::to_value(item).unwrap_or_default())
        .collect()
}

fn name(item: &Value) -> &str {
    item.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn section(changes: &mut Vec<Change>, kind: &'static str, before: &[Value], after: &[Value]) {
    let mut push = |item: &Value, change, detail: String| {
        changes.push(Change {
            kind,
            name: name(item).to_owned(),
            change,
            detail,
        });
    };
    for item in after {
        match before.iter().find(|old| name(old) == name(item)) {
            None => push(item, "add", String::new()),
            Some(old) if old != item => push(item, "update", pointers(old, item).join(", ")),
            Some(_) => {}
        }
    }
    for old in before
        .iter()
        .filter(|old| !after.iter().any(|item| name(item) == name(old)))
    {
        if !name(old).is_empty() {
            push(old, "remove", String::new());
        }
    }
}

/// The deepest places where two values differ.
fn pointers(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(before, after, String::new(), &mut found);
    found
}

fn compare(before: &Value, after: &Value, pointer: String, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                let missing = Value::Null;
                let (old, new) = (old.get(key).unwrap_or(&missing), new.get(key).unwrap_or(&missing));
                compare(old, new, format!("{pointer}/{key}"), found);
            }
        }
        _ if before != after => found.push(pointer),
        _ => {}
    }
}
