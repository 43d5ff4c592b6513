//! Forms from Cedar. It guesses from the shape of each condition, and takes guards for granted; [`super::Form::of`] checks
//! the guess by writing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::pst;
use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, EntityOrSlot, Expr, PrincipalConstraint, ResourceConstraint, Template, UnaryOp,
    Var,
};

use super::value::with_colon;
use super::{Form, Literal, Signal, Subject, Target, Variable, Wanted};
use crate::demand::parts;
use crate::vocabulary::Vocabulary;

pub(super) fn form(tree: &Template, vocabulary: &Vocabulary) -> Option<Form> {
    let mut form = Form {
        effect: tree.effect.into(),
        subject: subject(&tree.principal)?,
        actions: actions(&tree.action),
        resource: target(&tree.resource, vocabulary)?,
        when: Vec::new(),
    };
    let mut attributes = BTreeMap::new();
    for condition in &conditions(tree) {
        let condition = condition.as_ref();
        if matches!(condition, Expr::HasAttr { .. }) {
            continue;
        }
        if let Some(hours) = hours_over_midnight(condition) {
            form.when.extend(hours);
            continue;
        }
        if let Some(signal) = signal(condition) {
            form.when.push(signal);
            continue;
        }
        let (record, name, wanted) = label(condition)?;
        match (record, wanted) {
            (Var::Resource, wanted) => _ = form.resource.properties.insert(name, wanted),
            (_, Wanted::Literal(value)) => _ = attributes.insert(name, value),
            _ => return None,
        }
    }
    if !attributes.is_empty() {
        form.subject = Subject::Attributes(attributes);
    }
    Some(form)
}

/// Whether two statements are made of the same scope and the same conditions. In which order these stand, how often, and
/// in which `when`, makes no difference to a valid statement: no condition of it ends in an error.
pub(super) fn same(left: &Template, right: &Template) -> bool {
    let (of_left, of_right) = (conditions(left), conditions(right));
    let within = |some: &[Arc<Expr>], all: &[Arc<Expr>]| some.iter().all(|condition| all.contains(condition));
    left.effect == right.effect
        && left.principal == right.principal
        && actions(&left.action) == actions(&right.action)
        && left.resource == right.resource
        && left.annotations == right.annotations
        && within(&of_left, &of_right)
        && within(&of_right, &of_left)
}

/// What all has to hold, in plain words.
fn conditions(tree: &Template) -> Vec<Arc<Expr>> {
    let of_clause = |clause: &Clause| -> Vec<Arc<Expr>> {
        match clause {
            Clause::When(condition) => parts(condition, BinaryOp::And).into_iter().map(plain).collect(),
            // It is evaluated until something of it holds: each is evaluated where none before it does, as in `&&`.
            Clause::Unless(condition) => {
                let parts = parts(condition, BinaryOp::Or).into_iter();
                parts.map(|part| negated(plain(part))).collect()
            }
        }
    };
    tree.clauses().iter().flat_map(of_clause).collect()
}

/// A condition as the form writes it, which people write in several ways.
fn plain(expr: &Arc<Expr>) -> Arc<Expr> {
    match expr.as_ref() {
        Expr::UnaryOp { op: UnaryOp::Not, expr } => negated(plain(expr)),
        Expr::BinaryOp {
            op: op @ (BinaryOp::And | BinaryOp::Or),
            ..
        } => {
            let parts: Vec<Arc<Expr>> = parts(expr, *op).into_iter().map(plain).collect();
            let turned = match parts.as_slice() {
                [until, from] if *op == BinaryOp::Or => hours_over_midnight(&joined(*op, from, until)).is_some(),
                _ => false,
            };
            let parts = parts.iter();
            let chain = if turned {
                parts.rev().cloned().reduce(|left, right| joined(*op, &left, &right))
            } else {
                parts.cloned().reduce(|left, right| joined(*op, &left, &right))
            };
            chain.unwrap_or_else(|| Arc::clone(expr))
        }
        Expr::BinaryOp { op, left, right } => compared(expr, *op, left, right),
        _ => Arc::clone(expr),
    }
}

