//! One resource type with everything that its declaration implies, compiled once for all requests.

use jsonschema::Validator;
use plinth_model::product::MeterSource;
use plinth_model::{Product, ResourceType};
use serde_json::{Value, json};

use crate::error::FieldError;
use crate::schema::{self, Mark};

/// A resource type, ready for use.
#[derive(Debug)]
pub struct TypeRules {
    pub declaration: ResourceType,
    pub(crate) revision: i64,
    pub(crate) spec: Validator,
    pub(crate) status: Validator,
    /// What a resource shows until its reconciler reports: the `default` of the status schema.
    pub(crate) first_status: Value,
    pub(crate) secrets: Vec<Mark>,
    pub(crate) immutable: Vec<Mark>,
    pub(crate) references: Vec<Mark>,
    /// Meters that count each creation.
    pub(crate) created_meters: Vec<String>,
    /// `{plan: limit}` on live resources of the type.
    pub(crate) quotas: Value,
}

impl TypeRules {
    pub(super) fn compile(
        revision: i64,
        product: &Product,
        declaration: &ResourceType,
    ) -> std::result::Result<Self, Vec<FieldError>> {
        let spec = schema::compile(&declaration.spec_schema).map_err(|error| vec![error.below("/spec_schema")])?;
        let status =
            schema::compile(&declaration.status_schema).map_err(|error| vec![error.below("/status_schema")])?;
        let mark = |keyword| schema::marked(&declaration.spec_schema, keyword);
        Ok(Self {
            revision,
            spec,
            first_status: first_status(&status, declaration)?,
            status,
            secrets: mark("x-plinth-secret"),
            immutable: mark("x-plinth-immutable"),
            references: mark("x-plinth-reference"),
            created_meters: created_meters(product, &declaration.name),
            quotas: quotas(product, &declaration.plural),
            declaration: declaration.clone(),
        })
    }

    /// JSON pointers into a spec of the secrets in it.
    pub(crate) fn secret_pointers(&self, spec: &Value) -> Vec<String> {
        self.secrets.iter().flat_map(|mark| mark.path.pointers(spec)).collect()
    }
}

/// The `default` of the status schema, which must be a status; an empty object when there is none.
fn first_status(schema: &Validator, declaration: &ResourceType) -> std::result::Result<Value, Vec<FieldError>> {
    let Some(first) = declaration.status_schema.get("default") else {
        return Ok(json!({}));
    };
    let errors = schema::errors(schema, first, "/status_schema/default", &[]);
    if errors.is_empty() {
        Ok(first.clone())
    } else {
        Err(errors)
    }
}

fn created_meters(product: &Product, type_name: &str) -> Vec<String> {
    let counts = |source: &MeterSource| matches!(source, MeterSource::Event { type_name: of, operation } if of == type_name && operation == "create");
    product
        .meters
        .iter()
        .filter(|meter| counts(&meter.source))
        .map(|meter| meter.name.clone())
        .collect()
}

fn quotas(product: &Product, plural: &str) -> Value {
    let limits = product.plans.iter().filter_map(|plan| {
        let limit = plan.get("quotas")?.get(plural)?.as_i64()?;
        Some((plan.get("name")?.as_str()?.to_owned(), json!(limit)))
    });
    Value::Object(limits.collect())
}
