//! What differs between two JSON values, field by field, by JSON pointer.
//! Must not know what the values mean.

use serde_json::Value;

use super::{human, output::Paint, output::printable};

#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    pub pointer: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The fields that changed; those of a nested object one by one, lists as a whole.
pub fn between(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk(&mut String::new(), Some(before), Some(after), &mut changes);
    changes
}

fn walk(pointer: &mut String, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<FieldChange>) {
    let (before, after) = match (before, after) {
        (before, after) if before == after => return,
        (Some(Value::Object(before)), Some(Value::Object(after))) => (before, after),
        (before, after) => {
            changes.push(FieldChange {
                pointer: pointer.clone(),
                before: before.cloned(),
                after: after.cloned(),
            });
            return;
        }
    };
    let added = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(added) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(pointer, before.get(name), after.get(name), changes);
        pointer.truncate(length);
    }
}

/// One line for each change: `~ /spec/interval_secs: 10 -> 30`.
pub fn lines(changes: &[FieldChange], paint: Paint) -> Vec<String> {
    changes.iter().map(|change| line(change, paint)).collect()
}

fn line(change: &FieldChange, paint: Paint) -> String {
    let pointer = &change.pointer;
    let shown = |value: &Value| printable(&human::value(value));
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let text = format!("~ {pointer}: {} -> {}", shown(before), shown(after));
            paint.yellow(&text)
        }
        (Some(before), None) => paint.red(&format!("- {pointer}: {}", shown(before))),
        (None, Some(after)) => paint.green(&format!("+ {pointer}: {}", shown(after))),
        (None, None) => pointer.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_changed_field_is_one_line() {
        let before = json!({"spec": {"mode": "snapshot", "paused": false, "tables": [1]}, "properties": {}});
        let after = json!({"spec": {"mode": "snapshot", "tables": [1, 2], "a/b": null},
            "properties": {"team": "data"}});
        let lines = lines(&between(&before, &after), Paint::PLAIN);
        insta::assert_snapshot!(lines.join("\n"), @r"
        - /spec/paused: false
        ~ /spec/tables: [1] -> [1,2]
        + /spec/a~1b: -
        + /properties/team: data
        ");
    }

    #[test]
    fn equal_values_do_not_differ() {
        let value = json!({"a": [1, {"b": null}]});
        assert!(between(&value, &value).is_empty());
    }
}
