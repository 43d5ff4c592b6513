//! Cedar's findings in the words of this product, with what to do.

use std::collections::BTreeSet;

use crate::bounds;
use crate::finding::Finding;
use crate::vocabulary::{Kind, PrincipalKind, Record, Type, Vocabulary};

/// Cedar says so of a scope, and that the statement is impossible, too.
const INAPPLICABLE: &str = "unable to find an applicable action";

/// Cedar's finding without the name of the statement, which the position says better, and with a hint where Cedar has
/// none or speaks of what authors do not see.
pub(crate) fn improved(finding: Finding, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Finding {
    let message = without_statement(&finding.message);
    if let Some((message, hint)) = missing(message, vocabulary) {
        let hint = Some(hint);
        return Finding {
            message,
            hint,
            ..finding
        };
    }
    let hint = finding.hint.as_deref().map(without_statement);
    let hint = own_hint(message, mentioned, vocabulary).or_else(|| hint.and_then(rephrased));
    let message = if message.starts_with("policy is impossible") {
        "this statement never applies: it is false for every request".to_owned()
    } else if message.starts_with(INAPPLICABLE) {
        "this statement is for nothing: none of its actions is done to what it names as the resource".to_owned()
    } else {
        decapitalised(message)
    };
    Finding {
        message,
        hint,
        ..finding
    }
}

/// `for policy `policy0`, attribute ..` from the comma on.
fn without_statement(text: &str) -> &str {
    let rest = text
        .strip_prefix("for policy `policy")
        .and_then(|rest| rest.split_once("`, "));
    rest.map_or(text, |(_, rest)| rest)
}

fn decapitalised(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Cedar's own hint, but for those that are better here: it calls each variable `e`, and guesses at words.
fn rephrased(hint: &str) -> Option<String> {
    let own = ["try testing for the attribute's presence", "did you mean"];
    (!own.iter().any(|beginning| hint.starts_with(beginning))).then(|| decapitalised(hint))
}

fn own_hint(message: &str, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Option<String> {
    if message.contains("is impossible") || message.starts_with(INAPPLICABLE) {
        let hint = "look whether its actions are done to what it names as the resource, and whether its conditions rule \
                    each other out";
        return Some(hint.to_owned());
    }
    if message.contains("mixed scripts") || message.contains("BIDI") || message.contains("not a printable ASCII") {
        return Some("it may look like another word: type it again in letters of one script".to_owned());
    }
    if let Some(hint) = attribute_hint(message) {
        return Some(hint);
    }
    if let Some(action) = message.strip_prefix("unrecognized action `Action::\"") {
        let hint = action_hint(action.trim_end_matches("\"`"), vocabulary, |known| {
            format!("`Action::\"{known}\"`")
        });
        return Some(hint);
    }
    if let Some(entity) = message.strip_prefix("unrecognized entity type `") {
        let kinds = vocabulary.kinds().iter().map(|kind| kind.entity.as_str());
        let known = kinds
            .chain(PrincipalKind::ALL.map(PrincipalKind::as_str))
            .chain(["Role", "Group"]);
        return Some(match closest(entity.trim_end_matches('`'), known.clone()) {
            Some(entity) => format!("did you mean `{entity}`?"),
            None => format!("there is {}", bounds::listed(known)),
        });
    }
    if message.contains("String") && message.ends_with("not compatible") && !mentioned.is_empty() {
        let text =
            "properties and attributes are text unless they are declared otherwise: compare them with a text in quotes";
        return Some(text.to_owned());
    }
    None
}

/// What to write for an action that nobody knows: of its kind, if there is such a kind.
pub(crate) fn action_hint(action: &str, vocabulary: &Vocabulary, written: impl Fn(&str) -> String) -> String {
    let all = || vocabulary.actions().chain(vocabulary.action_groups());
    let close = match action.split_once(':') {
        Some((kind, name)) if all().any(|known| known.split_once(':').is_some_and(|(known, _)| known == kind)) => {
            let of_kind = || all().filter_map(|known| known.strip_prefix(kind)?.strip_prefix(':'));
            match closest(name, of_kind()) {
                Some(close) => Some(format!("{kind}:{close}")),
                None => return format!("on `{kind}` there is {}", bounds::listed(of_kind())),
            }
        }
        _ => closest(action, all()).map(str::to_owned),
    };
    match close {
        Some(close) => format!("did you mean {}?", written(&close)),
        None => {
            let such = ["pipelines:pause", "pipelines:*", "view"].map(written);
            let [one, of_kind, everywhere] = such;
            format!("an action is such as {one}, a group of them such as {of_kind} or {everywhere}")
        }
    }
}

/// What to write where Cedar wants a value of another type, or the text ends too early.
pub(crate) fn of_message(message: &str) -> Option<String> {
    let hint = match message {
        "unexpected end of input" => "each statement ends with `;`",
        _ if message.contains("expected datetime") => "write a moment as `datetime(\"2026-11-27T18:00:00Z\")`",
        _ if message.contains("expected ipaddr") => "write a network as `ip(\"203.0.113.0/24\")`",
        _ if message.contains("expected Bool") => "ask something of it that is true or false: `.. == ..`",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Of `attribute `properties.team` on entity type `Org`` and its like, which may be missing.
fn attribute_hint(message: &str) -> Option<String> {
    let (attribute, entity) = named(message)?;
    let variable = match entity {
        None => "context",
        Some(entity) if PrincipalKind::of_entity(entity).is_some() => "principal",
        Some(_) => "resource",
    };
    let (base, name) = split(attribute);
    let base = dotted(variable, base);
    Some(format!("it may be missing; ask first: `{base} has {name} && ..`"))
}

/// What Cedar says for each action or kind that has no such attribute, in the same words for all where none has it.
fn missing(message: &str, vocabulary: &Vocabulary) -> Option<(String, String)> {
    let (attribute, entity) = named(message).filter(|_| message.ends_with(" not found"))?;
    let principal = entity.and_then(PrincipalKind::of_entity);
    let first = attribute.split('.').next().unwrap_or(attribute);
    let elsewhere = match (entity, principal) {
        (_, Some(kind)) => other_principal(first, kind, vocabulary),
        (Some(entity), None) => kinds_with(attribute, entity, vocabulary),
        (None, None) => None,
    };
    if let Some(hint) = elsewhere {
        return Some((decapitalised(message), hint));
    }
    let (variable, records): (&str, Vec<&Record>) = match (entity, principal) {
        (None, _) => ("context", vec![vocabulary.context()]),
        (_, Some(_)) => (
            "principal",
            PrincipalKind::ALL.map(|kind| vocabulary.principal(kind)).to_vec(),
        ),
        _ => (
            "resource",
            vocabulary.kinds().iter().map(|kind| &kind.attributes).collect(),
        ),
    };
    let (base, name) = split(attribute);
    let known: BTreeSet<&str> = records
        .into_iter()
        .filter_map(|record| inner(record, base))
        .flat_map(|record| record.fields().map(|(name, _)| name))
        .collect();
    let hint = match closest(name, known.iter().copied()) {
        Some(close) => format!("did you mean `{close}`?"),
        None if first == "spec" => format!("there is {}, and secrets are left out", bounds::listed(known)),
        None => format!("there is {}", bounds::listed(known)),
    };
    Some((format!("`{}` has no `{name}`", dotted(variable, base)), hint))
}

/// The attribute that a message is about, and the entity type, if it is one of an entity.
fn named(message: &str) -> Option<(&str, Option<&str>)> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let attribute = quoted.next().filter(|_| message.contains("attribute `"))?;
    Some((attribute, quoted.next().filter(|_| message.contains("on entity type"))))
}

/// `spec` and `mode` of `spec.mode`.
fn split(attribute: &str) -> (&str, &str) {
    attribute.rsplit_once('.').unwrap_or(("", attribute))
}

fn dotted(variable: &str, base: &str) -> String {
    if base.is_empty() {
        variable.to_owned()
    } else {
        format!("{variable}.{base}")
    }
}

/// The record at a path.
fn inner<'r>(mut record: &'r Record, path: &str) -> Option<&'r Record> {
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let Type::Record(inner) = &record.get(step)?.ty else {
            return None;
        };
        record = inner;
    }
    Some(record)
}

/// The known word that differs least from a wrong one, if it differs in no more than a third of its letters; two that have
/// changed places are one. Cedar has such hints too, but not always the same one for the same word.
pub(crate) fn closest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let most = word.chars().count() / 3;
    let differing = known.map(|known| (strsim::osa_distance(word, known), known));
    differing
        .min()
        .filter(|(letters, _)| *letters <= most)
        .map(|(_, known)| known)
}

