//! What holds for every form.

use std::collections::BTreeMap;

use plinth_model::id::Id;
use plinth_policy::form::{Literal, Signal, Subject, Target, Variable, Wanted};
use plinth_policy::{Effect, Form, Policy, compile};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::product::etl;

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["team", "env", "cost-center", "if", "a.b"]).prop_map(str::to_owned),
        "[a-zA-Z][a-zA-Z0-9_.-]{0,8}"
    ]
}

/// A label that is not declared is text.
fn labels() -> impl Strategy<Value = BTreeMap<String, Literal>> {
    btree_map(names(), text().prop_map(Literal::String), 1..3)
}

fn id(prefix: &'static str) -> impl Strategy<Value = String> {
    any::<u128>().prop_map(move |bits| Id(uuid::Uuid::from_u128(bits)).text(prefix))
}

/// Of any characters that can be stored.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', ""))
}

/// Of any characters, and some at least.
fn some_text() -> impl Strategy<Value = String> {
    text().prop_filter("it is empty", |text| !text.is_empty())
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        Just(Subject::Everybody),
        id("user").prop_map(Subject::User),
        id("sa").prop_map(Subject::ServiceAccount),
        select(vec!["owner", "viewer", "billing"]).prop_map(|role| Subject::Role(role.to_owned())),
        "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?".prop_map(Subject::Group),
        labels().prop_map(Subject::Attributes),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let wanted = prop_oneof![
        text().prop_map(|text| Wanted::Literal(Literal::String(text))),
        names().prop_map(|principal| Wanted::Variable(Variable { principal })),
    ];
    let properties = (
        btree_map(names(), wanted, 0..3),
        any::<Option<i64>>(),
        any::<Option<bool>>(),
    );
    let properties = properties.prop_map(|(mut properties, cost, production)| {
        let declared = cost.map(Literal::Long).map(|value| ("cost", value));
        let declared = declared
            .into_iter()
            .chain(production.map(Literal::Bool).map(|value| ("production", value)));
        properties.extend(declared.map(|(name, value)| (name.to_owned(), Wanted::Literal(value))));
        properties
    });
    let thing = prop_oneof![
        Just((None, None)),
        select(vec!["pipeline", "connection", "members", "service-accounts"]).prop_map(|thing| (Some(thing), None)),
        id("pipeline").prop_map(|id| (Some("pipeline"), Some(id))),
        some_text().prop_map(|id| (Some("members"), Some(id))),
    ];
    (thing, properties).prop_map(|((thing, id), properties)| Target {
        type_name: thing.map(str::to_owned),
        id,
        properties,
    })
}

fn signal() -> impl Strategy<Value = Signal> {
    let networks = || {
        vec(
            select(vec!["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]).prop_map(str::to_owned),
            1..4,
        )
    };
    let countries = || vec(select(vec!["DE", "GB", "XK"]).prop_map(str::to_owned), 1..3);
    let days = vec(select(vec!["monday", "sunday"]).prop_map(str::to_owned), 1..3);
    let moments =
        || select(vec!["2026-11-27", "2026-11-27T18:00:00Z", "2026-11-27T18:00:00+02:00"]).prop_map(str::to_owned);
    prop_oneof![
        networks().prop_map(Signal::WithinNetworks),
        networks().prop_map(Signal::OutsideNetworks),
        countries().prop_map(Signal::WithinCountries),
        countries().prop_map(Signal::OutsideCountries),
        moments().prop_map(Signal::Before),
        moments().prop_map(Signal::Since),
        days.prop_map(Signal::Weekdays),
        (1..=i64::MAX).prop_map(Signal::AuthenticatedWithinSecs),
        (0..=i64::MAX).prop_map(Signal::AuthenticatedOverSecs),
        (1..=3_i64).prop_map(Signal::StrengthAtLeast),
        (2..=3_i64).prop_map(Signal::StrengthBelow),
        (0..=100_i64).prop_map(Signal::RiskAtLeast),
        (1..=100_i64).prop_map(Signal::RiskBelow),
    ]
}

/// Two hours that are not the same, or one of them.
fn hours() -> impl Strategy<Value = Vec<Signal>> {
    (any::<[bool; 2]>(), 0..24_i64, 1..=24_i64).prop_map(|(wanted, from, until)| {
        let both = [Signal::FromHour(from), Signal::UntilHour(until)];
        let wanted = wanted.map(|wanted| wanted && from != until);
        both.into_iter()
            .zip(wanted)
            .filter(|(_, wanted)| *wanted)
            .map(|(hour, _)| hour)
            .collect()
    })
}

fn forms() -> impl Strategy<Value = Form> {
    let effect = select(vec![Effect::Permit, Effect::Forbid]);
    let actions = vec(
        select(vec!["view", "pipelines:*", "pipelines:pause", "resources:update"]).prop_map(str::to_owned),
        0..3,
    );
    let when = (hours(), vec(signal(), 0..3)).prop_map(|(hours, more)| [hours, more].concat());
    (effect, subject(), actions, target(), when).prop_map(|(effect, subject, actions, resource, when)| Form {
        effect,
        subject,
        actions,
        resource,
        when,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_form_is_valid_cedar_and_is_read_back_as_it_was(form in forms()) {
        let vocabulary = vocabulary();
        let text = form.to_cedar(vocabulary);
        let policy = Policy::parse(&text, vocabulary).map_err(|findings| TestCaseError::fail(format!("{text}\n{findings:#?}")))?;
        prop_assert_eq!(policy.statements().len(), 1);
        prop_assert_eq!(Form::of(&policy.statements()[0], vocabulary), Some(form.clone()), "{}", text);
        prop_assert!(compile(&policy, vocabulary).is_ok(), "{}", text);
        let json = serde_json::to_value(&form).unwrap();
        prop_assert_eq!(Form::from_json(&json, vocabulary), Ok(form), "{}", json);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What a form takes, Cedar reads; what is wrong is told at its field.
    #[test]
    fn a_network_or_a_moment_that_is_taken_is_valid(
        network in "(::ffff:)?(10|192)\\.0\\.0?2\\.[0-9]{1,3}(/[+0]?[0-9]{1,3})?|[0-9a-f:]{2,12}(/[0-9]{1,3})?",
        moment in "[012][09]2[0-9]-[01][0-9]-[0-3][0-9]([Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,6})?([Zz]|[+-][0-2][0-9]:?[0-5][0-9]))?",
    ) {
        for signal in [serde_json::json!({"within_networks": [network]}), serde_json::json!({"before": moment})] {
            let form = serde_json::json!({"effect": "permit", "subject": "everybody", "when": [signal]});
            let Ok(form) = Form::from_json(&form, vocabulary()) else { continue };
            let text = form.to_cedar(vocabulary());
            let policy = Policy::parse(&text, vocabulary()).map_err(|findings| TestCaseError::fail(format!("{text}\n{findings:#?}")))?;
            prop_assert!(compile(&policy, vocabulary()).is_ok(), "{}", text);
            prop_assert_eq!(Form::of(&policy.statements()[0], vocabulary()), Some(form), "{}", text);
        }
    }
}

/// One for all cases, as Cedar reads its schema once then.
fn vocabulary() -> &'static plinth_policy::Vocabulary {
    static ETL: std::sync::OnceLock<plinth_policy::Vocabulary> = std::sync::OnceLock::new();
    ETL.get_or_init(etl)
}
