//! Why something was refused, in terms of the product. The floor above makes it into a status.

use std::sync::Arc;

use plinth_model::Actor;
use plinth_model::id::OrgId;
use plinth_store::{ErrorKind, StoreError};
use serde::Serialize;
use serde_json::Value;

/// The stable part of an error that programs may rely on; each has a page in the docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    InvalidRequest,
    InvalidJson,
    InvalidCursor,
    Unauthenticated,
    CsrfFailed,
    Forbidden,
    EmailNotVerified,
    NotFound,
    MethodNotAllowed,
    Conflict,
    UsageConflict,
    VersionMismatch,
    BodyTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    QuotaExceeded,
    RateLimited,
    LockedOut,
    LeaseLost,
    Unavailable,
    Internal,
}

impl Code {
    pub const ALL: [Self; 22] = [
        Self::InvalidRequest,
        Self::InvalidJson,
        Self::InvalidCursor,
        Self::Unauthenticated,
        Self::CsrfFailed,
        Self::Forbidden,
        Self::EmailNotVerified,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::UsageConflict,
        Self::VersionMismatch,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::IdempotencyKeyReused,
        Self::QuotaExceeded,
        Self::RateLimited,
        Self::LockedOut,
        Self::LeaseLost,
        Self::Unavailable,
        Self::Internal,
    ];
}

/// What is wrong with one field of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    pub message: String,
    /// Where in the text of that field, for a policy.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What to do, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
            place: None,
            hint: None,
        }
    }

    #[must_use]
    pub fn with_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    #[must_use]
    pub fn at(self, line: u32, column: u32) -> Self {
        let place = Some(Place { line, column });
        Self { place, ..self }
    }

    /// In one line, with all that is known.
    fn sentence(&self) -> String {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        let place = self
            .place
            .map(|Place { line, column }| format!("line {line}, column {column}: "));
        let hint = self.hint.iter().map(|hint| format!("; {hint}"));
        format!(
            "`{pointer}` {}{}{}",
            place.unwrap_or_default(),
            self.message,
            hint.collect::<String>()
        )
    }

    /// The same of a body that stands at `prefix` in a larger one.
    pub(crate) fn below(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

/// A thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offender {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_slug: Option<String>,
    #[serde(rename = "type")]
    pub type_name: String,
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What policies refused to somebody.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{action}` was refused to `{}`", actor.id)]
pub struct Refusal {
    pub org: OrgId,
    pub actor: Actor,
    /// Such as `pipelines:delete`.
    pub action: String,
    /// What it was about, as policies see it; `None` when they did not need it.
    pub view: Option<Value>,
    /// The circumstances, as policies see them.
    pub context: Arc<Value>,
}

#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct ControlError {
    pub code: Code,
    /// One sentence for a person: what is wrong, and what to do.
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub offenders: Vec<Offender>,
    /// The permission that the caller lacks, for `forbidden`.
    pub permission: Option<Box<str>>,
    pub retry_after_secs: Option<u32>,
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T> = std::result::Result<T, ControlError>;

impl ControlError {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            offenders: Vec::new(),
            permission: None,
            retry_after_secs: None,
            cause: None,
        }
    }

    /// Another org's thing, a deleted one and one that never was give the same answer.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.sentence(),
            many => format!("{} fields are not valid", many.len()),
        };
        Self {
            errors,
            ..Self::new(Code::ValidationFailed, detail)
        }
    }

    pub fn invalid_field(pointer: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, message)])
    }

    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let detail = "something went wrong on our side; try again, and tell us the request id if it persists";
        Self {
            cause: Some(cause.into()),
            ..Self::new(Code::Internal, detail)
        }
    }

    /// What was asked for, when policies refused it.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.cause.as_ref()?.downcast_ref()
    }

    /// Whether the database has broken the work off in favour of somebody else's: doing it again may succeed.
    pub(crate) fn is_contention(&self) -> bool {
        let cause = self.cause.as_ref().and_then(|cause| cause.downcast_ref::<StoreError>());
        cause.is_some_and(|cause| cause.kind == ErrorKind::Conflict)
    }

    #[must_use]
    pub fn with_offenders(self, offenders: Vec<Offender>) -> Self {
        Self { offenders, ..self }
    }

    #[must_use]
    pub fn retry_after(self, secs: u64) -> Self {
        Self {
            retry_after_secs: Some(u32::try_from(secs).unwrap_or(u32::MAX)),
            ..self
        }
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        let (code, detail) = match &error.kind {
            ErrorKind::Taken { .. } => (Code::Conflict, "this name is taken: choose another one".to_owned()),
            ErrorKind::Quota { limit } => (
                Code::QuotaExceeded,
                format!("{limit}: delete something, or ask for a larger quota"),
            ),
            ErrorKind::Reference { .. } => (
                Code::Conflict,
                "something that this refers to has just gone; read it again".to_owned(),
            ),
            ErrorKind::Value => (
                Code::ValidationFailed,
                "a text holds a character that cannot be stored, such as NUL".to_owned(),
            ),
            ErrorKind::UnknownOrg => (Code::NotFound, "there is no such org".to_owned()),
            // The database has the last word, by the policies as they are at that moment.
            ErrorKind::Denied => (
                Code::Forbidden,
                "the policies of the org do not let you write it like this; an owner or admin can change them"
                    .to_owned(),
            ),
            ErrorKind::Conflict => (
                Code::Conflict,
                "somebody else changed this at the same time; try again".to_owned(),
            ),
            ErrorKind::Unavailable => (
                Code::Unavailable,
                "the database cannot be reached right now; try again".to_owned(),
            ),
            ErrorKind::Internal => return Self::internal(error),
        };
        let retry_after_secs = (code == Code::Unavailable).then_some(1);
        Self {
            cause: Some(Box::new(error)),
            retry_after_secs,
            ..Self::new(code, detail)
        }
    }
}
