//! Expressions of Cedar as predicates and cases, by the rules at the head of this crate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use cedar_policy::pst::{BinaryOp, Expr, UnaryOp};

use super::environment::Environment;
use super::fold::Folded;
use super::path::Path;
use super::predicate::Predicate;
use super::refusal::{Reason, Refused};
use super::truth::{self, Outcome, Truth};
use super::value::{Case, Value};
use super::{MOST_BYTES, address, entity, fold, pattern, set};
use crate::vocabulary::{Record, Type};

pub(super) type Result<'e, T> = std::result::Result<T, Refused<'e>>;

/// Compiles the expressions of one statement in one environment.
#[derive(Debug)]
pub(super) struct Compiler<'v, 'e> {
    environment: Environment<'v>,
    /// What was compiled before: `no(a && b)` needs both outcomes of `a`, and so twice as many at each level.
    known: RefCell<HashMap<(*const Expr, Outcome), Predicate>>,
    /// Of all environments.
    folded: Rc<Folded>,
    tree: std::marker::PhantomData<&'e Expr>,
}

impl<'v, 'e> Compiler<'v, 'e> {
    pub(super) fn new(environment: Environment<'v>, folded: Rc<Folded>) -> Self {
        Self {
            environment,
            known: RefCell::default(),
            folded,
            tree: std::marker::PhantomData,
        }
    }

    /// The value of an expression without variables, or nothing when evaluating it is an error.
    pub(super) fn folded(&self, expr: &'e Expr) -> Result<'e, Option<Value<'v>>> {
        self.folded.value(expr).map_err(|reason| refused(expr, reason))
    }

