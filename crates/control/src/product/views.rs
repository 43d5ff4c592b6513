//! How SQL clients see the resource types: as views with a column for each field that the vocabulary of policies knows.

use std::collections::BTreeSet;
use std::sync::Arc;

use plinth_policy::vocabulary::{Record, Type};
use plinth_store::product::{Column, View};

use super::{Catalog, TypeRules};

/// PostgreSQL cuts longer names off.
const LONGEST_NAME_BYTES: usize = 63;
const MOST_COLUMNS: usize = 500;

pub fn of(catalog: &Catalog) -> Vec<View> {
    let view = |rules: &Arc<TypeRules>| {
        let declared = &rules.declaration;
        let spec = catalog.vocabulary.kind(&declared.plural);
        let spec = spec.and_then(|kind| kind.attributes.get("spec"));
        let mut columns = Vec::new();
        if let Some(Type::Record(fields)) = spec.map(|spec| &spec.ty) {
            flatten(fields, &mut Vec::new(), &mut columns);
        }
        let mut seen = BTreeSet::new();
        columns.retain(|column| column.name.len() <= LONGEST_NAME_BYTES && seen.insert(column.name.clone()));
        columns.truncate(MOST_COLUMNS);
        View {
            name: declared.name.clone(),
            plural: declared.plural.clone(),
            columns,
        }
    };
    catalog.types().map(view).collect()
}

/// Fields of an object become columns of their own: `spec_source_connection`.
fn flatten(record: &Record, path: &mut Vec<String>, columns: &mut Vec<Column>) {
    for (name, attribute) in record.fields() {
        path.push(name.to_owned());
        let sql_type = match &attribute.ty {
            Type::Bool => "boolean",
            Type::Long => "numeric",
            Type::String => "text",
            Type::Record(fields) if !fields.is_open() => {
                flatten(fields, path, columns);
                path.pop();
                continue;
            }
            _ => "jsonb",
        };
        columns.push(Column {
            name: format!("spec_{}", path.join("_")),
            path: path.clone(),
            sql_type,
        });
        path.pop();
    }
}
