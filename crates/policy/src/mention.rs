//! The names of labels that a policy mentions. Nobody declares a label before using it, so what a policy mentions is what
//! its schema has to know.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Template, Var};

/// Records whose names are free.
const OPEN: [&str; 2] = ["properties", "attributes"];

/// All names that are read from, or asked of, anything called `properties` or `attributes`.
pub(crate) fn labels(statement: &Template) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for clause in statement.clauses() {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        collect(condition, &mut names);
    }
    names
}

fn collect(expr: &Arc<Expr>, names: &mut BTreeSet<String>) {
    match expr.as_ref() {
        Expr::GetAttr { expr: base, attr } if is_open(base) => _ = names.insert(attr.to_string()),
        _ => names.extend(asked_labels(expr).map(str::to_owned)),
    }
    children(expr).into_iter().for_each(|child| collect(child, names));
}

/// The names of labels that a `has` asks for.
pub(crate) fn asked_labels(expr: &Expr) -> impl Iterator<Item = &str> {
    let asked = match expr {
        Expr::HasAttr { expr, attrs } => Some((is_open(expr), attrs)),
        _ => None,
    };
    asked.into_iter().flat_map(|(mut open, attrs)| {
        attrs.iter().filter_map(move |attr| {
            let is_label = std::mem::replace(&mut open, OPEN.contains(&attr.as_str()));
            is_label.then_some(attr.as_str())
        })
    })
}

/// Where a statement first reads a field of `context`, or asks for it.
pub(crate) fn signal<'t>(statement: &'t Template, name: &str) -> Option<&'t Expr> {
    statement.clauses().iter().find_map(|clause| {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        first_signal(condition, name)
    })
}

fn first_signal<'e>(expr: &'e Expr, name: &str) -> Option<&'e Expr> {
    let of_context = |base: &Arc<Expr>| matches!(base.as_ref(), Expr::Var(Var::Context));
    let is_it = match expr {
        Expr::GetAttr { expr: base, attr } => of_context(base) && attr == name,
        Expr::HasAttr { expr: base, attrs } => of_context(base) && attrs.first() == name,
        _ => false,
    };
    let mut children = children(expr).into_iter();
    if is_it {
        Some(expr)
    } else {
        children.find_map(|child| first_signal(child, name))
    }
}

fn is_open(base: &Expr) -> bool {
    match base {
        Expr::GetAttr { attr, .. } => OPEN.contains(&attr.as_str()),
        Expr::IfThenElse {
            then_expr, else_expr, ..
        } => is_open(then_expr) || is_open(else_expr),
        _ => false,
    }
}

/// The expressions that one is made of, in the order of the text.
pub(crate) fn children(expr: &Expr) -> Vec<&Arc<Expr>> {
    match expr {
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. } => vec![expr],
        Expr::BinaryOp { left, right, .. } => vec![left, right],
        Expr::Is { expr, in_expr, .. } => std::iter::once(expr).chain(in_expr).collect(),
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => vec![cond, then_expr, else_expr],
        Expr::Set(elements) => elements.iter().collect(),
        Expr::Record(fields) => fields.values().collect(),
        _ => Vec::new(),
    }
}

/// The expressions that `&&` joins, in the order of the text.
pub(crate) fn conjuncts<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BinaryOp {
            op: BinaryOp::And,
            left,
            right,
        } => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        other => found.push(other),
    }
}
