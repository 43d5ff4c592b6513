//! What is said about a policy that cannot be used.

use plinth_policy::Policy;

use crate::product::etl;

/// `line:column: message; hint` of each finding.
fn findings(text: &str) -> String {
    let findings = Policy::parse(text, &etl()).unwrap_err();
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

fn condition(text: &str) -> String {
    findings(&format!(
        "permit (principal, action, resource is Pipeline)\nwhen {{ {text} }};"
    ))
}

#[test]
fn each_finding_has_a_place_and_says_what_to_do() {
    let cases = [
        condition("resource.properties.team == \"data\""),
        condition("resource.properties has team && resource.properties.team == 5"),
        condition("resource.spec.moed == \"snapshot\""),
        condition("principal in Role::\"admin\" && resource.spec.password == \"x\""),
        condition("principal.email == \"a@example.com\""),
        condition("context.time < \"2026-01-01\""),
        condition("resource.spec.interval_secs"),
        condition("resource.properties has team && resource.properties.team = \"x\""),
        findings("permit (principal, action == Action::\"pipelines:pasue\", resource);"),
        findings("permit (principal, action, resource) when { resource.spec.mode == \"snapshot\" };"),
        findings("permit (principal is Usr, action, resource);"),
        findings("permit (principal == ?principal, action, resource);"),
        findings("permit (principal, action, resource)"),
        findings("// nothing\n"),
        findings(&"permit (principal, action, resource);".repeat(65)),
        findings(&format!(
            "permit (principal, action, resource) when {{ {}1 == 1{} }};",
            "(".repeat(40),
            ")".repeat(40)
        )),
        findings(&" ".repeat(20_000)),
    ];
    insta::assert_snapshot!(cases.join("\n"));
}

#[test]
fn a_statement_that_can_never_apply_is_warned_of() {
    let text = "permit (principal, action, resource is Pipeline) when { resource is Connection };";
    let policy = Policy::parse(text, &etl()).unwrap();
    assert_eq!(policy.warnings().len(), 1);
    assert!(
        policy.warnings()[0].message.contains("impossible"),
        "{:?}",
        policy.warnings()
    );
}

#[test]
fn a_creator_and_an_owner_may_be_a_user_or_a_service_account() {
    for maker in ["User::\"u\"", "ServiceAccount::\"s\"", "principal"] {
        for attribute in ["creator", "owner"] {
            let text = format!(
                "permit (principal, action, resource) when {{ resource has {attribute} && resource.{attribute} == {maker} }};
                 forbid (principal, action in [Action::\"resources:delete\"], resource)
                 unless {{ resource has {attribute} && resource.{attribute} == {maker} }};"
            );
            let policy = Policy::parse(&text, &etl()).unwrap();
            assert_eq!(policy.warnings(), [], "{attribute} {maker}");
        }
    }
}
