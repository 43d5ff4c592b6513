//! Specs taken apart and put together: secrets out and in, references, immutable fields.

use json_patch::merge as merge_patch;
use plinth_model::Resource;
use plinth_model::resource::{Properties, check_properties};
use serde_json::{Value, json};

use super::owner::{self, NewOwner};
use crate::error::{ControlError, FieldError, Result};
use crate::product::TypeRules;
use crate::{pointer, schema};

/// What a caller wants an existing resource to become.
#[derive(Debug, Clone)]
pub enum Edit {
    /// As given; secrets that are left out stay, and so does the owner. A name has to be the resource's own.
    Replace {
        name: Option<String>,
        properties: Properties,
        owner: NewOwner,
        spec: Value,
    },
    /// A JSON Merge Patch (RFC 7396) over `{owner, properties, spec}`.
    Patch(Value),
}

/// A field of a spec that names another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub pointer: String,
    pub type_name: String,
    pub name: String,
}

pub fn references(rules: &TypeRules, spec: &Value) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for mark in &rules.references {
        for pointer in mark.path.pointers(spec) {
            let name = spec.pointer(&pointer).and_then(Value::as_str);
            let (Some(name), Some(type_name)) = (name, mark.value.as_str()) else {
                continue;
            };
            found.push(Reference {
                pointer,
                type_name: type_name.to_owned(),
                name: name.to_owned(),
            });
        }
    }
    found
}

/// How deep a spec is nested at most: whoever reads it may be given it within something else.
const MOST_LEVELS: usize = 64;

/// What is wrong with a spec that has its secrets in it.
pub fn errors(rules: &TypeRules, spec: &Value) -> Vec<FieldError> {
    if levels(spec) > MOST_LEVELS {
        let message = format!("is nested deeper than {MOST_LEVELS} levels");
        return vec![FieldError::new("/spec", message)];
    }
    let mut left = MOST_BYTES;
    if !fits(spec, &mut left) {
        return vec![FieldError::new(
            "/spec",
            "is larger than 1 MiB, with its numbers written out",
        )];
    }
    schema::errors(&rules.spec, spec, "/spec", &rules.secret_pointers(spec))
}

/// How long a spec is at most as `jsonb` writes it, in bytes; the same in `migrations/cell/V18__closed_views.sql`.
const MOST_BYTES: usize = 1024 * 1024;

/// Whether a value is no longer than what is left, which it uses up. `1e308` has 309 digits in the database.
fn fits(value: &Value, left: &mut usize) -> bool {
    let own = match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(number) => number.as_f64().map_or(0, |float| float.to_string().len()),
        Value::String(text) => written(text),
        Value::Array(items) => 2 + 2 * items.len(),
        Value::Object(fields) => 2 + fields.keys().map(|name| written(name) + 4).sum::<usize>(),
    };
    let Some(rest) = left.checked_sub(own) else {
        return false;
    };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| fits(item, left)),
        Value::Object(fields) => fields.values().all(|field| fits(field, left)),
        _ => true,
    }
}

/// The length of a text between quotes, with what has to be escaped.
fn written(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
        0..32 => 5,
        _ => 0,
    };
    2 + text.len() + text.bytes().map(escaped).sum::<usize>()
}

fn levels(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(levels).max(),
        Value::Object(fields) => fields.values().map(levels).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// As it is kept: a secret that is `null` is one that is not set, and `1000.0` is the whole number that it is to its
/// schema, for readers that know no fractions.
pub fn normalize(rules: &TypeRules, spec: &mut Value) {
    drop_null_secrets(rules, spec);
    plain_numbers(spec);
}

#[expect(clippy::cast_possible_truncation, reason = "it is whole, and well within 64 bits")]
fn plain_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Whole numbers up to here are exact in a double.
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            if let Some(whole) = whole.filter(|whole| whole.abs() < 9_007_199_254_740_992.0) {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_numbers),
        Value::Object(fields) => fields.values_mut().for_each(plain_numbers),
        _ => {}
    }
}

fn drop_null_secrets(rules: &TypeRules, spec: &mut Value) {
    for pointer in rules.secret_pointers(spec) {
        if spec.pointer(&pointer).is_some_and(Value::is_null) {
            pointer::take(spec, &pointer);
        }
    }
}

/// Takes the secrets out of a spec, each with its pointer.
pub fn take_secrets(rules: &TypeRules, spec: &mut Value) -> Vec<(String, Value)> {
    let pointers = rules.secret_pointers(spec);
    pointers
        .into_iter()
        .filter_map(|pointer| pointer::take(spec, &pointer).map(|value| (pointer, value)))
        .collect()
}

/// What an edit makes of a resource, checked.
pub struct Wanted {
    pub properties: Properties,
    /// Not looked up yet.
    pub owner: Option<String>,
    /// Without secrets.
    pub spec: Value,
    pub secrets: Vec<(String, Value)>,
}

