//! A committed change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{Id, OrgId};
use crate::scope::Actor;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Create,
    Update,
    /// The reconciler reported; the desired state is as it was.
    Status,
    Delete,
    Undelete,
    /// The reconciler has torn down what a deleted resource stood for.
    Finalize,
    /// The row is gone.
    Purge,
}

impl Operation {
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Update,
        Self::Status,
        Self::Delete,
        Self::Undelete,
        Self::Finalize,
        Self::Purge,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Status => "status",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
            Self::Finalize => "finalize",
            Self::Purge => "purge",
        }
    }
}

impl std::str::FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|operation| operation.as_str() == text);
        known.ok_or_else(|| {
            format!(
                "`{text}` is not an operation: use {}",
                Self::ALL.map(Self::as_str).join(", ")
            )
        })
    }
}

/// `seq` counts 1, 2, 3 ... in each org, without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub org: OrgId,
    pub seq: i64,
    /// A resource type, or one of the built-in kinds: org, member, invitation, service_account, token.
    pub kind: String,
    pub subject: Id,
    pub subject_name: String,
    pub operation: Operation,
    /// The row as it was and as it became, with the column names of the store and without secrets.
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub actor: Actor,
    pub request_id: Option<String>,
    pub at: Timestamp,
    /// SHA-256 over the previous event's hash and this event.
    pub hash: [u8; 32],
    /// How long `before` and `after` are as text: readers take as many events at once as fit.
    pub bytes: usize,
}

/// The kinds of events that each product has; each resource type is one more.
pub const BUILT_IN_KINDS: [&str; 7] = [
    "org",
    "member",
    "invitation",
    "service_account",
    "token",
    "sql_login",
    "policy",
];

/// The prefix of a subject's id, by the event's kind.
pub fn subject_prefix(kind: &str) -> &str {
    match kind {
        "member" => "user",
        "invitation" => "inv",
        "service_account" => "sa",
        "token" => "tok",
        "sql_login" => "sql",
        _ => kind,
    }
}
