//! Captured rows as the API shows their subjects elsewhere: ids as text, times in UTC with a `Z`, a resource in the very
//! shape of its own path.

use jiff::Timestamp;
use plinth_model::event::{BUILT_IN_KINDS, subject_prefix};
use plinth_model::id::{Id, OrgId};
use plinth_model::resource::Properties;
use plinth_model::{Actor, Resource};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::route::wire::ResourceWire;

pub fn presented(kind: &str, row: &Value) -> Value {
    if BUILT_IN_KINDS.contains(&kind) {
        return columns(kind, row);
    }
    // A row that somebody with SQL has written may be none that the API would have made.
    match Row::deserialize(row) {
        Ok(row) => json!(ResourceWire::from(Resource::from(row))),
        Err(_) => columns(kind, row),
    }
}

/// A row of `resources` as the trigger captures it.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    org_id: Uuid,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    properties: Properties,
    owner: Option<String>,
    spec: Value,
    status: Value,
    secrets_set: Vec<String>,
    generation: i64,
    observed_generation: i64,
    version: i64,
    created_by: Actor,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    finalized_at: Option<Timestamp>,
}

impl From<Row> for Resource {
    fn from(row: Row) -> Self {
        Self {
            id: Id(row.id),
            org: OrgId(row.org_id),
            type_name: row.type_name,
            name: row.name,
            properties: row.properties,
            owner: row.owner,
            spec: row.spec,
            status: row.status,
            secrets_set: row.secrets_set,
            generation: row.generation,
            observed_generation: row.observed_generation,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            finalized_at: row.finalized_at,
        }
    }
}

fn columns(kind: &str, row: &Value) -> Value {
    let Value::Object(row) = row else { return row.clone() };
    let shown = row.iter().map(|(column, value)| {
        let (column, text) = (column.as_str(), value.as_str().unwrap_or_default());
        let id = |prefix| {
            text.parse()
                .map_or_else(|_| value.clone(), |id| json!(Id(id).text(prefix)))
        };
        let (name, shown) = match column {
            "org_id" if kind == "org" => ("id", id("org")),
            "org_id" => ("org", id("org")),
            "user_id" => (column, id("user")),
            "service_account_id" => (column, id("sa")),
            "id" => (column, id(subject_prefix(kind))),
            _ if column.ends_with("_at") => (column, time(value, text)),
            _ => (column, value.clone()),
        };
        (name.to_owned(), shown)
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

fn time(value: &Value, text: &str) -> Value {
    text.parse::<Timestamp>()
        .map_or_else(|_| value.clone(), |at| json!(at.to_string()))
}
