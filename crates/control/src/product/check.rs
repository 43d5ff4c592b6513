//! What makes a product document wrong, beyond the shape of its JSON.

use std::collections::HashSet;

use plinth_model::permission::Kind;
use plinth_model::product::SQL_LOGINS;
use plinth_model::{Name, Product};
use plinth_store::resource::Stored;

use super::rules::TypeRules;
use crate::error::{FieldError, Offender};
use crate::{pointer, schema};

/// Path segments below an org, views of SQL access and quotas that are not of resource types.
const RESERVED: [&str; 18] = [
    "actions",
    "authorize",
    "bill",
    "bill-lines",
    "events",
    "invitations",
    "invoices",
    "members",
    "metrics",
    "permissions",
    "policies",
    "refusals",
    "resources",
    "roles",
    "service-accounts",
    "signals",
    SQL_LOGINS,
    "usage",
];

/// Names that are malformed, taken twice or reserved.
pub fn names(product: &Product) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for (at, declared) in product.types.iter().enumerate() {
        let snake = |text: &str| {
            (1..=32).contains(&text.len())
                && text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        if !snake(&declared.name)
            || [
                "org",
                "member",
                "invitation",
                "service_account",
                "token",
                "policy",
                "user",
                "sa",
                "inv",
                "tok",
                "sql",
                "sql_login",
            ]
            .contains(&declared.name.as_str())
        {
            let message = "must be 1 to 32 lower-case letters and `_`, and not the name of a built-in thing";
            errors.push(FieldError::new(format!("/types/{at}/name"), message));
        }
        if declared.plural.parse::<Name>().is_err() || RESERVED.contains(&declared.plural.as_str()) {
            errors.push(FieldError::new(
                format!("/types/{at}/plural"),
                "must be a name that is not reserved",
            ));
        }
        if !seen.insert(declared.name.clone()) || !seen.insert(format!("/{}", declared.plural)) {
            errors.push(FieldError::new(format!("/types/{at}/name"), "stands here twice"));
        }
    }
    for (at, dashboard) in product.dashboards.iter().enumerate() {
        if product.type_named(&dashboard.type_name).is_none() {
            let message = format!("`{}` is not one of the types", dashboard.type_name);
            errors.push(FieldError::new(format!("/dashboards/{at}/type"), message));
        }
    }
    errors.extend(meters(product));
    errors
}

fn meters(product: &Product) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for (at, meter) in product.meters.iter().enumerate() {
        if !seen.insert(&meter.name) {
            errors.push(FieldError::new(format!("/meters/{at}/name"), "stands here twice"));
        }
        if let plinth_model::product::MeterSource::Event { type_name, operation } = &meter.source
            && (product.type_named(type_name).is_none() || operation != "create")
        {
            let message = "must name one of the types and the operation `create`";
            errors.push(FieldError::new(format!("/meters/{at}/source/event"), message));
        }
    }
    errors
}

/// Marks that cannot work.
pub fn marks(product: &Product, rules: &TypeRules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for mark in rules.secrets.iter().chain(&rules.immutable) {
        if mark.path.is_in_array() {
            let message = "`x-plinth-secret` and `x-plinth-immutable` cannot stand inside an array, whose items have no lasting place";
            errors.push(FieldError::new("/spec_schema", message));
        }
    }
    errors.extend(verbs(rules));
    for mark in &rules.references {
        let target = mark.value.as_str().unwrap_or_default();
        if product.type_named(target).is_none() {
            let message = format!("`x-plinth-reference: {target}` names none of the types");
            errors.push(FieldError::new("/spec_schema", message));
        }
    }
    errors
}

/// What has a path or an operation of its own already.
const RESERVED_VERBS: [&str; 7] = ["actions", "ask", "get", "list", "patch", "replace", "verb"];

/// Verbs that would be mistaken for something else, or could never be carried out.
fn verbs(rules: &TypeRules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for (at, verb) in rules.declaration.verbs.iter().enumerate() {
        let built_in = Kind::Resources("").actions().contains(&verb.name.as_str());
        let built_in = built_in || RESERVED_VERBS.contains(&verb.name.as_str());
        if verb.name.parse::<Name>().is_err() || built_in {
            let message = "must be a name that is not a built-in action";
            errors.push(FieldError::new(format!("/verbs/{at}/name"), message));
        }
        if !seen.insert(&verb.name) {
            errors.push(FieldError::new(format!("/verbs/{at}/name"), "stands here twice"));
        }
        if verb.set.spec.is_empty() {
            let message = "must set at least one field";
            errors.push(FieldError::new(format!("/verbs/{at}/set/spec"), message));
        }
        let set = serde_json::Value::Object(verb.set.spec.clone());
        for mark in rules.secrets.iter().chain(&rules.immutable) {
            for pointer in mark.path.pointers(&set) {
                let message = "is secret or immutable: a verb cannot set it";
                errors.push(FieldError::new(format!("/verbs/{at}/set/spec{pointer}"), message));
            }
        }
    }
    errors
}

/// The resource with what is wrong with it under the new rules; `None` when it fits.
pub fn offender(rules: Option<&TypeRules>, stored: &Stored) -> Option<Offender> {
    let resource = &stored.resource;
    let errors = match rules {
        None => vec![FieldError::new("", "its type would be gone")],
        Some(rules) => {
            // A secret that is set is not readable here: what is said about its place does not count.
            let sealed: Vec<&String> = stored.sealed.keys().collect();
            let mut errors = schema::errors(&rules.spec, &with_placeholders(&resource.spec, &sealed), "/spec", &[]);
            errors.retain(|error| !sealed.iter().any(|pointer| error.pointer == format!("/spec{pointer}")));
            errors
        }
    };
    let found = Offender {
        org: Some(resource.org.to_string()),
        org_slug: None,
        type_name: resource.type_name.clone(),
        id: resource.id.text(&resource.type_name),
        name: resource.name.clone(),
        errors,
    };
    (!found.errors.is_empty()).then_some(found)
}

fn with_placeholders(spec: &serde_json::Value, sealed: &[&String]) -> serde_json::Value {
    let mut spec = spec.clone();
    for pointer in sealed {
        pointer::put(&mut spec, pointer, serde_json::Value::String("placeholder".to_owned()));
    }
    spec
}
