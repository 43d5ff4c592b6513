//! Why a decision came out as it did: the statements that made it, and the attributes that they looked at, in words.
//!
//! An explanation has values of the row and of the principal in it. Who may see it is for the caller to know.

use std::collections::BTreeMap;
use std::fmt::Write;

use cedar_policy::pst::{Clause, Expr, Var};
use serde::Serialize;
use serde_json::Value;

use crate::decide::{Decider, Decision, Question, StatementId};
use crate::mention::children;
use crate::view::ViewError;

mod words;

use words::listed;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What was decided.
    pub decision: Decision,
    /// One sentence.
    pub summary: String,
    /// The statements that decided; when nothing permits, those that might have, for other attributes.
    pub statements: Vec<Explained>,
}

/// A statement and what it looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// Which one.
    pub id: StatementId,
    /// The line of its policy that it begins in.
    pub line: u32,
    /// What it says of whom, in words.
    pub says: String,
    /// The attributes that its conditions read, such as `resource.properties.team`, with their values; null where there
    /// is none.
    pub attributes: BTreeMap<String, Value>,
}

/// Decides, and says why. Only policies that `is_shown` says yes to are named, with what they say.
///
/// # Errors
/// As [`Decider::decide`].
pub fn explain(
    decider: &Decider,
    question: Question<'_>,
    is_shown: impl Fn(&str) -> bool,
) -> Result<Explanation, ViewError> {
    let mut decision = decider.decide(question)?;
    let decides = !decision.deciding.is_empty();
    let all = decision.deciding.len();
    decision.deciding.retain(|id| is_shown(&id.policy));
    decision.errors.retain(|(id, _)| is_shown(&id.policy));
    let is_hidden = decision.deciding.len() < all;
    let ids = if decides {
        decision.deciding.clone()
    } else {
        let could = |id: &StatementId| {
            let statement = decider.statement(id);
            is_shown(&id.policy) && statement.is_some_and(|statement| statement.effect() == crate::Effect::Permit)
        };
        decider
            .statements_for(question.action)
            .into_iter()
            .filter(could)
            .collect()
    };
    let explained = ids
        .into_iter()
        .filter_map(|id| explained(decider, id, question))
        .collect();
    Ok(Explanation {
        summary: summary(&decision, is_hidden, question),
        statements: explained,
        decision,
    })
}

fn summary(decision: &Decision, is_hidden: bool, question: Question<'_>) -> String {
    let text = |view: &Value| view.get("name").and_then(Value::as_str).map(str::to_owned);
    let who = text(question.principal).unwrap_or_else(|| "the principal".to_owned());
    let what = text(question.row).filter(|name| !name.is_empty());
    let what = what.map(|name| format!(" to `{name}`")).unwrap_or_default();
    let mut names: Vec<String> = decision.deciding.iter().map(|id| format!("`{}`", id.policy)).collect();
    names.dedup();
    if is_hidden {
        names.push("a policy that you may not see".to_owned());
    }
    let action = question.action;
    let by = listed(&names);
    let mut text = match (decision.allowed, names.is_empty()) {
        (true, _) => format!("{who} may do `{action}`{what}: permitted by {by}, and nothing forbids it"),
        (false, false) => format!("{who} may not do `{action}`{what}: forbidden by {by}"),
        (false, true) => format!("{who} may not do `{action}`{what}: no policy permits it"),
    };
    let mut skipped: Vec<&str> = decision.errors.iter().map(|(id, _)| id.policy.as_str()).collect();
    skipped.dedup();
    if !skipped.is_empty() {
        _ = write!(text, "; skipped for an error: `{}`", skipped.join("`, `"));
    }
    text
}

fn explained(decider: &Decider, id: StatementId, question: Question<'_>) -> Option<Explained> {
    let statement = decider.statement(&id)?;
    let mut attributes = BTreeMap::new();
    for clause in statement.tree.clauses() {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        collect(condition, question, &mut attributes);
    }
    Some(Explained {
        line: statement.line,
        says: words::said(statement, decider.text_of(&id)),
        attributes,
        id,
    })
}

/// The longest paths that an expression reads.
fn collect(expr: &Expr, question: Question<'_>, found: &mut BTreeMap<String, Value>) {
    let path = match expr {
        Expr::HasAttr { expr: base, attrs } => path(base).map(|(name, mut steps)| {
            steps.extend(attrs.iter().map(|attr| attr.as_str()));
            (name, steps)
        }),
        _ => path(expr),
    };
    let Some((root, steps)) = path.filter(|(_, steps)| !steps.is_empty()) else {
        children(expr)
            .into_iter()
            .for_each(|child| collect(child, question, found));
        return;
    };
    let view = match root {
        Var::Principal => question.principal,
        Var::Context => question.context,
        _ => question.row,
    };
    let value = steps.iter().try_fold(view, |value, step| value.get(*step));
    let name = format!("{}.{}", format!("{root:?}").to_lowercase(), steps.join("."));
    found.insert(name, value.cloned().unwrap_or(Value::Null));
}

fn path(expr: &Expr) -> Option<(&Var, Vec<&str>)> {
    match expr {
        Expr::Var(root) => Some((root, Vec::new())),
        Expr::GetAttr { expr, attr } => {
            let (root, mut steps) = path(expr)?;
            steps.push(attr);
            Some((root, steps))
        }
        _ => None,
    }
}
