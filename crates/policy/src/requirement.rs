//! What a row must have for a statement to apply to it, as far as that can be looked up.
//!
//! A statement that says `resource.properties.team == principal.attributes.team` applies to no row without that team. Of
//! a permit that is enough to look for rows by an index instead of trying all of them; what is found is judged by the
//! whole predicate all the same.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, Template, Var};

/// A property that a row must have, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Name of the property.
    pub property: String,
    /// What it must be.
    pub value: Wanted,
}

/// The value of a required property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This text.
    Text(String),
    /// What the principal's attribute of this name is.
    Attribute(String),
}

/// The first requirement of a statement, if it has one.
pub(crate) fn of(tree: &Template) -> Option<Requirement> {
    tree.clauses().iter().find_map(|clause| match clause {
        Clause::When(condition) => within(condition),
        Clause::Unless(_) => None,
    })
}

fn within(expr: &Expr) -> Option<Requirement> {
    match expr {
        Expr::BinaryOp {
            op: BinaryOp::And,
            left,
            right,
        } => within(left).or_else(|| within(right)),
        Expr::BinaryOp {
            op: BinaryOp::Eq,
            left,
            right,
        } => equal(left, right).or_else(|| equal(right, left)),
        _ => None,
    }
}

pub(crate) fn equal(left: &Expr, right: &Expr) -> Option<Requirement> {
    Some(Requirement {
        property: property(left)?,
        value: wanted(right)?,
    })
}

/// `name` of `resource.properties.name`.
pub(crate) fn property(expr: &Expr) -> Option<String> {
    label(expr, &Var::Resource, "properties")
}

/// What can stand as the value of a required property.
pub(crate) fn wanted(expr: &Expr) -> Option<Wanted> {
    match expr {
        Expr::Literal(Literal::String(text)) => Some(Wanted::Text(text.to_string())),
        _ => Some(Wanted::Attribute(label(expr, &Var::Principal, "attributes")?)),
    }
}

/// `name` of `<root>.<record>.name`.
fn label(expr: &Expr, root: &Var, record: &str) -> Option<String> {
    let Expr::GetAttr { expr: base, attr: name } = expr else {
        return None;
    };
    match base.as_ref() {
        Expr::GetAttr { expr: base, attr } if attr.as_str() == record => match base.as_ref() {
            Expr::Var(found) if found == root => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}
