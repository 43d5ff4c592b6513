//! What somebody gains by becoming what they were not.

use plinth_policy::{Decider, Question};
use serde_json::{Value, json};

use crate::product::{context, etl, policy, principal, row};

const PERMIT: &str = "permit (principal, action == Action::\"pipelines:delete\", resource)";

/// Roles and attributes.
type Standing<'a> = (&'a [&'a str], Value);

fn check(text: &str, before: Option<Standing<'_>>, after: Standing<'_>, expected: bool) {
    let decider = Decider::new(etl(), [("own".to_owned(), policy(text))]);
    let (row, context) = (row(json!({})), context());
    let view = |(roles, attributes): &Standing<'_>| principal(roles, attributes.clone());
    let (was, is) = (before.as_ref().map(view), view(&after));
    let question = |principal| Question {
        principal,
        action: "pipelines:delete",
        row: &row,
        context: &context,
    };
    let gains = decider.gains(was.as_ref().map(question), question(&is));
    assert_eq!(gains, Ok(expected), "{text} {before:?} {after:?}");
}

#[test]
fn a_role_that_permits_more_is_a_gain_whatever_the_circumstances_are_now() {
    let none: &[&str] = &[];
    let permit = PERMIT.replace("principal,", "principal in Role::\"admin\",") + " when { context.risk > 50 };";
    check(&permit, Some((none, json!({}))), (&["admin"], json!({})), true);
    check(&permit, Some((&["admin"], json!({}))), (none, json!({})), false);
    check(
        &permit,
        Some((&["admin"], json!({}))),
        (&["admin", "viewer"], json!({})),
        false,
    );
    check(&permit, None, (&["admin"], json!({})), true);
    check(&permit, None, (&["viewer"], json!({})), false);
}

#[test]
fn an_attribute_is_a_gain_where_a_condition_asks_for_it() {
    let none: &[&str] = &[];
    let (old, new) = (json!({"team": "a"}), json!({"team": "b"}));
    let asks = format!("{PERMIT} when {{ principal.attributes has team && principal.attributes.team == \"b\" }};");
    check(&asks, Some((none, old.clone())), (none, new.clone()), true);
    check(&asks, Some((none, new.clone())), (none, old.clone()), false);
    let other = format!("{PERMIT} when {{ context.risk < 50 }};");
    check(&other, Some((none, old.clone())), (none, new.clone()), false);
    // What the thing says cannot be known here, so that another team counts as another right.
    let compares = format!(
        "{PERMIT} when {{ principal.attributes has team && resource.properties has team && resource.properties.team == principal.attributes.team }};"
    );
    check(&compares, Some((none, old.clone())), (none, new), true);
    check(&compares, Some((none, old.clone())), (none, old), false);
}

#[test]
fn to_leave_what_is_forbidden_something_is_a_gain() {
    let none: &[&str] = &[];
    let forbid = PERMIT
        .replace("permit", "forbid")
        .replace("principal,", "principal in Role::\"viewer\",");
    let text = format!("{PERMIT};\n{forbid};");
    check(&text, Some((&["viewer"], json!({}))), (none, json!({})), true);
    check(&text, Some((none, json!({}))), (&["viewer"], json!({})), false);
}
