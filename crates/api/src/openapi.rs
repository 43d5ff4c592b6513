//! The OpenAPI document: what the code says, and the paths of each resource type that the product declares.
//!
//! Works on the document as a value: must not know the routes that it describes.

use plinth_model::product::Verb;
use plinth_model::{Product, ResourceType};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

const GENERIC: &str = "/v1/orgs/{org}/{plural}";

/// Operations that change something and take no `Idempotency-Key`, and why they need none. All others take one.
const WITHOUT_KEY: [(&str, &str); 21] = [
    (
        "sign_up",
        "an address can sign up once; nobody is logged in yet to whom a key could belong",
    ),
    (
        "log_in",
        "each login is a session of its own; its secret is not kept for a repeated answer",
    ),
    ("log_out", "a session ends once"),
    ("revoke_session", "a session ends once"),
    (
        "request_email_verification",
        "a second mail does no harm, and mails are limited",
    ),
    ("confirm_email_verification", "the secret of the mail is good for once"),
    (
        "request_password_reset",
        "a second mail does no harm, and mails are limited",
    ),
    ("confirm_password_reset", "the secret of the mail is good for once"),
    ("apply_product", "the same document again changes nothing"),
    ("query_metrics", "it is a question: it changes nothing"),
    ("check_policy", "it is a question: it changes nothing"),
    ("authorize", "it is a question: it changes nothing"),
    ("claim_work", "a lease that got lost on the way runs out"),
    ("claim_actions", "a question that got lost on the way runs out"),
    ("answer_action", "a question takes one answer, with a token of its own"),
    ("renew_lease", "the lease is the key: renewing twice is renewing once"),
    (
        "report_status",
        "the same status again changes nothing, and the lease shuts out others",
    ),
    ("release_lease", "a lease is released once"),
    ("finalize", "a resource is finalized once"),
    ("report_metrics", "a point of the same series and time counts once"),
    (
        "report_usage",
        "a record of the same source and id counts once, for good",
    ),
];

/// What does not depend on the product.
pub fn static_part(document: &OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        refer_to_items(schemas);
    }
    for (path, operation) in operations(&mut document) {
        if path.contains("/actions/{action}") {
            operation["responses"]["503"] = json!({"description": "No agent answered", "content": {"application/json": {"schema": reference("ProblemBody")}}});
        }
        let id = operation["operationId"].as_str().unwrap_or_default();
        if let Some((_, reason)) = WITHOUT_KEY.iter().find(|(without, _)| *without == id) {
            operation["x-no-idempotency-key"] = json!(reason);
        }
        type_problems(operation);
    }
    document
}

fn operations(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object_mut()
            .into_iter()
            .flat_map(move |item| item.values_mut().map(move |operation| (path, operation)))
    })
}

/// A generic list has its item's schema inlined: it is the one that the item's name stands for.
fn refer_to_items(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        let Some(item) = name
            .strip_prefix("List_")
            .filter(|item| schemas.contains_key(*item))
            .map(str::to_owned)
        else {
            continue;
        };
        schemas[&name]["properties"]["items"]["items"] = reference(&item);
    }
}

/// Problems go out as `application/problem+json`, whichever route they come from.
fn type_problems(operation: &mut Value) {
    for response in operation["responses"]
        .as_object_mut()
        .into_iter()
        .flat_map(|responses| responses.values_mut())
    {
        let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
            continue;
        };
        if content
            .get("application/json")
            .is_some_and(|body| body["schema"] == reference("ProblemBody"))
            && let Some(body) = content.remove("application/json")
        {
            content.insert("application/problem+json".to_owned(), body);
        }
    }
}

