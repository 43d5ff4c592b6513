//! Why a decision came out as it did: the statements that made it, and the attributes that they looked at, in words.
//!
//! An explanation has values of the row and of the principal in it. Who may see it is for the caller to know.

use std::collections::BTreeMap;
use std::fmt::Write;

use cedar_policy::pst::{Clause, Expr, PrincipalConstraint, ResourceConstraint, Template, Var};
use serde::Serialize;
use serde_json::Value;

use crate::decide::{Decider, Decision, Question, StatementId};
use crate::mention::children;
use crate::policy::Statement;
use crate::view::ViewError;

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

/// Decides, and says why.
///
/// # Errors
/// As [`Decider::decide`].
pub fn explain(decider: &Decider, question: Question<'_>) -> Result<Explanation, ViewError> {
    let decision = decider.decide(question)?;
    let ids = if decision.deciding.is_empty() {
        let permits = |id: &StatementId| {
            decider
                .statement(id)
                .is_some_and(|statement| statement.effect() == crate::Effect::Permit)
        };
        decider
            .statements_for(question.action)
            .into_iter()
            .filter(permits)
            .collect()
    } else {
        decision.deciding.clone()
    };
    let explained = ids.into_iter().filter_map(|id| {
        let statement = decider.statement(&id)?;
        Some(explained(id, statement, question))
    });
    Ok(Explanation {
        summary: summary(&decision, question),
        statements: explained.collect(),
        decision,
    })
}

fn summary(decision: &Decision, question: Question<'_>) -> String {
    let who = question
        .principal
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or("the principal");
    let what = question.row.get("name").and_then(Value::as_str);
    let what = what.map(|name| format!(" of `{name}`")).unwrap_or_default();
    let mut names: Vec<String> = decision.deciding.iter().map(|id| format!("`{}`", id.policy)).collect();
    names.dedup();
    let names = names.join(", ");
    let action = question.action;
    let mut text = match (decision.allowed, names.is_empty()) {
        (true, _) => format!("{who} may do `{action}`{what}: permitted by {names}, and nothing forbids it"),
        (false, false) => format!("{who} may not do `{action}`{what}: forbidden by {names}"),
        (false, true) => format!("{who} may not do `{action}`{what}: no policy permits it"),
    };
    let mut skipped: Vec<&str> = decision.errors.iter().map(|(id, _)| id.policy.as_str()).collect();
    skipped.dedup();
    if !skipped.is_empty() {
        _ = write!(text, "; skipped for an error: `{}`", skipped.join("`, `"));
    }
    text
}

fn explained(id: StatementId, statement: &Statement, question: Question<'_>) -> Explained {
    let mut attributes = BTreeMap::new();
    for clause in statement.tree.clauses() {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        collect(condition, question, &mut attributes);
    }
    Explained {
        id,
        line: statement.line,
        says: says(&statement.tree),
        attributes,
    }
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

fn says(tree: &Template) -> String {
    let who = match &tree.principal {
        PrincipalConstraint::Any => "everybody".to_owned(),
        PrincipalConstraint::Is(entity) => format!("each {entity}"),
        _ => scope(&tree.principal.to_string()),
    };
    let what = match &tree.resource {
        ResourceConstraint::Any => "anything".to_owned(),
        ResourceConstraint::Is(entity) => format!("each {entity}"),
        _ => scope(&tree.resource.to_string()),
    };
    let action = scope(&tree.action.to_string());
    let action = if action == "action" { "everything" } else { &action };
    let condition = match tree.clauses().len() {
        0 => "",
        1 => ", on a condition",
        _ => ", on conditions",
    };
    format!(
        "{}s {action} to {who} on {what}{condition}",
        crate::Effect::from(tree.effect)
    )
}

/// `principal in Role::"admin"` as `Role::"admin"`: which words a scope begins with says nothing here.
fn scope(text: &str) -> String {
    let words = text.split_once(" in ").or_else(|| text.split_once(" == "));
    words.map_or(text, |(_, named)| named).to_owned()
}