/// With the constant on the right, and one text that is wanted as a list of one.
fn compared(expr: &Arc<Expr>, op: BinaryOp, left: &Arc<Expr>, right: &Arc<Expr>) -> Arc<Expr> {
    if attribute(right).is_some()
        && literal(left).is_some()
        && let Some(op) = turned(op)
    {
        return compared(&joined(op, right, left), op, right, left);
    }
    let is_one_of_few = attribute(left).is_some_and(|(_, name)| ["country", "weekday"].contains(&name));
    if op == BinaryOp::Eq && is_one_of_few && text(right).is_some() {
        return joined(BinaryOp::Contains, &Arc::new(Expr::Set(vec![Arc::clone(right)])), left);
    }
    Arc::clone(expr)
}

fn turned(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Eq => Some(BinaryOp::Eq),
        BinaryOp::Less => Some(BinaryOp::Greater),
        BinaryOp::LessEq => Some(BinaryOp::GreaterEq),
        BinaryOp::Greater => Some(BinaryOp::Less),
        BinaryOp::GreaterEq => Some(BinaryOp::LessEq),
        _ => None,
    }
}

fn negated(expr: Arc<Expr>) -> Arc<Expr> {
    let opposite = match expr.as_ref() {
        Expr::UnaryOp { op: UnaryOp::Not, expr } => return Arc::clone(expr),
        Expr::BinaryOp { op, left, right } => match op {
            BinaryOp::Less => Some((BinaryOp::GreaterEq, left, right)),
            BinaryOp::LessEq => Some((BinaryOp::Greater, left, right)),
            BinaryOp::Greater => Some((BinaryOp::LessEq, left, right)),
            BinaryOp::GreaterEq => Some((BinaryOp::Less, left, right)),
            _ => None,
        },
        _ => None,
    };
    match opposite {
        Some((op, left, right)) => joined(op, left, right),
        None => Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr }),
    }
}

fn joined(op: BinaryOp, left: &Arc<Expr>, right: &Arc<Expr>) -> Arc<Expr> {
    Arc::new(Expr::BinaryOp {
        op,
        left: Arc::clone(left),
        right: Arc::clone(right),
    })
}

fn subject(constraint: &PrincipalConstraint) -> Option<Subject> {
    let (PrincipalConstraint::Eq(EntityOrSlot::Entity(uid)) | PrincipalConstraint::In(EntityOrSlot::Entity(uid))) =
        constraint
    else {
        return matches!(constraint, PrincipalConstraint::Any).then_some(Subject::Everybody);
    };
    let id = uid.eid.to_string();
    match uid.ty.to_string().as_str() {
        "User" => Some(Subject::User(id)),
        "ServiceAccount" => Some(Subject::ServiceAccount(id)),
        "Role" => Some(Subject::Role(id)),
        "Group" => Some(Subject::Group(id)),
        _ => None,
    }
}

fn actions(constraint: &ActionConstraint) -> Vec<String> {
    match constraint {
        ActionConstraint::Any => Vec::new(),
        ActionConstraint::Eq(uid) => vec![uid.eid.to_string()],
        ActionConstraint::In(uids) => uids.iter().map(|uid| uid.eid.to_string()).collect(),
    }
}

fn target(constraint: &ResourceConstraint, vocabulary: &Vocabulary) -> Option<Target> {
    let (entity, id) = match constraint {
        ResourceConstraint::Any => return Some(Target::default()),
        ResourceConstraint::Is(entity) => (entity, None),
        ResourceConstraint::Eq(EntityOrSlot::Entity(uid)) => (&uid.ty, Some(uid.eid.to_string())),
        _ => return None,
    };
    let kind = vocabulary.kind_of_entity(&entity.to_string())?;
    Some(Target {
        type_name: Some(kind.type_name.clone()),
        id,
        properties: BTreeMap::new(),
    })
}

/// `record[name] == value`.
fn label(condition: &Expr) -> Option<(&Var, String, Wanted)> {
    let (BinaryOp::Eq, left, right) = binary(condition)? else {
        return None;
    };
    let (root, name) = labelled(left)?;
    let wanted = match labelled(right) {
        Some((Var::Principal, name)) => Wanted::Variable(Variable {
            principal: name.to_owned(),
        }),
        Some(_) => return None,
        None => Wanted::Literal(literal(right)?),
    };
    Some((root, name.to_owned(), wanted))
}

/// `resource.properties[name]` and `principal.attributes[name]`.
fn labelled(expr: &Expr) -> Option<(&Var, &str)> {
    let (record, name) = attribute(expr)?;
    let (root, record) = attribute(record)?;
    let Expr::Var(root) = root else { return None };
    let is_label = matches!(
        (root, record),
        (Var::Resource, "properties") | (Var::Principal, "attributes")
    );
    is_label.then_some((root, name))
}

