//! Turns usage and a plan into a bill, exactly and reproducibly.
//!
//! The way through: a [`Plan`] is read ([`Plan::from_value`]) and checked against the product
//! ([`Plan::check`]), which gives a [`CheckedPlan`]; [`CheckedPlan::rate`] takes the [`Usage`] of one [`Period`] and
//! gives a [`Bill`]; [`Bill::hash`] names that bill for good.
//!
//! # Formulas
//!
//! All arithmetic is on exact fractions; nothing is rounded before step 4. For one price, with `q(r)` the quantity of
//! resource `r` in the meter's own unit and `s` the price's `unit_scale` (1 when absent):
//!
//! 1. *Total.* `Q = Σ q(r)`. Tiers, packages and the allowance see the org's total, never one resource alone, so that
//!    splitting work over more resources changes nothing.
//! 2. *Allowance.* `B = max(0, Q - included * s)`. Tiers count from the first billable unit, so that a tier's `up_to`
//!    stays what the plan says however large the allowance is.
//! 3. *Amount* `A`, by model:
//!    - `per_unit`: `B / s * unit_price`;
//!    - `graduated`: each tier's price for the part of `B / s` that lies in `(previous up_to, up_to]`;
//!    - `volume`: all of `B / s` at the price of the one tier that contains it;
//!    - `package`: `ceil(B / s / package_size) * package_price`;
//!    - `flat`: `amount * active seconds / seconds of the period`.
//! 4. *Rounding*, the only place: `M` = `A` in minor units of the currency (ISO 4217), half up: the rule that a reader
//!    applies by hand. It is made once for each price, not once for each resource, because a thousand lines rounded on
//!    their own could be five units of currency off.
//! 5. *Lines.* `M` is shared over the resources by the largest remainder method (Hamilton): each gets its exact part
//!    `A * q(r) / Q` rounded down to minor units, and the minor units that are then missing to `M` go to the largest
//!    remainders, ties in order of resource id. So the lines add up to `M` exactly, and none is a minor unit or more
//!    off its exact part.
//! 6. *Minimum.* If `M` is below the price's `minimum` (prorated by seconds as a flat amount is, and rounded alike), one
//!    line without a resource makes up the difference.
//!
//! A subtotal is the sum of its lines and the total the sum of the subtotals: what is printed adds up.
//! Allowances, tiers and packages are not prorated: an org that joins late in a period has them in full.
//!
//! # What must never be here
//!
//! I/O, a clock, randomness, floating point, hash order, a panic. The lints below forbid the last one; a value
//! that does not fit ends in [`RatingError::OutOfRange`].

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

mod bill;
mod canonical;
mod check;
mod currency;
mod decimal;
mod exact;
mod period;
mod plan;
mod pricing;
mod rate;
mod share;
mod violation;

pub use bill::{Bill, Line, LineKind, Subtotal, TierLine};
pub use canonical::CanonicalError;
pub use check::CheckedPlan;
pub use decimal::{DecimalError, parse_decimal};
pub use period::{Period, PeriodError};
pub use plan::{Model, Plan, Price, Tier};
pub use rate::{RatingError, Usage};
pub use violation::Violation;
