//! Cedar's findings in the words of this product, with what to do.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::vocabulary::{Kind, PrincipalKind, Type, Vocabulary};

/// Cedar says so of a scope, and that the statement is impossible, too.
const INAPPLICABLE: &str = "unable to find an applicable action";

/// Cedar's finding without the name of the statement, which the position says better, and with a hint where Cedar has
/// none or speaks of what authors do not see.
pub(crate) fn improved(finding: Finding, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Finding {
    let message = without_statement(&finding.message);
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
    if message.contains("attribute `") {
        return attribute_hint(message, vocabulary);
    }
    if let Some(action) = message.strip_prefix("unrecognized action `Action::\"") {
        let known = vocabulary.actions().chain(vocabulary.action_groups());
        return closest(action.trim_end_matches("\"`"), known)
            .map(|action| format!("did you mean `Action::\"{action}\"`?"));
    }
    if let Some(entity) = message.strip_prefix("unrecognized entity type `") {
        let kinds = vocabulary.kinds().iter().map(|kind| kind.entity.as_str());
        let known = kinds
            .chain(PrincipalKind::ALL.map(PrincipalKind::as_str))
            .chain(["Role", "Group"]);
        return closest(entity.trim_end_matches('`'), known).map(|entity| format!("did you mean `{entity}`?"));
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
        let elsewhere = match principal {
            Some(kind) => other_principal(first, kind, vocabulary),
            None => entity.and_then(|entity| kinds_with(first, entity, vocabulary)),
        };
        return elsewhere.or_else(|| sibling(attribute, entity, vocabulary));
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

/// The attribute that was probably meant, beside one that is not there.
fn sibling(attribute: &str, entity: Option<&str>, vocabulary: &Vocabulary) -> Option<String> {
    let mut record = match entity {
        None => vocabulary.context(),
        Some(entity) => match PrincipalKind::of_entity(entity) {
            Some(kind) => vocabulary.principal(kind),
            None => &vocabulary.kind_of_entity(entity)?.attributes,
        },
    };
    let (base, name) = attribute.rsplit_once('.').unwrap_or(("", attribute));
    for step in base.split('.').filter(|step| !step.is_empty()) {
        let Type::Record(inner) = &record.get(step)?.ty else {
            return None;
        };
        record = inner;
    }
    closest(name, record.fields().map(|(known, _)| known)).map(|known| format!("did you mean `{known}`?"))
}

/// The known word that differs least from a wrong one, if it differs in no more than a third of its letters. Cedar has such
/// hints too, but not always the same one for the same word.
pub(crate) fn closest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let most = word.chars().count().div_ceil(3);
    let differing = known.map(|known| (difference(word, known), known));
    differing
        .min()
        .filter(|(letters, _)| *letters <= most)
        .map(|(_, known)| known)
}

/// How many letters have to be put in, left out or replaced to make one word of the other (Levenshtein).
fn difference(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (count, letter) in (1_usize..).zip(from.chars()) {
        let mut next = vec![count];
        for ((other, replaced), left_out) in to.iter().zip(&row).zip(row.iter().skip(1)) {
            let replaced = replaced.saturating_add(usize::from(*other != letter));
            let put_in = next.last().map_or(usize::MAX, |before| before.saturating_add(1));
            next.push(replaced.min(left_out.saturating_add(1)).min(put_in));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
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
            ("", None),
        ] {
            assert_eq!(closest(word, known.into_iter()), expected, "{word}");
        }
    }
}