fn signal(condition: &Expr) -> Option<Signal> {
    if let Expr::UnaryOp { op: UnaryOp::Not, expr } = condition {
        let (BinaryOp::And, _, within) = binary(expr)? else {
            return None;
        };
        return match signal(within)? {
            Signal::WithinNetworks(networks) => Some(Signal::OutsideNetworks(networks)),
            Signal::WithinCountries(countries) => Some(Signal::OutsideCountries(countries)),
            _ => None,
        };
    }
    if let Some((BinaryOp::Contains, list, asked)) = binary(condition) {
        let texts = texts(list)?;
        return match attribute(asked)? {
            (_, "country") => Some(Signal::WithinCountries(texts)),
            _ => Some(Signal::Weekdays(texts)),
        };
    }
    comparison(condition).or_else(|| networks(condition).map(Signal::WithinNetworks))
}

/// `context.local.hour >= 22 || context.local.hour < 6`.
fn hours_over_midnight(condition: &Expr) -> Option<[Signal; 2]> {
    let (BinaryOp::Or, left, right) = binary(condition)? else {
        return None;
    };
    match (comparison(left)?, comparison(right)?) {
        (from @ Signal::FromHour(_), until @ Signal::UntilHour(_)) => Some([from, until]),
        _ => None,
    }
}

fn comparison(condition: &Expr) -> Option<Signal> {
    let (op, left, right) = binary(condition)?;
    let (_, field) = attribute(left)?;
    if let Expr::UnaryOp {
        op: UnaryOp::Datetime,
        expr,
    } = right
    {
        let moment = with_colon(&text(expr)?);
        return match op {
            BinaryOp::Less => Some(Signal::Before(moment)),
            BinaryOp::GreaterEq => Some(Signal::Since(moment)),
            _ => None,
        };
    }
    let Some(Literal::Long(value)) = literal(right) else {
        return None;
    };
    match (field, op) {
        ("hour", BinaryOp::GreaterEq) => Some(Signal::FromHour(value)),
        ("hour", BinaryOp::Less) => Some(Signal::UntilHour(value)),
        ("age_secs", BinaryOp::LessEq) => Some(Signal::AuthenticatedWithinSecs(value)),
        ("age_secs", BinaryOp::Greater) => Some(Signal::AuthenticatedOverSecs(value)),
        ("strength", BinaryOp::GreaterEq) => Some(Signal::StrengthAtLeast(value)),
        ("strength", BinaryOp::Less) => Some(Signal::StrengthBelow(value)),
        ("risk", BinaryOp::GreaterEq) => Some(Signal::RiskAtLeast(value)),
        ("risk", BinaryOp::Less) => Some(Signal::RiskBelow(value)),
        _ => None,
    }
}

/// `(.. || ..)`, with the networks that are asked for.
fn networks(mut any: &Expr) -> Option<Vec<String>> {
    let mut networks = Vec::new();
    while let Some((BinaryOp::Or, left, right)) = binary(any) {
        networks.push(network(right)?);
        any = left;
    }
    networks.push(network(any)?);
    networks.reverse();
    Some(networks)
}

fn network(test: &Expr) -> Option<String> {
    match binary(test)? {
        (BinaryOp::IsInRange, _, Expr::UnaryOp { op: UnaryOp::Ip, expr }) => text(expr),
        _ => None,
    }
}

fn binary(expr: &Expr) -> Option<(BinaryOp, &Expr, &Expr)> {
    match expr {
        Expr::BinaryOp { op, left, right } => Some((*op, left, right)),
        _ => None,
    }
}

fn attribute(expr: &Expr) -> Option<(&Expr, &str)> {
    match expr {
        Expr::GetAttr { expr, attr } => Some((expr, attr)),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<Literal> {
    match expr {
        Expr::Literal(pst::Literal::Bool(value)) => Some(Literal::Bool(*value)),
        Expr::Literal(pst::Literal::Long(value)) => Some(Literal::Long(*value)),
        Expr::Literal(pst::Literal::String(text)) => Some(Literal::String(text.to_string())),
        Expr::UnaryOp { op: UnaryOp::Neg, expr } => match literal(expr)? {
            Literal::Long(value) => Some(Literal::Long(value.checked_neg()?)),
            _ => None,
        },
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<String> {
    match literal(expr)? {
        Literal::String(text) => Some(text),
        _ => None,
    }
}

fn texts(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Set(elements) => elements.iter().map(|element| text(element)).collect(),
        _ => None,
    }
}
