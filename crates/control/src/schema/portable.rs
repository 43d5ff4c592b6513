//! JSON Schemas as the database checks them, for what is written by SQL.
//!
//! What comes out has no references and no annotations, `true` in the place of secrets, and patterns as PostgreSQL reads
//! them. `plinth.schema_error` (crates/store/migrations/cell/V12__portable_schema.sql) knows each keyword that is left; a test
//! compares it with the validator of the API.

use serde_json::{Map, Value, json};

use super::{DEPTH, pattern};

/// Keywords that say nothing about what is valid.
const ANNOTATIONS: [&str; 14] = [
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
    "$anchor",
];
const PLAIN: [&str; 16] = [
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "required",
    "type",
    "uniqueItems",
];
const OF_ONE_SCHEMA: [&str; 6] = ["additionalProperties", "else", "if", "items", "not", "then"];
const OF_SCHEMAS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The schema in that form.
///
/// # Errors
/// The keyword, in a form that follows "cannot check", that the database has no word for.
pub fn portable(schema: &Value) -> Result<Value, String> {
    convert(schema, schema, DEPTH)
}

fn convert(root: &Value, schema: &Value, depth: usize) -> Result<Value, String> {
    let depth = depth
        .checked_sub(1)
        .ok_or("a schema that refers to itself, or nests too deeply")?;
    let Some(keywords) = schema.as_object() else {
        return Ok(schema.clone());
    };
    if keywords
        .get("x-plinth-secret")
        .is_some_and(|mark| *mark != json!(false))
    {
        return Ok(json!(true));
    }
    let mut portable = Map::new();
    for (keyword, value) in keywords {
        let value = match keyword.as_str() {
            known if ANNOTATIONS.contains(&known) || known.starts_with("x-") => continue,
            "multipleOf" if !value.is_u64() => return Err("`multipleOf` with a fraction".to_owned()),
            known if PLAIN.contains(&known) => value.clone(),
            "pattern" => json!(pattern::portable(value.as_str().unwrap_or_default())?),
            known if OF_ONE_SCHEMA.contains(&known) => convert(root, value, depth)?,
            known if OF_SCHEMAS.contains(&known) => {
                let branches = value.as_array().into_iter().flatten();
                branches
                    .map(|branch| convert(root, branch, depth))
                    .collect::<Result<_, _>>()?
            }
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.map(|(name, field)| Ok((name.clone(), convert(root, field, depth)?)));
                Value::Object(fields.collect::<Result<_, String>>()?)
            }
            other => return Err(format!("`{other}`")),
        };
        portable.insert(keyword.clone(), value);
    }
    let Some(target) = keywords.get("$ref") else {
        return Ok(Value::Object(portable));
    };
    let pointer = target.as_str().and_then(|target| target.strip_prefix('#'));
    let target = pointer.and_then(|pointer| root.pointer(pointer));
    let target = convert(root, target.ok_or("`$ref` to another document")?, depth)?;
    if portable.is_empty() {
        return Ok(target);
    }
    Ok(json!({"allOf": [target, portable]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_put_in_their_places_and_secrets_are_left_open() {
        let schema = json!({
            "title": "t", "type": "object", "x-icon": "plug",
            "properties": {
                "count": {"$ref": "#/$defs/count", "title": "Count"},
                "small": {"$ref": "#/$defs/count", "maximum": 9},
                "password": {"type": "string", "minLength": 8, "x-plinth-secret": true},
            },
            "$defs": {"count": {"type": "integer", "minimum": 0}},
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "count": {"type": "integer", "minimum": 0},
                "small": {"allOf": [{"type": "integer", "minimum": 0}, {"maximum": 9}]},
                "password": true,
            },
        });
        assert_eq!(portable(&schema), Ok(expected));
    }

    #[test]
    fn what_the_database_has_no_word_for_is_named() {
        for (schema, expected) in [
            (json!({"properties": {"at": {"format": "date-time"}}}), "`format`"),
            (json!({"items": {"multipleOf": 0.1}}), "`multipleOf` with a fraction"),
            (json!({"patternProperties": {}}), "`patternProperties`"),
            (
                json!({"$ref": "https://example.com/a.json"}),
                "`$ref` to another document",
            ),
            (
                json!({"items": {"$ref": "#"}}),
                "a schema that refers to itself, or nests too deeply",
            ),
            (json!({"pattern": "(?=a)b"}), "the pattern `(?=a)b`"),
        ] {
            assert_eq!(portable(&schema).unwrap_err(), expected, "{schema}");
        }
    }
}
