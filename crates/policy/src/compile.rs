//! Policies as rows that PostgreSQL evaluates.
//!
//! The head of the crate tells the scheme. A statement is compiled in each [environment](environment) that it may apply
//! to; environments in which it comes to the same predicate share a row.

pub(crate) mod address;
mod arithmetic;
mod cases;
mod class;
mod entity;
mod environment;
mod expression;
pub(crate) mod fold;
pub(crate) mod locate;
mod path;
mod pattern;
mod predicate;
mod refusal;
mod row;
mod set;
mod truth;
mod value;

use std::collections::HashMap;
use std::rc::Rc;

use cedar_policy::pst::{Clause, Expr, PrincipalConstraint, ResourceConstraint, Template, Var};

use self::environment::{Environment, RowScope, uid_of};
use self::expression::Compiler;
use self::fold::Folded;
use self::predicate::Predicate;
use self::refusal::{Reason, Refused};
use self::row::Part;
use self::truth::Outcome;
use crate::policy::Policy;
use crate::statement::Statement;
use crate::vocabulary::Vocabulary;
use crate::{requirement, stack};

pub use self::class::{ClassRow, EVERY_CLASS, RESOURCES, by_class, class_of};
pub use self::refusal::Refusal;
pub use self::row::{ALWAYS, Combined, PrincipalScope, Row, combine};

/// The longest predicate of one row, and about the largest that is held while compiling.
pub const MOST_BYTES: usize = 32 * 1024;

/// The rows of a policy.
///
/// # Errors
/// The first construct of each statement that no predicate can say.
pub fn compile(policy: &Policy, vocabulary: &Vocabulary) -> Result<Vec<Row>, Vec<Refusal>> {
    let mut rows = Vec::new();
    let mut refusals = Vec::new();
    for (index, statement) in policy.statements().iter().enumerate() {
        match stack::with_room(|| statement_rows(index, statement, vocabulary)) {
            Ok(compiled) => rows.extend(compiled),
            Err(refused) => refusals.push(refusal(policy.text(), statement, refused)),
        }
    }
    if refusals.is_empty() { Ok(rows) } else { Err(refusals) }
}

/// Whether a statement can apply to an action, whoever asks.
pub(crate) fn admits(vocabulary: &Vocabulary, action: &str, statement: &Statement) -> bool {
    let mut environments = Environment::all(vocabulary).filter(|environment| environment.action == action);
    environments.any(|environment| environment.admits(&statement.tree))
}

fn refusal(text: &str, statement: &Statement, refused: Refused<'_>) -> Refusal {
    let at = locate::position(text, statement, refused.at);
    let (construct, why, hint) = refused.reason.words();
    Refusal {
        construct: construct.to_owned(),
        line: at.line,
        column: at.column,
        why: why.to_owned(),
        hint: hint.to_owned(),
    }
}

fn statement_rows<'s>(
    index: usize,
    statement: &'s Statement,
    vocabulary: &Vocabulary,
) -> Result<Vec<Row>, Refused<'s>> {
    let tree = &statement.tree;
    let template = Row {
        statement: index,
        effect: statement.effect(),
        principal: PrincipalScope {
            kind: None,
            within: within(&tree.principal),
        },
        actions: None,
        kinds: None,
        resource: resource(&tree.resource),
        requires: requirement::of(tree),
        predicate: String::new(),
    };
    let parts = parts(tree, vocabulary)?;
    Ok(row::merged(&parts, vocabulary, &template))
}

/// What a scope asks the principal to be or belong to.
pub(crate) fn within(constraint: &PrincipalConstraint) -> Option<String> {
    match constraint {
        PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
        PrincipalConstraint::Eq(entity) | PrincipalConstraint::In(entity) | PrincipalConstraint::IsIn(_, entity) => {
            uid_of(entity).map(|uid| uid.text())
        }
    }
}

fn resource(constraint: &ResourceConstraint) -> Option<String> {
    match constraint {
        ResourceConstraint::Eq(entity) => uid_of(entity).map(|uid| uid.id),
        _ => None,
    }
}

fn parts<'s, 'v>(tree: &'s Template, vocabulary: &'v Vocabulary) -> Result<Vec<Part<'v>>, Refused<'s>> {
    let names_action = conditions(tree).any(|(expr, _)| mentions_action(expr));
    let mut known: HashMap<_, Predicate> = HashMap::new();
    let folded = Rc::new(Folded::default());
    let mut parts = Vec::new();
    for environment in Environment::all(vocabulary).filter(|environment| environment.admits(tree)) {
        let action = names_action.then_some(environment.action);
        let key = (environment.principal, environment.kind.name.as_str(), action);
        let predicate = match known.get(&key) {
            Some(predicate) => predicate.clone(),
            None => statement_predicate(tree, environment, &folded)?,
        };
        known.insert(key, predicate.clone());
        if predicate != Predicate::False {
            parts.push(Part {
                principal: environment.principal,
                action: environment.action,
                predicate: predicate.text(),
            });
        }
    }
    Ok(parts)
}

/// The conditions of a statement, and what each has to be.
fn conditions(tree: &Template) -> impl Iterator<Item = (&Expr, Outcome)> {
    tree.clauses().iter().map(|clause| match clause {
        Clause::When(condition) => (condition.as_ref(), Outcome::Yes),
        Clause::Unless(condition) => (condition.as_ref(), Outcome::No),
    })
}

fn mentions_action(expr: &Expr) -> bool {
    let is_action = |expr: &Expr| matches!(expr, Expr::Var(Var::Action)).then_some(true);
    expr.reduce(&is_action, &|left, right| left || right, false)
}

/// The scope's part comes first, and an environment that it rules out is not looked at further.
fn statement_predicate<'s>(
    tree: &'s Template,
    environment: Environment<'_>,
    folded: &Rc<Folded>,
) -> Result<Predicate, Refused<'s>> {
    let statement = |reason| Refused { at: None, reason };
    let resource = value::Value::Resource;
    let scope = match RowScope::of(&tree.resource) {
        RowScope::Any => Predicate::True,
        RowScope::Is(uid) => entity::equal(&environment, &resource, &uid).yes,
        RowScope::In(uid) => entity::within(&environment, &resource, &uid).map_err(statement)?.yes,
    };
    let mut all = vec![scope];
    let compiler = Compiler::new(environment, Rc::clone(folded));
    for (condition, outcome) in conditions(tree) {
        if all.last() == Some(&Predicate::False) {
            return Ok(Predicate::False);
        }
        all.push(compiler.holds(condition, outcome)?);
    }
    let predicate = Predicate::and(all);
    if predicate.size() > MOST_BYTES {
        return Err(statement(Reason::TooLarge));
    }
    Ok(predicate)
}
