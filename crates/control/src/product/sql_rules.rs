//! What the database knows of a type, to check what is written by SQL as the API would.

use plinth_store::product::{Column, SqlType};
use serde::Serialize;
use serde_json::Value;

use super::TypeRules;
use crate::schema::{Mark, portable};

/// As the functions of migrations/cell/V13__sql_writes.sql in crates/store read it.
#[derive(Debug, Serialize)]
struct Rules<'a> {
    plural: &'a str,
    schema: Value,
    /// Fields on the way; null stands for each item of an array.
    secrets: Vec<Vec<Option<&'a str>>>,
    immutable: Vec<Vec<Option<&'a str>>>,
    references: Vec<Reference<'a>>,
    /// Meters that count each creation.
    meters: &'a [String],
    /// `{plan: limit}`
    quotas: &'a Value,
    first_status: &'a Value,
    columns: &'a [Column],
}

#[derive(Debug, Serialize)]
struct Reference<'a> {
    path: Vec<Option<&'a str>>,
    #[serde(rename = "type")]
    type_name: &'a str,
}

/// The rules of a type whose view has these columns.
pub fn of<'a>(rules: &'a TypeRules, columns: &'a [Column]) -> SqlType {
    let (schema, unportable) = match portable(&rules.declaration.spec_schema) {
        Ok(schema) => (schema, None),
        Err(what) => (Value::Bool(false), Some(what)),
    };
    let paths = |marks: &'a [Mark]| marks.iter().map(|mark| mark.path.steps()).collect();
    let reference = |mark: &'a Mark| {
        Some(Reference {
            path: mark.path.steps(),
            type_name: mark.value.as_str()?,
        })
    };
    let written = Rules {
        plural: &rules.declaration.plural,
        schema,
        secrets: paths(&rules.secrets),
        immutable: paths(&rules.immutable),
        references: rules.references.iter().filter_map(reference).collect(),
        meters: &rules.created_meters,
        quotas: &rules.quotas,
        first_status: &rules.first_status,
        columns,
    };
    SqlType {
        name: rules.declaration.name.clone(),
        rules: serde_json::to_value(written).unwrap_or_default(),
        unportable,
    }
}
