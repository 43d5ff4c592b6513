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
        condition("context has ip && context.ip.isInRange(\"10.0.0.0/8\")"),
        condition("resource.spec.schedule == \"x\""),
        findings("permit (principal, action, resource) when { resource.foo == \"x\" };"),
        findings("permit (principal, action, resource) when { resource.nam == \"x\" };"),
        findings("permit (principal, action, resource) when { context.foo == 1 };"),
        findings("permit (principal, action, resource) when { context.local.day == 1 };"),
        findings("permit (principal, action, resource) when { context.role == \"x\" };"),
        findings("permit (principal, action, resource) when { principal.groups == \"x\" };"),
        findings("permit (principal, action, resource) when { resource.spec.foo == 1 };"),
        condition("resource.spec.interval_secs"),
        condition("resource.properties has team && resource.properties.team = \"x\""),
        findings("permit (principal, action == Action::\"pipelines:pasue\", resource);"),
        findings("permit (principal, action == Action::\"pipelines:fly\", resource);"),
        findings("permit (principal, action == Action::\"fly\", resource);"),
        findings(
            "permit (\n  principal,\n  action in [Action::\"pipelines:pasue\", // ü\n    Action::\"view\"], resource is Pipeline\n) when { resource.spec.moed == \"x\" };",
        ),
        findings("permit (principal, action, resource) when { resource.spec.mode == \"snapshot\" };"),
        findings("permit (principal is Usr, action, resource);"),
        findings("permit (principal in Team::\"x\", action, resource);"),
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
    for lines in cases
        .iter()
        .filter(|lines| !lines.contains("'=' is not a valid operator"))
    {
        assert!(
            lines.lines().all(|line| line.contains("; ")),
            "there is a hint in {lines}"
        );
    }
    insta::assert_snapshot!(cases.join("\n"));
}

#[test]
fn what_is_never_so_is_warned_of() {
    let any = |condition: &str| format!("permit (principal, action, resource)\nwhen {{ {condition} }};");
    let cases = [
        "permit (principal, action, resource is Pipeline) when { resource is Connection };".to_owned(),
        "permit (principal, action == Action::\"pipelines:pause\", resource is Connection);".to_owned(),
        "permit (principal in Role::\"admn\", action, resource);".to_owned(),
        "permit (principal == User::\"bob@example.com\", action, resource);".to_owned(),
        "forbid (principal == ServiceAccount::\"reports\", action, resource == Pipeline::\"orders\");".to_owned(),
        any("principal in Role::\"boss\""),
        "permit (principal in Group::\"Contractors\", action, resource);".to_owned(),
        any("resource.properties has \"a b\" && resource.properties[\"a b\"] == \"x\""),
        any("context has country && context.country == \"UK\""),
        any("context has country && [\"DE\", \"De\", \"Germany\"].contains(context.country)"),
        any("context.local.weekday == \"Saturday\" || \"sat\" == context.local.weekday"),
        any("context.risk >= 700"),
        any("context.local.hour < 25 && 99 > context.local.minute"),
        any("context.risk < 0"),
        any("context.local.hour >= 22 && context.local.hour < 6"),
        any("context.local.hour >= 22 };\npermit (principal, action, resource) when { context.local.hour < 6"),
        any("context.local.hour >= 8 && context.local.hour < 24 && context.risk >= 0 && !(context.risk > 90)"),
        any("context.local.hour * 100 + context.local.minute >= 1730 && context.risk - 150 < 0"),
        any("principal.name like \"аdmin*\" || principal.name == \"аdmin\""),
    ];
    let told = cases.map(|text| {
        let policy = Policy::parse(&text, &etl()).unwrap();
        assert!(policy.warnings().iter().all(|warning| warning.hint.is_some()), "{text}");
        let warnings: String = policy.warnings().iter().map(|warning| format!("{warning}\n")).collect();
        format!("{text}\n{warnings}")
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_creator_and_an_owner_may_be_a_user_or_a_service_account() {
    for maker in [
        "User::\"user_01h455vb4pex5vsknk084sn02q\"",
        "ServiceAccount::\"sa_01h455vb4pex5vsknk084sn02q\"",
        "principal",
    ] {
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
