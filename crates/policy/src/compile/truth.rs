//! When a test of two values is true, and when it is false.

use super::environment::Environment;
use super::path::{self, Path};
use super::predicate::Predicate;
use super::refusal::Reason;
use super::value::Value;
use super::{address, entity, set};
use crate::vocabulary::Type;

/// What an expression is wanted to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Yes,
    No,
}

impl Outcome {
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
        }
    }
}

/// Both outcomes of a test over values whose guards hold.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    pub yes: Predicate,
    pub no: Predicate,
}

impl Truth {
    pub(super) fn constant(value: bool) -> Self {
        Self {
            yes: Predicate::constant(value),
            no: Predicate::constant(!value),
        }
    }

    /// A test that is not unknown while the guards hold.
    pub(super) fn test(text: String) -> Self {
        let no = format!("!({text})");
        Self {
            yes: Predicate::atom(text),
            no: Predicate::atom(no),
        }
    }

    pub(super) fn opposite(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
        }
    }

    pub(super) fn of(self, outcome: Outcome) -> Predicate {
        match outcome {
            Outcome::Yes => self.yes,
            Outcome::No => self.no,
        }
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let (yes, no): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.yes, part.no)).unzip();
        Self {
            yes: Predicate::or(yes),
            no: Predicate::and(no),
        }
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::any(parts.into_iter().map(Self::opposite)).opposite()
    }
}

/// `left == right`.
pub(super) fn equal(environment: &Environment<'_>, left: &Value<'_>, right: &Value<'_>) -> Result<Truth, Reason> {
    use Value::{
        Address, Array, Bool, Flag, Long, Maker, Network, Principal, Record, Resource, Set, String, Text, Uid,
    };
    Ok(match (left, right) {
        (Record(..), Record(..)) => return Err(Reason::RecordEquality),
        (Set(_) | Array(_), Set(_) | Array(_)) => set::equal(environment, left, right)?,
        (Uid(_) | Principal | Resource | Maker(_), Uid(_) | Principal | Resource | Maker(_)) => {
            entity::equal(environment, left, right)
        }
        (Bool(left), Bool(right)) => Truth::constant(left == right),
        (Long(left), Long(right)) => Truth::constant(left == right),
        (String(left), String(right)) | (Network(left), Network(right)) => Truth::constant(left == right),
        (Address(_), Address(_)) => Truth::constant(true),
        (Address(path), Network(network)) | (Network(network), Address(path)) => address::is(path, network),
        (Flag(path), Bool(value)) | (Bool(value), Flag(path)) => equal_at(path, &Type::Bool, Some(value.to_string())),
        (Text(path), String(text)) | (String(text), Text(path)) => equal_at(path, &Type::String, path::string(text)),
        (Value::Whole(path), Long(value)) | (Long(value), Value::Whole(path)) => {
            equal_at(path, &Type::Long, Some(path::number(*value)))
        }
        (Flag(left), Flag(right)) | (Text(left), Text(right)) => {
            Truth::test(format!("{} == {}", left.text(), right.text()))
        }
        _ => match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => Truth::test(format!("{left} == {right}")),
            _ => Truth::constant(false),
        },
    })
}

/// That a path holds this literal. When it does, it holds a value of that type.
pub(super) fn equal_at(path: &Path, ty: &Type, literal: Option<String>) -> Truth {
    let Some(literal) = literal else {
        return Truth::constant(false);
    };
    Truth {
        yes: path.test(ty, format!("{} == {literal}", path.text())),
        no: Predicate::atom(format!("{} != {literal}", path.text())),
    }
}

/// `left < right` and its like, with the sign that both languages share. Nothing for what is not compared.
pub(super) fn compare(left: &Value<'_>, sign: &str, right: &Value<'_>) -> Option<Truth> {
    if let (Value::Long(left), Value::Long(right)) = (left, right) {
        return Some(Truth::constant(match sign {
            "<" => left < right,
            "<=" => left <= right,
            ">" => left > right,
            _ => left >= right,
        }));
    }
    Some(Truth::test(format!(
        "{} {sign} {}",
        left.as_number()?,
        right.as_number()?
    )))
}
