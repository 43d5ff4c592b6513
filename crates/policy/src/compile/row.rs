//! What a policy becomes in the database: rows with a scope and a predicate.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::effect::Effect;
use crate::requirement::Requirement;
use crate::vocabulary::{PrincipalKind, Vocabulary};

/// One row of a compiled policy: for some principals and actions, what the row must be like.
///
/// A row is looked at when the action is among [`Row::actions`] and [`Row::principal`] takes the one who asks. It applies
/// when its predicate is true of the row then, and not when that is false or null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Index of the statement in its policy.
    pub statement: usize,
    /// What it does when it applies.
    pub effect: Effect,
    /// Whom it is for.
    pub principal: PrincipalScope,
    /// The actions that it is for; `None` for all that there are.
    pub actions: Option<Vec<String>>,
    /// The kinds that these actions are done to; `None` for all that there are.
    pub kinds: Option<Vec<String>>,
    /// The one resource that it is for, by its id. The predicate asks for it as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// A property without which it applies to no row, where there is one that can be looked up.
    #[serde(skip)]
    pub requires: Option<Requirement>,
    /// A predicate of `jsonpath` over the row's view `$` and the variables `$principal` and `$context`, to be evaluated in
    /// strict mode and with errors silenced. It can be joined to others by `&&` and `||` when it is put in parentheses.
    pub predicate: String,
}

/// Whom a row is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PrincipalScope {
    /// The entity type, `User` or `ServiceAccount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the principal must be or belong to: `User::<id>`, `Role::<name>`, `Group::<name>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// The predicate of a row that needs none.
pub const ALWAYS: &str = "1 == 1";

impl Row {
    /// Whether it is for this principal: its entity type, and what it is and belongs to, as in the view.
    #[must_use]
    pub fn takes(&self, kind: &str, memberships: &[&str]) -> bool {
        let is_kind = self.principal.kind.as_deref().is_none_or(|wanted| wanted == kind);
        let within = self.principal.within.as_deref();
        is_kind && within.is_none_or(|wanted| memberships.contains(&wanted))
    }

    /// Whether it is for this action.
    #[must_use]
    pub fn is_for(&self, action: &str) -> bool {
        self.actions
            .as_ref()
            .is_none_or(|actions| actions.iter().any(|known| known == action))
    }
}

/// The predicates of many rows as two: one for all permits, and one for all forbids.
///
/// Allowed is what the first is true of and the second is not. Where there is no predicate, nothing permits, or nothing
/// forbids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Combined {
    /// A `jsonpath` in strict mode.
    pub permits: Option<String>,
    /// A `jsonpath` in strict mode.
    pub forbids: Option<String>,
}

/// Joins the predicates of rows that were chosen by principal and action.
#[must_use]
pub fn combine<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Combined {
    let mut of_effect: BTreeMap<Effect, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        of_effect.entry(row.effect).or_default().insert(&row.predicate);
    }
    let joined = |effect| {
        let predicates = of_effect.get(&effect)?;
        if predicates.contains(ALWAYS) {
            return Some(format!("strict {ALWAYS}"));
        }
        let parts: Vec<String> = predicates.iter().map(|predicate| format!("({predicate})")).collect();
        Some(format!("strict {}", parts.join(" || ")))
    };
    Combined {
        permits: joined(Effect::Permit),
        forbids: joined(Effect::Forbid),
    }
}

/// What a statement is in one environment.
pub(super) struct Part<'v> {
    pub principal: PrincipalKind,
    pub action: &'v str,
    pub predicate: String,
}

/// The parts of one statement as rows: those with the same predicate become one, as far as their principals and actions
/// can be told as one.
pub(super) fn merged(parts: &[Part<'_>], vocabulary: &Vocabulary, template: &Row) -> Vec<Row> {
    let mut groups: BTreeMap<&str, BTreeMap<PrincipalKind, BTreeSet<&str>>> = BTreeMap::new();
    for part in parts {
        let of_principal = groups.entry(&part.predicate).or_default();
        of_principal.entry(part.principal).or_default().insert(part.action);
    }
    let mut rows = Vec::new();
    for (predicate, of_principal) in groups {
        let mut sets: Vec<(Option<PrincipalKind>, &BTreeSet<&str>)> = of_principal
            .iter()
            .map(|(kind, actions)| (Some(*kind), actions))
            .collect();
        if let [(_, users), (_, service_accounts)] = sets.as_slice()
            && users == service_accounts
        {
            sets = vec![(None, users)];
        }
        rows.extend(sets.into_iter().map(|(kind, actions)| Row {
            principal: PrincipalScope {
                kind: kind.map(|kind| kind.as_str().to_owned()),
                within: template.principal.within.clone(),
            },
            actions: listed(actions, vocabulary.actions()),
            kinds: listed(
                &kinds(actions, vocabulary),
                vocabulary.kinds().iter().map(|kind| kind.name.as_str()),
            ),
            predicate: predicate.to_owned(),
            ..template.clone()
        }));
    }
    rows
}

fn kinds<'v>(actions: &BTreeSet<&str>, vocabulary: &'v Vocabulary) -> BTreeSet<&'v str> {
    let kinds = actions.iter().filter_map(|action| vocabulary.kind_of_action(action));
    kinds.map(|kind| kind.name.as_str()).collect()
}

/// The names, or nothing when they are all that there are.
fn listed<'v>(names: &BTreeSet<&str>, all: impl Iterator<Item = &'v str>) -> Option<Vec<String>> {
    let is_all = all.into_iter().all(|name| names.contains(name));
    (!is_all).then(|| names.iter().map(|name| (*name).to_owned()).collect())
}
