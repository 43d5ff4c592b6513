//! The easy form and the Cedar that it stands for.

use plinth_policy::{Form, Policy, compile};
use serde_json::{Value, json};

use crate::product::{etl, policy};

/// Writes a form, checks that the policy is valid and can be compiled, and reads it back.
fn written(form: &Value) -> String {
    let form: Form = serde_json::from_value(form.clone()).unwrap();
    let text = form.to_cedar(&etl());
    let policy = policy(&text);
    assert_eq!(policy.warnings(), [], "{text}");
    compile(&policy, &etl()).unwrap();
    assert_eq!(Form::of(&policy.statements()[0], &etl()), Some(form), "{text}");
    text
}

#[test]
fn forms_are_written_with_the_guards_that_they_need() {
    let contractors = json!({
        "effect": "permit",
        "subject": {"group": "contractors"},
        "actions": ["resources:view", "pipelines:pause"],
        "resource": {"properties": {"environment": "development"}},
        "when": [{"within_networks": ["203.0.113.0/24", "2001:db8::/32"]}, {"before": "2026-11-27T18:00:00Z"}],
    });
    let team = json!({
        "effect": "permit",
        "subject": {"attributes": {"level": 3}},
        "resource": {"type": "pipeline", "properties": {"team": {"principal": "team"}, "cost": 5, "production": false}},
    });
    let office = json!({
        "effect": "forbid",
        "actions": ["delete"],
        "when": [{"outside_networks": ["203.0.113.0/24"]}, {"risk_at_least": 70}, {"weekdays": ["saturday", "sunday"]}],
    });
    let one = json!({
        "effect": "permit",
        "subject": {"service_account": "sa_1"},
        "actions": ["pipelines:*"],
        "resource": {"type": "pipeline", "id": "pipeline_1"},
        "when": [{"outside_countries": ["DE"]}, {"authenticated_within_secs": 900}],
    });
    let texts = [contractors, team, office, one].map(|form| written(&form));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn what_a_form_cannot_say_is_no_form() {
    for text in [
        "permit (principal, action, resource) unless { context.risk > 70 };",
        "permit (principal, action, resource) when { context.risk > 70 };",
        "permit (principal is User, action, resource);",
        "permit (principal, action, resource in Org::\"o\");",
        "permit (principal, action, resource) when { context.risk < 70 || context.risk >= 90 };",
        "permit (principal, action, resource is Pipeline) when { resource.spec.mode == \"snapshot\" };",
        "permit (principal, action, resource) when { resource.properties has a && resource.properties has b && resource.properties.b == \"x\" };",
        "@note(\"x\") permit (principal, action, resource);",
    ] {
        let policy = Policy::parse(text, &etl()).unwrap();
        assert_eq!(Form::of(&policy.statements()[0], &etl()), None, "{text}");
    }
}
