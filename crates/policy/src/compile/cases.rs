//! The ways in which an expression gets a value: each is a guard and what the value is then.

use std::result::Result as Checked;
use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Expr, Literal, Var};

use super::environment::Environment;
use super::expression::{Compiler, Result, is_number, is_test, refused};
use super::path::Path;
use super::predicate::{Predicate, ROOT};
use super::refusal::Reason;
use super::truth::Outcome;
use super::value::{Case, Uid, Value};
use super::{MOST_BYTES, arithmetic, fold};
use crate::vocabulary::Record;

/// More ways than these are refused.
const MOST_CASES: usize = 64;

impl<'v, 'e> Compiler<'v, 'e> {
    /// The ways in which an expression gets a value.
    pub(super) fn cases(&self, expr: &'e Expr) -> Result<'e, Vec<Case<'v>>> {
        if fold::applies(expr) {
            return Ok(self.folded(expr)?.map(Case::always).into_iter().collect());
        }
        match expr {
            Expr::Literal(literal) => Ok(vec![Case::always(self.literal(expr, literal)?)]),
            Expr::Var(variable) => Ok(vec![Case::always(self.variable(variable))]),
            Expr::GetAttr { expr: base, attr } => self.attribute(expr, base, attr),
            Expr::IfThenElse {
                cond,
                then_expr,
                else_expr,
            } => self.either(cond, then_expr, else_expr),
            Expr::Set(elements) => self.set(expr, elements),
            Expr::Record(_) => Err(refused(expr, Reason::Record)),
            Expr::UnaryOp { op, expr: operand } if is_number(*op) => {
                self.computed(expr, &[operand], |values| arithmetic::unary(*op, values.first()?))
            }
            Expr::BinaryOp {
                op: BinaryOp::GetTag, ..
            } => Err(refused(expr, Reason::Tags)),
            Expr::BinaryOp { op, left, right } if !is_test(*op) => self.computed(expr, &[left, right], |values| {
                let [left, right] = values else { return None };
                arithmetic::binary(*op, left, right)
            }),
            Expr::UnaryOp { .. }
            | Expr::BinaryOp { .. }
            | Expr::HasAttr { .. }
            | Expr::Like { .. }
            | Expr::Is { .. } => self.boolean(expr),
            _ => Err(refused(expr, Reason::Unknown)),
        }
    }

    fn literal(&self, expr: &'e Expr, literal: &Literal) -> Result<'e, Value<'v>> {
        Ok(match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Long(value) => Value::Long(*value),
            Literal::String(text) => Value::String(text.to_string()),
            Literal::EntityUID(uid) => Value::Uid(Uid {
                entity: uid.ty.to_string(),
                id: uid.eid.to_string(),
            }),
            _ => return Err(refused(expr, Reason::Unknown)),
        })
    }

    fn variable(&self, variable: &Var) -> Value<'v> {
        match variable {
            Var::Principal => Value::Principal,
            Var::Resource => Value::Resource,
            Var::Action => Value::Uid(Uid {
                entity: "Action".to_owned(),
                id: self.environment().action.to_owned(),
            }),
            Var::Context => Value::Record(Path::root("$context"), self.environment().vocabulary.context()),
        }
    }

    /// Where the attributes of a value are.
    pub(super) fn record(&self, value: &Value<'v>) -> Checked<(Path, &'v Record), Reason> {
        let Environment {
            vocabulary,
            principal,
            kind,
            ..
        } = self.environment();
        match value {
            Value::Principal => Ok((Path::root("$principal"), vocabulary.principal(principal))),
            Value::Resource => Ok((Path::root(ROOT), &kind.attributes)),
            Value::Record(path, record) => Ok((path.clone(), record)),
            _ => Err(Reason::AttributeOfAnother),
        }
    }

    fn attribute(&self, expr: &'e Expr, base: &'e Expr, name: &str) -> Result<'e, Vec<Case<'v>>> {
        let mut cases = Vec::new();
        for Case { guard, value } in self.cases(base)? {
            let (path, record) = self.record(&value).map_err(|reason| refused(expr, reason))?;
            let Some((attribute, path)) = record.get(name).zip(path.member(name)) else {
                continue;
            };
            cases.push(Case {
                guard: Predicate::and([guard, path.guard(&attribute.ty)]),
                value: Value::at(path, &attribute.ty),
            });
        }
        Ok(cases)
    }

    fn either(&self, cond: &'e Expr, yes: &'e Expr, no: &'e Expr) -> Result<'e, Vec<Case<'v>>> {
        let mut cases = Vec::new();
        for (which, branch) in [(Outcome::Yes, yes), (Outcome::No, no)] {
            let taken = self.holds(cond, which)?;
            if taken == Predicate::False {
                continue;
            }
            cases.extend(self.cases(branch)?.into_iter().map(|case| Case {
                guard: Predicate::and([taken.clone(), case.guard]),
                value: case.value,
            }));
        }
        if cases.len() > MOST_CASES {
            return Err(refused(cond, Reason::TooLarge));
        }
        Ok(cases)
    }

    fn set(&self, expr: &'e Expr, elements: &'e [Arc<Expr>]) -> Result<'e, Vec<Case<'v>>> {
        let elements: Vec<&Expr> = elements.iter().map(AsRef::as_ref).collect();
        let mut cases = Vec::new();
        for (guard, values) in self.products(expr, &elements)? {
            if values
                .iter()
                .any(|value| matches!(value, Value::Set(_) | Value::Array(_) | Value::Record(..)))
            {
                return Err(refused(expr, Reason::NestedSet));
            }
            cases.push(Case {
                guard,
                value: Value::Set(values),
            });
        }
        Ok(cases)
    }

    fn computed(
        &self,
        expr: &'e Expr,
        operands: &[&'e Expr],
        compute: impl Fn(&[Value<'v>]) -> Option<Case<'v>>,
    ) -> Result<'e, Vec<Case<'v>>> {
        let mut cases = Vec::new();
        for (guard, values) in self.products(expr, operands)? {
            let Some(case) = compute(&values) else { continue };
            let guard = Predicate::and([guard, case.guard]);
            if guard.size() > MOST_BYTES {
                return Err(refused(expr, Reason::TooLarge));
            }
            cases.push(Case {
                guard,
                value: case.value,
            });
        }
        Ok(cases)
    }

    /// A boolean expression as a value: true in one case, false in the other.
    fn boolean(&self, expr: &'e Expr) -> Result<'e, Vec<Case<'v>>> {
        let mut cases = Vec::with_capacity(2);
        for (outcome, value) in [(Outcome::Yes, true), (Outcome::No, false)] {
            let guard = self.holds(expr, outcome)?;
            if guard != Predicate::False {
                cases.push(Case {
                    guard,
                    value: Value::Bool(value),
                });
            }
        }
        Ok(cases)
    }

    /// All combinations of the cases of these operands.
    pub(super) fn products(&self, at: &'e Expr, operands: &[&'e Expr]) -> Result<'e, Vec<(Predicate, Vec<Value<'v>>)>> {
        let mut products = vec![(Predicate::True, Vec::new())];
        for operand in operands {
            let cases = self.cases(operand)?;
            if products.len().saturating_mul(cases.len()) > MOST_CASES {
                return Err(refused(at, Reason::TooLarge));
            }
            let extended = products.iter().flat_map(|(guard, values)| {
                cases.iter().map(move |case| {
                    let values: Vec<Value<'v>> = values.iter().chain([&case.value]).cloned().collect();
                    (Predicate::and([guard.clone(), case.guard.clone()]), values)
                })
            });
            products = extended.collect();
        }
        Ok(products)
    }
}
