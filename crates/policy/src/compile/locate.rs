//! Finds an expression in the text that it was parsed from.
//!
//! Cedar's public syntax tree has no places. But in the tree and in the text the same words stand in the same order, so
//! the third `like` of the tree is the third one of the text. Where the counts differ, the statement's beginning has to do.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, Template, UnaryOp};

use crate::finding::Position;
use crate::mention::children;
use crate::source::{self, Token};
use crate::statement::Statement;
use crate::vocabulary::quoted;

/// The place of an expression of this statement.
pub(crate) fn position(text: &str, statement: &Statement, target: Option<&Expr>) -> Position {
    let beginning = Position::of(text, statement.start);
    let Some(word) = target.and_then(word) else {
        return beginning;
    };
    let mut expressions = Vec::new();
    clauses(&statement.tree).for_each(|clause| in_order(clause, &mut expressions));
    let named: Vec<&Expr> = expressions
        .into_iter()
        .filter(|expr| self::word(expr).as_ref() == Some(&word))
        .collect();
    let own = text.get(statement.start..statement.end).unwrap_or_default();
    let places = places(own, &word);
    let index = named
        .iter()
        .position(|expr| target.is_some_and(|target| std::ptr::eq(*expr, target)));
    match index.and_then(|index| places.get(index)) {
        Some(token) if places.len() == named.len() => Position::of(text, statement.start.saturating_add(token.start)),
        _ => beginning,
    }
}

/// The places of a word in the conditions. The bracket that opens a condition is no word of it.
fn places<'t>(statement: &'t str, word: &str) -> Vec<Token<'t>> {
    let begins = |token: &Token<'_>| ["when", "unless"].contains(&token.text);
    let tokens = source::tokens(statement);
    let in_scope = tokens.iter().take_while(|token| !begins(token)).count();
    let pairs = tokens.iter().zip(tokens.iter().skip(1)).skip(in_scope);
    let found = pairs.filter(|(before, token)| token.text == word && !(word == "{" && begins(before)));
    found.map(|(_, token)| *token).collect()
}

fn clauses(statement: &Template) -> impl Iterator<Item = &Expr> {
    statement.clauses().iter().map(|clause| {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        condition.as_ref()
    })
}

/// Expressions in the order in which their words stand in the text: of two operands, the sign is between.
fn in_order<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    let mut parts = children(expr).into_iter();
    let leads = matches!(expr, Expr::IfThenElse { .. } | Expr::Set(_) | Expr::Record(_)) || is_prefix(expr);
    if !leads {
        parts.next().into_iter().for_each(|first| in_order(first, found));
    }
    found.push(expr);
    parts.for_each(|part| in_order(part, found));
}

fn is_prefix(expr: &Expr) -> bool {
    use UnaryOp::{Datetime, Decimal, Duration, Ip, Neg, Not};
    matches!(
        expr,
        Expr::UnaryOp {
            op: Not | Neg | Datetime | Decimal | Duration | Ip,
            ..
        }
    )
}

/// The word that an expression is known by.
fn word(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::UnaryOp { op, .. } => op.to_string(),
        Expr::BinaryOp { op: BinaryOp::In, .. } => "in".to_owned(),
        Expr::BinaryOp { op, .. } => op.to_string(),
        Expr::GetAttr { attr, .. } => attr.to_string(),
        Expr::HasAttr { .. } => "has".to_owned(),
        Expr::Like { .. } => "like".to_owned(),
        Expr::Is { .. } => "is".to_owned(),
        Expr::IfThenElse { .. } => "if".to_owned(),
        Expr::Set(_) => "[".to_owned(),
        Expr::Record(_) => "{".to_owned(),
        Expr::Literal(Literal::Long(value)) => value.to_string(),
        Expr::Literal(Literal::String(text)) => quoted(text),
        Expr::Literal(Literal::EntityUID(uid)) => quoted(&uid.eid),
        _ => return None,
    })
}
