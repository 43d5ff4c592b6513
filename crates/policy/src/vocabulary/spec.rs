//! The fields of a resource's spec that policies may read, from the JSON Schema of its type.
//!
//! Left out: secrets, fractions (Cedar's decimals have four places, a double has more), arrays of anything but scalars,
//! and whatever two branches of a `oneOf` disagree about. A field that is left out is unknown to policies.

use serde_json::{Map, Value};

use super::{Attribute, Record, Type};

/// Deeper objects are left out; references that lead in circles end here.
const DEEPEST: u8 = 8;

pub(super) fn record(schema: &Value) -> Record {
    Reader { root: schema }.object(schema, DEEPEST)
}

struct Reader<'a> {
    root: &'a Value,
}

impl<'a> Reader<'a> {
    /// The fields of an object: its own, then those of its branches.
    fn object(&self, schema: &'a Value, depth: u8) -> Record {
        let mut record = Record::default();
        for (name, field) in map(schema, "properties").into_iter().flatten() {
            if let Some((ty, nullable)) = self.ty(field, depth) {
                let required = is_required(schema, name) && !nullable;
                record.insert(name, Attribute { ty, required });
            }
        }
        for part in list(schema, "allOf") {
            self.add_all(&mut record, self.object(self.resolved(part), depth));
        }
        for choice in ["oneOf", "anyOf"] {
            let branches = list(schema, choice)
                .iter()
                .map(|branch| self.object(self.resolved(branch), depth));
            self.add_all(&mut record, one_of(branches.collect()));
        }
        record
    }

    fn add_all(&self, record: &mut Record, other: Record) {
        for (name, attribute) in other.fields() {
            match record.get(name).cloned() {
                None => record.insert(name, attribute.clone()),
                Some(known) if known.ty == attribute.ty => {
                    let required = known.required || attribute.required;
                    record.insert(name, Attribute { required, ..known });
                }
                Some(_) => record.remove(name),
            }
        }
    }

    /// The type of a field, and whether it may be null.
    fn ty(&self, field: &'a Value, depth: u8) -> Option<(Type, bool)> {
        let target = self.resolved(field);
        let is_secret = |schema: &Value| schema.get("x-plinth-secret").and_then(Value::as_bool) == Some(true);
        let depth = depth.checked_sub(1)?;
        if is_secret(field) || is_secret(target) {
            return None;
        }
        let (name, nullable) = type_name(target)?;
        let ty = match name {
            "string" => Type::String,
            "integer" => Type::Long,
            "boolean" => Type::Bool,
            "array" => Type::Set(Box::new(self.element(target, depth)?)),
            "object" => Type::Record(self.object(target, depth)),
            _ => return None,
        };
        Some((ty, nullable))
    }

    fn element(&self, array: &'a Value, depth: u8) -> Option<Type> {
        match self.ty(array.get("items")?, depth)? {
            (ty @ (Type::String | Type::Long | Type::Bool), false) => Some(ty),
            _ => None,
        }
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| self.root.pointer(target.strip_prefix('#')?));
        target.unwrap_or(schema)
    }
}

/// Fields of any of the branches, required where all of them require it.
fn one_of(branches: Vec<Record>) -> Record {
    let mut merged = Record::default();
    let mut disputed = Vec::new();
    for (name, attribute) in branches.iter().flat_map(Record::fields) {
        let same = |branch: &Record| branch.get(name).is_none_or(|other| other.ty == attribute.ty);
        if !branches.iter().all(same) {
            disputed.push(name);
        }
        let required = branches
            .iter()
            .all(|branch| branch.get(name).is_some_and(|other| other.required));
        let ty = attribute.ty.clone();
        merged.insert(name, Attribute { ty, required });
    }
    disputed.into_iter().for_each(|name| merged.remove(name));
    merged
}

/// The type that a schema names, or that all its constants have, and whether null is permitted beside it.
fn type_name(schema: &Value) -> Option<(&str, bool)> {
    match schema.get("type") {
        Some(Value::String(name)) => Some((name, false)),
        Some(Value::Array(names)) => {
            let mut others = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            let only = others.next().filter(|_| others.next().is_none())?;
            Some((only, names.iter().any(|name| name == "null")))
        }
        _ => {
            let constants = schema.get("const").into_iter().chain(list(schema, "enum"));
            let mut names = constants.map(type_of_constant);
            let first = names.next()??;
            names.all(|name| name == Some(first)).then_some((first, false))
        }
    }
}

fn type_of_constant(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_i64() => Some("integer"),
        _ => None,
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    list(schema, "required").iter().any(|required| required == name)
}

fn map<'a>(schema: &'a Value, key: &str) -> Option<&'a Map<String, Value>> {
    schema.get(key).and_then(Value::as_object)
}

fn list<'a>(schema: &'a Value, key: &str) -> &'a [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `name type`, with `?` where it is optional, in order.
    fn check(schema: Value, expected: &[&str]) {
        let record = record(&schema);
        let shown: Vec<String> = record
            .fields()
            .map(|(name, attribute)| {
                let mark = if attribute.required { "" } else { "?" };
                format!("{name}{mark} {:?}", attribute.ty)
            })
            .collect();
        assert_eq!(shown, expected, "{schema}");
    }

    #[test]
    fn scalars_sets_and_constants_are_read_and_the_rest_is_left_out() {
        let properties = json!({
            "a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "boolean"}, "d": {"const": "x"},
            "e": {"enum": [1, 2]}, "f": {"enum": ["x", 1]}, "g": {"type": "number"}, "h": {"type": ["string", "null"]},
            "i": {"type": "array", "items": {"type": "integer"}}, "j": {"type": "array", "items": {"type": "object"}},
            "k": {"type": "string", "x-plinth-secret": true}, "l": {"type": ["string", "integer"]}, "m": {},
        });
        check(
            json!({"properties": properties, "required": ["a", "h", "k"]}),
            &[
                "a String",
                "b? Long",
                "c? Bool",
                "d? String",
                "e? Long",
                "h? String",
                "i? Set(Long)",
            ],
        );
    }

    #[test]
    fn a_field_is_required_when_each_branch_requires_it_and_left_out_when_they_disagree() {
        let branch = |ty: &str| json!({"properties": {"kind": {"const": ty}, "port": {"type": ty}, ty: {"type": "string"}}, "required": ["kind"]});
        check(
            json!({"oneOf": [branch("string"), branch("integer")]}),
            &["integer? String", "kind String", "string? String"],
        );
    }

    #[test]
    fn references_are_followed_and_circles_end() {
        check(
            json!({"$defs": {"a": {"type": "string"}}, "properties": {"x": {"$ref": "#/$defs/a"}}, "required": ["x"]}),
            &["x String"],
        );
        let circle = record(&json!({"type": "object", "properties": {"x": {"$ref": "#"}}}));
        assert!(circle.get("x").is_some());
    }
}
