//! Decisions in words.

use plinth_policy::{Decider, Explanation, Question, explain};
use serde_json::{Value, json};

use crate::product::{context, etl, policy, principal, row};

fn ask(action: &str, attributes: Value, properties: Value) -> Explanation {
    ask_shown(action, attributes, properties, |_| true)
}

fn ask_shown(action: &str, attributes: Value, properties: Value, is_shown: fn(&str) -> bool) -> Explanation {
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
        is_shown,
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
fn a_policy_that_is_hidden_is_not_named_and_neither_is_what_it_says() {
    let team = json!({"team": "data"});
    let production = json!({"team": "data", "production": true});
    let nothing = |_: &str| false;
    let refused = ask_shown("pipelines:delete", team.clone(), production, nothing);
    assert_eq!(
        refused.summary,
        "Ann may not do `pipelines:delete` to `orders`: forbidden by a policy that you may not see"
    );
    assert!(refused.statements.is_empty() && refused.decision.deciding.is_empty());
    let team_alone = |name: &str| name == "team";
    let unpermitted = ask_shown("pipelines:view", json!({}), team, team_alone);
    assert_eq!(
        unpermitted.summary,
        "Ann may not do `pipelines:view` to `orders`: no policy permits it"
    );
    assert_eq!(unpermitted.statements.len(), 1);
    assert!(unpermitted.decision.errors.is_empty());
}

/// What a statement says in words.
fn says(text: &str) -> String {
    let decider = Decider::new(etl(), [("own".to_owned(), policy(text))]);
    let (principal, row, context) = (principal(&["admin"], json!({})), row(json!({})), context());
    let question = Question {
        principal: &principal,
        action: "pipelines:view",
        row: &row,
        context: &context,
    };
    let explanation = explain(&decider, question, |_| true).unwrap();
    explanation.statements[0].says.clone()
}

#[test]
fn a_statement_is_said_in_plain_words_with_its_conditions_as_they_are_written() {
    assert_eq!(
        says("permit (principal, action, resource);"),
        "permits everybody to do everything"
    );
    assert_eq!(
        says(
            "permit (principal in Role::\"admin\", action in [Action::\"pipelines:view\", Action::\"pipelines:pause\"], resource is Pipeline)\n  when { context.risk <  10 // low\n && true }\nunless { principal.name == \"}\" };"
        ),
        "permits the role `admin` to do `pipelines:view` and `pipelines:pause` to each Pipeline, when `context.risk < 10 && true` and unless `principal.name == \"}\"`"
    );
    assert_eq!(
        says(
            "permit (principal is User, action == Action::\"pipelines:view\", resource in Org::\"org_1\") when { context.risk < 0 };"
        ),
        "permits each user to do `pipelines:view` to all that is in the org `org_1`, when `context.risk < 0`"
    );
    let long = format!(
        "permit (principal, action, resource) when {{ {} }};",
        vec!["context.risk < 1"; 40].join(" && ")
    );
    assert!(says(&long).ends_with(" ..`"));
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
