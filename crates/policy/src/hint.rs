//! Cedar's findings in the words of this product, with what to do.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::vocabulary::Vocabulary;

/// Cedar's finding without the name of the statement, which the position says better, and with a hint where Cedar has
/// none or speaks of what authors do not see.
pub(crate) fn improved(finding: Finding, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Finding {
    let message = without_statement(&finding.message);
    let hint = finding.hint.as_deref().map(without_statement);
    let hint = own_hint(message, mentioned, vocabulary).or_else(|| hint.map(rephrased));
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

fn rephrased(hint: &str) -> String {
    let guard = hint
        .strip_prefix("try testing for the attribute's presence with `")
        .and_then(|rest| rest.strip_suffix(" && ..`"));
    guard.map_or_else(
        || decapitalised(hint),
        |guard| format!("it may be missing; ask first: `{guard} && ..`"),
    )
}

fn own_hint(message: &str, mentioned: &BTreeSet<String>, vocabulary: &Vocabulary) -> Option<String> {
    if message.starts_with("attribute `") && message.ends_with(" not found") {
        let attribute = message.split('`').nth(1)?;
        return kinds_with(attribute, vocabulary);
    }
    if message.contains("String") && message.ends_with("not compatible") && !mentioned.is_empty() {
        let text =
            "properties and attributes are text unless they are declared otherwise: compare them with a text in quotes";
        return Some(text.to_owned());
    }
    None
}

/// Tells which kinds have an attribute, when some do.
fn kinds_with(attribute: &str, vocabulary: &Vocabulary) -> Option<String> {
    let first = attribute.split('.').next().unwrap_or(attribute);
    let having = vocabulary
        .kinds()
        .iter()
        .filter(|kind| kind.attributes.get(first).is_some());
    let tests: Vec<String> = having.map(|kind| format!("`resource is {}`", kind.entity)).collect();
    let all = tests.len() == vocabulary.kinds().len();
    (!tests.is_empty() && !all).then(|| {
        format!(
            "not every kind of thing has it; say which you mean: {}",
            tests.join(" or ")
        )
    })
}
