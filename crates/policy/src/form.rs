//! The easy form: the policies that most people want, without a language.
//!
//! A form is written as Cedar, with the guards that strict validation asks for, and read back from Cedar: a statement is
//! a form when the form that can be made out of it is written as a statement of the same scope and conditions. So nothing is
//! lost by editing a policy in the form, and a policy that says more than the form can is left to the editor of Cedar.
//!
//! From JSON a form is read by hand, not derived: whatever is left out widens a statement, so nothing may be dropped or
//! guessed, and what is wrong has to be said in the form's own words.

mod json;
mod read;
mod value;
mod write;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::effect::Effect;
use crate::statement::Statement;
use crate::vocabulary::Vocabulary;

/// One statement in plain fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Permit or forbid.
    pub effect: Effect,
    /// For whom. It has to be said, also when it is everybody.
    pub subject: Subject,
    /// Actions and groups of actions: `pipelines:pause`, `pipelines:*`, `view`; empty for all. In JSON, all is said by leaving
    /// them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// On what; on everything when nothing is said.
    #[serde(skip_serializing_if = "Target::is_everything")]
    pub resource: Target,
    /// Under which circumstances: all of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Signal>,
}

/// For whom a statement is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Everybody in the org.
    Everybody,
    /// One user, by id.
    User(String),
    /// One service account, by id.
    ServiceAccount(String),
    /// All with this role.
    Role(String),
    /// All in this group.
    Group(String),
    /// All whose memberships have these attributes.
    Attributes(BTreeMap<String, Literal>),
}

/// On what a statement is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Name of a resource type, or of a built-in kind: `pipeline`, `members`; all when absent.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// One resource of that type, by id. In JSON, the type may be left out when the id begins with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What its properties must be.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, Wanted>,
}

/// A value of a label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// A text.
    String(String),
}

/// What a property must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Wanted {
    /// This value.
    Literal(Literal),
    /// What the principal's attribute of a name is: the variable of `properties.team == principal.attributes.team`.
    Variable(Variable),
}

/// `{"principal": "team"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Name of an attribute of the principal's membership.
    pub principal: String,
}

/// A circumstance. What is unknown counts as the worse case of each: as outside, and as not within.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// From one of these networks.
    WithinNetworks(Vec<String>),
    /// From none of these networks.
    OutsideNetworks(Vec<String>),
    /// From one of these countries.
    WithinCountries(Vec<String>),
    /// From none of these countries.
    OutsideCountries(Vec<String>),
    /// Before a moment, as `2026-11-27T18:00:00Z` or `2026-11-27T20:00:00+02:00`.
    Before(String),
    /// At this moment or later.
    Since(String),
    /// On one of these days of the org's calendar: `monday`.
    Weekdays(Vec<String>),
    /// From this hour of the org's clock on. Where [`UntilHour`](Self::UntilHour) is earlier, the two go over midnight.
    FromHour(i64),
    /// Before this hour of the org's clock.
    UntilHour(i64),
    /// Logged in at most so many seconds ago.
    AuthenticatedWithinSecs(i64),
    /// Logged in longer ago than that.
    AuthenticatedOverSecs(i64),
    /// Logged in with at least this strength.
    StrengthAtLeast(i64),
    /// Logged in with less strength than that.
    StrengthBelow(i64),
    /// A risk of this or more.
    RiskAtLeast(i64),
    /// A risk of less than that.
    RiskBelow(i64),
}

/// What is wrong with a form in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// JSON pointer (RFC 6901) into the form; empty for the form as a whole.
    pub pointer: String,
    /// What is wrong with what stands there; it goes on from the name of the field.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Target {
    fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

impl Form {
    /// Reads a form from JSON.
    ///
    /// # Errors
    /// All that is wrong with it: what is unknown, empty or out of range, and what would be left out of the statement.
    pub fn from_json(value: &Value, vocabulary: &Vocabulary) -> Result<Self, Vec<FormError>> {
        json::form(value, vocabulary)
    }

    /// The statement as Cedar. It is valid unless the form names what the vocabulary does not know.
    #[must_use]
    pub fn to_cedar(&self, vocabulary: &Vocabulary) -> String {
        write::statement(self, vocabulary)
    }

    /// The form of a statement, when a form can say it.
    #[must_use]
    pub fn of(statement: &Statement, vocabulary: &Vocabulary) -> Option<Self> {
        let form = read::form(&statement.tree, vocabulary)?;
        // What it refuses to write, it does not offer.
        let sent = serde_json::to_value(&form).ok()?;
        if json::form(&sent, vocabulary).as_ref() != Ok(&form) {
            return None;
        }
        let written = crate::policy::tree_of(&form.to_cedar(vocabulary))?;
        read::same(&written, &statement.tree).then_some(form)
    }
}
