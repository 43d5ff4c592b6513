//! Forms as Cedar.

use cedar_policy::pst;

use super::value::without_colon;
use super::{Form, Literal, Signal, Subject, Target, Wanted};
use crate::vocabulary::{Kind, Vocabulary, quoted};

/// Networks that are joined without brackets.
const LONGEST_CHAIN: usize = 10;

pub(super) fn statement(form: &Form, vocabulary: &Vocabulary) -> String {
    let conditions = subject_conditions(&form.subject)
        .into_iter()
        .chain(property_conditions(&form.resource))
        .chain(signals(&form.when));
    let clauses: String = conditions
        .map(|condition| format!("\nwhen {{ {condition} }}"))
        .collect();
    format!(
        "{} (\n  {},\n  {},\n  {}\n){clauses};\n",
        form.effect,
        principal(&form.subject),
        action(&form.actions),
        resource(&form.resource, vocabulary)
    )
}

fn principal(subject: &Subject) -> String {
    match subject {
        Subject::Everybody | Subject::Attributes(_) => "principal".to_owned(),
        Subject::User(id) => format!("principal == User::{}", quoted(id)),
        Subject::ServiceAccount(id) => format!("principal == ServiceAccount::{}", quoted(id)),
        Subject::Role(name) => format!("principal in Role::{}", quoted(name)),
        Subject::Group(name) => format!("principal in Group::{}", quoted(name)),
    }
}

fn action(actions: &[String]) -> String {
    if actions.is_empty() {
        return "action".to_owned();
    }
    let listed: Vec<String> = actions
        .iter()
        .map(|action| format!("Action::{}", quoted(action)))
        .collect();
    format!("action in [{}]", listed.join(", "))
}

/// The entity type of a kind that a form names; the name itself when there is none, for the validator to complain about.
fn resource(target: &Target, vocabulary: &Vocabulary) -> String {
    let Some(name) = &target.type_name else {
        return "resource".to_owned();
    };
    let entity = kind(name, vocabulary).map_or(name.as_str(), |kind| kind.entity.as_str());
    match &target.id {
        Some(id) => format!("resource == {entity}::{}", quoted(id)),
        None => format!("resource is {entity}"),
    }
}

pub(super) fn kind<'v>(type_name: &str, vocabulary: &'v Vocabulary) -> Option<&'v Kind> {
    vocabulary.kinds().iter().find(|kind| kind.type_name == type_name)
}

fn subject_conditions(subject: &Subject) -> Vec<String> {
    let Subject::Attributes(attributes) = subject else {
        return Vec::new();
    };
    let wanted = attributes
        .iter()
        .map(|(name, value)| label("principal.attributes", name, &literal(value)));
    wanted.collect()
}

fn property_conditions(target: &Target) -> Vec<String> {
    let wanted = target.properties.iter().map(|(name, wanted)| match wanted {
        Wanted::Literal(value) => label("resource.properties", name, &literal(value)),
        Wanted::Variable(variable) => {
            let value = member("principal.attributes", &variable.principal);
            let has = format!("principal.attributes has {}", key(&variable.principal));
            format!("{has} && {}", label("resource.properties", name, &value))
        }
    });
    wanted.collect()
}

fn label(record: &str, name: &str, value: &str) -> String {
    format!("{record} has {} && {} == {value}", key(name), member(record, name))
}

fn key(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn member(record: &str, name: &str) -> String {
    if is_identifier(name) {
        return format!("{record}.{name}");
    }
    format!("{record}[{}]", quoted(name))
}

fn is_identifier(name: &str) -> bool {
    pst::Id::new(name).is_ok_and(|id| id.as_str() == name)
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Bool(value) => value.to_string(),
        Literal::Long(value) => value.to_string(),
        Literal::String(text) => quoted(text),
    }
}

/// Hours of which the end is before the beginning go over midnight, and are one condition.
fn signals(when: &[Signal]) -> Vec<String> {
    let over_midnight = over_midnight(when);
    let mut written = false;
    let condition = |each: &Signal| match (over_midnight, each) {
        (Some((from, until)), Signal::FromHour(_) | Signal::UntilHour(_)) => {
            let both = format!("context.local.hour >= {from} || context.local.hour < {until}");
            (!std::mem::replace(&mut written, true)).then_some(both)
        }
        _ => Some(signal(each)),
    };
    when.iter().filter_map(condition).collect()
}

fn over_midnight(when: &[Signal]) -> Option<(i64, i64)> {
    let from = when.iter().find_map(|signal| match signal {
        Signal::FromHour(hour) => Some(*hour),
        _ => None,
    });
    let until = when.iter().find_map(|signal| match signal {
        Signal::UntilHour(hour) => Some(*hour),
        _ => None,
    });
    from.zip(until).filter(|(from, until)| from > until)
}

fn signal(signal: &Signal) -> String {
    match signal {
        Signal::WithinNetworks(networks) => within_networks(networks),
        Signal::OutsideNetworks(networks) => format!("!({})", within_networks(networks)),
        Signal::WithinCountries(countries) => within_countries(countries),
        Signal::OutsideCountries(countries) => format!("!({})", within_countries(countries)),
        Signal::Before(moment) => format!("context.time < datetime({})", quoted(&without_colon(moment))),
        Signal::Since(moment) => format!("context.time >= datetime({})", quoted(&without_colon(moment))),
        Signal::Weekdays(days) => format!("{}.contains(context.local.weekday)", set(days)),
        Signal::FromHour(hour) => format!("context.local.hour >= {hour}"),
        Signal::UntilHour(hour) => format!("context.local.hour < {hour}"),
        Signal::AuthenticatedWithinSecs(secs) => format!("context.authentication.age_secs <= {secs}"),
        Signal::AuthenticatedOverSecs(secs) => format!("context.authentication.age_secs > {secs}"),
        Signal::StrengthAtLeast(strength) => format!("context.authentication.strength >= {strength}"),
        Signal::StrengthBelow(strength) => format!("context.authentication.strength < {strength}"),
        Signal::RiskAtLeast(risk) => format!("context.risk >= {risk}"),
        Signal::RiskBelow(risk) => format!("context.risk < {risk}"),
    }
}

fn within_networks(networks: &[String]) -> String {
    let tests: Vec<String> = networks
        .iter()
        .map(|network| format!("context.ip.isInRange(ip({}))", quoted(network)))
        .collect();
    let any = match tests.len() {
        0 => "false".to_owned(),
        1..=LONGEST_CHAIN => tests.join(" || "),
        // A chain is as deep as it is long, and brackets in brackets are not.
        _ => {
            let chains = tests
                .chunks(LONGEST_CHAIN)
                .map(|chain| format!("({})", chain.join(" || ")));
            chains.collect::<Vec<_>>().join(" || ")
        }
    };
    format!("context has ip && ({any})")
}

fn within_countries(countries: &[String]) -> String {
    format!("context has country && {}.contains(context.country)", set(countries))
}

fn set(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}
