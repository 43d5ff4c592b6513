//! The rows that policies become, and the constructs that are refused.

use plinth_policy::{Combined, combine, compile};

use crate::product::{etl, policy};

/// The predicate of a condition about pipelines.
fn check(condition: &str, expected: &str) {
    let text = format!("permit (principal, action, resource is Pipeline) when {{ {condition} }};");
    let rows = compile(&policy(&text), &etl()).unwrap();
    let predicates: Vec<&str> = rows.iter().map(|row| row.predicate.as_str()).collect();
    assert_eq!(predicates, [expected], "{condition}");
}

#[test]
fn common_conditions_are_short_predicates() {
    check(
        "resource.properties has team && resource.properties.team == \"data\"",
        "$.properties.team == \"data\"",
    );
    check(
        "resource.properties has team && principal.attributes has team && resource.properties.team == principal.attributes.team",
        "($.properties.team.type() == \"string\" && $principal.attributes.team.type() == \"string\" && $.properties.team == $principal.attributes.team)",
    );
    check(
        "resource has creator && resource.creator == principal",
        "(($.creator starts with \"User::\" || $.creator starts with \"ServiceAccount::\") && $.creator == $principal.uid)",
    );
    check("resource.spec.mode == \"snapshot\"", "$.spec.mode == \"snapshot\"");
    check("resource.name like \"dev-*\"", "$.name starts with \"dev-\"");
    check(
        "context has ip && context.ip.isInRange(ip(\"10.0.0.0/8\"))",
        "$context.ip.bits like_regex \"^0a[0-9a-f]{6}$\" flag \"s\"",
    );
    check(
        "resource.properties has cost && resource.properties.cost == 5",
        "$.properties.cost == 5",
    );
    check(
        "principal in Group::\"g\" || principal in Role::\"r\"",
        "($principal.ancestors[*] == \"Group::g\" || $principal.ancestors[*] == \"Role::r\")",
    );
    check(
        "!(resource.properties has team)",
        "($.properties.type() == \"object\" && !exists($ ? ($.properties.team.type() == \"string\")))",
    );
}

#[test]
fn rows_say_for_whom_and_for_which_actions_they_are() {
    let text = "
        permit (principal in Role::\"developer\", action in Action::\"pipelines:*\", resource);
        permit (principal is User, action == Action::\"pipelines:view\", resource == Pipeline::\"pipeline_1\");
        forbid (principal, action, resource) when { principal is ServiceAccount && action in Action::\"delete\" };
        permit (principal, action, resource is Pipeline in Org::\"org_1\");
        permit (principal, action, resource) when { resource is Connection };";
    insta::assert_json_snapshot!(compile(&policy(text), &etl()).unwrap());
}

#[test]
fn predicates_are_combined_by_effect_and_one_without_a_condition_stands_for_all() {
    let rows = compile(
        &policy(
            "permit (principal, action, resource is Pipeline) when { resource.name == \"a\" };
             permit (principal, action, resource is Pipeline) when { resource.name == \"b\" };
             forbid (principal, action, resource) when { context.risk == 100 };",
        ),
        &etl(),
    )
    .unwrap();
    let expected = Combined {
        permits: Some("strict ($.name == \"a\") || ($.name == \"b\")".to_owned()),
        forbids: Some("strict ($context.risk == 100)".to_owned()),
    };
    assert_eq!(combine(&rows), expected);
    let all = compile(&policy("permit (principal, action, resource);"), &etl()).unwrap();
    assert_eq!(combine(rows.iter().chain(&all)).permits.unwrap(), "strict 1 == 1");
    assert_eq!(combine(&[]), Combined::default());
}

#[test]
fn what_no_predicate_can_say_is_refused_with_its_place() {
    let refusals = |condition: &str| {
        let text = format!("permit (principal, action, resource is Pipeline)\nwhen {{ {condition} }};");
        let refusals = compile(&policy(&text), &etl()).unwrap_err();
        refusals
            .iter()
            .map(|refusal| format!("{refusal}\n"))
            .collect::<String>()
    };
    let doubling = (0..14).fold("true".to_owned(), |inner, _| format!("(context.risk < 1) == ({inner})"));
    let cases = [
        refusals("resource has creator && resource.creator.name == \"Ann\""),
        refusals("true && (resource has creator && resource.creator has name)"),
        refusals("resource has creator && resource.creator in Group::\"g\""),
        refusals("principal in Role::\"r\" && User::\"u\" in Role::\"r\""),
        refusals("resource.spec.source == resource.spec.source"),
        refusals("{ a: 1 }.a == 1"),
        refusals("(if context.risk > 5 then decimal(\"1.0\") else decimal(\"2.0\")).lessThan(decimal(\"1.5\"))"),
        refusals("[[1], [context.risk]].contains([2])"),
        refusals(&doubling),
    ];
    insta::assert_snapshot!(cases.join(""));
}
