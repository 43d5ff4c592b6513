//! What an expression can evaluate to, as far as it is known before a row is.

use super::path::{self, Path};
use super::predicate::Predicate;
use crate::vocabulary::{Record, Type};

/// A value that an expression has when its guard holds.
#[derive(Debug, Clone)]
pub(super) struct Case<'v> {
    pub guard: Predicate,
    pub value: Value<'v>,
}

#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Bool(bool),
    /// A `Bool` at a path.
    Flag(Path),
    /// A number, or a moment or duration in milliseconds.
    Long(i64),
    /// A number at a path.
    Whole(Path),
    /// A number that is computed, as an operand.
    Computed(String),
    String(String),
    /// A `String` at a path.
    Text(Path),
    /// An entity that the policy names.
    Uid(Uid),
    Principal,
    Resource,
    /// The `creator` or `owner` of the row.
    Maker(Path),
    /// The address of the request.
    Address(Path),
    /// An address or network that the policy names, as `address/prefix`.
    Network(String),
    /// A set that the policy lists.
    Set(Vec<Value<'v>>),
    /// A set at a path.
    Array(Path),
    Record(Path, &'v Record),
}

/// An entity by type and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uid {
    pub entity: String,
    pub id: String,
}

impl Uid {
    /// As principals and makers are stored.
    pub(super) fn text(&self) -> String {
        format!("{}::{}", self.entity, self.id)
    }
}

impl<'v> Case<'v> {
    /// A value that is always there.
    pub(super) fn always(value: Value<'v>) -> Self {
        Self {
            guard: Predicate::True,
            value,
        }
    }
}

impl<'v> Value<'v> {
    /// The value at a path of this type.
    pub(super) fn at(path: Path, ty: &'v Type) -> Self {
        match ty {
            Type::Bool => Self::Flag(path),
            Type::Long | Type::Datetime => Self::Whole(path),
            Type::String => Self::Text(path),
            Type::Address => Self::Address(path),
            Type::Principal => Self::Maker(path),
            Type::Set(_) => Self::Array(path),
            Type::Record(record) => Self::Record(path, record),
        }
    }

    /// A number as an operand.
    pub(super) fn as_number(&self) -> Option<String> {
        match self {
            Self::Long(value) => Some(path::number(*value)),
            Self::Whole(path) => Some(path.text().to_owned()),
            Self::Computed(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// What can be an element of an array, as an operand. Nothing for a text that no stored one equals.
    pub(super) fn as_element(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            Self::Flag(path) | Self::Text(path) => Some(path.text().to_owned()),
            Self::String(text) => path::string(text),
            other => other.as_number(),
        }
    }
}
