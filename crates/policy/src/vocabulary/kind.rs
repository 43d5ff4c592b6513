//! Kinds of things that actions are done to: the built-in ones of each org, and the product's resource types.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::EntityTypeName;
use plinth_model::permission;
use plinth_model::product::{Product, ResourceType};

use super::ty::labels;
use super::{Attribute, Label, Record, Type, schema, spec};

/// A kind of thing in an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The plural that actions begin with: `pipelines`, `members`.
    pub name: String,
    /// What a row's `type` says: `pipeline` for a resource, the kind's name for the others.
    pub type_name: String,
    /// The entity type in Cedar: `Pipeline`, `Member`.
    pub entity: String,
    /// The same, as Cedar reads it.
    pub(crate) entity_type: Option<EntityTypeName>,
    /// `view`, `create`, ..., and the verbs of a resource type.
    pub actions: Vec<String>,
    /// The attributes of `resource`.
    pub attributes: Record,
    /// Whether it is a resource type of the product.
    pub is_resource: bool,
}

/// Entity types that a resource type may not take; `Resource` is put behind its name then.
const TAKEN: [&str; 15] = [
    "User",
    "ServiceAccount",
    "Role",
    "Group",
    "Action",
    "Context",
    "Properties",
    "Attributes",
    "Maker",
    "Long",
    "String",
    "Bool",
    "Boolean",
    "Set",
    "Record",
];

/// Groups that policies may name whatever the product sells.
pub(super) const GROUPS_OF_RESOURCES: [&str; 6] = [
    "resources:*",
    "resources:view",
    "resources:create",
    "resources:update",
    "resources:delete",
    "resources:undelete",
];

pub(super) fn all(product: &Product, properties: &BTreeMap<String, Label>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = permission::Kind::BUILT_IN
        .into_iter()
        .map(|kind| built_in(kind.as_str(), kind.actions(), properties))
        .collect();
    let mut taken: BTreeSet<String> = TAKEN.map(str::to_owned).into();
    taken.extend(kinds.iter().map(|kind| kind.entity.clone()));
    for declared in &product.types {
        let kind = resource(declared, properties, &taken);
        taken.insert(kind.entity.clone());
        kinds.push(kind);
    }
    kinds
}

fn built_in(name: &str, actions: &[&str], properties: &BTreeMap<String, Label>) -> Kind {
    Kind {
        name: name.to_owned(),
        type_name: name.to_owned(),
        entity: entity_of_built_in(name).to_owned(),
        entity_type: entity_of_built_in(name).parse().ok(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        attributes: attributes_of_built_in(name, properties),
        is_resource: false,
    }
}

fn entity_of_built_in(name: &str) -> &'static str {
    match name {
        "org" => "Org",
        "members" => "Member",
        "invitations" => "Invitation",
        "service-accounts" => "ServiceAccountRecord",
        "events" => "Event",
        "metrics" => "Metric",
        "usage" => "Usage",
        "bill" => "Bill",
        "policies" => "Policy",
        _ => "Token",
    }
}

/// What all kinds have. Resources alone have a `creator` and an `owner`, and not all of them.
fn base(properties: &BTreeMap<String, Label>) -> Record {
    Record::of([
        ("id", Attribute::required(Type::String)),
        ("type", Attribute::required(Type::String)),
        ("name", Attribute::optional(Type::String)),
        ("creator", Attribute::optional(Type::Principal)),
        ("owner", Attribute::optional(Type::Principal)),
        (
            "properties",
            Attribute::required(Type::Record(labels(schema::PROPERTIES, properties))),
        ),
    ])
}

fn attributes_of_built_in(name: &str, properties: &BTreeMap<String, Label>) -> Record {
    let mut record = base(properties);
    let roles = || Attribute::required(Type::Set(Box::new(Type::String)));
    match name {
        "members" => {
            record.insert("email", Attribute::optional(Type::String));
            record.insert("roles", roles());
        }
        "invitations" => {
            record.insert("email", Attribute::required(Type::String));
            record.insert("roles", roles());
        }
        "service-accounts" => record.insert("roles", roles()),
        "tokens" => record.insert("service_account", Attribute::optional(Type::String)),
        "events" | "metrics" | "usage" | "bill" => record.insert("subject", Attribute::optional(subject())),
        _ => {}
    }
    record
}

/// The resource that an event, a measured point, a usage record or a line of the bill is about.
fn subject() -> Type {
    Type::Record(Record::of([
        ("type", Attribute::required(Type::String)),
        ("id", Attribute::required(Type::String)),
        ("name", Attribute::optional(Type::String)),
    ]))
}

fn resource(declared: &ResourceType, properties: &BTreeMap<String, Label>, taken: &BTreeSet<String>) -> Kind {
    let mut attributes = base(properties);
    attributes.insert("name", Attribute::required(Type::String));
    attributes.insert(
        "spec",
        Attribute::required(Type::Record(spec::record(&declared.spec_schema))),
    );
    let built_in = permission::Kind::Resources("")
        .actions()
        .iter()
        .map(|action| (*action).to_owned());
    let entity = free(pascal_case(&declared.name), taken);
    Kind {
        name: declared.plural.clone(),
        type_name: declared.name.clone(),
        entity_type: entity.parse().ok(),
        entity,
        actions: built_in
            .chain(declared.verbs.iter().map(|verb| verb.name.clone()))
            .collect(),
        attributes,
        is_resource: true,
    }
}

fn free(mut entity: String, taken: &BTreeSet<String>) -> String {
    while taken.contains(&entity) {
        entity.push_str("Resource");
    }
    entity
}

/// `gpu-job` as `GpuJob`. A name that begins with a digit, which no identifier may, gets a `T` in front.
fn pascal_case(name: &str) -> String {
    let mut pascal = String::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = part.chars();
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.push_str(letters.as_str());
    }
    if !pascal.starts_with(|first: char| first.is_ascii_alphabetic()) {
        pascal.insert(0, 'T');
    }
    pascal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_an_entity_type_of_its_own() {
        let taken: BTreeSet<String> = TAKEN.map(str::to_owned).into();
        for (name, entity) in [
            ("pipeline", "Pipeline"),
            ("gpu-job", "GpuJob"),
            ("gpu_job", "GpuJob"),
            ("2d-map", "T2dMap"),
            ("user", "UserResource"),
            ("", "T"),
        ] {
            assert_eq!(free(pascal_case(name), &taken), entity);
        }
    }
}
