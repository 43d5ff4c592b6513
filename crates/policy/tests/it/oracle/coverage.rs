//! Which constructs the accepted policies were made of, and how the questions were answered.

use std::collections::BTreeMap;

use cedar_policy::PolicySet;
use cedar_policy::pst::{self, Clause, Expr, Literal};

/// Every construct that the compiler accepts. One that is never generated fails the test.
const ACCEPTED: &[&str] = &[
    "permit",
    "forbid",
    "when",
    "unless",
    "principal is",
    "principal ==",
    "principal in",
    "principal is in",
    "action ==",
    "action in",
    "resource ==",
    "resource in",
    "resource is",
    "resource is in",
    "true/false",
    "Long",
    "String",
    "entity",
    "principal",
    "action",
    "resource",
    "context",
    "!",
    "-",
    "isEmpty",
    "datetime",
    "decimal",
    "duration",
    "ip",
    "isIpv4",
    "isIpv6",
    "isLoopback",
    "isMulticast",
    "toDate",
    "toTime",
    "toMilliseconds",
    "toSeconds",
    "toMinutes",
    "toHours",
    "toDays",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "+",
    "*",
    "in",
    "contains",
    "containsAll",
    "containsAny",
    "isInRange",
    "offset",
    "durationSince",
    "lessThan",
    "greaterThanOrEqual",
    "attribute",
    "has",
    "has a.b",
    "like",
    "is",
    "is in",
    "if",
    "[..]",
    "binary -",
];

#[derive(Debug, Default)]
pub struct Coverage {
    pub constructs: BTreeMap<String, usize>,
    pub policies: usize,
    pub invalid: usize,
    pub refused: usize,
    pub asked: usize,
    pub allowed: usize,
    pub erred: usize,
    /// Questions with an error in one statement that were allowed by another.
    pub erred_and_allowed: usize,
    pub forbidden: usize,
}

impl Coverage {
    pub fn missing(&self) -> Vec<&str> {
        ACCEPTED
            .iter()
            .copied()
            .filter(|name| !self.constructs.contains_key(*name))
            .collect()
    }

    fn saw(&mut self, name: &str) {
        *self.constructs.entry(name.to_owned()).or_default() += 1;
    }

    pub fn count(&mut self, text: &str) {
        let set: PolicySet = text.parse().unwrap();
        for policy in set.policies() {
            let pst::Policy::Static(policy) = policy.to_pst().unwrap() else {
                continue;
            };
            let body = policy.body();
            self.saw(&body.effect.to_string());
            self.scope(body);
            for clause in body.clauses() {
                let (word, expr) = match clause {
                    Clause::When(expr) => ("when", expr),
                    Clause::Unless(expr) => ("unless", expr),
                };
                self.saw(word);
                self.expression(expr);
            }
        }
    }

    fn scope(&mut self, body: &pst::Template) {
        use pst::{ActionConstraint, PrincipalConstraint, ResourceConstraint};
        match &body.principal {
            PrincipalConstraint::Any => {}
            PrincipalConstraint::Eq(_) => self.saw("principal =="),
            PrincipalConstraint::In(_) => self.saw("principal in"),
            PrincipalConstraint::Is(_) => self.saw("principal is"),
            PrincipalConstraint::IsIn(..) => self.saw("principal is in"),
        }
        match &body.action {
            ActionConstraint::Any => {}
            ActionConstraint::Eq(_) => self.saw("action =="),
            ActionConstraint::In(_) => self.saw("action in"),
        }
        match &body.resource {
            ResourceConstraint::Any => {}
            ResourceConstraint::Eq(_) => self.saw("resource =="),
            ResourceConstraint::In(_) => self.saw("resource in"),
            ResourceConstraint::Is(_) => self.saw("resource is"),
            ResourceConstraint::IsIn(..) => self.saw("resource is in"),
        }
    }

    fn expression(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(Literal::Bool(_)) => self.saw("true/false"),
            Expr::Literal(Literal::Long(_)) => self.saw("Long"),
            Expr::Literal(Literal::String(_)) => self.saw("String"),
            Expr::Literal(_) => self.saw("entity"),
            Expr::Var(variable) => self.saw(&format!("{variable:?}").to_lowercase()),
            Expr::UnaryOp { op, .. } => self.saw(&op.to_string()),
            Expr::BinaryOp {
                op: pst::BinaryOp::Sub, ..
            } => self.saw("binary -"),
            Expr::BinaryOp { op, .. } => self.saw(&op.to_string()),
            Expr::GetAttr { .. } => self.saw("attribute"),
            Expr::HasAttr { attrs, .. } => self.saw(if attrs.len() > 1 { "has a.b" } else { "has" }),
            Expr::Like { .. } => self.saw("like"),
            Expr::Is { in_expr, .. } => self.saw(if in_expr.is_some() { "is in" } else { "is" }),
            Expr::IfThenElse { .. } => self.saw("if"),
            Expr::Set(_) => self.saw("[..]"),
            _ => self.saw("other"),
        }
        match expr {
            Expr::UnaryOp { expr, .. }
            | Expr::GetAttr { expr, .. }
            | Expr::HasAttr { expr, .. }
            | Expr::Like { expr, .. } => {
                self.expression(expr);
            }
            Expr::BinaryOp { left, right, .. } => [left, right].into_iter().for_each(|part| self.expression(part)),
            Expr::Is { expr, in_expr, .. } => {
                std::iter::once(expr)
                    .chain(in_expr)
                    .for_each(|part| self.expression(part));
            }
            Expr::IfThenElse {
                cond,
                then_expr,
                else_expr,
            } => {
                [cond, then_expr, else_expr]
                    .into_iter()
                    .for_each(|part| self.expression(part));
            }
            Expr::Set(elements) => elements.iter().for_each(|part| self.expression(part)),
            _ => {}
        }
    }
}
