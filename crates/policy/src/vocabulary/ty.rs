//! The types that attributes can have.

use std::collections::BTreeMap;

use super::Label;

/// The type of an attribute. A stored value of another type counts as missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `true` and `false`.
    Bool,
    /// Whole numbers of 64 bits; `1.0` is 1.
    Long,
    /// Text.
    String,
    /// A moment; stored as milliseconds since 1970 in UTC.
    Datetime,
    /// A network address; stored as an object whose `bits` are 8 or 32 hexadecimal digits.
    Address,
    /// A user or service account; stored as `User::<id>` or `ServiceAccount::<id>`.
    Principal,
    /// A set of `Bool`, `Long` or `String`; stored as an array in which each element is of that type.
    Set(Box<Type>),
    /// Named fields; stored as an object.
    Record(Record),
}

/// A field of a record or an attribute of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// What its values are.
    pub ty: Type,
    /// Whether a policy may read it without asking `has` first.
    pub required: bool,
}

impl Attribute {
    pub(crate) fn required(ty: Type) -> Self {
        Self { ty, required: true }
    }

    pub(crate) fn optional(ty: Type) -> Self {
        Self { ty, required: false }
    }
}

/// Fields by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    fields: BTreeMap<String, Attribute>,
    /// Labels: any other name may be used too, as an optional text. The name that the schema has for this record.
    open: Option<&'static str>,
}

pub(super) static EMPTY: Record = Record {
    fields: BTreeMap::new(),
    open: None,
};

static TEXT: Attribute = Attribute {
    ty: Type::String,
    required: false,
};

impl Record {
    pub(crate) fn of<const N: usize>(fields: [(&str, Attribute); N]) -> Self {
        Self {
            fields: fields.map(|(name, attribute)| (name.to_owned(), attribute)).into(),
            open: None,
        }
    }

    pub(crate) fn insert(&mut self, name: &str, attribute: Attribute) {
        self.fields.insert(name.to_owned(), attribute);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// The attribute of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.fields.get(name).or_else(|| self.open.map(|_| &TEXT))
    }

    /// The declared fields, in order of their names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.fields.iter().map(|(name, attribute)| (name.as_str(), attribute))
    }

    /// Whether names that are not declared may be used too, as optional texts.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn label_type(&self) -> Option<&'static str> {
        self.open
    }
}

/// The record of labels with these types; all optional.
pub(super) fn labels(name: &'static str, declared: &BTreeMap<String, Label>) -> Record {
    let attribute = |label: &Label| {
        Attribute::optional(match label {
            Label::String => Type::String,
            Label::Long => Type::Long,
            Label::Bool => Type::Bool,
        })
    };
    Record {
        fields: declared
            .iter()
            .map(|(name, label)| (name.clone(), attribute(label)))
            .collect(),
        open: Some(name),
    }
}
