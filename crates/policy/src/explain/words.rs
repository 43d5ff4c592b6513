//! A statement in words: whom it permits or forbids what to which things, and its conditions as they are written.

use std::fmt::Write;

use cedar_policy::pst::{ActionConstraint, EntityOrSlot, EntityUID, PrincipalConstraint, ResourceConstraint};

use crate::Effect;
use crate::source::{self, Token};
use crate::statement::Statement;

/// The longest condition that is repeated whole.
const LONGEST_CHARS: usize = 300;

/// The statement, whose own text this is.
pub(super) fn said(statement: &Statement, text: &str) -> String {
    let tree = &statement.tree;
    let effect = match statement.effect() {
        Effect::Permit => "permits",
        Effect::Forbid => "forbids",
    };
    let (who, what, to) = (
        principal(&tree.principal),
        action(&tree.action),
        resource(&tree.resource),
    );
    let mut said = format!("{effect} {who} to do {what}{to}");
    for (at, (word, condition)) in conditions(text).into_iter().enumerate() {
        let joined = if at == 0 { "," } else { " and" };
        _ = write!(said, "{joined} {word} `{condition}`");
    }
    said
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn principal(constraint: &PrincipalConstraint) -> String {
    match constraint {
        PrincipalConstraint::Any => "everybody".to_owned(),
        PrincipalConstraint::Is(entity) => each(&entity.to_string()),
        PrincipalConstraint::Eq(who) | PrincipalConstraint::In(who) => named(who),
        PrincipalConstraint::IsIn(entity, group) => format!("{} of {}", each(&entity.to_string()), named(group)),
    }
}

fn action(constraint: &ActionConstraint) -> String {
    let named = |action: &EntityUID| format!("`{}`", action.eid);
    match constraint {
        ActionConstraint::Any => "everything".to_owned(),
        ActionConstraint::Eq(action) => named(action),
        ActionConstraint::In(actions) => listed(&actions.iter().map(named).collect::<Vec<_>>()),
    }
}

/// With `to`; nothing for all things.
fn resource(constraint: &ResourceConstraint) -> String {
    match constraint {
        ResourceConstraint::Any => String::new(),
        ResourceConstraint::Is(entity) => format!(" to {}", each(&entity.to_string())),
        ResourceConstraint::Eq(thing) => format!(" to {}", named(thing)),
        ResourceConstraint::In(whole) => format!(" to all that is in {}", named(whole)),
        ResourceConstraint::IsIn(entity, whole) => format!(" to {} in {}", each(&entity.to_string()), named(whole)),
    }
}

fn each(entity: &str) -> String {
    match entity {
        "User" => "each user".to_owned(),
        "ServiceAccount" => "each service account".to_owned(),
        other => format!("each {other}"),
    }
}

fn named(entity: &EntityOrSlot) -> String {
    let EntityOrSlot::Entity(uid) = entity else {
        return entity.to_string();
    };
    let kind = match uid.ty.to_string().as_str() {
        "Role" => "the role",
        "Group" => "the group",
        "User" => "the user",
        "ServiceAccount" => "the service account",
        "Org" => "the org",
        _ => return format!("`{uid}`"),
    };
    format!("{kind} `{}`", uid.eid)
}

/// `when` or `unless`, and what stands in the braces after it, on one line and without comments.
fn conditions(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let (mut depth, mut end) = (0_usize, 0);
    // The head is in parentheses, and all conditions are in braces.
    for Token { start, text: piece } in source::tokens(text) {
        let gap = if start > end { " " } else { "" };
        end = start.saturating_add(piece.len());
        if piece == "}" {
            depth = depth.saturating_sub(1);
        }
        match found.last_mut().filter(|_| depth > 0) {
            Some((_, condition)) if condition.is_empty() => condition.push_str(piece),
            Some((_, condition)) => {
                condition.push_str(gap);
                condition.push_str(piece);
            }
            None if matches!(piece, "when" | "unless") => found.push((piece.to_owned(), String::new())),
            None => {}
        }
        if piece == "{" {
            depth = depth.saturating_add(1);
        }
    }
    found
        .into_iter()
        .map(|(word, condition)| (word, shortened(condition)))
        .collect()
}

fn shortened(condition: String) -> String {
    if condition.chars().count() <= LONGEST_CHARS {
        return condition;
    }
    let kept: String = condition.chars().take(LONGEST_CHARS).collect();
    format!("{kept} ..")
}
