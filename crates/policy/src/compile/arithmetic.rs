//! Numbers, moments and durations; the latter two are milliseconds.
//!
//! Cedar errors when a result leaves 64 bits. PostgreSQL's numbers have no end, so each result gets a guard.

use cedar_policy::pst::{BinaryOp, UnaryOp};

use super::path;
use super::predicate::Predicate;
use super::value::{Case, Value};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// `left + right` and its like. Nothing when it always errors.
pub(super) fn binary<'v>(op: BinaryOp, left: &Value<'v>, right: &Value<'v>) -> Option<Case<'v>> {
    if let (Value::Long(left), Value::Long(right)) = (left, right) {
        let result = match op {
            BinaryOp::Add | BinaryOp::Offset => left.checked_add(*right),
            BinaryOp::Mul => left.checked_mul(*right),
            _ => left.checked_sub(*right),
        };
        return result.map(|value| Case::always(Value::Long(value)));
    }
    let sign = match op {
        BinaryOp::Add | BinaryOp::Offset => '+',
        BinaryOp::Mul => '*',
        _ => '-',
    };
    Some(guarded(format!(
        "({} {sign} {})",
        left.as_number()?,
        right.as_number()?
    )))
}

/// `-value`, and the methods of moments and durations. Nothing when it always errors.
pub(super) fn unary<'v>(op: UnaryOp, value: &Value<'v>) -> Option<Case<'v>> {
    if let Value::Long(value) = value {
        return literal(op, *value).map(|value| Case::always(Value::Long(value)));
    }
    let number = value.as_number()?;
    let time = format!("(({number} % {DAY_MILLIS} + {DAY_MILLIS}) % {DAY_MILLIS})");
    Some(match op {
        UnaryOp::ToMilliseconds => Case::always(value.clone()),
        UnaryOp::Neg => guarded(format!("(0 - {number})")),
        UnaryOp::ToTime => Case::always(Value::Computed(time)),
        UnaryOp::ToDate => guarded(format!("({number} - {time})")),
        _ => {
            let unit = path::number(unit_millis(op)?);
            Case::always(Value::Computed(format!("(({number} - {number} % {unit}) / {unit})")))
        }
    })
}

fn literal(op: UnaryOp, value: i64) -> Option<i64> {
    let time = value.checked_rem_euclid(DAY_MILLIS)?;
    match op {
        UnaryOp::ToMilliseconds => Some(value),
        UnaryOp::Neg => value.checked_neg(),
        UnaryOp::ToTime => Some(time),
        UnaryOp::ToDate => value.checked_sub(time),
        _ => value.checked_div(unit_millis(op)?),
    }
}

fn unit_millis(op: UnaryOp) -> Option<i64> {
    match op {
        UnaryOp::ToSeconds => Some(1000),
        UnaryOp::ToMinutes => Some(60 * 1000),
        UnaryOp::ToHours => Some(60 * 60 * 1000),
        UnaryOp::ToDays => Some(DAY_MILLIS),
        _ => None,
    }
}

fn guarded<'v>(text: String) -> Case<'v> {
    Case {
        guard: Predicate::atom(format!("({})", path::in_range(&text))),
        value: Value::Computed(text),
    }
}
