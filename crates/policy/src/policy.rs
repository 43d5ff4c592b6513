//! A policy: Cedar text that was parsed and is valid.
//!
//! A policy is one or more statements, at most [`MOST_STATEMENTS`]: what belongs together, such as all that a role may
//! do, is written, versioned and reverted together. Templates are refused, since there is nothing that would link them.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{PolicyId, PolicySet, ValidationMode, pst};

use crate::compile::locate;
use crate::finding::{Finding, Position, Severity};
use crate::hint;
use crate::mend;
use crate::mention;
use crate::never;
use crate::source;
use crate::stack;
use crate::statement::Statement;
use crate::vocabulary::{PrincipalKind, Vocabulary};

/// The most statements in one policy.
pub const MOST_STATEMENTS: usize = 64;

/// A valid policy.
#[derive(Debug, Clone)]
pub struct Policy {
    text: String,
    statements: Vec<Statement>,
    warnings: Vec<Finding>,
}

impl Policy {
    /// Reads and validates a policy.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the text.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, Vec<Finding>> {
        source::check_size(text).map_err(|finding| vec![finding])?;
        stack::with_room(|| Self::parse_small(text, vocabulary))
    }

    /// Reads a policy that was valid when it was accepted, without validating it again, which takes the longest.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), but for what only validation finds.
    pub fn parse_accepted(text: &str) -> Result<Self, Vec<Finding>> {
        source::check_size(text).map_err(|finding| vec![finding])?;
        stack::with_room(|| Self::read(text)).map(|(_, policy)| policy)
    }

    fn read(text: &str) -> Result<(PolicySet, Self), Vec<Finding>> {
        let set = PolicySet::from_str(text).map_err(|errors| parse_findings(text, &errors))?;
        let policy = Self {
            text: text.to_owned(),
            statements: statements(text, &set)?,
            warnings: Vec::new(),
        };
        Ok((set, policy))
    }

    fn parse_small(text: &str, vocabulary: &Vocabulary) -> Result<Self, Vec<Finding>> {
        let (set, policy) = Self::read(text)?;
        let findings = validate(text, &set, &policy.statements, vocabulary);
        let (errors, warnings): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        if !errors.is_empty() {
            let others = behind_unknown_actions(text, &policy.statements, vocabulary);
            return Err(sorted([errors, others].concat()));
        }
        Ok(Self { warnings, ..policy })
    }

    /// The text that it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its statements, in the order of the text.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Where a field of `context` is first read or asked for: line and column, from 1.
    #[must_use]
    pub fn place_of(&self, signal: &str) -> Option<(u32, u32)> {
        let mut statements = self.statements.iter();
        statements.find_map(|statement| {
            let expr = mention::signal(&statement.tree, signal)?;
            let at = locate::position(&self.text, statement, Some(expr));
            Some((at.line, at.column))
        })
    }

    /// What its author should look at again, such as a statement that can never apply.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

/// The tree of a text that is one statement.
pub(crate) fn tree_of(text: &str) -> Option<pst::Template> {
    source::check_size(text).ok()?;
    stack::with_room(|| match cedar_policy::Policy::from_str(text).ok()?.to_pst().ok()? {
        pst::Policy::Static(policy) => Some(policy.body().clone()),
        _ => None,
    })
}

fn parse_findings(text: &str, errors: &cedar_policy::ParseErrors) -> Vec<Finding> {
    let findings = errors.iter().map(|error| finding(text, &DetailedError::from(error)));
    sorted(findings.collect())
}

/// An error of Cedar's with its place; the start of the text where it has none.
fn finding(text: &str, error: &DetailedError) -> Finding {
    let at = error.source_locations.first().map_or(0, |label| label.loc.start);
    let hint = error.help.clone().or_else(|| hint::of_message(&error.message));
    Finding::error(Position::of(text, at), error.message.clone(), hint)
}

/// In the order of the text. What Cedar says of each kind at the same place, and is met by the same hint, is said once.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
    findings.dedup_by(|a, b| {
        let same_hint = a.hint.is_some() && a.hint == b.hint;
        (a.line, a.column) == (b.line, b.column) && (same_hint || a.message == b.message)
    });
    findings
}

