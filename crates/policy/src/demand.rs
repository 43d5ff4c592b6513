//! What the properties of a thing have to be for somebody to be permitted something, as far as statements say so in plain
//! comparisons: what a form can offer before it is sent.
//!
//! Only statements count that could permit it to this principal as things are. What a statement says without regard to
//! the thing is asked of Cedar first, so that nobody is told a value out of a statement that is none of theirs. A demand is
//! necessary and not sufficient: what meets it may be refused for another reason, by a `forbid` for example.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::pst::{self, BinaryOp, Clause, Expr, StaticPolicy, Var};
use cedar_policy::{PolicyId, PolicySet};
use serde_json::Value;

use crate::candidate::belongs;
use crate::compile::within;
use crate::decide::{Decider, Question, StatementId};
use crate::mention::children;
use crate::requirement::{self, Requirement, Wanted};
use crate::statement::Statement;
use crate::{Effect, ViewError, stack};

/// Values by the names of properties: each of these properties must have one of its values.
pub type Demand = BTreeMap<String, BTreeSet<String>>;

/// Where there are more alternatives, none is told: nobody chooses among that many.
const MOST_DEMANDS: usize = 50;

/// As a statement says it, whoever asks.
type Said = BTreeMap<String, Vec<Wanted>>;

impl Decider {
    /// Of which demands one has to be met for all of these questions to be answered with yes; of their rows, `id` and `org`
    /// count. None when nothing could permit one of them, and when something could permit all without regard to
    /// properties. None either when a statement of a policy has a part in it that `is_shown` says no to: a demand without
    /// that part could be wrong.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub fn demands(
        &self,
        questions: &[Question<'_>],
        is_shown: impl Fn(&str) -> bool,
    ) -> Result<Vec<Demand>, ViewError> {
        let mut all = vec![Demand::new()];
        for question in questions {
            let more = self.options(*question, &is_shown)?;
            let met = all
                .iter()
                .flat_map(|demand| more.iter().filter_map(|more| both(demand.clone(), more)));
            all = met.collect();
        }
        Ok(alternatives(all.into_iter()))
    }

    /// As [`Decider::demands`], of one question; one that demands nothing when something could permit it without regard to
    /// properties.
    fn options(&self, question: Question<'_>, is_shown: impl Fn(&str) -> bool) -> Result<Vec<Demand>, ViewError> {
        let theirs = self.statements_of(question);
        let probes = theirs.iter().filter_map(|(id, statement)| {
            let probe = stack::with_room(|| probe(statement, &[Var::Resource]))?;
            Some(probe.new_id(PolicyId::new(format!("{}#{}", id.policy, id.statement))))
        });
        let set = PolicySet::from_policies(probes).map_err(|error| ViewError::Cedar(error.to_string()))?;
        let applying = self.satisfied(question, &set)?;
        if !applying.iter().all(|id| is_shown(&id.policy)) {
            return Ok(Vec::new());
        }
        let applying = applying.iter().filter_map(|id| theirs.get(id));
        let (permits, forbids): (Vec<&Statement>, Vec<&Statement>) =
            applying.partition(|statement| statement.effect() == Effect::Permit);
        let resolved = |said: Said| resolved(said, question.principal);
        let forbids = forbids
            .into_iter()
            .map(|forbid| stack::with_room(|| said_by_forbid(forbid)));
        let Some(bound) = forbids
            .map(resolved)
            .try_fold(Demand::new(), |bound, demand| both(bound, &demand?))
        else {
            return Ok(Vec::new());
        };
        let permits = permits
            .into_iter()
            .map(|permit| stack::with_room(|| said_by_permit(permit)));
        let met = permits.filter_map(resolved).filter_map(|demand| both(demand, &bound));
        let met: Vec<Demand> = met.collect();
        if met.iter().any(Demand::is_empty) {
            return Ok(vec![Demand::new()]);
        }
        Ok(alternatives(met.into_iter()))
    }

    /// Those whose scope takes the one who asks, as far as it names them or what they belong to.
    pub(crate) fn statements_of(&self, question: Question<'_>) -> BTreeMap<StatementId, &Statement> {
        let statements = self.statements_for(question.action).into_iter().filter_map(|id| {
            let statement = self.statement(&id)?;
            let scope = within(&statement.tree.principal);
            let is_theirs = scope.is_none_or(|scope| belongs(question.principal, &scope));
            is_theirs.then_some((id, statement))
        });
        statements.collect()
    }
}

/// A permit of what the statement is for, without all that its conditions say of these.
pub(crate) fn probe(statement: &Statement, vars: &[Var]) -> Option<cedar_policy::Policy> {
    let mut clauses = Vec::new();
    for clause in statement.tree.clauses() {
        match clause {
            Clause::When(condition) => {
                let kept = parts(condition, BinaryOp::And);
                let kept = kept.into_iter().filter(|part| !mentions(part, vars));
                clauses.extend(kept.map(|part| Clause::When(Arc::clone(part))));
            }
            Clause::Unless(condition) => {
                let kept = parts(condition, BinaryOp::Or);
                let kept = kept.into_iter().filter(|part| !mentions(part, vars));
                clauses.extend(kept.map(|part| Clause::Unless(Arc::clone(part))));
            }
        }
    }
    let mut tree = statement.tree.clone().try_with_clauses(clauses).ok()?;
    tree.effect = pst::Effect::Permit;
    let tree = pst::Policy::Static(StaticPolicy::try_from(tree).ok()?);
    cedar_policy::Policy::from_pst(tree).ok()
}

