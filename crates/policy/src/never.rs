//! What is valid and yet never so: names of nobody, and values that the circumstances never have. Cedar's schema knows
//! their types only, so a misspelt role and the hour 25 are valid to it.
//!
//! Only what can be read off a literal is looked at. All that is found is a warning.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cedar_policy::pst::{
    BinaryOp, Clause, EntityOrSlot, EntityUID, Expr, Literal, PrincipalConstraint, ResourceConstraint, Var,
};
use plinth_model::Name;
use plinth_model::id::{Id, ServiceAccountId, UserId};
use plinth_model::resource::check_property_name;

use crate::bounds;
use crate::compile::locate;
use crate::finding::{Finding, Position, Severity};
use crate::hint::closest;
use crate::mention::{self, children, conjuncts};
use crate::source;
use crate::statement::Statement;
use crate::vocabulary::{Vocabulary, quoted};

pub(crate) const USER_HINT: &str =
    "write the id, which begins with `user_`; `plinth members list` and the members' page show it";
pub(crate) const ACCOUNT_HINT: &str =
    "write the id, which begins with `sa_`; `plinth service-account list` and the page of service accounts show it";

pub(crate) const LABEL_HINT: &str = "use 1 to 63 letters, digits, `_`, `-` or `.`, a letter first";

/// The warnings about a statement.
pub(crate) fn warnings(text: &str, statement: &Statement, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut search = Search {
        text,
        statement,
        vocabulary,
        found: Vec::new(),
    };
    search.scope();
    for clause in statement.tree.clauses() {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        search.condition(condition);
    }
    search.contradictions();
    search.found
}

struct Search<'a> {
    text: &'a str,
    statement: &'a Statement,
    vocabulary: &'a Vocabulary,
    found: Vec<Finding>,
}

impl Search<'_> {
    fn scope(&mut self) {
        let tree = &self.statement.tree;
        let principal = match &tree.principal {
            PrincipalConstraint::Eq(entity)
            | PrincipalConstraint::In(entity)
            | PrincipalConstraint::IsIn(_, entity) => Some(entity),
            _ => None,
        };
        let resource = match &tree.resource {
            ResourceConstraint::Eq(entity) => Some(entity),
            _ => None,
        };
        for entity in principal.into_iter().chain(resource) {
            if let EntityOrSlot::Entity(uid) = entity
                && let Some((message, hint)) = unknown(uid, self.vocabulary)
            {
                let at = self.in_scope(&quoted(&uid.eid));
                self.warn(at, message, hint);
            }
        }
    }

    fn in_scope(&self, word: &str) -> Position {
        let start = self.statement.start;
        let own = self.text.get(start..self.statement.end).unwrap_or_default();
        let token = source::tokens(own).into_iter().find(|token| token.text == word);
        Position::of(self.text, start.saturating_add(token.map_or(0, |token| token.start)))
    }

    fn condition(&mut self, expr: &Expr) {
        if let Expr::Literal(Literal::EntityUID(uid)) = expr
            && let Some((message, hint)) = unknown(uid, self.vocabulary)
        {
            self.warn(self.place(expr), message, hint);
        }
        if let Some(name) = mention::asked_labels(expr).find(|name| check_property_name(name).is_err()) {
            let message = format!("there is never a property or attribute {}", quoted(name));
            self.warn(self.place(expr), message, LABEL_HINT.to_owned());
        }
        if let Expr::BinaryOp { op, left, right } = expr
            && !matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul)
        {
            self.comparison(expr, *op, left, right);
        }
        for child in children(expr) {
            self.condition(child);
        }
    }

    fn comparison(&mut self, expr: &Expr, op: BinaryOp, left: &Expr, right: &Expr) {
        if let Some(compared) = Compared::of(op, left, right) {
            if let Some((message, hint)) = compared.constant() {
                self.warn(self.place(expr), message, hint);
            }
            return;
        }
        for (path, other) in [(path(left), right), (path(right), left)] {
            let Some(path) = path.filter(|path| ["country", "local.weekday"].contains(&path.as_str())) else {
                continue;
            };
            for (literal, text) in texts(other) {
                let (fits, hint) = match path.as_str() {
                    "country" => (bounds::is_country(text), bounds::country_hint(text)),
                    _ => (bounds::WEEKDAYS.contains(&text), bounds::weekday_hint(text)),
                };
                if !fits {
                    self.warn(
                        self.place(literal),
                        format!("`context.{path}` is never {}", quoted(text)),
                        hint,
                    );
                }
            }
        }
    }

    /// Comparisons of one number that all have to hold, and cannot.
    fn contradictions(&mut self) {
        let mut all = Vec::new();
        for clause in self.statement.tree.clauses() {
            if let Clause::When(condition) = clause {
                conjuncts(condition, &mut all);
            }
        }
        let mut left: BTreeMap<String, RangeInclusive<i64>> = BTreeMap::new();
        for expr in all {
            let Expr::BinaryOp { op, left: a, right: b } = expr else {
                continue;
            };
            let Some(compared) = Compared::of(*op, a, b).filter(|compared| compared.constant().is_none()) else {
                continue;
            };
            let Some(holds) = compared.holds() else { continue };
            let before = left.get(&compared.path).unwrap_or(&compared.range);
            let both = *before.start().max(holds.start())..=*before.end().min(holds.end());
            if both.is_empty() && !before.is_empty() {
                let message = format!(
                    "no `context.{}` meets both this comparison and those before it",
                    compared.path
                );
                self.warn(self.place(expr), message, contradiction_hint(&compared.path));
            }
            left.insert(compared.path, both);
        }
    }

    fn place(&self, expr: &Expr) -> Position {
        locate::position(self.text, self.statement, Some(expr))
    }

    fn warn(&mut self, at: Position, message: String, hint: String) {
        self.found.push(Finding {
            severity: Severity::Warning,
            ..Finding::error(at, message, hint)
        });
    }
}