/// Cedar names the statements of a text `policy0`, `policy1`, ... in its order.
fn statements(text: &str, set: &PolicySet) -> Result<Vec<Statement>, Vec<Finding>> {
    let tokens = source::tokens(text);
    let spans = source::statements(&tokens);
    let start_of = |index: usize| {
        spans
            .get(index)
            .and_then(|span| span.first())
            .map_or(0, |token| token.start)
    };
    let at = |index: usize| Position::of(text, start_of(index));
    let count = checked_count(set).map_err(|(message, hint)| vec![Finding::error(at(0), message, hint)])?;
    let mut statements = Vec::with_capacity(count);
    let mut findings = Vec::new();
    for index in 0..count {
        let tree = set
            .policy(&PolicyId::new(format!("policy{index}")))
            .map(|cedar| (cedar, cedar.to_pst()));
        match tree {
            Some((cedar, Ok(pst::Policy::Static(tree)))) => statements.push(Statement {
                cedar: cedar.clone(),
                tree: tree.body().clone(),
                start: start_of(index),
                end: start_of(index.saturating_add(1)).max(start_of(index)),
                line: at(index).line,
            }),
            Some((_, Err(error))) => findings.push(Finding::error(at(index), error.to_string(), None)),
            _ => {
                let hint = "name the principal and the resource instead of `?principal` and `?resource`".to_owned();
                findings.push(Finding::error(at(index), "templates are not supported", hint));
            }
        }
    }
    if let Some(last) = statements.last_mut() {
        last.end = text.len();
    }
    if findings.is_empty() {
        Ok(statements)
    } else {
        Err(findings)
    }
}

/// How many statements there are, or why that is no policy, and what to do.
fn checked_count(set: &PolicySet) -> Result<usize, (String, String)> {
    let count = set.policies().count().saturating_add(set.templates().count());
    match count {
        0 => Err((
            "the policy has no statement".to_owned(),
            "write `permit (principal, action, resource);` or `forbid (..);`".to_owned(),
        )),
        1..=MOST_STATEMENTS => Ok(count),
        _ => Err((
            format!("the policy has {count} statements, {MOST_STATEMENTS} is the most"),
            "make several policies of it".to_owned(),
        )),
    }
}

/// What is wrong with the conditions of statements that Cedar did not look at.
fn behind_unknown_actions(text: &str, statements: &[Statement], vocabulary: &Vocabulary) -> Vec<Finding> {
    let Some(mended) = mend::for_every_action(text, statements, vocabulary) else {
        return Vec::new();
    };
    let Ok(set) = PolicySet::from_str(&mended) else {
        return Vec::new();
    };
    let mut findings = validate(&mended, &set, statements, vocabulary);
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// Validates with either kind of maker; see [`Vocabulary::validator`]. A warning stands only when it does with both.
fn validate(text: &str, set: &PolicySet, statements: &[Statement], vocabulary: &Vocabulary) -> Vec<Finding> {
    let mentioned: BTreeSet<String> = statements
        .iter()
        .flat_map(|statement| mention::labels(&statement.tree))
        .collect();
    let mut errors = Vec::new();
    let mut warnings: Option<Vec<Finding>> = None;
    for maker in PrincipalKind::ALL {
        let validator = match vocabulary.validator(&mentioned, maker) {
            Ok(validator) => validator,
            Err(error) => {
                let message = format!("the schema of this org cannot be used: {error}");
                return vec![Finding::error(Position::of(text, 0), message, None)];
            }
        };
        let result = validator.validate(set, ValidationMode::Strict);
        for error in result.validation_errors() {
            let found = finding(text, &DetailedError::from(error));
            errors.push(hint::improved(found, &mentioned, vocabulary));
        }
        let found = result.validation_warnings().map(|warning| {
            let found = finding(text, &DetailedError::from(warning));
            Finding {
                severity: Severity::Warning,
                ..hint::improved(found, &mentioned, vocabulary)
            }
        });
        let found: Vec<Finding> = found.collect();
        warnings = Some(match warnings {
            None => found,
            Some(before) => before.into_iter().filter(|warning| found.contains(warning)).collect(),
        });
    }
    errors.extend(warnings.unwrap_or_default());
    let never = statements
        .iter()
        .flat_map(|statement| never::warnings(text, statement, vocabulary));
    errors.extend(never);
    sorted(errors)
}
