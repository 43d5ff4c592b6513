//! What can go wrong in a call: a problem the server told (RFC 9457), or the way to it.
//! Must not know which call it was for.

use std::time::Duration;

use reqwest::{Response, header::RETRY_AFTER};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered, and the answer is no.
    #[error(transparent)]
    Problem(#[from] Box<Problem>),
    #[error("`{url}` is not an address of a server: {reason}")]
    Address { url: String, reason: String },
    #[error("`{value}` cannot be part of a path")]
    Name { value: String },
    #[error("the token holds characters that a header cannot carry")]
    Token,
    #[error("cannot connect to `{url}`")]
    Connect { url: String, source: reqwest::Error },
    #[error("no answer from `{url}` in time")]
    Timeout { url: String, source: reqwest::Error },
    #[error("the connection to `{url}` broke")]
    Transport { url: String, source: reqwest::Error },
    #[error("cannot set up the connection: {0}")]
    Setup(#[source] reqwest::Error),
    #[error("cannot write the request as json")]
    Encode(#[source] serde_json::Error),
    #[error("cannot read the answer of `{url}`")]
    Decode { url: String, source: serde_json::Error },
}

impl Error {
    /// The stable code of the server's problem, such as `not_found`.
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    pub fn is_not_found(&self) -> bool {
        self.code() == Some("not_found")
    }

    /// Another agent holds the work now, or nobody does: stop at once.
    pub fn is_lease_lost(&self) -> bool {
        self.code() == Some("lease_lost")
    }

    /// No later try with the same request and token can succeed.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Problem(problem) => (400..500).contains(&problem.status) && !matches!(problem.status, 408 | 429),
            Self::Connect { .. } | Self::Timeout { .. } | Self::Transport { .. } => false,
            _ => true,
        }
    }
}

/// A problem document (RFC 9457) with Plinth's members.
#[derive(Debug, Clone, Default, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.summary())]
pub struct Problem {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// From the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// Other members, such as `offenders` or `permission`.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// One wrong field: a JSON pointer into the request, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    #[serde(default)]
    pub pointer: String,
    #[serde(default)]
    pub message: String,
    /// From 1, for what is wrong in a text of many lines: a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What to do, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    fn summary(&self) -> String {
        let text = [&self.detail, &self.title, &self.code]
            .into_iter()
            .find(|text| !text.is_empty());
        text.cloned()
            .unwrap_or_else(|| format!("the server answered with status {}", self.status))
    }

    /// Reads the problem out of a failed answer; one that is no problem
    /// document (a proxy's page, say) becomes a problem with its status.
    pub(crate) async fn from_response(response: Response) -> Self {
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let body = response.bytes().await.unwrap_or_default();
        let mut problem: Self = serde_json::from_slice(&body).unwrap_or_default();
        problem.status = status.as_u16();
        problem.retry_after = retry_after;
        if problem.code.is_empty() {
            problem.code = format!("http_{}", status.as_u16());
        }
        if problem.title.is_empty() {
            problem.title = status.canonical_reason().unwrap_or("unknown").to_lowercase();
        }
        problem
    }
}
