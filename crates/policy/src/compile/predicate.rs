//! Predicates of `jsonpath` as trees that simplify themselves, and their text.
//!
//! It must not know Cedar.

use std::rc::Rc;

/// The row's view.
pub(super) const ROOT: &str = "$";

/// A predicate. What is inside may be unknown; as a whole it counts as false then.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Predicate {
    True,
    False,
    /// A comparison or another test that stands alone.
    Atom(Rc<Atom>),
    And(Rc<List>),
    Or(Rc<List>),
    /// True where the inner one is not, be it false or unknown. Never unknown itself.
    Not(Rc<Self>),
}

/// A test, and the tests that hold whenever it does.
#[derive(Debug, PartialEq)]
pub(super) struct Atom {
    text: String,
    implied: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(super) struct List {
    parts: Vec<Predicate>,
    size: usize,
}

impl Predicate {
    pub(super) fn atom(text: String) -> Self {
        Self::implying(text, Vec::new())
    }

    /// A test that can only be true where these others are.
    pub(super) fn implying(text: String, implied: Vec<String>) -> Self {
        Self::Atom(Rc::new(Atom { text, implied }))
    }

    pub(super) fn constant(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    pub(super) fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::True => {}
                Self::False => return Self::False,
                Self::And(list) => list.parts.iter().for_each(|inner| push_new(&mut flat, inner.clone())),
                other => push_new(&mut flat, other),
            }
        }
        without_implied(&mut flat);
        Self::joined(flat, Self::True, Self::And)
    }

    pub(super) fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::False => {}
                Self::True => return Self::True,
                Self::Or(list) => list.parts.iter().for_each(|inner| push_new(&mut flat, inner.clone())),
                other => push_new(&mut flat, other),
            }
        }
        Self::joined(flat, Self::False, Self::Or)
    }

    fn joined(mut parts: Vec<Self>, empty: Self, join: fn(Rc<List>) -> Self) -> Self {
        if parts.len() > 1 {
            let size = parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.size()));
            return join(Rc::new(List { parts, size }));
        }
        parts.pop().unwrap_or(empty)
    }

    pub(super) fn not(inner: Self) -> Self {
        match inner {
            Self::True => Self::False,
            Self::False => Self::True,
            other => Self::Not(Rc::new(other)),
        }
    }

    /// About the length of its text, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::True | Self::False => 6,
            Self::Atom(atom) => atom.text.len().saturating_add(4),
            Self::And(list) | Self::Or(list) => list.size.saturating_add(2),
            Self::Not(inner) => inner.size().saturating_add(20),
        }
    }

    /// The text, without `strict`.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.size());
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::True => text.push_str("1 == 1"),
            Self::False => text.push_str("1 == 0"),
            Self::Atom(atom) => text.push_str(&atom.text),
            Self::And(list) => write_joined(&list.parts, " && ", text),
            Self::Or(list) => write_joined(&list.parts, " || ", text),
            Self::Not(inner) => {
                text.push_str("!exists(");
                text.push_str(ROOT);
                text.push_str(" ? (");
                inner.write(text);
                text.push_str("))");
            }
        }
    }
}

/// More parts than this are joined as a balanced tree: PostgreSQL calls itself once for each link of a chain.
const LONGEST_CHAIN: usize = 16;

fn write_joined(parts: &[Predicate], sign: &str, text: &mut String) {
    if parts.len() > LONGEST_CHAIN {
        let (left, right) = parts.split_at(parts.len() / 2);
        text.push('(');
        write_joined(left, sign, text);
        text.push_str(sign);
        write_joined(right, sign, text);
        text.push(')');
        return;
    }
    text.push('(');
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(sign);
        }
        part.write(text);
    }
    text.push(')');
}

fn push_new(parts: &mut Vec<Predicate>, part: Predicate) {
    if !parts.contains(&part) {
        parts.push(part);
    }
}

/// Drops the tests that others among them imply.
fn without_implied(parts: &mut Vec<Predicate>) {
    let implied: Vec<String> = parts
        .iter()
        .filter_map(|part| match part {
            Predicate::Atom(atom) => Some(atom.implied.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    parts.retain(|part| !matches!(part, Predicate::Atom(atom) if implied.contains(&atom.text)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(text: &str) -> Predicate {
        Predicate::atom(text.to_owned())
    }

    #[test]
    fn constants_duplicates_and_what_is_implied_go_away() {
        let implying = Predicate::implying("a == 1".to_owned(), vec!["a.type() == \"number\"".to_owned()]);
        for (predicate, expected) in [
            (Predicate::and([]), "1 == 1"),
            (Predicate::or([]), "1 == 0"),
            (Predicate::and([atom("a"), Predicate::True, atom("a")]), "a"),
            (Predicate::and([atom("a"), Predicate::False]), "1 == 0"),
            (
                Predicate::and([atom("a.type() == \"number\""), implying, atom("b")]),
                "(a == 1 && b)",
            ),
            (
                Predicate::or([
                    Predicate::or([atom("a"), atom("b")]),
                    Predicate::and([atom("c"), atom("d")]),
                ]),
                "(a || b || (c && d))",
            ),
            (Predicate::not(atom("a")), "!exists($ ? (a))"),
            (Predicate::not(Predicate::not(Predicate::True)), "1 == 1"),
        ] {
            assert_eq!(predicate.text(), expected);
            assert!(predicate.size() >= expected.len(), "{expected}");
        }
    }
}