/// # Errors
/// `validation_failed`.
pub fn merge(rules: &TypeRules, before: &Resource, known: &[(String, Value)], edit: Edit) -> Result<Wanted> {
    let (properties, owner, mut spec) = match edit {
        Edit::Replace {
            name,
            properties,
            owner,
            mut spec,
        } => {
            if name.is_some_and(|name| name != before.name) {
                return Err(ControlError::invalid_field(
                    "/name",
                    "cannot change: create another resource",
                ));
            }
            keep_secrets(&mut spec, known);
            let owner = owner.or(before.owner.as_deref()).map(str::to_owned);
            (properties, owner, spec)
        }
        Edit::Patch(patch) => patched(before, known, &patch)?,
    };
    normalize(rules, &mut spec);
    let mut errors = errors(rules, &spec);
    if let Err(error) = check_properties(&properties) {
        errors.push(FieldError::new("/properties", error.to_string()));
    }
    let secrets = take_secrets(rules, &mut spec);
    errors.extend(immutable(rules, &before.spec, &spec));
    if errors.is_empty() {
        Ok(Wanted {
            properties,
            owner,
            spec,
            secrets,
        })
    } else {
        Err(ControlError::invalid(errors))
    }
}

/// A secret that is left out stays, as long as the object around it does.
fn keep_secrets(spec: &mut Value, known: &[(String, Value)]) {
    for (pointer, value) in known {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let has_parent = spec.pointer(parent).is_some_and(Value::is_object);
        if has_parent && spec.pointer(pointer).is_none() {
            pointer::put(spec, pointer, value.clone());
        }
    }
}

fn patched(before: &Resource, known: &[(String, Value)], patch: &Value) -> Result<(Properties, Option<String>, Value)> {
    let mut document = json!({"owner": before.owner, "properties": before.properties, "spec": before.spec});
    for (pointer, value) in known {
        pointer::put(&mut document, &format!("/spec{pointer}"), value.clone());
    }
    let fields = patch
        .as_object()
        .ok_or_else(|| ControlError::invalid_field("", "must be an object"))?;
    if let Some(unknown) = fields
        .keys()
        .find(|field| !["owner", "properties", "spec"].contains(&field.as_str()))
    {
        return Err(ControlError::invalid_field(
            &format!("/{unknown}"),
            "cannot be patched: only `owner`, `properties` and `spec` can",
        ));
    }
    merge_patch(&mut document, patch);
    let properties = match document.get_mut("properties").map(Value::take) {
        Some(Value::Object(properties)) => properties,
        None | Some(Value::Null) => Properties::new(),
        Some(_) => return Err(ControlError::invalid_field("/properties", "must be an object")),
    };
    let owner = match document.get_mut("owner").map(Value::take) {
        Some(Value::String(owner)) => Some(owner),
        None | Some(Value::Null) => None,
        Some(_) => return Err(ControlError::invalid_field("/owner", owner::UNKNOWN)),
    };
    Ok((
        properties,
        owner,
        document.get_mut("spec").map(Value::take).unwrap_or_default(),
    ))
}

fn immutable(rules: &TypeRules, before: &Value, after: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for mark in &rules.immutable {
        for pointer in mark.path.pointers(before) {
            if before.pointer(&pointer) != after.pointer(&pointer) {
                let message = "cannot change once the resource exists: create another one";
                errors.push(FieldError::new(format!("/spec{pointer}"), message));
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As long as `jsonb` writes it, give or take a comma for each list and object.
    #[test]
    fn the_size_of_a_spec_is_that_of_its_text_in_the_database() {
        let used = |value: Value| {
            let mut left = MOST_BYTES;
            assert!(fits(&value, &mut left));
            MOST_BYTES - left
        };
        assert_eq!(used(json!("a\"b\n\u{1}ü")), r#""a\"b\n\u0001ü""#.len());
        assert_eq!(used(json!(1e308)), 309);
        assert_eq!(used(json!(1.5)), 3);
        let text = r#"{"a": [1, 20, null], "b": {"c": true}}"#;
        let used = used(serde_json::from_str(text).unwrap());
        assert_eq!(used, text.len() + 3 * 2);
        assert!(!fits(&json!(vec![1e308; 4000]), &mut MOST_BYTES.clone()));
        assert!(fits(&json!("x".repeat(MOST_BYTES - 2)), &mut MOST_BYTES.clone()));
        assert!(!fits(&json!("x".repeat(MOST_BYTES - 1)), &mut MOST_BYTES.clone()));
    }

    #[test]
    fn whole_numbers_are_kept_without_a_fraction() {
        let mut spec = json!({"a": 1000.0, "b": [-2.0, 0.5, {"c": 1e3}], "d": 1e300, "e": 7, "f": "1.0"});
        plain_numbers(&mut spec);
        assert_eq!(
            spec.to_string(),
            json!({"a": 1000, "b": [-2, 0.5, {"c": 1000}], "d": 1e300, "e": 7, "f": "1.0"}).to_string()
        );
    }

    #[test]
    fn levels_are_counted_along_the_deepest_way() {
        for (value, expected) in [(json!(1), 0), (json!([]), 1), (json!({"a": 1, "b": [[1], 2]}), 3)] {
            assert_eq!(levels(&value), expected, "{value}");
        }
    }
}
