//! Rows as the database looks them up: by the class of the action.
//!
//! The resources of all types lie in one table, so that one predicate has to hold for all of them: their actions are of
//! one class, and a row that is not for all types asks for the type. A class is `resources:view`, or the action itself
//! for the built-in kinds, such as `members:view`.

use std::collections::{BTreeMap, BTreeSet};

use super::path;
use super::row::{ALWAYS, Row};
use crate::effect::Effect;
use crate::requirement::Requirement;
use crate::vocabulary::Vocabulary;

/// The class of a row that is for all actions.
pub const EVERY_CLASS: &str = "*";

/// What the classes of actions on resources begin with.
pub const RESOURCES: &str = "resources";

/// A row for one class of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRow {
    /// `resources:view`, `members:view`, or [`EVERY_CLASS`].
    pub class: String,
    /// Permit or forbid.
    pub effect: Effect,
    /// The entity type that the principal must have, if any.
    pub principal_kind: Option<String>,
    /// What the principal must be or belong to, if anything.
    pub within: Option<String>,
    /// As in [`Row::predicate`].
    pub predicate: String,
    /// As in [`Row::requires`].
    pub requires: Option<Requirement>,
}

/// The class of an action; `None` when there is no such action.
#[must_use]
pub fn class_of(vocabulary: &Vocabulary, action: &str) -> Option<String> {
    let kind = vocabulary.kind_of_action(action)?;
    let (_, verb) = action.split_once(':')?;
    Some(if kind.is_resource {
        format!("{RESOURCES}:{verb}")
    } else {
        action.to_owned()
    })
}

/// The rows, by class.
#[must_use]
pub fn by_class(rows: &[Row], vocabulary: &Vocabulary) -> Vec<ClassRow> {
    rows.iter().flat_map(|row| split(row, vocabulary)).collect()
}

fn split(row: &Row, vocabulary: &Vocabulary) -> Vec<ClassRow> {
    let of_class = |class: &str, predicate: String| ClassRow {
        class: class.to_owned(),
        effect: row.effect,
        principal_kind: row.principal.kind.clone(),
        within: row.principal.within.clone(),
        predicate,
        requires: row.requires.clone(),
    };
    let Some(actions) = &row.actions else {
        return vec![of_class(EVERY_CLASS, row.predicate.clone())];
    };
    let known = types_of_classes(vocabulary.actions(), vocabulary);
    let wanted = types_of_classes(actions.iter().map(String::as_str), vocabulary);
    let classes = wanted.into_iter().map(|(class, types)| {
        let all = known.get(&class).is_none_or(|known| *known == types);
        let predicate = if all {
            row.predicate.clone()
        } else {
            of_types(&types, &row.predicate)
        };
        of_class(&class, predicate)
    });
    classes.collect()
}

/// For each class, the names of the types that have an action of it.
fn types_of_classes<'a>(
    actions: impl Iterator<Item = &'a str>,
    vocabulary: &'a Vocabulary,
) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut classes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for action in actions {
        if let (Some(class), Some(kind)) = (class_of(vocabulary, action), vocabulary.kind_of_action(action)) {
            classes.entry(class).or_default().insert(&kind.type_name);
        }
    }
    classes
}

fn of_types(types: &BTreeSet<&str>, predicate: &str) -> String {
    let tests: Vec<String> = types
        .iter()
        .filter_map(|name| Some(format!("$.\"type\" == {}", path::string(name)?)))
        .collect();
    let tests = tests.join(" || ");
    if predicate == ALWAYS {
        tests
    } else {
        format!("({tests}) && ({predicate})")
    }
}
