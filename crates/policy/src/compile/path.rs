//! Paths and literals of `jsonpath`, and the guards that a path holds a value of its type.
//!
//! It must not know Cedar's expressions.

use std::fmt::Write;

use super::predicate::Predicate;
use crate::vocabulary::Type;

/// A path into the row, the principal or the context, with the tests that hold whenever its value is an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    text: String,
    /// Tests that hold when anything is found below this path.
    implied: Vec<String>,
}

/// 8 or 32 hexadecimal digits: an address of version 4 or 6.
const ADDRESS: &str = "^([0-9a-f]{8}|[0-9a-f]{32})$";

impl Path {
    pub(super) fn root(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            implied: Vec::new(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A member, or nothing when no stored object can have one of this name.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let key = key(name)?;
        let mut implied = self.implied.clone();
        if !self.implied.is_empty() || self.text.contains('.') {
            implied.push(is_type(&self.text, "object"));
        }
        Some(Self {
            text: format!("{}.{key}", self.text),
            implied,
        })
    }

    /// That there is a value of this type.
    pub(super) fn guard(&self, ty: &Type) -> Predicate {
        Predicate::implying(self.guard_text(ty), self.implied.clone())
    }

    /// A test that can only be true where the guard is.
    pub(super) fn test(&self, ty: &Type, text: String) -> Predicate {
        let mut implied = self.implied.clone();
        implied.push(self.guard_text(ty));
        Predicate::implying(text, implied)
    }

    fn guard_text(&self, ty: &Type) -> String {
        let path = &self.text;
        match ty {
            Type::Bool => is_type(path, "boolean"),
            Type::String => is_type(path, "string"),
            Type::Record(_) => is_type(path, "object"),
            Type::Long | Type::Datetime => is_long(path),
            Type::Address => format!("{path}.bits like_regex {}", string_of(ADDRESS)),
            Type::Principal => {
                format!("({path} starts with \"User::\" || {path} starts with \"ServiceAccount::\")")
            }
            Type::Set(element) => {
                let wrong = not_element(element);
                format!("({path}.type() == \"array\" && !exists({path}[*] ? ({wrong})))")
            }
        }
    }
}

fn is_type(path: &str, name: &str) -> String {
    format!("{path}.type() == \"{name}\"")
}

/// A whole number of 64 bits. What is no number has no floor, so that the test is unknown.
fn is_long(path: &str) -> String {
    format!("({path}.floor() == {path} && {})", in_range(path))
}

/// That a number did not leave 64 bits, where Cedar's arithmetic errors.
pub(super) fn in_range(number: &str) -> String {
    format!("{number} >= {} && {number} <= {}", i64::MIN, i64::MAX)
}

/// That `@` is not of an element's type. It is never unknown: the right side is looked at only for numbers.
fn not_element(element: &Type) -> String {
    match element {
        Type::Bool => "@.type() != \"boolean\"".to_owned(),
        Type::Long => format!(
            "@.type() != \"number\" || @.floor() != @ || @ < {} || @ > {}",
            i64::MIN,
            i64::MAX
        ),
        _ => "@.type() != \"string\"".to_owned(),
    }
}

/// A member's name as it stands behind the dot. Nothing for one with a NUL, which `jsonb` cannot hold.
fn key(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return Some(name.to_owned());
    }
    string(name)
}

/// A string literal. Nothing for a text with a NUL: no stored text equals it.
pub(super) fn string(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| string_of(text))
}

fn string_of(text: &str) -> String {
    let mut literal = String::with_capacity(text.len().saturating_add(2));
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            c if c.is_control() => _ = write!(literal, "\\u{:04x}", u32::from(c)),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A pattern that the value of a path has to match as a whole.
pub(super) fn matches(path: &str, pattern: &str) -> String {
    format!("{path} like_regex {} flag \"s\"", string_of(pattern))
}

/// A number as an operand; a sign in front would read as an operator.
pub(super) fn number(value: i64) -> String {
    if value < 0 {
        format!("({value})")
    } else {
        value.to_string()
    }
}