/// Tells which principals have an attribute, when another kind does.
fn other_principal(attribute: &str, kind: PrincipalKind, vocabulary: &Vocabulary) -> Option<String> {
    let having = |other: &PrincipalKind| *other != kind && vocabulary.principal(*other).get(attribute).is_some();
    let other = PrincipalKind::ALL.into_iter().find(having)?;
    Some(format!(
        "not everybody has it; say whom you mean: `principal is {}`",
        other.as_str()
    ))
}

/// Tells which kinds have an attribute, when this one has not and some do.
fn kinds_with(attribute: &str, entity: &str, vocabulary: &Vocabulary) -> Option<String> {
    let (base, name) = split(attribute);
    let having = |kind: &&Kind| inner(&kind.attributes, base).is_some_and(|record| record.get(name).is_some());
    let tests = vocabulary
        .kinds()
        .iter()
        .filter(having)
        .map(|kind| (kind.entity.as_str(), format!("`resource is {}`", kind.entity)));
    let (entities, tests): (Vec<&str>, Vec<String>) = tests.unzip();
    let elsewhere = !tests.is_empty() && !entities.contains(&entity);
    elsewhere.then(|| {
        format!(
            "not every kind of thing has it; say which you mean: {}",
            tests.join(" or ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_found_unless_all_are_far() {
        let known = ["mode", "paused", "name", "pipelines:pause", "pause"];
        for (word, expected) in [
            ("moed", Some("mode")),
            ("nane", Some("name")),
            ("pipelines:pasue", Some("pipelines:pause")),
            ("password", None),
            ("role", None),
            ("ip", None),
            ("", None),
        ] {
            assert_eq!(closest(word, known.into_iter()), expected, "{word}");
        }
    }
}