/// Shows the generic paths once for each type, with the type's own schemas.
pub fn with_types(document: &Value, product: &Product) -> Value {
    let mut document = document.clone();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let (generic, mut shown): (Map<_, _>, Map<_, _>) =
        paths.into_iter().partition(|(path, _)| path.starts_with(GENERIC));
    let mut schemas = document["components"]["schemas"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    for declared in &product.types {
        add_schemas(&mut schemas, declared);
        for (path, item) in &generic {
            if path.contains("/actions/") && declared.actions.is_empty() {
                continue;
            }
            let path_of_type = path.replace("{plural}", &declared.plural);
            if path.ends_with("/{verb}") {
                for verb in &declared.verbs {
                    let path_of_verb = path_of_type.replace("{verb}", &verb.name);
                    shown.insert(path_of_verb, typed(path, &doing(item, verb, declared), declared));
                }
                continue;
            }
            shown.insert(path_of_type, typed(path, item, declared));
        }
    }
    let types = product.types.iter().map(|declared| json!(declared.name));
    if let Some(kinds) = schemas
        .get_mut("EventKind")
        .and_then(|kind| kind["enum"].as_array_mut())
    {
        kinds.extend(types);
    }
    document["paths"] = Value::Object(shown);
    document["components"]["schemas"] = Value::Object(schemas);
    document
}

/// `pipeline_run` -> `PipelineRun`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        word.chars()
            .next()
            .map(|c| c.to_uppercase().chain(word.chars().skip(1)).collect::<String>())
    };
    name.split(['_', '-']).filter_map(capital).collect()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn add_schemas(schemas: &mut Map<String, Value>, declared: &ResourceType) {
    let name = pascal(&declared.name);
    embed(schemas, &declared.spec_schema, &format!("{name}Spec"));
    embed(schemas, &declared.status_schema, &format!("{name}Status"));
    let mut resource = schemas.get("Resource").cloned().unwrap_or_default();
    resource["description"] = json!(declared.description);
    resource["properties"]["spec"] = reference(&format!("{name}Spec"));
    resource["properties"]["status"] = reference(&format!("{name}Status"));
    resource["properties"]["type"] = json!({"const": declared.name});
    schemas.insert(name.clone(), resource);
    let mut list = schemas.get("List_Resource").cloned().unwrap_or_default();
    list["properties"]["items"]["items"] = reference(&name);
    schemas.insert(format!("{name}List"), list);
    for (generic, own) in [
        ("NewResource", format!("New{name}")),
        ("ReplaceResource", format!("Replace{name}")),
        ("DraftQuestion", format!("{name}Question")),
    ] {
        let mut body = schemas.get(generic).cloned().unwrap_or_default();
        body["properties"]["spec"] = reference(&format!("{name}Spec"));
        schemas.insert(own, body);
    }
}

/// A schema of its own as a component, and each of its definitions as one beside it: generators of clients follow no references
/// into a component. Its title is for forms, and would name two components the same.
fn embed(schemas: &mut Map<String, Value>, schema: &Value, name: &str) {
    let mut component = embedded(schema, name);
    if let Some(component) = component.as_object_mut() {
        component.remove("title");
        let definitions = component
            .remove("$defs")
            .and_then(|definitions| definitions.as_object().cloned())
            .unwrap_or_default();
        schemas.extend(
            definitions
                .into_iter()
                .map(|(definition, schema)| (format!("{name}{}", pascal(&definition)), schema)),
        );
    }
    schemas.insert(name.to_owned(), component);
}

fn embedded(schema: &Value, name: &str) -> Value {
    match schema {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| *key != "$schema" && *key != "$id" && *key != "discriminator")
                .map(
                    |(key, value)| match (key.as_str(), value.as_str().and_then(|text| text.strip_prefix('#'))) {
                        ("$ref", Some(pointer)) => (key.clone(), json!(target(pointer, name))),
                        _ => (key.clone(), embedded(value, name)),
                    },
                )
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| embedded(item, name)).collect()),
        other => other.clone(),
    }
}

