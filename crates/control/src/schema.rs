//! The JSON Schemas of a resource type, and the fields that they mark.
//!
//! `x-plinth-secret`, `x-plinth-immutable` and `x-plinth-reference` stand inside the schema of a field. A mark holds for
//! the field wherever a branch (`oneOf`, `anyOf`, `allOf`) or a local `$ref` brings it in.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::error::FieldError;

mod pattern;
mod portable;

pub use portable::portable;

/// How deep a schema may nest before it is taken for a cycle.
const DEPTH: usize = 32;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    AnyItem,
}

impl Step {
    fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::AnyItem => None,
        }
    }
}

/// A field, as the schema has it: an array stands for each of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(Vec<Step>);

impl FieldPath {
    /// The JSON pointers of this field in a value, those with something at the end.
    pub fn pointers(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.0, value, String::new(), &mut found);
        found
    }

    /// The fields on the way; `None` stands for each item of an array.
    pub fn steps(&self) -> Vec<Option<&str>> {
        self.0.iter().map(Step::key).collect()
    }

    pub fn is_in_array(&self) -> bool {
        self.0.contains(&Step::AnyItem)
    }
}

fn collect(steps: &[Step], value: &Value, pointer: String, found: &mut Vec<String>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(pointer);
        return;
    };
    match (step, value) {
        (Step::Key(key), Value::Object(map)) => {
            if let Some(inner) = map.get(key) {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(rest, inner, format!("{pointer}/{key}"), found);
            }
        }
        (Step::AnyItem, Value::Array(items)) => {
            for (at, inner) in items.iter().enumerate() {
                collect(rest, inner, format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// A marked field and the mark's value.
#[derive(Debug, Clone)]
pub struct Mark {
    pub path: FieldPath,
    pub value: Value,
}

/// The fields that carry `keyword`, each once.
pub fn marked(schema: &Value, keyword: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    walk(schema, schema, keyword, &mut Vec::new(), DEPTH, &mut marks);
    marks
}

fn walk(root: &Value, schema: &Value, keyword: &str, path: &mut Vec<Step>, depth: usize, marks: &mut Vec<Mark>) {
    let (Some(schema), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
        return;
    };
    if let Some(value) = schema.get(keyword) {
        let path = FieldPath(path.clone());
        if *value != Value::Bool(false) && marks.iter().all(|mark| mark.path != path) {
            marks.push(Mark {
                path,
                value: value.clone(),
            });
        }
    }
    if let Some(target) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| target.strip_prefix('#'))
        && let Some(target) = root.pointer(target)
    {
        walk(root, target, keyword, path, depth, marks);
    }
    for branches in ["oneOf", "anyOf", "allOf"] {
        for branch in schema.get(branches).and_then(Value::as_array).into_iter().flatten() {
            walk(root, branch, keyword, path, depth, marks);
        }
    }
    for branch in ["if", "then", "else"] {
        if let Some(branch) = schema.get(branch) {
            walk(root, branch, keyword, path, depth, marks);
        }
    }
    for (key, field) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        path.push(Step::Key(key.clone()));
        walk(root, field, keyword, path, depth, marks);
        path.pop();
    }
    if let Some(items) = schema.get("items") {
        path.push(Step::AnyItem);
        walk(root, items, keyword, path, depth, marks);
        path.pop();
    }
}

/// # Errors
/// What is wrong with the schema itself.
pub fn compile(schema: &Value) -> Result<Validator, FieldError> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| FieldError::new(error.instance_path().to_string(), error.to_string()))
}

/// What is wrong with a value, each with the pointer of the field below `prefix`. Values at `secret` pointers are not
/// repeated.
pub fn errors(validator: &Validator, value: &Value, prefix: &str, secret: &[String]) -> Vec<FieldError> {
    let mut found = Vec::new();
    for error in validator.iter_errors(value) {
        flatten(&error, prefix, secret, &mut found);
    }
    found.truncate(50);
    found
}

