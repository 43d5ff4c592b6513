//! Sets: those that a policy lists and those that a row holds.
//!
//! Comparisons of sequences are existential in `jsonpath`: `a[*] == b[*]` asks whether any two are equal. "All" is said by
//! what is left over: nothing in `b` that is not in `a`.

use super::environment::Environment;
use super::path::Path;
use super::refusal::Reason;
use super::truth::{self, Truth};
use super::value::Value;

/// `set.contains(element)`; nothing when `set` is no set.
pub(super) fn contains(environment: &Environment<'_>, set: &Value<'_>, element: &Value<'_>) -> Result<Truth, Reason> {
    match set {
        Value::Set(values) => {
            let tests: Result<Vec<_>, _> = values
                .iter()
                .map(|value| truth::equal(environment, value, element))
                .collect();
            Ok(Truth::any(tests?))
        }
        Value::Array(path) => Ok(match element.as_element() {
            Some(element) => Truth::test(format!("{}[*] == {element}", path.text())),
            None => Truth::constant(false),
        }),
        _ => Ok(Truth::constant(false)),
    }
}

/// `left.containsAll(right)`.
pub(super) fn contains_all(
    environment: &Environment<'_>,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Result<Truth, Reason> {
    match right {
        Value::Set(values) => {
            let tests: Result<Vec<_>, _> = values.iter().map(|value| contains(environment, left, value)).collect();
            Ok(Truth::all(tests?))
        }
        Value::Array(path) => Ok(Truth::test(only_in(path, left)).opposite()),
        _ => Ok(Truth::constant(false)),
    }
}

/// `left.containsAny(right)`.
pub(super) fn contains_any(
    environment: &Environment<'_>,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Result<Truth, Reason> {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            Ok(Truth::test(format!("{}[*] == {}[*]", left.text(), right.text())))
        }
        (Value::Array(_), Value::Set(values)) => any(environment, left, values),
        (Value::Set(values), _) => any(environment, right, values),
        _ => Ok(Truth::constant(false)),
    }
}

fn any(environment: &Environment<'_>, set: &Value<'_>, values: &[Value<'_>]) -> Result<Truth, Reason> {
    let tests: Result<Vec<_>, _> = values.iter().map(|value| contains(environment, set, value)).collect();
    Ok(Truth::any(tests?))
}

pub(super) fn is_empty(set: &Value<'_>) -> Truth {
    match set {
        Value::Array(path) => Truth::test(format!("{}.size() == 0", path.text())),
        Value::Set(values) => Truth::constant(values.is_empty()),
        _ => Truth::constant(false),
    }
}

/// The same elements, however often and in whatever order.
pub(super) fn equal(environment: &Environment<'_>, left: &Value<'_>, right: &Value<'_>) -> Result<Truth, Reason> {
    Ok(Truth::all([
        contains_all(environment, left, right)?,
        contains_all(environment, right, left)?,
    ]))
}

/// That an array has an element which a set has not. `$` is the row inside of the filter too, `@` the element.
fn only_in(array: &Path, set: &Value<'_>) -> String {
    let others = match set {
        Value::Array(other) => vec![format!("{}[*]", other.text())],
        Value::Set(values) => values.iter().filter_map(Value::as_element).collect(),
        _ => Vec::new(),
    };
    if others.is_empty() {
        return format!("{}.size() > 0", array.text());
    }
    let same: Vec<String> = others.iter().map(|other| format!("@ == {other}")).collect();
    format!("exists({}[*] ? (!({})))", array.text(), same.join(" || "))
}
