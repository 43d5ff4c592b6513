//! What is wrong with a plan, and where. Knows no rules itself.

use serde::Serialize;
use std::fmt;

/// One fault of a document, in the shape of the `errors` member of an API problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the document; empty for the document itself.
    pub pointer: String,
    /// What is wrong there, for a person to read.
    pub message: String,
}

impl Violation {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }

    /// A reading error with the path that serde had reached.
    pub(crate) fn from_path(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        use serde_path_to_error::Segment;
        let pointer = error
            .path()
            .iter()
            .map(|segment| match segment {
                Segment::Seq { index } => format!("/{index}"),
                Segment::Map { key } => format!("/{}", escape(key)),
                Segment::Enum { .. } | Segment::Unknown => String::new(),
            })
            .collect::<String>();
        Self::new(pointer, error.inner().to_string())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// A member name as one step of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
