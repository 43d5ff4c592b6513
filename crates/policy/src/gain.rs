//! Whether somebody could do something, or gains an action by other roles, groups or attributes, in whatever circumstances.
//!
//! Statements are asked without what they say of the circumstances and of the thing, since these change by themselves. A
//! condition that compares them with the principal cannot be taken apart: with other attributes it counts as another one.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Var};
use cedar_policy::{PolicyId, PolicySet};

use crate::decide::{Decider, Question, StatementId};
use crate::demand::{mentions, parts, probe};
use crate::statement::Statement;
use crate::{Effect, ViewError, stack};

/// What is neither the principal nor the action.
const ELSE: [Var; 2] = [Var::Resource, Var::Context];

/// Statements that could apply, each with what its conditions compare of the principal.
type Voices = BTreeSet<(StatementId, Option<String>)>;

impl Decider {
    /// Whether a statement could permit it to the principal of `after` that could not to the one of `before`, or one forbids
    /// it to the latter alone. Of rows, `id` and `org` count. Without `before` there was nobody.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub fn gains(&self, before: Option<Question<'_>>, after: Question<'_>) -> Result<bool, ViewError> {
        let (permits, forbids) = self.voices(after)?;
        let (permitted, forbidden) = before.map_or_else(|| Ok(Default::default()), |before| self.voices(before))?;
        let more = !permits.is_subset(&permitted) || !forbidden.is_subset(&forbids);
        Ok(!permits.is_empty() && more)
    }

    /// Whether there are circumstances in which the question is answered with yes: permits are asked without what they say
    /// of them, and what forbids it only in some is left out.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub fn could(&self, question: Question<'_>) -> Result<bool, ViewError> {
        let theirs = self.statements_of(question);
        let probes = theirs.iter().filter_map(|(id, statement)| {
            let probe = stack::with_room(|| {
                let is_certain = statement.effect() == Effect::Permit || !depends_on_circumstances(statement);
                is_certain.then(|| probe(statement, &[Var::Context])).flatten()
            })?;
            Some(probe.new_id(PolicyId::new(format!("{}#{}", id.policy, id.statement))))
        });
        let set = PolicySet::from_policies(probes).map_err(|error| ViewError::Cedar(error.to_string()))?;
        let applying = self.satisfied(question, &set)?;
        let mut effects = applying
            .iter()
            .filter_map(|id| theirs.get(id))
            .map(|statement| statement.effect());
        Ok(!applying.is_empty() && effects.all(|effect| effect == Effect::Permit))
    }

    /// Those that could permit it, and those that could forbid it.
    fn voices(&self, question: Question<'_>) -> Result<(Voices, Voices), ViewError> {
        let theirs = self.statements_of(question);
        let probes = theirs.iter().filter_map(|(id, statement)| {
            let probe = stack::with_room(|| probe(statement, &ELSE))?;
            Some(probe.new_id(PolicyId::new(format!("{}#{}", id.policy, id.statement))))
        });
        let set = PolicySet::from_policies(probes).map_err(|error| ViewError::Cedar(error.to_string()))?;
        let mut voices = (Voices::new(), Voices::new());
        for id in self.satisfied(question, &set)? {
            let Some(statement) = theirs.get(&id) else { continue };
            let compared = stack::with_room(|| compares(statement)).then(|| question.principal.to_string());
            match statement.effect() {
                Effect::Permit => voices.0.insert((id, compared)),
                Effect::Forbid => voices.1.insert((id, compared)),
            };
        }
        Ok(voices)
    }
}

fn depends_on_circumstances(statement: &Statement) -> bool {
    let mut clauses = statement.tree.clauses().iter();
    clauses.any(|clause| match clause {
        Clause::When(condition) | Clause::Unless(condition) => mentions(condition, &[Var::Context]),
    })
}

/// Whether a condition looks at the principal together with what is left out.
fn compares(statement: &Statement) -> bool {
    let both = |part: &&Arc<Expr>| mentions(part, &[Var::Principal]) && mentions(part, &ELSE);
    statement.tree.clauses().iter().any(|clause| match clause {
        Clause::When(condition) => parts(condition, BinaryOp::And).iter().any(both),
        Clause::Unless(condition) => parts(condition, BinaryOp::Or).iter().any(both),
    })
}
