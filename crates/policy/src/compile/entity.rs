//! Entities: who asks, what is asked for, who made it, and those that the policy names.
//!
//! The principal knows what it belongs to; the row knows its org. Nothing else is known of any entity.

use super::environment::Environment;
use super::path::{self, Path};
use super::predicate::Predicate;
use super::refusal::Reason;
use super::truth::{Truth, equal_at};
use super::value::{Uid, Value};
use crate::vocabulary::{PrincipalKind, Type};

const PRINCIPAL: &str = "$principal.uid";

/// `left == right`, as far as it does not depend on the environment.
pub(super) fn equal(environment: &Environment<'_>, left: &Value<'_>, right: &Value<'_>) -> Truth {
    use Value::{Maker, Principal, Resource};
    match (left, right) {
        (Value::Uid(left), Value::Uid(right)) => Truth::constant(left == right),
        (Principal, Principal) | (Resource, Resource) => Truth::constant(true),
        (Principal, Value::Uid(uid)) | (Value::Uid(uid), Principal) => is_principal(environment, uid),
        (Resource, Value::Uid(uid)) | (Value::Uid(uid), Resource) => is_resource(environment, uid),
        (Maker(path), Value::Uid(uid)) | (Value::Uid(uid), Maker(path)) => is_maker(path, uid),
        (Maker(path), Principal) | (Principal, Maker(path)) => Truth::test(format!("{} == {PRINCIPAL}", path.text())),
        (Maker(left), Maker(right)) => Truth::test(format!("{} == {}", left.text(), right.text())),
        _ => Truth::constant(false),
    }
}

fn is_principal(environment: &Environment<'_>, uid: &Uid) -> Truth {
    match path::string(&uid.text()) {
        Some(text) if uid.entity == environment.principal.as_str() => Truth::test(format!("{PRINCIPAL} == {text}")),
        _ => Truth::constant(false),
    }
}

fn is_resource(environment: &Environment<'_>, uid: &Uid) -> Truth {
    match path::string(&uid.id) {
        Some(id) if uid.entity == environment.kind.entity => Truth::test(format!("$.id == {id}")),
        _ => Truth::constant(false),
    }
}

fn is_maker(path: &Path, uid: &Uid) -> Truth {
    match PrincipalKind::of_entity(&uid.entity) {
        Some(_) => equal_at(path, &Type::Principal, path::string(&uid.text())),
        None => Truth::constant(false),
    }
}

/// `left in right`, where `right` is an entity or a list of them.
pub(super) fn within(environment: &Environment<'_>, left: &Value<'_>, right: &Value<'_>) -> Result<Truth, Reason> {
    if let Value::Set(values) = right {
        let tests: Result<Vec<_>, _> = values.iter().map(|value| within(environment, left, value)).collect();
        return Ok(Truth::any(tests?));
    }
    let same = equal(environment, left, right);
    let Value::Uid(parent) = right else {
        return Ok(same);
    };
    let descends = match left {
        Value::Principal => has_ancestor(parent),
        Value::Resource => is_of_org(environment, parent),
        Value::Uid(child) if child.entity == "Action" && child.id == environment.action => {
            Truth::constant(parent.entity == "Action" && environment.vocabulary.action_in(&child.id, &parent.id))
        }
        _ if may_belong(left, parent) => return Err(Reason::MembershipOfAnother),
        _ => Truth::constant(false),
    };
    Ok(Truth::any([same, descends]))
}

fn is_membership(uid: &Uid) -> bool {
    ["Role", "Group"].contains(&uid.entity.as_str())
}

/// Whether an entity that is known by its name alone may belong to this one.
fn may_belong(value: &Value<'_>, parent: &Uid) -> bool {
    match value {
        Value::Maker(_) => is_membership(parent),
        Value::Uid(child) => match child.entity.as_str() {
            "Role" | "Group" | "Org" => false,
            "Action" => parent.entity == "Action" && child != parent,
            entity if PrincipalKind::of_entity(entity).is_some() => is_membership(parent),
            _ => parent.entity == "Org",
        },
        _ => false,
    }
}

fn has_ancestor(parent: &Uid) -> Truth {
    match path::string(&parent.text()) {
        Some(text) if is_membership(parent) => Truth::test(format!("$principal.ancestors[*] == {text}")),
        _ => Truth::constant(false),
    }
}

/// A row without an org is in none, so the opposite has to hold where it is missing.
fn is_of_org(environment: &Environment<'_>, parent: &Uid) -> Truth {
    match path::string(&parent.id) {
        Some(id) if parent.entity == "Org" && environment.kind.entity != "Org" => {
            let yes = Predicate::atom(format!("$.org == {id}"));
            Truth {
                no: Predicate::not(yes.clone()),
                yes,
            }
        }
        _ => Truth::constant(false),
    }
}

/// `value is entity`.
pub(super) fn is(environment: &Environment<'_>, value: &Value<'_>, entity: &str) -> Truth {
    match value {
        Value::Principal => Truth::constant(environment.principal.as_str() == entity),
        Value::Resource => Truth::constant(environment.kind.entity == entity),
        Value::Uid(uid) => Truth::constant(uid.entity == entity),
        Value::Maker(path) if PrincipalKind::of_entity(entity).is_some() => {
            let test = format!("{} starts with \"{entity}::\"", path.text());
            Truth {
                yes: path.test(&Type::Principal, test.clone()),
                no: Predicate::atom(format!("!({test})")),
            }
        }
        _ => Truth::constant(false),
    }
}
