//! What holds for every form.

use std::collections::BTreeMap;

use plinth_policy::form::{Literal, Signal, Subject, Target, Variable, Wanted};
use plinth_policy::{Effect, Form, Policy, compile};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::product::etl;

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["team", "env", "cost-center", "if", "a.b"]).prop_map(str::to_owned),
        "[^\\p{C}]{1,8}"
    ]
}

/// A label that is not declared is text.
fn labels() -> impl Strategy<Value = BTreeMap<String, Literal>> {
    btree_map(names(), any::<String>().prop_map(Literal::String), 1..3)
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        Just(Subject::Everybody),
        any::<String>().prop_map(Subject::User),
        any::<String>().prop_map(Subject::ServiceAccount),
        any::<String>().prop_map(Subject::Role),
        any::<String>().prop_map(Subject::Group),
        labels().prop_map(Subject::Attributes),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let wanted = prop_oneof![
        any::<String>().prop_map(|text| Wanted::Literal(Literal::String(text))),
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
    let thing = select(vec![
        None,
        Some("pipeline"),
        Some("connection"),
        Some("members"),
        Some("service-accounts"),
    ]);
    (thing, any::<Option<String>>(), properties).prop_map(|(thing, id, properties)| Target {
        type_name: thing.map(str::to_owned),
        id: id.filter(|_| thing.is_some()),
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
    let texts = || vec(any::<String>(), 1..3);
    let moments = || select(vec!["2026-11-27", "2026-11-27T18:00:00Z"]).prop_map(str::to_owned);
    prop_oneof![
        networks().prop_map(Signal::WithinNetworks),
        networks().prop_map(Signal::OutsideNetworks),
        texts().prop_map(Signal::WithinCountries),
        texts().prop_map(Signal::OutsideCountries),
        moments().prop_map(Signal::Before),
        moments().prop_map(Signal::Since),
        texts().prop_map(Signal::Weekdays),
        any::<i64>().prop_map(Signal::FromHour),
        any::<i64>().prop_map(Signal::UntilHour),
        any::<i64>().prop_map(Signal::AuthenticatedWithinSecs),
        any::<i64>().prop_map(Signal::AuthenticatedOverSecs),
        any::<i64>().prop_map(Signal::StrengthAtLeast),
        any::<i64>().prop_map(Signal::StrengthBelow),
        any::<i64>().prop_map(Signal::RiskAtLeast),
        any::<i64>().prop_map(Signal::RiskBelow),
    ]
}

fn forms() -> impl Strategy<Value = Form> {
    let effect = select(vec![Effect::Permit, Effect::Forbid]);
    let actions = vec(
        select(vec!["view", "pipelines:*", "pipelines:pause", "resources:update"]).prop_map(str::to_owned),
        0..3,
    );
    (effect, subject(), actions, target(), vec(signal(), 0..3)).prop_map(
        |(effect, subject, actions, resource, when)| Form {
            effect,
            subject,
            actions,
            resource,
            when,
        },
    )
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
        prop_assert_eq!(serde_json::from_value::<Form>(json).unwrap(), form);
    }
}

/// One for all cases, as Cedar reads its schema once then.
fn vocabulary() -> &'static plinth_policy::Vocabulary {
    static ETL: std::sync::OnceLock<plinth_policy::Vocabulary> = std::sync::OnceLock::new();
    ETL.get_or_init(etl)
}
