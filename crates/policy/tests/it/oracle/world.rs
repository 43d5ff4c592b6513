//! Random products and labels, and the paths that policies can read of them.

use std::collections::BTreeMap;

use plinth_model::product::{Product, ResourceType};
use plinth_policy::Vocabulary;
use plinth_policy::vocabulary::{Label, Labels, PrincipalKind, Record, Type};
use serde_json::{Map, Value, json};

use super::tape::Tape;

/// Names of fields and labels: plain ones, words of `jsonpath`, and what has to be quoted.
pub const NAMES: &[&str] = &[
    "team",
    "env",
    "size",
    "type",
    "exists",
    "is",
    "unknown",
    "cost-center",
    "a.b",
    "Größe",
    "with space",
    "strict",
    "null",
    "last",
    "true",
    "flag",
    "q\"\\uote",
    "x0",
];

/// What is at a path below `principal`, `resource` or `context`.
#[derive(Debug, Clone)]
pub struct Field {
    pub root: &'static str,
    /// Each step, and whether it must be asked for.
    pub steps: Vec<(String, bool)>,
    pub ty: Type,
}

#[derive(Debug)]
pub struct World {
    pub vocabulary: Vocabulary,
}

impl World {
    pub fn new(tape: &mut Tape<'_>) -> Self {
        let types = [
            ("pipeline", "pipelines", vec!["pause"]),
            ("gpu-job", "gpu-jobs", vec![]),
        ];
        let product = Product {
            types: types
                .into_iter()
                .map(|(name, plural, verbs)| resource_type(name, plural, &verbs, spec(tape)))
                .collect(),
            ..Product::default()
        };
        let labels = Labels {
            properties: declared(tape),
            attributes: declared(tape),
        };
        Self {
            vocabulary: Vocabulary::new(&product, &labels),
        }
    }

    /// What a policy about this kind may read; what all kinds have when there is none.
    pub fn fields(&self, kind: Option<&str>, principal: Option<PrincipalKind>) -> Vec<Field> {
        let kind_record = kind.map(|kind| &self.vocabulary.kind(kind).unwrap().attributes);
        let mut fields = Vec::new();
        let principal_kind = principal.unwrap_or(PrincipalKind::ServiceAccount);
        collect(
            "principal",
            self.vocabulary.principal(principal_kind),
            &mut Vec::new(),
            &mut fields,
        );
        collect("context", self.vocabulary.context(), &mut Vec::new(), &mut fields);
        let org = &self.vocabulary.kind("org").unwrap().attributes;
        collect("resource", kind_record.unwrap_or(org), &mut Vec::new(), &mut fields);
        fields
    }
}

fn collect(root: &'static str, record: &Record, steps: &mut Vec<(String, bool)>, fields: &mut Vec<Field>) {
    let others = NAMES
        .iter()
        .filter(|name| record.is_open() && record.fields().all(|(known, _)| known != **name));
    let others = others.map(|name| ((*name).to_owned(), Type::String, true));
    let declared = record
        .fields()
        .map(|(name, attribute)| (name.to_owned(), attribute.ty.clone(), !attribute.required));
    for (name, ty, optional) in declared.chain(others) {
        steps.push((name, optional));
        if let Type::Record(inner) = &ty {
            collect(root, inner, steps, fields);
        }
        fields.push(Field {
            root,
            steps: steps.clone(),
            ty,
        });
        steps.pop();
    }
}

fn declared(tape: &mut Tape<'_>) -> BTreeMap<String, Label> {
    let labels = [Label::String, Label::Long, Label::Bool];
    let names = tape.some(NAMES, 20);
    names
        .into_iter()
        .map(|name| (name.to_owned(), *tape.pick(&labels)))
        .collect()
}

fn spec(tape: &mut Tape<'_>) -> Value {
    let mut schema = object(tape, 2);
    if tape.chance(30) {
        schema["oneOf"] = json!([object(tape, 1), object(tape, 1)]);
    }
    schema
}

fn object(tape: &mut Tape<'_>, depth: usize) -> Value {
    let mut properties = Map::new();
    for name in tape.some(NAMES, 30) {
        properties.insert(name.to_owned(), field(tape, depth));
    }
    let names: Vec<String> = properties.keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": tape.some(&names, 50)})
}

fn field(tape: &mut Tape<'_>, depth: usize) -> Value {
    match tape.below(7) {
        0 => json!({"type": "string"}),
        1 => json!({"type": "integer"}),
        2 => json!({"type": "boolean"}),
        3 => json!({"type": "array", "items": {"type": "string"}}),
        4 => json!({"type": "array", "items": {"type": "integer"}}),
        5 => json!({"type": "array", "items": {"type": "boolean"}}),
        _ if depth > 0 => object(tape, depth - 1),
        _ => json!({"type": "number"}),
    }
}

fn resource_type(name: &str, plural: &str, verbs: &[&str], spec: Value) -> ResourceType {
    let verbs: Vec<Value> = verbs
        .iter()
        .map(|verb| json!({"name": verb, "title": verb, "set": {"spec": {}}}))
        .collect();
    let declared = json!({
        "name": name, "plural": plural, "title": name, "title_plural": plural, "verbs": verbs, "spec_schema": spec,
    });
    serde_json::from_value(declared).unwrap()
}
