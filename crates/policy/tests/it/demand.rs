//! What a draft has to have, as far as statements say so in plain comparisons.

use plinth_policy::{Decider, Question};
use serde_json::{Value, json};

use crate::product::{context, etl, policy, principal, row};

/// What creating a pipeline demands of a developer of the team `data`.
fn demands(text: &str) -> Value {
    let decider = Decider::new(etl(), [("own".to_owned(), policy(text))]);
    let (principal, row, context) = (
        principal(&["developer"], json!({"team": "data"})),
        row(json!({})),
        context(),
    );
    let question = Question {
        principal: &principal,
        action: "pipelines:create",
        row: &row,
        context: &context,
    };
    assert_eq!(
        decider.demands(&[question], |_| false),
        Ok(Vec::new()),
        "of a hidden policy"
    );
    serde_json::to_value(decider.demands(&[question], |_| true).unwrap()).unwrap()
}

/// A permit to create, with this after its scope.
fn permit(conditions: &str) -> String {
    format!("permit (principal, action == Action::\"pipelines:create\", resource) {conditions};\n")
}

fn has(property: &str, condition: &str) -> String {
    format!("when {{ resource.properties has {property} && {condition} }}")
}

fn development() -> String {
    permit(&has(
        "environment",
        "resource.properties.environment == \"development\"",
    ))
}

#[test]
fn a_comparison_with_a_text_or_an_attribute_is_a_demand() {
    assert_eq!(demands(&development()), json!([{"environment": ["development"]}]));
    let turned = permit(&has(
        "environment",
        "\"development\" == resource.properties.environment",
    ));
    assert_eq!(demands(&turned), json!([{"environment": ["development"]}]));
    let team = "when { principal.attributes has team && resource.properties has team && resource.properties.team == principal.attributes.team }";
    assert_eq!(demands(&permit(team)), json!([{"team": ["data"]}]));
    let both = permit(&format!(
        "{team} {}",
        has("environment", "resource.properties.environment == \"development\"")
    ));
    assert_eq!(
        demands(&both),
        json!([{"environment": ["development"], "team": ["data"]}])
    );
}

#[test]
fn several_values_come_from_lists_alternatives_and_statements() {
    let expected = json!([{"environment": ["development", "staging"]}]);
    let listed = "[\"staging\", \"development\"].contains(resource.properties.environment)";
    assert_eq!(demands(&permit(&has("environment", listed))), expected);
    let either =
        "(resource.properties.environment == \"staging\" || resource.properties.environment == \"development\")";
    assert_eq!(demands(&permit(&has("environment", either))), expected);
    let staging = development().replace("\"development\"", "\"staging\"");
    assert_eq!(demands(&(development() + &staging)), expected);
}

#[test]
fn statements_about_different_properties_are_alternatives_and_the_wider_one_counts() {
    let shared = permit(&has("team", "resource.properties.team == \"shared\""));
    assert_eq!(
        demands(&(development() + &shared)),
        json!([{"environment": ["development"]}, {"team": ["shared"]}])
    );
    let narrower = permit(&format!(
        "{} {}",
        has("environment", "resource.properties.environment == \"development\""),
        has("team", "resource.properties.team == \"shared\"")
    ));
    assert_eq!(
        demands(&(development() + &narrower)),
        json!([{"environment": ["development"]}])
    );
}

#[test]
fn what_is_permitted_without_regard_to_properties_demands_nothing() {
    for other in [
        permit(""),
        permit("when { resource.name like \"x*\" }"),
        permit(&has(
            "environment",
            "(resource.properties.environment == \"development\" || resource.name == \"x\")",
        )),
        permit(&has("environment", "resource.properties.environment like \"dev*\"")),
    ] {
        assert_eq!(demands(&(development() + &other)), json!([]), "{other}");
    }
}

#[test]
fn statements_that_are_not_theirs_are_not_told() {
    let secret = has("team", "resource.properties.team == \"secret\"");
    for none_of_theirs in [
        permit(&secret).replace("permit (principal,", "permit (principal in Group::\"others\","),
        permit(&secret).replace("permit (principal,", "permit (principal == User::\"user_bob\","),
        permit(&format!("when {{ principal == User::\"user_bob\" }} {secret}")),
        permit(&format!(
            "unless {{ principal.name == \"Ann\" || resource.name == \"x\" }} {secret}"
        )),
        permit(&format!("when {{ context.local.hour > 12 }} {secret}")),
        permit(&secret).replace("resource) when", "resource == Pipeline::\"pipeline_2\") when"),
        permit(
            "when { principal.attributes has squad && resource.properties has team && resource.properties.team == principal.attributes.squad }",
        ),
    ] {
        assert_eq!(
            demands(&(development() + &none_of_theirs)),
            json!([{"environment": ["development"]}]),
            "{none_of_theirs}"
        );
    }
    let by_branch = permit(&has(
        "team",
        "(resource.properties.team == \"data\" || (principal in Group::\"others\" && resource.properties.team == \"secret\"))",
    ));
    assert_eq!(demands(&by_branch), json!([]));
}

#[test]
fn a_forbid_narrows_by_what_it_excepts() {
    let forbid = "forbid (principal, action == Action::\"pipelines:create\", resource)\n\
        unless { resource.properties has environment && resource.properties.environment == \"development\" && context.local.hour < 12 };";
    let expected = json!([{"environment": ["development"]}]);
    assert_eq!(demands(&(permit("") + forbid)), expected);
    let staging = "[\"staging\", \"development\"].contains(resource.properties.environment)";
    assert_eq!(demands(&(permit(&has("environment", staging)) + forbid)), expected);
    let nothing = development().replace("\"development\"", "\"production\"");
    assert_eq!(demands(&(nothing + forbid)), json!([]));
    let of_others = forbid.replace("forbid (principal,", "forbid (principal in Group::\"others\",");
    assert_eq!(demands(&(permit("") + &of_others)), json!([]));
    let on_a_condition = forbid.replace("unless", "when { resource.name == \"x\" } unless");
    assert_eq!(demands(&(permit("") + &on_a_condition)), json!([]));
}

#[test]
fn without_a_permit_nothing_is_told() {
    assert_eq!(demands("forbid (principal, action, resource);"), json!([]));
}