/// Where a local reference points in the document: into the component of the definition, or of the schema itself.
fn target(pointer: &str, name: &str) -> String {
    let Some(rest) = pointer.strip_prefix("/$defs/") else {
        return format!("#/components/schemas/{name}{pointer}");
    };
    let (definition, inner) = rest
        .split_once('/')
        .map_or((rest, String::new()), |(definition, inner)| {
            (definition, format!("/{inner}"))
        });
    format!("#/components/schemas/{name}{}{inner}", pascal(definition))
}

fn typed(path: &str, item: &Value, declared: &ResourceType) -> Value {
    let name = pascal(&declared.name);
    let mut item = item.clone();
    for operation in item
        .as_object_mut()
        .into_iter()
        .flat_map(|methods| methods.values_mut())
    {
        let verb = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let suffix = if verb == "list" {
            declared.plural.replace('-', "_")
        } else {
            declared.name.clone()
        };
        operation["operationId"] = json!(format!("{verb}_{suffix}"));
        operation["tags"] = json!([declared.plural]);
        if operation["summary"].is_null() {
            operation["summary"] = json!(summary(&verb, declared));
        }
        let mut parameters = path_parameters(path, declared);
        parameters.extend(operation["parameters"].as_array().cloned().unwrap_or_default());
        parameters.extend(header_parameters(&verb));
        operation["parameters"] = Value::Array(parameters);
        retarget(operation, &name);
    }
    item
}

/// The generic path of verbs as that of one verb.
fn doing(item: &Value, verb: &Verb, declared: &ResourceType) -> Value {
    let mut item = item.clone();
    let operation = &mut item["post"];
    operation["operationId"] = json!(verb.name.replace('-', "_"));
    operation["summary"] = json!(format!("{} a {}", verb.title, declared.title.to_lowercase()));
    operation["description"] = json!(verb.description);
    item
}

fn summary(verb: &str, declared: &ResourceType) -> String {
    let (one, many) = (declared.title.to_lowercase(), declared.title_plural.to_lowercase());
    match verb {
        "list" => format!("List {many}"),
        "create" => format!("Create a {one}"),
        "get" => format!("Read a {one}"),
        "replace" => format!("Replace a {one}"),
        "patch" => format!("Change a part of a {one}"),
        "delete" => format!("Delete a {one}"),
        "undelete" => format!("Bring a deleted {one} back"),
        _ => format!("Ask about a {one}"),
    }
}

fn path_parameters(path: &str, declared: &ResourceType) -> Vec<Value> {
    let parameter = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema});
    let mut found = vec![parameter("org", "Id or slug", json!({"type": "string"}))];
    if path.contains("{key}") {
        found.push(parameter("key", "Name or id", json!({"type": "string"})));
    }
    if path.contains("{action}") {
        found.push(parameter(
            "action",
            "What to ask",
            json!({"type": "string", "enum": declared.actions}),
        ));
    }
    found
}

fn header_parameters(verb: &str) -> Vec<Value> {
    let parameter = |name: &str, description: &str| json!({"name": name, "in": "header", "required": false, "description": description, "schema": {"type": "string"}});
    match verb {
        "list" | "create" | "get" | "ask" | "ask_draft" => Vec::new(),
        _ => vec![parameter(
            "If-Match",
            "The ETag that you have seen; 412 when it has changed",
        )],
    }
}

/// Points references to the generic schemas at the type's own.
fn retarget(value: &mut Value, name: &str) {
    match value {
        Value::Object(map) => {
            if let Some(target) = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|text| text.rsplit('/').next())
            {
                let own = match target {
                    "Resource" => Some(name.to_owned()),
                    "List_Resource" => Some(format!("{name}List")),
                    "NewResource" => Some(format!("New{name}")),
                    "ReplaceResource" => Some(format!("Replace{name}")),
                    "DraftQuestion" => Some(format!("{name}Question")),
                    _ => None,
                };
                if let Some(own) = own {
                    *value = reference(&own);
                    return;
                }
            }
            map.values_mut().for_each(|inner| retarget(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| retarget(inner, name)),
        _ => {}
    }
}
