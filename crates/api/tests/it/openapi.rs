//! The OpenAPI document: complete, consistent in itself, and the one that is checked in.

use std::collections::BTreeMap;
use std::path::Path;

use plinth_testkit::app;
use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document of the ETL product, as the code makes it.
pub fn document() -> Value {
    let product = serde_json::from_value(app::etl_product()).unwrap();
    plinth_api::document(&product)
}

/// `METHOD /path` of each operation, with the operation.
pub fn operations(document: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "`{method}` of `{path}` is a method");
            found.insert(format!("{} {path}", method.to_uppercase()), operation.clone());
        }
    }
    found
}

fn is_told(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn the_document_is_openapi_3_1_and_each_operation_is_described() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut seen = BTreeMap::new();
    for (route, operation) in operations(&document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("`{route}` has no operationId"));
        assert!(
            id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "`{id}` is snake_case"
        );
        if let Some(other) = seen.insert(id.to_owned(), route.clone()) {
            panic!("`{route}` and `{other}` are both `{id}`");
        }
        assert!(
            operation["tags"].as_array().is_some_and(|tags| tags.len() == 1),
            "`{route}` has one tag"
        );
        assert!(
            is_told(&operation["summary"]) || is_told(&operation["description"]),
            "`{route}` says what it does"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "`{route}` can succeed"
        );
        for (status, response) in responses {
            assert!(
                is_told(&response["description"]),
                "`{status}` of `{route}` is described"
            );
        }
    }
}

#[test]
fn each_parameter_of_a_path_is_declared_and_described() {
    let document = document();
    for (route, operation) in operations(&document) {
        let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = |name: &str| declared.iter().find(|one| one["in"] == "path" && one["name"] == name);
        let names: Vec<&str> = route
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect();
        for name in &names {
            let parameter = in_path(name).unwrap_or_else(|| panic!("`{name}` of `{route}` is not declared"));
            assert!(is_told(&parameter["description"]), "`{name}` of `{route}` is described");
            assert_eq!(parameter["required"], true, "`{name}` of `{route}`");
        }
        let count = declared.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(count, names.len(), "`{route}` declares what is in its path, once");
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn each_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{} references", found.len());
    for reference in found {
        let pointer = reference
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("`{reference}` is in the document"));
        assert!(document.pointer(pointer).is_some(), "`{reference}` leads nowhere");
    }
}

#[test]
fn refusals_are_problems_and_public_routes_say_that_they_are() {
    let document = document();
    for (route, operation) in operations(&document) {
        let refused = &operation["responses"]["4XX"]["content"];
        if !refused.is_null() {
            let schema = refused.as_object().unwrap().values().next().unwrap();
            assert_eq!(schema["schema"]["$ref"], "#/components/schemas/ProblemBody", "{route}");
        }
        let is_public = operation["security"]
            .as_array()
            .is_some_and(|needs| needs.iter().all(|need| need == &serde_json::json!({})));
        assert!(
            is_public || !refused.is_null(),
            "`{route}` needs a login and does not say what a refusal looks like"
        );
    }
}

#[test]
fn the_document_that_is_checked_in_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/plinth.json");
    let checked_in = std::fs::read_to_string(path).unwrap();
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    assert!(
        made == checked_in,
        "`openapi/plinth.json` has drifted: run `cargo x openapi` and review the difference"
    );
}

#[tokio::test]
async fn a_server_shows_the_document_of_its_own_product() {
    let app = app::start().await;
    let shown = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(shown, document());
}
