//! Access control as data: Cedar policies in, row predicates for PostgreSQL out, and the same decision in process.
//!
//! The way through: a [`Vocabulary`] says what policies may talk about, from the product's types and the labels in use.
//! [`Policy::parse`] reads and validates a policy's text strictly against it; what is wrong comes back as
//! [`Finding`]s with line, column and hint. [`compile()`] turns the policy into [`Row`]s: for whom and for which actions
//! a statement is, and a `jsonpath` predicate over the row's view. [`combine`] joins the rows of many policies.
//! [`Decider`] gives the same decision with Cedar's own authorizer; [`explain()`] says why, in words. [`Form`] is the
//! easy way to write the common policies.
//!
//! # How the predicate keeps Cedar's rules
//!
//! Cedar skips a policy whose evaluation ends in an error: a missing attribute, an overflow. So an expression has three
//! outcomes, and a predicate of SQL has three as well, but not the same ones: `!unknown` is unknown in SQL, and Cedar's
//! `&&` looks at its right side only when the left one is true. The compiler therefore makes two predicates of each
//! boolean expression `e`:
//!
//! ```text
//! yes(e)   e evaluates to true              no(e)   e evaluates to false
//!
//! yes(a && b) = yes(a) && yes(b)            no(a && b) = no(a) || (yes(a) && no(b))
//! yes(a || b) = yes(a) || (no(a) && yes(b)) no(a || b) = no(a) && no(b)
//! yes(!a) = no(a)                           no(!a) = yes(a)
//! yes(if c then a else b) = (yes(c) && yes(a)) || (no(c) && yes(b)), and `no` alike
//! ```
//!
//! Neither holds when `e` errors. Both are monotone: they are made of comparisons joined by `&&` and `||`, and no `!`
//! stands over anything that may be unknown. So where a comparison in `jsonpath` is unknown, it is as good as false up
//! to the top, and Cedar's rule holds without a test for unknown anywhere. The one exception is the `no` of `has`, which
//! must be true where something is missing; it is `!exists($ ? (..))`, which is never unknown.
//!
//! Expressions of other types are lists of cases: a guard and a value. The guard says that the value is there, is of the
//! type that the vocabulary gives it, and that no arithmetic left 64 bits. A stored value of another type counts as
//! missing, in SQL by the guard and in process by [`view`], which both follow the same table of types.
//!
//! # What must never be here
//!
//! I/O, a clock, chance, SQL, a panic. The lints below forbid the last one.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::as_conversions
    )
)]
#![warn(missing_docs)]

mod bounds;
mod candidate;
pub mod compile;
mod decide;
mod demand;
mod effect;
mod explain;
mod finding;
pub mod form;
mod gain;
mod hint;
mod mend;
mod mention;
mod never;
mod policy;
mod requirement;
pub mod role;
mod source;
mod stack;
mod statement;
pub mod view;
pub mod vocabulary;

pub use compile::{ClassRow, Combined, Refusal, Row, by_class, class_of, combine, compile};
pub use decide::{Decider, Decision, Question, StatementId};
pub use demand::Demand;
pub use effect::Effect;
pub use explain::{Explained, Explanation, explain};
pub use finding::{Finding, Severity};
pub use form::{Form, FormError};
pub use policy::{MOST_STATEMENTS, Policy};
pub use requirement::{Requirement, Wanted};
pub use statement::Statement;
pub use view::ViewError;
pub use vocabulary::Vocabulary;
