//! Cedar's findings in the words of this product, with what to do.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::vocabulary::{Kind, PrincipalKind, Vocabulary};

/// Cedar's finding without the name of the statement, which the position says better, and with a hint where Cedar has
/// none or speaks of what authors do not see.
pub(crate) fn improved(finding: Finding, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Finding {
    let message = without_statement(&finding.message);
    let hint = finding.hint.as_deref().map(without_statement);
    let hint = own_hint(message, mentioned, vocabulary).or_else(|| hint.and_then(rephrased));
    Finding {
        message: decapitalised(message),
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

/// Cedar's own hint, where it names no variable: it calls each of them `e`.
fn rephrased(hint: &str) -> Option<String> {
    let names_nothing = hint.starts_with("try testing for the attribute's presence");
    (!names_nothing).then(|| decapitalised(hint))
}

fn own_hint(message: &str, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Option<String> {
    if message.contains("attribute `") {
        return attribute_hint(message, vocabulary);
    }
    if message.contains("String") && message.ends_with("not compatible") && !mentioned.is_empty() {
        let text =
            "properties and attributes are text unless they are declared otherwise: compare them with a text in quotes";
        return Some(text.to_owned());
    }
    None
}

/// Of `attribute `spec.mode` on entity type `Org` not found` and its like.
fn attribute_hint(message: &str, vocabulary: &Vocabulary) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let attribute = quoted.next()?;
    let entity = quoted.next().filter(|_| message.contains("on entity type"));
    let principal = entity.and_then(PrincipalKind::of_entity);
    if message.ends_with(" not found") {
        let first = attribute.split('.').next().unwrap_or(attribute);
        return match principal {
            Some(kind) => other_principal(first, kind, vocabulary),
            None => kinds_with(first, entity?, vocabulary),
        };
    }
    let variable = match (entity, principal) {
        (None, _) => "context",
        (_, Some(_)) => "principal",
        _ => "resource",
    };
    let (base, name) = attribute
        .rsplit_once('.')
        .map_or((String::new(), attribute), |(base, name)| (format!(".{base}"), name));
    Some(format!(
        "it may be missing; ask first: `{variable}{base} has {name} && ..`"
    ))
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
    let having = |kind: &&Kind| kind.attributes.get(attribute).is_some();
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