/// A failed `oneOf` says nothing that helps; the errors of the branch that was meant do.
fn flatten(error: &ValidationError<'_>, prefix: &str, secret: &[String], found: &mut Vec<FieldError>) {
    let branches = match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => context.as_slice(),
        _ => &[],
    };
    // The branch whose constants agree was meant, else the one with the fewest errors.
    let mismatches = |branch: &&Vec<ValidationError<'static>>| {
        let constants = branch
            .iter()
            .filter(|error| matches!(error.kind(), ValidationErrorKind::Constant { .. }));
        (constants.count(), branch.len())
    };
    let meant = branches.iter().min_by_key(mismatches);
    let constants: Vec<String> = branches.iter().filter_map(|branch| constant(branch)).collect();
    match meant {
        Some(meant) if constants.len() < branches.len() && !meant.is_empty() => {
            for error in meant {
                flatten(error, prefix, secret, found);
            }
        }
        Some(meant) if !constants.is_empty() => {
            let at = meant
                .iter()
                .find(|error| matches!(error.kind(), ValidationErrorKind::Constant { .. }));
            let pointer = at.map_or_else(String::new, |error| error.instance_path().to_string());
            let message = format!("must be one of {}", constants.join(", "));
            found.push(FieldError::new(format!("{prefix}{pointer}"), message));
        }
        _ => found.push(field_error(error, prefix, secret)),
    }
}

fn constant(branch: &[ValidationError<'static>]) -> Option<String> {
    branch.iter().find_map(|error| match error.kind() {
        ValidationErrorKind::Constant { expected_value } => Some(expected_value.to_string()),
        _ => None,
    })
}

fn field_error(error: &ValidationError<'_>, prefix: &str, secret: &[String]) -> FieldError {
    let pointer = error.instance_path().to_string();
    let hidden = secret.iter().any(|secret| secret.starts_with(&pointer));
    let message = if hidden {
        error.masked_with("the value").to_string()
    } else {
        shorten(error.to_string())
    };
    FieldError::new(format!("{prefix}{pointer}"), message)
}

/// Messages repeat the value, which may be long.
fn shorten(message: String) -> String {
    const MOST: usize = 300;
    if message.chars().count() <= MOST {
        return message;
    }
    let (head, tail): (String, String) = (
        message.chars().take(MOST * 2 / 3).collect(),
        message
            .chars()
            .rev()
            .take(MOST / 3)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect(),
    );
    format!("{head} ... {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn connection() -> Value {
        json!({
            "oneOf": [
                {"type": "object", "required": ["kind", "host"], "additionalProperties": false, "properties": {
                    "kind": {"const": "postgres"}, "host": {"type": "string"},
                    "password": {"type": "string", "minLength": 8, "x-plinth-secret": true}}},
                {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "files"}}}
            ]
        })
    }

    #[test]
    fn marks_are_found_in_branches_and_items() {
        let schema = json!({
            "properties": {"list": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
            "$defs": {"item": {"properties": {"of": {"x-plinth-reference": "connection"}}}}
        });
        let marks = marked(&schema, "x-plinth-reference");
        assert_eq!(
            marks[0].path.pointers(&json!({"list": [{"of": "a"}, {}, {"of": "b"}]})),
            ["/list/0/of", "/list/2/of"]
        );
        assert_eq!(marked(&connection(), "x-plinth-secret").len(), 1);
    }

    #[test]
    fn the_branch_that_was_meant_tells_what_is_wrong() {
        let validator = compile(&connection()).unwrap();
        let found = errors(&validator, &json!({"kind": "postgres", "hots": "a"}), "/spec", &[]);
        assert!(found.iter().any(|error| error.message.contains("host")), "{found:?}");
        let found = errors(&validator, &json!({"kind": "oracle"}), "/spec", &[]);
        assert_eq!(
            found,
            [FieldError::new("/spec/kind", "must be one of \"postgres\", \"files\"")]
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let validator = compile(&connection()).unwrap();
        let secret = ["/password".to_owned()];
        let value = json!({"kind": "postgres", "host": "a", "password": "hunter2"});
        let found = errors(&validator, &value, "/spec", &secret);
        assert!(
            !found.is_empty() && !format!("{found:?}").contains("hunter2"),
            "{found:?}"
        );
    }
}
