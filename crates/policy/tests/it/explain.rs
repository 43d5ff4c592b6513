//! Decisions in words.

use plinth_policy::{Decider, Explanation, Question, explain};
use serde_json::{Value, json};

use crate::product::{context, etl, policy, principal, row};

fn ask(action: &str, attributes: Value, properties: Value) -> Explanation {
    let policies = [
        (
            "team".to_owned(),
            policy(
                "permit (principal, action in Action::\"resources:*\", resource)
             when { resource.properties has team && principal.attributes has team }
             when { resource.properties.team == principal.attributes.team };",
            ),
        ),
        (
            "production".to_owned(),
            policy(
                "forbid (principal, action == Action::\"pipelines:delete\", resource is Pipeline)
             when { resource.properties has production && resource.properties.production };",
            ),
        ),
        (
            "broken".to_owned(),
            policy("permit (principal, action, resource) when { context.risk + 9223372036854775807 == 0 };"),
        ),
    ];
    let decider = Decider::new(etl(), policies);
    let (principal, row, context) = (principal(&["developer"], attributes), row(properties), context());
    explain(
        &decider,
        Question {
            principal: &principal,
            action,
            row: &row,
            context: &context,
        },
    )
    .unwrap()
}

#[test]
fn the_policies_that_decided_are_named_with_what_they_looked_at() {
    let team = json!({"team": "data"});
    insta::assert_json_snapshot!([
        ask("pipelines:view", team.clone(), team.clone()),
        ask(
            "pipelines:delete",
            team.clone(),
            json!({"team": "data", "production": true})
        ),
        ask("pipelines:view", json!({}), team),
    ]);
}

#[test]
fn an_unknown_action_and_a_principal_without_identity_are_errors() {
    let decider = Decider::new(etl(), []);
    let (someone, row, context) = (principal(&[], json!({})), row(json!({})), context());
    let nobody = json!({"id": "x"});
    for (principal, action, expected) in [
        (&someone, "pipelines:fly", "`pipelines:fly` is not an action"),
        (&nobody, "pipelines:view", "the principal needs a `uid`"),
    ] {
        let question = Question {
            principal,
            action,
            row: &row,
            context: &context,
        };
        let error = decider.decide(question).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
