//! `like`: patterns in which `*` stands for any text.

use cedar_policy::pst::PatternElem;

use super::path::{self, Path};
use super::predicate::Predicate;
use super::truth::{Truth, equal_at};
use super::value::Value;
use crate::vocabulary::Type;

/// `value like pattern`.
pub(super) fn like(value: &Value<'_>, pattern: &[PatternElem]) -> Truth {
    match value {
        Value::String(text) => {
            let text: Vec<char> = text.chars().collect();
            Truth::constant(matches(&text, pattern))
        }
        Value::Text(path) => like_at(path, pattern),
        _ => Truth::constant(false),
    }
}

fn like_at(path: &Path, pattern: &[PatternElem]) -> Truth {
    let literal = |elements: &[PatternElem]| -> Option<String> {
        let chars = elements.iter().map(|element| match element {
            PatternElem::Char(c) => Some(*c),
            PatternElem::Wildcard => None,
        });
        chars.collect()
    };
    if pattern.contains(&PatternElem::Char('\0')) {
        return Truth::constant(false);
    }
    if let Some(text) = literal(pattern) {
        return equal_at(path, &Type::String, path::string(&text));
    }
    let beginning = match pattern.split_last() {
        Some((PatternElem::Wildcard, beginning)) => literal(beginning).and_then(|text| path::string(&text)),
        _ => None,
    };
    match beginning {
        Some(text) => test(path, format!("{} starts with {text}", path.text())),
        None => test(path, path::matches(path.text(), &regular_expression(pattern))),
    }
}

fn test(path: &Path, text: String) -> Truth {
    Truth {
        no: Predicate::atom(format!("!({text})")),
        yes: path.test(&Type::String, text),
    }
}

/// Each sign that is neither letter nor digit is escaped, since a backslash before those means something.
fn regular_expression(pattern: &[PatternElem]) -> String {
    let mut expression = "^".to_owned();
    for element in pattern {
        match element {
            PatternElem::Wildcard if expression.ends_with(".*") && !expression.ends_with("\\.*") => {}
            PatternElem::Wildcard => expression.push_str(".*"),
            PatternElem::Char(c) => {
                if c.is_ascii_punctuation() && *c != '_' {
                    expression.push('\\');
                }
                expression.push(*c);
            }
        }
    }
    expression.push('$');
    expression
}

/// Whether a text matches, with one place to come back to: that of the last wildcard.
fn matches(text: &[char], pattern: &[PatternElem]) -> bool {
    let (mut at, mut element) = (0_usize, 0_usize);
    let mut last: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(element) {
            Some(PatternElem::Wildcard) => {
                last = Some((at, element));
                element = element.saturating_add(1);
            }
            Some(PatternElem::Char(c)) if text.get(at) == Some(c) => {
                at = at.saturating_add(1);
                element = element.saturating_add(1);
            }
            _ => {
                let Some((begin, wildcard)) = last else {
                    return false;
                };
                last = Some((begin.saturating_add(1), wildcard));
                at = begin.saturating_add(1);
                element = wildcard.saturating_add(1);
            }
        }
    }
    pattern
        .iter()
        .skip(element)
        .all(|element| *element == PatternElem::Wildcard)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(pattern: &str) -> Vec<PatternElem> {
        let element = |c| {
            if c == '*' {
                PatternElem::Wildcard
            } else {
                PatternElem::Char(c)
            }
        };
        pattern.chars().map(element).collect()
    }

    #[test]
    fn a_text_matches_as_a_whole() {
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "*", true),
            ("a", "", false),
            ("abc", "a*c", true),
            ("abcbd", "a*bd", true),
            ("abcbd", "a*b", false),
            ("aXbXc", "*X*X*", true),
            ("ab", "a*b*c", false),
        ] {
            let chars: Vec<char> = text.chars().collect();
            assert_eq!(matches(&chars, &elements(pattern)), expected, "{text} like {pattern}");
        }
    }

    #[test]
    fn patterns_take_the_cheapest_test() {
        let path = Path::root("$").member("name").unwrap();
        for (pattern, expected) in [
            ("abc", "$.name == \"abc\""),
            ("ab*", "$.name starts with \"ab\""),
            ("*", "$.name starts with \"\""),
            ("a.**b_", "$.name like_regex \"^a\\\\..*b_$\" flag \"s\""),
        ] {
            assert_eq!(like_at(&path, &elements(pattern)).yes.text(), expected, "{pattern}");
        }
    }
}
