//! What is wrong with a policy, where, and what to do about it.

use std::fmt;

use serde::Serialize;

/// A place in a text, as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// The place of a byte; the end of the text for one behind it.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let mut position = Self { line: 1, column: 1 };
        for (_, c) in text.char_indices().take_while(|(at, _)| *at < byte) {
            if c == '\n' {
                position = Self {
                    line: position.line.saturating_add(1),
                    column: 1,
                };
            } else {
                position.column = position.column.saturating_add(1);
            }
        }
        position
    }
}

/// How grave a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// It can, but hardly says what was meant.
    Warning,
}

/// Something about a policy's text that its author should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether the policy can be used in spite of it.
    pub severity: Severity,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong; lower case, no full stop, inputs in backticks.
    pub message: String,
    /// What to do, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    pub(crate) fn error(at: Position, message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self {
            severity: Severity::Error,
            line: at.line,
            column: at.column,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}: {severity}: {}", self.line, self.column, self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}
