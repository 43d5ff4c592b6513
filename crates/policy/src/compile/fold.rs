//! Expressions without variables: Cedar's own evaluator says what they are, so that its literals of addresses, moments and
//! durations have one reader.

use std::cell::RefCell;
use std::collections::HashMap;
use std::str::FromStr;

use cedar_policy::pst::{BinaryOp, Expr, UnaryOp};
use cedar_policy::{Context, Entities, EntityUid, EvalResult, Expression, Request, eval_expression};

use super::address;
use super::refusal::Reason;
use super::value::{Uid, Value};

/// Whether it is made of literals and of something to compute.
pub(super) fn applies(expr: &Expr) -> bool {
    let computes = match expr {
        Expr::UnaryOp { op, .. } => *op != UnaryOp::Not,
        Expr::BinaryOp { op, .. } => !matches!(op, BinaryOp::And | BinaryOp::Or),
        _ => false,
    };
    let is_variable = |expr: &Expr| match expr {
        Expr::Var(_) | Expr::Slot(_) | Expr::Unknown { .. } => Some(true),
        // What an entity has and belongs to depends on who asks, whose entity may be the very one that is named.
        Expr::GetAttr { .. } | Expr::HasAttr { .. } => Some(true),
        Expr::BinaryOp {
            op: BinaryOp::In | BinaryOp::HasTag | BinaryOp::GetTag,
            ..
        } => Some(true),
        _ => None,
    };
    computes && !expr.reduce(&is_variable, &|left, right| left || right, false)
}

/// What the expressions of one statement come to: the same in each environment, and Cedar takes long to read them.
#[derive(Debug, Default)]
pub(super) struct Folded(RefCell<HashMap<*const Expr, Result<Option<Value<'static>>, Reason>>>);

impl Folded {
    /// The value of an expression of the statement, or nothing when evaluating it is an error.
    pub(super) fn value<'v>(&self, expr: &Expr) -> Result<Option<Value<'v>>, Reason> {
        let mut known = self.0.borrow_mut();
        known
            .entry(std::ptr::from_ref(expr))
            .or_insert_with(|| value(expr))
            .clone()
    }
}

/// Whether Cedar evaluates an expression without variables.
pub(crate) fn has_value(text: &str) -> bool {
    Expression::from_str(text).is_ok_and(|expression| evaluated(&expression).is_some())
}

fn value<'v>(expr: &Expr) -> Result<Option<Value<'v>>, Reason> {
    let expression = Expression::from_str(&expr.to_string()).map_err(|_| Reason::Unknown)?;
    evaluated(&expression).map(|result| literal(&result)).transpose()
}

fn evaluated(expression: &Expression) -> Option<EvalResult> {
    eval_expression(&nobody()?, &Entities::empty(), expression).ok()
}

/// A request that no expression without variables looks at.
fn nobody() -> Option<Request> {
    let uid = EntityUid::from_str("Nobody::\"\"").ok()?;
    Request::new(uid.clone(), uid.clone(), uid, Context::empty(), None).ok()
}

fn literal<'v>(result: &EvalResult) -> Result<Value<'v>, Reason> {
    Ok(match result {
        EvalResult::Bool(value) => Value::Bool(*value),
        EvalResult::Long(value) => Value::Long(*value),
        EvalResult::String(text) => Value::String(text.clone()),
        EvalResult::EntityUid(uid) => Value::Uid(Uid {
            entity: uid.type_name().to_string(),
            id: uid.id().unescaped().to_owned(),
        }),
        EvalResult::Set(set) => Value::Set(set.iter().map(literal).collect::<Result<_, _>>()?),
        EvalResult::ExtensionValue(text) => extension(text)?,
        EvalResult::Record(_) => return Err(Reason::Record),
    })
}

/// A value of another kind as Cedar writes it: `ip("10.0.0.0/8")`. What it comes to is Cedar's to say as well.
fn extension<'v>(text: &str) -> Result<Value<'v>, Reason> {
    let since = format!("({text}).durationSince(datetime(\"1970-01-01\")).toMilliseconds()");
    let lasting = format!("({text}).toMilliseconds()");
    let number = |text: &str| evaluated(&Expression::from_str(text).ok()?);
    if let Some(EvalResult::Long(millis)) = number(&since).or_else(|| number(&lasting)) {
        return Ok(Value::Long(millis));
    }
    let network = text.strip_prefix("ip(\"").and_then(|rest| rest.strip_suffix("\")"));
    network
        .and_then(address::network)
        .map(Value::Network)
        .ok_or(Reason::Decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let policy = format!("permit (principal, action, resource) when {{ {text} }};");
        let policy = cedar_policy::Policy::from_str(&policy).unwrap();
        let cedar_policy::pst::Policy::Static(tree) = policy.to_pst().unwrap() else {
            panic!("a template");
        };
        let cedar_policy::pst::Clause::When(expr) = &tree.body().clauses()[0] else {
            panic!("an unless");
        };
        assert!(applies(expr), "{text}");
        assert_eq!(format!("{:?}", value(expr)), expected, "{text}");
    }

    #[test]
    fn what_cedar_computes_is_read_from_what_it_prints() {
        check("1 + 2", "Ok(Some(Long(3)))");
        check("9223372036854775807 + 1", "Ok(None)");
        check("datetime(\"1970-01-02\")", "Ok(Some(Long(86400000)))");
        check("datetime(\"1969-12-31\")", "Ok(Some(Long(-86400000)))");
        check("duration(\"-1d2h\")", "Ok(Some(Long(-93600000)))");
        check(
            "datetime(\"1970-01-02\").offset(duration(\"1s\"))",
            "Ok(Some(Long(86401000)))",
        );
        check("ip(\"10.0.0.0/8\")", "Ok(Some(Network(\"10.0.0.0/8\")))");
        check("ip(\"10.0.0.1\")", "Ok(Some(Network(\"10.0.0.1/32\")))");
        check("ip(\"::ffff:102:304\")", "Ok(Some(Network(\"::ffff:1.2.3.4/128\")))");
        check("decimal(\"1.0\")", "Err(Decimal)");
        check("decimal(\"1.0\").lessThan(decimal(\"2.0\"))", "Ok(Some(Bool(true)))");
    }
}