fn contradiction_hint(path: &str) -> String {
    if path == "local.hour" {
        return "over midnight is `context.local.hour >= 22 || context.local.hour < 6`".to_owned();
    }
    "join the two with `||`, or make two statements of them".to_owned()
}

/// What is wrong with an entity that nobody is, and what to write.
fn unknown(uid: &EntityUID, vocabulary: &Vocabulary) -> Option<(String, String)> {
    let (entity, id) = (uid.ty.to_string(), uid.eid.as_str());
    let named = format!("`{entity}::{}`", quoted(id));
    match entity.as_str() {
        "Role" => {
            let known = || vocabulary.roles().iter().map(String::as_str);
            let hint = || match closest(id, known()) {
                Some(close) => format!("did you mean `Role::{}`?", quoted(close)),
                None => format!("the roles are {}", bounds::listed(known())),
            };
            (!vocabulary.roles().contains(id)).then(|| (format!("there is no role {named}"), hint()))
        }
        "Group" => {
            let error = id.parse::<Name>().err()?;
            Some((format!("there can be no group {named}"), error.to_string()))
        }
        "User" => {
            let hint = || USER_HINT.to_owned();
            id.parse::<UserId>()
                .is_err()
                .then(|| (format!("{named} is nobody"), hint()))
        }
        "ServiceAccount" => {
            let hint = || ACCOUNT_HINT.to_owned();
            id.parse::<ServiceAccountId>()
                .is_err()
                .then(|| (format!("{named} is nobody"), hint()))
        }
        _ => {
            let kind = vocabulary.kind_of_entity(&entity).filter(|kind| kind.is_resource)?;
            let hint = || format!("write the id, which begins with `{}_`", kind.type_name);
            Id::parse(&kind.type_name, id)
                .is_err()
                .then(|| (format!("{named} is no {}", kind.type_name), hint()))
        }
    }
}

/// A number of `context` compared with a literal.
struct Compared {
    path: String,
    range: RangeInclusive<i64>,
    op: BinaryOp,
    value: i64,
}

impl Compared {
    fn of(op: BinaryOp, left: &Expr, right: &Expr) -> Option<Self> {
        let (op, path, value) = match (path(left), path(right)) {
            (Some(path), None) => (op, path, number(right)?),
            (None, Some(path)) => (turned(op), path, number(left)?),
            _ => return None,
        };
        let range = bounds::of_number(&path)?;
        Some(Self { path, range, op, value })
    }

    /// The numbers for which it holds; `None` when they are no range.
    fn holds(&self) -> Option<RangeInclusive<i64>> {
        Some(match self.op {
            BinaryOp::Eq => self.value..=self.value,
            BinaryOp::Less => i64::MIN..=self.value.saturating_sub(1),
            BinaryOp::LessEq => i64::MIN..=self.value,
            BinaryOp::Greater => self.value.saturating_add(1)..=i64::MAX,
            BinaryOp::GreaterEq => self.value..=i64::MAX,
            _ => return None,
        })
    }

    /// That it is the same for every number that there can be. Just above the largest one is a common way to say all.
    fn constant(&self) -> Option<(String, String)> {
        let (least, most) = (*self.range.start(), *self.range.end());
        let is_common = self.range.contains(&self.value) || most.checked_add(1) == Some(self.value);
        let never = self
            .holds()
            .is_some_and(|holds| *holds.end() < least || *holds.start() > most);
        let (path, value) = (&self.path, self.value);
        let allowed = match most {
            i64::MAX => format!("it is {least} or more"),
            _ => format!("it is from {least} to {most}"),
        };
        if never {
            return Some((
                format!("a comparison of `context.{path}` with {value} that is never true"),
                allowed,
            ));
        }
        (!is_common).then(|| (format!("`context.{path}` is never {value}"), allowed))
    }
}

fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEq => BinaryOp::GreaterEq,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEq => BinaryOp::LessEq,
        other => other,
    }
}

/// `local.hour` of `context.local.hour`.
fn path(expr: &Expr) -> Option<String> {
    let Expr::GetAttr { expr, attr } = expr else {
        return None;
    };
    match expr.as_ref() {
        Expr::Var(Var::Context) => Some(attr.to_string()),
        inner => path(inner).map(|base| format!("{base}.{attr}")),
    }
}

fn number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(Literal::Long(value)) => Some(*value),
        Expr::UnaryOp {
            op: cedar_policy::pst::UnaryOp::Neg,
            expr,
        } => number(expr)?.checked_neg(),
        _ => None,
    }
}

/// A text, or those of a list.
fn texts(expr: &Expr) -> Vec<(&Expr, &str)> {
    match expr {
        Expr::Literal(Literal::String(text)) => vec![(expr, text.as_str())],
        Expr::Set(elements) => elements.iter().flat_map(|element| texts(element)).collect(),
        _ => Vec::new(),
    }
}
