//! A policy with an action that nobody knows, as if it were about every action. Cedar looks at no condition of such a
//! statement, as it is for nothing; so its author would learn of what else is wrong one thing at a time.

use cedar_policy::pst::{ActionConstraint, ResourceConstraint};

use crate::source;
use crate::statement::Statement;
use crate::vocabulary::Vocabulary;

/// The text in which all that is left stands where it stood; `None` when there is nothing to leave out. A statement about
/// things of any kind stays as it is, since every action would make it about more kinds than it was meant for.
pub(crate) fn for_every_action(text: &str, statements: &[Statement], vocabulary: &Vocabulary) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let mut done = 0;
    for statement in statements.iter().filter(|statement| is_lost(statement, vocabulary)) {
        let own = text.get(statement.start..statement.end)?;
        let (from, until) = action(own)?;
        let (from, until) = (statement.start.checked_add(from)?, statement.start.checked_add(until)?);
        mended.push_str(text.get(done..from)?);
        let blank = text.get(from..until)?.chars();
        mended.extend(blank.map(|c| if c == '\n' { c } else { ' ' }));
        done = until;
    }
    mended.push_str(text.get(done..)?);
    (done > 0).then_some(mended)
}

fn is_lost(statement: &Statement, vocabulary: &Vocabulary) -> bool {
    let known =
        |action: &str| vocabulary.actions().any(|known| known == action) || vocabulary.action_groups().contains(action);
    let is_unknown = match &statement.tree.action {
        ActionConstraint::Any => false,
        ActionConstraint::Eq(uid) => !known(&uid.eid),
        ActionConstraint::In(uids) => uids.iter().any(|uid| !known(&uid.eid)),
    };
    let of_one_kind = matches!(
        statement.tree.resource,
        ResourceConstraint::Is(_) | ResourceConstraint::Eq(_) | ResourceConstraint::IsIn(..)
    );
    is_unknown && of_one_kind
}

/// What stands between the word `action` of a scope and the comma behind it, in bytes.
fn action(statement: &str) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    let tokens = source::tokens(statement);
    for token in &tokens {
        match token.text {
            "(" | "[" | "{" => depth = depth.saturating_add(1),
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "," if depth == 1 => commas.push(token.start),
            _ => {}
        }
    }
    let (first, second) = (*commas.first()?, *commas.get(1)?);
    let word = tokens
        .iter()
        .find(|token| token.start > first && token.text == "action")?;
    Some((word.start.checked_add(word.text.len())?, second))
}
