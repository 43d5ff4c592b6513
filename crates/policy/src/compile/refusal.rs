//! Constructs that no predicate can say.

use std::fmt;

use cedar_policy::pst::Expr;
use serde::Serialize;

/// A construct of Cedar that was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What it is, such as `==` or `decimal`.
    pub construct: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// Why the database cannot decide it.
    pub why: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            construct,
            line,
            column,
            why,
            hint,
        } = self;
        write!(f, "{line}:{column}: `{construct}` cannot be used here: {why}; {hint}")
    }
}

impl std::error::Error for Refusal {}

/// A refusal that still points at the expression; the place in the text is found when it is handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused<'a> {
    /// The statement as a whole where there is none.
    pub at: Option<&'a Expr>,
    pub reason: Reason,
}

/// All reasons to refuse. Each stands in `docs/policies.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    AttributeOfAnother,
    MembershipOfAnother,
    Record,
    RecordEquality,
    Decimal,
    Tags,
    NestedSet,
    TooLarge,
    Unknown,
}

impl Reason {
    /// Name of the construct, why it is refused, what to do.
    pub(super) fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::AttributeOfAnother => (
                "attribute of another entity",
                "the row knows who its creator and owner are, but not what they are like",
                "compare `principal` with it, or read the attributes of `principal` and `resource`",
            ),
            Self::MembershipOfAnother => (
                "in",
                "the row knows who its creator and owner are, but not what they belong to",
                "ask for the roles and groups of `principal`",
            ),
            Self::Record => (
                "{..}",
                "a record that is built on the spot has no place in the row",
                "write its fields out",
            ),
            Self::RecordEquality => ("==", "records are not compared as a whole", "compare their fields"),
            Self::Decimal => (
                "decimal",
                "no attribute is a decimal",
                "use whole numbers, such as cents instead of units",
            ),
            Self::Tags => ("tags", "nothing has tags", "use `resource.properties`"),
            Self::NestedSet => (
                "[..]",
                "a set of sets or records is not compared",
                "use a set of texts, numbers or entities",
            ),
            Self::TooLarge => (
                "policy",
                "it is too large for a predicate that is evaluated for each row",
                "make several statements of it",
            ),
            Self::Unknown => ("expression", "this version does not know it", "write it in another way"),
        }
    }
}