    pub(super) fn environment(&self) -> Environment<'v> {
        self.environment
    }

    /// When a boolean expression evaluates to this outcome.
    pub(super) fn holds(&self, expr: &'e Expr, outcome: Outcome) -> Result<'e, Predicate> {
        let key = (std::ptr::from_ref(expr), outcome);
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let predicate = self.compiled(expr, outcome)?;
        if predicate.size() > MOST_BYTES {
            return Err(refused(expr, Reason::TooLarge));
        }
        self.known.borrow_mut().insert(key, predicate.clone());
        Ok(predicate)
    }

    fn compiled(&self, expr: &'e Expr, outcome: Outcome) -> Result<'e, Predicate> {
        match expr {
            _ if fold::applies(expr) => self.tested(expr, &[expr], outcome, |values| Ok(as_truth(values))),
            Expr::UnaryOp { op: UnaryOp::Not, expr } => self.holds(expr, outcome.opposite()),
            Expr::BinaryOp {
                op: BinaryOp::And,
                left,
                right,
            } => self.joined(left, right, Outcome::No, outcome),
            Expr::BinaryOp {
                op: BinaryOp::Or,
                left,
                right,
            } => self.joined(left, right, Outcome::Yes, outcome),
            Expr::BinaryOp {
                op: BinaryOp::NotEq,
                left,
                right,
            } => self.tested(expr, &[left, right], outcome.opposite(), |values| {
                self.binary(BinaryOp::Eq, values)
            }),
            Expr::IfThenElse {
                cond,
                then_expr,
                else_expr,
            } => self.chosen(cond, then_expr, else_expr, outcome),
            Expr::HasAttr { expr: base, attrs } => self.has(
                expr,
                base,
                &attrs.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
                outcome,
            ),
            Expr::Like { expr: text, pattern } => self.tested(expr, &[text], outcome, |values| {
                Ok(values.first().map(|text| pattern::like(text, pattern)))
            }),
            Expr::Is {
                expr: base,
                entity_type,
                in_expr,
            } => self.is(expr, base, &entity_type.to_string(), in_expr.as_deref(), outcome),
            Expr::UnaryOp { op, expr: operand } if !is_number(*op) => {
                self.tested(expr, &[operand], outcome, |values| Ok(unary(*op, values)))
            }
            Expr::BinaryOp { op, left, right } if is_test(*op) => {
                self.tested(expr, &[left, right], outcome, |values| self.binary(*op, values))
            }
            _ => self.tested(expr, &[expr], outcome, |values| Ok(as_truth(values))),
        }
    }

    /// `left && right`, where `No` on the left decides, and `left || right`, where `Yes` does.
    fn joined(&self, left: &'e Expr, right: &'e Expr, decides: Outcome, outcome: Outcome) -> Result<'e, Predicate> {
        let goes_on = self.holds(left, decides.opposite())?;
        if outcome != decides {
            if goes_on == Predicate::False {
                return Ok(Predicate::False);
            }
            return Ok(Predicate::and([goes_on, self.holds(right, outcome)?]));
        }
        let decided = self.holds(left, decides)?;
        if decided == Predicate::True || goes_on == Predicate::False {
            return Ok(decided);
        }
        let right = self.holds(right, outcome)?;
        if self.is_total(left)? {
            return Ok(Predicate::or([decided, right]));
        }
        Ok(Predicate::or([decided, Predicate::and([goes_on, right])]))
    }

    fn chosen(&self, cond: &'e Expr, yes: &'e Expr, no: &'e Expr, outcome: Outcome) -> Result<'e, Predicate> {
        let mut branches = Vec::with_capacity(2);
        for (which, branch) in [(Outcome::Yes, yes), (Outcome::No, no)] {
            let taken = self.holds(cond, which)?;
            if taken != Predicate::False {
                branches.push(Predicate::and([taken, self.holds(branch, outcome)?]));
            }
        }
        Ok(Predicate::or(branches))
    }

    /// `base is T in parent` is `base is T && base in parent`.
    fn is(
        &self,
        expr: &'e Expr,
        base: &'e Expr,
        entity: &str,
        parent: Option<&'e Expr>,
        outcome: Outcome,
    ) -> Result<'e, Predicate> {
        let is = |values: &[Value<'v>]| Ok(values.first().map(|value| entity::is(&self.environment, value, entity)));
        let alone = self.tested(expr, &[base], outcome, is)?;
        let Some(parent) = parent else { return Ok(alone) };
        let yes = self.tested(expr, &[base], Outcome::Yes, is)?;
        if yes == Predicate::False {
            return Ok(alone);
        }
        let inside = self.tested(expr, &[base, parent], outcome, |values| {
            self.binary(BinaryOp::In, values)
        })?;
        let both = Predicate::and([yes, inside]);
        Ok(match outcome {
            Outcome::Yes => both,
            Outcome::No => Predicate::or([alone, both]),
        })
    }

    /// A test of operands, all of which are evaluated. A test that is not made for its operands is an error.
    fn tested(
        &self,
        expr: &'e Expr,
        operands: &[&'e Expr],
        outcome: Outcome,
        test: impl Fn(&[Value<'v>]) -> std::result::Result<Option<Truth>, Reason>,
    ) -> Result<'e, Predicate> {
        let mut ways = Vec::new();
        for (guard, values) in self.products(expr, operands)? {
            let truth = test(&values).map_err(|reason| refused(expr, reason))?;
            ways.extend(truth.map(|truth| Predicate::and([guard, truth.of(outcome)])));
        }
        Ok(Predicate::or(ways))
    }

    fn binary(&self, op: BinaryOp, values: &[Value<'v>]) -> std::result::Result<Option<Truth>, Reason> {
        let [left, right] = values else { return Ok(None) };
        let environment = &self.environment;
        match op {
            BinaryOp::Eq => truth::equal(environment, left, right).map(Some),
            BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Greater | BinaryOp::GreaterEq => {
                Ok(truth::compare(left, &op.to_string(), right))
            }
            BinaryOp::In => entity::within(environment, left, right).map(Some),
            BinaryOp::Contains => set::contains(environment, left, right).map(Some),
            BinaryOp::ContainsAll => set::contains_all(environment, left, right).map(Some),
            BinaryOp::ContainsAny => set::contains_any(environment, left, right).map(Some),
            BinaryOp::IsInRange => Ok(address::in_range(left, right)),
            BinaryOp::HasTag | BinaryOp::GetTag => Err(Reason::Tags),
            _ => Err(Reason::Decimal),
        }
    }
    /// `base has a.b` is `base has a && base.a has b`: false when any of them is missing.
    fn has(&self, expr: &'e Expr, base: &'e Expr, names: &[&str], outcome: Outcome) -> Result<'e, Predicate> {
        let mut ways = Vec::new();
        for Case { guard, value } in self.cases(base)? {
            let (path, record) = self.record(&value).map_err(|reason| refused(expr, reason))?;
            let is_there = presence(path, record, names);
            let test = match outcome {
                Outcome::Yes => is_there,
                Outcome::No => Predicate::not(is_there),
            };
            ways.push(Predicate::and([guard, test]));
        }
        Ok(Predicate::or(ways))
    }

    /// Whether it evaluates without error, whatever the row.
    fn is_total(&self, expr: &'e Expr) -> Result<'e, bool> {
        let always = |cases: Vec<Case<'v>>| matches!(cases.as_slice(), [case] if case.guard == Predicate::True);
        Ok(match expr {
            Expr::Literal(_) | Expr::Var(_) => true,
            Expr::UnaryOp { op: UnaryOp::Not, expr } | Expr::HasAttr { expr, .. } => self.is_total(expr)?,
            Expr::BinaryOp {
                op: BinaryOp::And | BinaryOp::Or,
                left,
                right,
            } => self.is_total(left)? && self.is_total(right)?,
            Expr::BinaryOp {
                op: BinaryOp::In | BinaryOp::Eq | BinaryOp::NotEq,
                left,
                right,
            } => always(self.cases(left)?) && always(self.cases(right)?),
            Expr::Is {
                expr, in_expr: None, ..
            } => always(self.cases(expr)?),
            _ => false,
        })
    }
}

/// That each of these names is there, one within the other.
fn presence(mut path: Path, mut record: &Record, names: &[&str]) -> Predicate {
    let mut tests = Vec::new();
    let mut names = names.iter().peekable();
    while let Some(name) = names.next() {
        let Some((attribute, member)) = record.get(name).zip(path.member(name)) else {
            return Predicate::False;
        };
        tests.push(member.guard(&attribute.ty));
        match &attribute.ty {
            Type::Record(inner) => (path, record) = (member, inner),
            _ if names.peek().is_some() => return Predicate::False,
            _ => {}
        }
    }
    Predicate::and(tests)
}

pub(super) fn refused(expr: &Expr, reason: Reason) -> Refused<'_> {
    Refused { at: Some(expr), reason }
}

/// Operators whose result is a number, a moment, a duration or an address.
pub(super) fn is_number(op: UnaryOp) -> bool {
    use UnaryOp::{IsEmpty, IsIPV6, IsIPv4, IsLoopback, IsMulticast, Not};
    !matches!(op, Not | IsEmpty | IsIPv4 | IsIPV6 | IsLoopback | IsMulticast)
}

/// Operators whose result is true or false.
pub(super) fn is_test(op: BinaryOp) -> bool {
    use BinaryOp::{Add, DurationSince, GetTag, Mul, Offset, Sub};
    !matches!(op, Add | Sub | Mul | Offset | DurationSince | GetTag)
}

fn unary(op: UnaryOp, values: &[Value<'_>]) -> Option<Truth> {
    let value = values.first()?;
    match op {
        UnaryOp::IsEmpty => Some(set::is_empty(value)),
        UnaryOp::IsIPv4 => address::within_any(value, &["0.0.0.0/0"]),
        UnaryOp::IsIPV6 => address::within_any(value, &["::/0"]),
        UnaryOp::IsLoopback => address::within_any(value, &["127.0.0.0/8", "::1/128"]),
        _ => address::within_any(value, &["224.0.0.0/4", "ff00::/8"]),
    }
}

/// A value that stands where a truth is asked for.
fn as_truth(values: &[Value<'_>]) -> Option<Truth> {
    match values.first()? {
        Value::Bool(value) => Some(Truth::constant(*value)),
        Value::Flag(path) => {
            let is = |value: bool| path.test(&Type::Bool, format!("{} == {value}", path.text()));
            Some(Truth {
                yes: is(true),
                no: is(false),
            })
        }
        _ => None,
    }
}
