//! What can go wrong between the control plane and its databases.

use plinth_model::id::OrgId;
use tokio_postgres::error::SqlState;

/// What a caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A unique index refused the row; the constraint's name says which one.
    Taken { constraint: String },
    /// The org's quota is reached.
    Quota { limit: String },
    /// A row that this one refers to does not exist.
    Reference { constraint: String },
    /// A value that PostgreSQL cannot hold, such as a NUL character in JSON.
    Value,
    /// The directory knows no cell of this org: it never was, or it is gone.
    UnknownOrg,
    /// Policies do not let the row be written.
    Denied,
    /// A concurrent transaction won; trying again may succeed.
    Conflict,
    /// No connection, or the server is going away.
    Unavailable,
    /// A defect of ours.
    Internal,
}

#[derive(Debug, thiserror::Error)]
#[error("{context}: {source}")]
pub struct StoreError {
    pub kind: ErrorKind,
    context: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

pub type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    pub(crate) fn internal(context: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            context,
            source: source.into(),
        }
    }

    pub(crate) fn unavailable(
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            context,
            source: source.into(),
        }
    }

    pub(crate) fn unknown_org(org: OrgId) -> Self {
        Self {
            kind: ErrorKind::UnknownOrg,
            context: "org",
            source: format!("`{org}` is in no cell").into(),
        }
    }

    /// Whether the named unique constraint refused the row.
    pub fn is_taken(&self, name: &str) -> bool {
        matches!(&self.kind, ErrorKind::Taken { constraint } if constraint == name)
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let kind = match error.as_db_error() {
            Some(db) => kind_of(db),
            None if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>()) =>
            {
                ErrorKind::Unavailable
            }
            None => ErrorKind::Internal,
        };
        Self {
            kind,
            context: "statement failed",
            source: Box::new(error),
        }
    }
}

fn kind_of(error: &tokio_postgres::error::DbError) -> ErrorKind {
    let constraint = || error.constraint().unwrap_or_default().to_owned();
    let code = error.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        ErrorKind::Taken {
            constraint: constraint(),
        }
    } else if *code == SqlState::FOREIGN_KEY_VIOLATION {
        ErrorKind::Reference {
            constraint: constraint(),
        }
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE && error.routine() == Some("ExecWithCheckOptions") {
        ErrorKind::Denied
    } else if code.code() == "PL001" {
        ErrorKind::Quota {
            limit: error.message().to_owned(),
        }
    } else if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        ErrorKind::Conflict
    } else if *code == SqlState::UNTRANSLATABLE_CHARACTER
        || *code == SqlState::CHARACTER_NOT_IN_REPERTOIRE
        || *code == SqlState::PROGRAM_LIMIT_EXCEEDED
    {
        ErrorKind::Value
    } else if matches!(code.code().get(..2), Some("08" | "53" | "57")) {
        ErrorKind::Unavailable
    } else {
        ErrorKind::Internal
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => Self::unavailable("no connection to the database", error),
            other => Self::unavailable("no free connection to the database", other),
        }
    }
}
