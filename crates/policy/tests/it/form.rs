//! The easy form and the Cedar that it stands for.

use plinth_policy::{Form, Policy, compile};
use serde_json::{Value, json};

use crate::product::{etl, policy};

/// Writes a form, checks that the policy is valid and can be compiled, and reads it back.
fn written(form: &Value) -> String {
    let form = Form::from_json(form, &etl()).unwrap_or_else(|errors| panic!("{form}\n{errors:#?}"));
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
        "subject": "everybody",
        "actions": ["delete"],
        "when": [{"outside_networks": ["203.0.113.0/24"]}, {"risk_at_least": 70}, {"weekdays": ["saturday", "sunday"]}],
    });
    let one = json!({
        "effect": "permit",
        "subject": {"service_account": "sa_01h455vb4pex5vsknk084sn02q"},
        "actions": ["pipelines:*"],
        "resource": {"id": "pipeline_01h455vb4pex5vsknk084sn02q"},
        "when": [{"outside_countries": ["DE"]}, {"authenticated_within_secs": 900}],
    });
    let night = json!({
        "effect": "forbid",
        "subject": {"role": "developer"},
        "when": [{"from_hour": 22}, {"until_hour": 6}, {"since": "2026-11-27T18:00:00+02:00"}],
    });
    let texts = [contractors, team, office, one, night].map(|form| written(&form));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn what_a_form_cannot_say_is_no_form() {
    for text in [
        "permit (principal, action, resource) unless { context.risk == 70 };",
        "permit (principal, action, resource) when { context.risk < 200 };",
        "permit (principal, action, resource) when { context.risk < 0 };",
        "permit (principal, action, resource) when { context.local.hour >= 25 };",
        "permit (principal, action, resource) when { context.local.weekday == \"sat\" };",
        "permit (principal, action, resource) when { context has country && context.country == \"UK\" };",
        "permit (principal in Role::\"nope\", action, resource);",
        "permit (principal in Group::\"Contractors\", action, resource);",
        "permit (principal == User::\"x\", action, resource);",
        "permit (principal in Group::\"\", action, resource);",
        "permit (principal, action, resource) when { resource.properties has \"a b\" && resource.properties[\"a b\"] == \"x\" };",
        "permit (principal, action, resource) when { context has ip && context.ip.isInRange(ip(\"::ffff:a00:1\")) };",
        "permit (principal, action, resource) when { context.local.hour >= 22 && context.local.hour < 6 };",
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

/// `pointer message; hint` of each error.
fn errors(form: &Value) -> String {
    let errors = Form::from_json(form, &etl()).expect_err("it is refused");
    let line = |error: &plinth_policy::FormError| {
        let hint = error.hint.iter().map(|hint| format!("; {hint}")).collect::<String>();
        format!("{} {}{hint}\n", error.pointer, error.message)
    };
    errors.iter().map(line).collect()
}

fn everybody(more: Value) -> Value {
    let mut form = json!({"effect": "permit", "subject": "everybody"});
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    form
}

fn subject(subject: Value) -> Value {
    json!({"effect": "permit", "subject": subject})
}

fn when(signal: Value) -> Value {
    everybody(json!({"when": [signal]}))
}

/// Each with what is wrong with it.
fn told(forms: &[Value]) -> String {
    let told = forms.iter().map(|form| format!("{form}\n{}", errors(form)));
    told.collect::<Vec<_>>().join("\n")
}

/// What is left out of a statement makes it about more.
#[test]
fn nothing_of_a_form_is_dropped_or_guessed() {
    let refused = [
        json!({"effect": "permit", "actions": ["pipelines:delete"]}),
        json!([]),
        json!({"effect": "allow", "subject": null, "action": ["view"]}),
        subject(json!("everyone")),
        subject(json!({})),
        subject(json!({"role": "admn"})),
        subject(json!({"role": "viewer", "group": "a"})),
        subject(json!({"group": ""})),
        subject(json!({"user": "bob@example.com"})),
        subject(json!({"service_account": "sa_1"})),
        subject(json!({"attributes": {}})),
        subject(json!({"attributes": {"": "x"}})),
        subject(json!({"attributes": {"level": "3", "team": 5}})),
        subject(json!({"attributes": {"team": null}})),
        everybody(json!({"actions": []})),
        everybody(json!({"actions": null})),
        everybody(json!({"actions": ["pipelines:pasue", ""]})),
        everybody(json!({"resource": {}})),
        everybody(json!({"resource": null})),
        everybody(json!({"resource": {"id": "x"}})),
        everybody(json!({"resource": {"id": "user_01h455vb4pex5vsknk084sn02q"}})),
        everybody(json!({"resource": {"type": "pipeline", "id": "connection_01h455vb4pex5vsknk084sn02q"}})),
        everybody(json!({"resource": {"type": "pipelines"}})),
        everybody(json!({"resource": {"properties": {}}})),
        everybody(
            json!({"resource": {"properties": {"a/b": "x", "team": {"principl": "team"}, "cost": "5", "x": 1.5}}}),
        ),
        everybody(json!({"when": []})),
        when(json!({})),
        when(json!({"risk_over": 5})),
        when(json!({"within_networks": []})),
        when(json!({"outside_networks": ["10.0.0.0/33", "office"]})),
        when(json!({"within_countries": ["De", "Germany"]})),
        when(json!({"outside_countries": []})),
        when(json!({"weekdays": ["Saturday", "sat", "someday"]})),
        when(json!({"weekdays": []})),
        when(json!({"before": "tomorrow"})),
        when(json!({"until_hour": 25})),
        when(json!({"from_hour": "22"})),
        when(json!({"risk_at_least": 700})),
        when(json!({"authenticated_within_secs": 0})),
        everybody(json!({"when": [{"from_hour": 8}, {"until_hour": 8}]})),
        everybody(json!({"when": [{"from_hour": 8}, {"from_hour": 9}]})),
    ];
    insta::assert_snapshot!(told(&refused));
}

#[test]
fn what_nothing_can_be_is_refused_at_its_field() {
    let refused = [
        subject(json!({"attributes": {"a b": "x"}})),
        subject(json!({"group": "Contractors"})),
        subject(json!({"group": "a\0b"})),
        everybody(json!({"resource": {"properties": {"9": "x", "team": {"principal": "a b"}, "env": "a\0b"}}})),
        when(json!({"within_countries": ["UK", "EU", "XX"]})),
        when(
            json!({"within_networks": ["::ffff:10.0.0.1", "10.0.0.0/+8", "10.0.0.0/008", "::1.2.3.4", "fe80::1%eth0"]}),
        ),
        when(json!({"before": "2026-11-27T18:00:00+25:00"})),
        when(json!({"since": "2026-11-27T18:00:00.123456Z"})),
    ];
    insta::assert_snapshot!(told(&refused));
}

#[test]
fn the_type_of_one_resource_is_read_from_its_id() {
    let id = "connection_01h455vb4pex5vsknk084sn02q";
    let form = json!({
        "effect": "permit", "subject": {"role": "viewer"}, "actions": ["pipelines:delete"], "resource": {"id": id},
    });
    let form = Form::from_json(&form, &etl()).unwrap();
    assert_eq!(form.resource.type_name.as_deref(), Some("connection"));
    assert!(
        form.to_cedar(&etl())
            .contains(&format!("resource == Connection::\"{id}\""))
    );
}

#[test]
fn a_moment_may_have_an_offset_or_a_fraction() {
    for (said, written) in [
        ("2026-11-27", "2026-11-27"),
        ("2026-11-27T18:00:00Z", "2026-11-27T18:00:00Z"),
        ("2026-11-27T18:00:00+02:00", "2026-11-27T18:00:00+0200"),
        ("2026-11-27T18:00:00.250-05:30", "2026-11-27T18:00:00.250-0530"),
        ("2026-11-27T18:00:00.120000+02:00", "2026-11-27T16:00:00.120Z"),
        ("2026-11-27T18:00:00+14:00", "2026-11-27T18:00:00+1400"),
        ("2026-11-27t18:00:00z", "2026-11-27T18:00:00Z"),
    ] {
        let form = json!({"effect": "permit", "subject": "everybody", "when": [{"before": said}]});
        let text = self::written(&form);
        assert!(text.contains(&format!("datetime(\"{written}\")")), "{said}: {text}");
    }
}

/// People write it in other ways than the form does.
#[test]
fn cedar_is_read_back_in_whichever_way_it_is_joined() {
    for (text, expected) in [
        (
            "permit (principal, action == Action::\"pipelines:pause\", resource);",
            json!({"effect": "permit", "subject": "everybody", "actions": ["pipelines:pause"]}),
        ),
        (
            "permit (principal, action, resource is Pipeline) when {
               resource.properties has team && principal.attributes has team
               && resource.properties.team == principal.attributes.team && context.risk < 50
             };",
            json!({
                "effect": "permit", "subject": "everybody",
                "resource": {"type": "pipeline", "properties": {"team": {"principal": "team"}}},
                "when": [{"risk_below": 50}],
            }),
        ),
        (
            "forbid (principal, action, resource) when { context.local.hour >= 22 || context.local.hour < 6 };",
            json!({"effect": "forbid", "subject": "everybody", "when": [{"from_hour": 22}, {"until_hour": 6}]}),
        ),
        (
            "forbid (principal, action, resource) when { context.local.hour < 6 || 22 <= context.local.hour };",
            json!({"effect": "forbid", "subject": "everybody", "when": [{"from_hour": 22}, {"until_hour": 6}]}),
        ),
        (
            "forbid (principal, action, resource)
             unless { context has ip && context.ip.isInRange(ip(\"203.0.113.0/24\")) || !(context.risk >= 70) };",
            json!({
                "effect": "forbid", "subject": "everybody",
                "when": [{"outside_networks": ["203.0.113.0/24"]}, {"risk_at_least": 70}],
            }),
        ),
        (
            "forbid (principal, action, resource) when { context.local.weekday == \"saturday\" }
             when { context has country && \"DE\" == context.country }
             when { resource.properties has team } when { \"data\" == resource.properties.team };",
            json!({
                "effect": "forbid", "subject": "everybody", "resource": {"properties": {"team": "data"}},
                "when": [{"weekdays": ["saturday"]}, {"within_countries": ["DE"]}],
            }),
        ),
    ] {
        let policy = policy(text);
        let form = Form::of(&policy.statements()[0], &etl());
        assert_eq!(serde_json::to_value(form).unwrap(), expected, "{text}");
    }
}

#[test]
fn fifty_networks_fit() {
    let networks: Vec<String> = (0..50)
        .map(|at| format!("2001:db8:{at}:ffff:ffff:ffff:ffff:fffe/127"))
        .collect();
    for signal in ["within_networks", "outside_networks"] {
        let form = json!({
            "effect": "forbid", "subject": {"group": "contractors"}, "actions": ["resources:*"],
            "resource": {"type": "pipeline", "properties": {"team": {"principal": "team"}}},
            "when": [{signal: networks}, {"from_hour": 22}, {"until_hour": 6}, {"before": "2026-11-27"}],
        });
        written(&form);
        let form = json!({"effect": "permit", "subject": "everybody", "when": [{signal: vec!["10.0.0.0/8"; 51]}]});
        let expected = format!("/when/0/{signal} has 51 networks, 50 is the most; make several statements of it\n");
        assert_eq!(errors(&form), expected);
    }
}
