//! What a builder sells: the product folder as one document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::object::{self, Object};

/// What a quota of SQL logins goes by, beside the plurals of resource types.
pub const SQL_LOGINS: &str = "sql-logins";

/// The product folder, parsed. Plans are kept as the rating engine's own document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    #[serde(deserialize_with = "object::one")]
    pub product: Presentation,
    #[serde(default, deserialize_with = "object::list")]
    pub types: Vec<ResourceType>,
    #[serde(default, deserialize_with = "object::list")]
    pub meters: Vec<Meter>,
    #[serde(default)]
    pub plans: Vec<Value>,
    #[serde(default, deserialize_with = "object::list")]
    pub dashboards: Vec<Dashboard>,
    /// What each role may do, in every org. A role that is not here is the standard one.
    #[serde(default, deserialize_with = "object::list", skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RolePolicy>,
}

/// What members with a role may do, as Cedar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePolicy {
    pub name: String,
    pub policy: String,
}

/// What people see of the product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presentation {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_svg: Option<String>,
    /// Entries of the console's menu, in order.
    #[serde(default)]
    pub menu: Vec<Value>,
    /// The plan that a new org gets; the first one when unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_plan: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceType {
    pub name: String,
    pub plural: String,
    pub title: String,
    pub title_plural: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub icon: String,
    /// Whether a reconciler brings resources of this type about, and has to finish before a deleted one is gone.
    #[serde(default)]
    pub reconciled: bool,
    /// Changes that have a name, a path and a permission of their own, beside update.
    #[serde(default, deserialize_with = "object::list")]
    pub verbs: Vec<Verb>,
    /// What an agent does on request and answers at once: `check`, `discover`.
    #[serde(default)]
    pub actions: Vec<String>,
    /// JSON Schema 2020-12 of the desired state. `x-plinth-secret`, `x-plinth-immutable` and `x-plinth-reference`
    /// mark fields.
    pub spec_schema: Value,
    #[serde(default = "any_object")]
    pub status_schema: Value,
}

/// A change of a resource under its own name: whoever may `pipelines:pause` need not be allowed to `pipelines:update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verb {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(deserialize_with = "object::one")]
    pub set: VerbChange,
}

/// What a verb makes of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbChange {
    /// A JSON Merge Patch (RFC 7396) over the resource's spec.
    pub spec: Map<String, Value>,
}

fn any_object() -> Value {
    serde_json::json!({"type": "object"})
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    pub name: String,
    pub title: String,
    pub unit: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub aggregation: Aggregation,
    #[serde(default)]
    pub source: MeterSource,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    #[default]
    Sum,
}

/// Where a meter's records come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "MeterSourceDocument")]
pub enum MeterSource {
    /// The data plane, or anybody with the right, reports them.
    #[default]
    Reported,
    /// One record of quantity 1 with each such change, in the change's own transaction.
    Event {
        #[serde(rename = "type")]
        type_name: String,
        operation: String,
    },
}

/// As it is written.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum MeterSourceDocument {
    Reported,
    Event(Object<MeteredEvent>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeteredEvent {
    #[serde(rename = "type")]
    type_name: String,
    operation: String,
}

impl From<MeterSourceDocument> for MeterSource {
    fn from(document: MeterSourceDocument) -> Self {
        match document {
            MeterSourceDocument::Reported => Self::Reported,
            MeterSourceDocument::Event(Object(MeteredEvent { type_name, operation })) => {
                Self::Event { type_name, operation }
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    pub name: String,
    pub title: String,
    #[serde(rename = "type")]
    pub type_name: String,
    pub charts: Vec<Value>,
}

impl ResourceType {
    pub fn verb(&self, name: &str) -> Option<&Verb> {
        self.verbs.iter().find(|verb| verb.name == name)
    }
}

impl Product {
    pub fn type_named(&self, name: &str) -> Option<&ResourceType> {
        self.types.iter().find(|candidate| candidate.name == name)
    }

    pub fn type_by_plural(&self, plural: &str) -> Option<&ResourceType> {
        self.types.iter().find(|candidate| candidate.plural == plural)
    }
}