/// What is joined by this operator.
pub(crate) fn parts(expr: &Arc<Expr>, by: BinaryOp) -> Vec<&Arc<Expr>> {
    match expr.as_ref() {
        Expr::BinaryOp { op, left, right } if *op == by => {
            let mut all = parts(left, by);
            all.extend(parts(right, by));
            all
        }
        _ => vec![expr],
    }
}

pub(crate) fn mentions(expr: &Expr, vars: &[Var]) -> bool {
    let is_one = matches!(expr, Expr::Var(found) if vars.contains(found));
    is_one || children(expr).into_iter().any(|child| mentions(child, vars))
}

fn said_by_permit(statement: &Statement) -> Said {
    let mut said = Said::new();
    for clause in statement.tree.clauses() {
        if let Clause::When(condition) = clause {
            narrow(&mut said, within_condition(condition));
        }
    }
    said
}

/// What keeps it from applying: `unless` something, in whatever it says of the thing.
fn said_by_forbid(statement: &Statement) -> Said {
    let mut unless = None;
    for clause in statement.tree.clauses() {
        match clause {
            Clause::When(condition) if mentions(condition, &[Var::Resource]) => return Said::new(),
            Clause::When(_) => {}
            Clause::Unless(_) if unless.is_some() => return Said::new(),
            Clause::Unless(condition) => unless = Some(condition),
        }
    }
    unless.map(|condition| within_condition(condition)).unwrap_or_default()
}

/// Of two demands on one property, the first is told: what meets both meets it.
fn narrow(said: &mut Said, more: Said) {
    for (property, values) in more {
        said.entry(property).or_insert(values);
    }
}

fn within_condition(expr: &Expr) -> Said {
    let Expr::BinaryOp { op, left, right } = expr else {
        return Said::new();
    };
    match op {
        BinaryOp::And => {
            let mut said = within_condition(left);
            narrow(&mut said, within_condition(right));
            said
        }
        // A branch that asks who or where somebody is may be none of theirs.
        BinaryOp::Or if !mentions(expr, &[Var::Principal, Var::Context]) => {
            let (left, mut right) = (within_condition(left), within_condition(right));
            let both = left.into_iter().filter_map(|(property, mut values)| {
                values.append(&mut right.remove(&property)?);
                Some((property, values))
            });
            both.collect()
        }
        BinaryOp::Eq => requirement::equal(left, right)
            .or_else(|| requirement::equal(right, left))
            .map(|Requirement { property, value }| Said::from([(property, vec![value])]))
            .unwrap_or_default(),
        BinaryOp::Contains => one_of(left, right).map(|one| Said::from([one])).unwrap_or_default(),
        _ => Said::new(),
    }
}

/// `["a", "b"].contains(resource.properties.name)`.
fn one_of(values: &Expr, property: &Expr) -> Option<(String, Vec<Wanted>)> {
    let Expr::Set(values) = values else {
        return None;
    };
    let property = requirement::property(property)?;
    let values = values.iter().map(|value| requirement::wanted(value));
    Some((property, values.collect::<Option<_>>()?))
}

/// Demands as few alternatives; none when one of them is met by everything.
fn alternatives(all: impl Iterator<Item = Demand>) -> Vec<Demand> {
    let mut demands: Vec<Demand> = Vec::new();
    for demand in all {
        if demand.is_empty() {
            return Vec::new();
        }
        let mut kin = demands.iter_mut();
        match kin.find(|known| differ_in_one_at_most(known, &demand)) {
            Some(known) => widen(known, demand),
            None => demands.push(demand),
        }
        if demands.len() > MOST_DEMANDS {
            return Vec::new();
        }
    }
    let all = demands.clone();
    demands.retain(|demand| !all.iter().any(|other| other != demand && is_met_by(other, demand)));
    demands
}

fn widen(known: &mut Demand, more: Demand) {
    for (property, values) in more {
        known.entry(property).or_default().extend(values);
    }
}

/// What meets both; `None` when nothing does.
fn both(mut demand: Demand, other: &Demand) -> Option<Demand> {
    for (property, values) in other {
        let wanted = demand.entry(property.clone()).or_insert_with(|| values.clone());
        wanted.retain(|value| values.contains(value));
        if wanted.is_empty() {
            return None;
        }
    }
    Some(demand)
}

/// `None` when no value would do. What is not compared with a text is not told.
fn resolved(said: Said, principal: &Value) -> Option<Demand> {
    let mut demand = Demand::new();
    for (property, wanted) in said {
        let mut values = BTreeSet::new();
        let mut is_told = true;
        for value in wanted {
            match value {
                Wanted::Text(text) => _ = values.insert(text),
                Wanted::Attribute(name) => match principal.get("attributes").and_then(|all| all.get(&name)) {
                    Some(Value::String(text)) => _ = values.insert(text.clone()),
                    None | Some(Value::Null) => {}
                    Some(_) => is_told = false,
                },
            }
        }
        if !is_told {
            continue;
        }
        if values.is_empty() {
            return None;
        }
        demand.insert(property, values);
    }
    Some(demand)
}

fn differ_in_one_at_most(left: &Demand, right: &Demand) -> bool {
    let differing = left
        .iter()
        .filter(|(property, values)| right.get(*property) != Some(*values));
    left.keys().eq(right.keys()) && differing.count() <= 1
}

/// Whether all that meets `narrow` meets `wide` as well.
fn is_met_by(wide: &Demand, narrow: &Demand) -> bool {
    let mut wide = wide.iter();
    wide.all(|(property, values)| narrow.get(property).is_some_and(|narrow| narrow.is_subset(values)))
}
