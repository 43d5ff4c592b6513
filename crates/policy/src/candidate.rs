//! Statements by themselves, each with what tells without Cedar that it cannot apply.
//!
//! Most statements of an org are for others, or for other things: to ask Cedar about each of them takes longer than all
//! the rest of a decision. What is skipped here would have come out as false, or as an error, which counts the same.

use cedar_policy::pst::{self, ActionConstraint, Clause, Expr, Literal, PrincipalConstraint, Template, Var};
use cedar_policy::{PolicyId, PolicySet};
use serde_json::Value;

use crate::compile::within;
use crate::effect::Effect;
use crate::mention::children;
use crate::requirement::{self, Requirement, Wanted};
use crate::statement::Statement;

/// A statement that may apply to an action.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub effect: Effect,
    pub reads: Reads,
    /// The statement alone, for actions that it admits.
    pub alone: PolicySet,
    within: Option<String>,
    requires: Option<Requirement>,
}

/// What conditions look at beside the principal and the properties.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reads {
    pub spec: bool,
    pub context: bool,
    pub action: bool,
}

impl Reads {
    fn of(tree: &Template) -> Self {
        let mut reads = Self::default();
        for clause in tree.clauses() {
            let (Clause::When(condition) | Clause::Unless(condition)) = clause;
            reads.collect(condition);
        }
        reads
    }

    fn collect(&mut self, expr: &Expr) {
        match expr {
            Expr::Var(Var::Context) => self.context = true,
            Expr::Var(Var::Action) => self.action = true,
            // As a literal, it has its groups from the same entity.
            Expr::Literal(Literal::EntityUID(uid)) => self.action |= uid.ty.to_string() == "Action",
            Expr::GetAttr { attr, .. } => self.spec |= attr.as_str() == "spec",
            Expr::HasAttr { attrs, .. } => self.spec |= attrs.iter().any(|attr| attr.as_str() == "spec"),
            _ => {}
        }
        children(expr).into_iter().for_each(|child| self.collect(child));
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            spec: self.spec || other.spec,
            context: self.context || other.context,
            action: self.action || other.action,
        }
    }
}

impl Candidate {
    pub(crate) fn new(id: &PolicyId, statement: &Statement) -> Self {
        let reads = Reads::of(&statement.tree);
        let policy = shortened(&statement.tree, reads).unwrap_or_else(|| statement.cedar.clone());
        Self {
            effect: statement.effect(),
            reads,
            alone: PolicySet::from_policies([policy.new_id(id.clone())]).unwrap_or_default(),
            within: within(&statement.tree.principal),
            requires: requirement::of(&statement.tree),
        }
    }

    /// Whether it could apply to this principal and this row.
    pub(crate) fn may_apply(&self, principal: &Value, row: &Value) -> bool {
        self.within.as_deref().is_none_or(|wanted| belongs(principal, wanted))
            && self
                .requires
                .as_ref()
                .is_none_or(|wanted| may_have(principal, row, wanted))
    }
}

/// Without the parts of the scope that are known to hold whenever it is asked.
fn shortened(tree: &Template, reads: Reads) -> Option<cedar_policy::Policy> {
    let mut tree = tree.clone();
    if !reads.action {
        tree.action = ActionConstraint::Any;
    }
    if matches!(tree.principal, PrincipalConstraint::Eq(_) | PrincipalConstraint::In(_)) {
        tree.principal = PrincipalConstraint::Any;
    }
    let body = pst::StaticPolicy::try_from(tree).ok()?;
    cedar_policy::Policy::from_pst(pst::Policy::Static(body)).ok()
}

/// Whether the principal is this or belongs to it.
pub(crate) fn belongs(principal: &Value, wanted: &str) -> bool {
    let ancestors = principal.get("ancestors").and_then(Value::as_array);
    principal.get("uid").is_some_and(|uid| uid == wanted)
        || ancestors.is_some_and(|ancestors| ancestors.iter().any(|ancestor| ancestor == wanted))
}

/// Texts are compared; about what is no text, Cedar is asked.
fn may_have(principal: &Value, row: &Value, wanted: &Requirement) -> bool {
    let Some(found) = row.get("properties").and_then(|labels| labels.get(&wanted.property)) else {
        return false;
    };
    let wanted = match &wanted.value {
        Wanted::Text(text) => Some(text.as_str()),
        Wanted::Attribute(name) => match principal.get("attributes").and_then(|labels| labels.get(name)) {
            Some(attribute) => attribute.as_str(),
            None => return false,
        },
    };
    match (found.as_str(), wanted) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => true,
    }
}
