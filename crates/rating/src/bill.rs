//! What was charged, in the form that is shown, kept and hashed. Calculates nothing.

use crate::{period::Period, plan::Model};
use rust_decimal::Decimal;
use serde::Serialize;

/// The bill of one org for one period. All its parts stand in one order, whatever order the usage came in: prices as
/// in the plan, lines by resource id.
///
/// Quantities are in the meter's own unit and have no trailing zeros; amounts have the decimals of the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// Name of the plan.
    pub plan: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What the bill covers.
    pub period: Period,
    /// What was charged, and for which resource.
    pub lines: Vec<Line>,
    /// One for each price of the plan, also where nothing was used.
    pub subtotals: Vec<Subtotal>,
    /// Sum of the subtotals.
    pub total: Decimal,
    /// Meters with usage for which the plan has no price, by name.
    pub unpriced: Vec<String>,
}

/// Why a line is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Something was used.
    Usage,
    /// A fixed amount of the period.
    Flat,
    /// Less than the minimum was used.
    Minimum,
}

impl LineKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Usage, Self::Flat, Self::Minimum];
}

/// One thing that was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Name of the price.
    pub price: String,
    /// Why the line is there.
    pub kind: LineKind,
    /// Name of the meter; absent for a flat price.
    pub meter: Option<String>,
    /// For a person to read.
    pub title: String,
    /// What a quantity of 1 is.
    pub unit: String,
    /// Id of the resource; absent where the usage has none, and for flat prices and minimums.
    pub resource: Option<String>,
    /// What was used; for a flat price the part of the period, shown with up to 18 decimals.
    pub quantity: Decimal,
    /// Amount for one priced unit or package; absent for tiered models.
    pub unit_price: Option<Decimal>,
    /// Which tiers the quantity lies in. Tiers are the org's, not a resource's: filled in where the line is the only
    /// one of its price, and else only in the subtotal.
    pub tiers: Vec<TierLine>,
    /// The exact share before rounding, shown with up to 18 decimals: what a line of 0.00 really cost.
    pub unrounded_amount: Decimal,
    /// What is charged.
    pub amount: Decimal,
    /// How many usage records the line is made of.
    pub records: u64,
}

/// One price of the plan over all resources of the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subtotal {
    /// Name of the price.
    pub price: String,
    /// Name of the meter; absent for a flat price.
    pub meter: Option<String>,
    /// For a person to read.
    pub title: String,
    /// What a quantity of 1 is.
    pub unit: String,
    /// How the amount follows from the quantity.
    pub model: Model,
    /// What was used.
    pub quantity: Decimal,
    /// The allowance, used or not.
    pub included: Decimal,
    /// What is left of the quantity after the allowance.
    pub billable: Decimal,
    /// Name of the unit that `unit_price` is for; a price of a package is for the package.
    pub price_unit: String,
    /// How many of the meter's units make one priced unit.
    pub unit_scale: Decimal,
    /// Amount for one priced unit or package; absent for tiered models.
    pub unit_price: Option<Decimal>,
    /// Packages that were begun; for model `package` alone.
    pub packages: Option<Decimal>,
    /// The tiers that something lies in; for tiered models alone.
    pub tiers: Vec<TierLine>,
    /// The amount before rounding and without the minimum, shown with up to 18 decimals.
    pub unrounded_amount: Decimal,
    /// Sum of the lines.
    pub amount: Decimal,
    /// How many usage records it is made of.
    pub records: u64,
}

/// What lies in one tier. Bounds count from the first billable unit, in the meter's own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierLine {
    /// Exclusive.
    pub from: Decimal,
    /// Inclusive; absent for the tier without end.
    pub to: Option<Decimal>,
    /// The part of the quantity in this tier.
    pub quantity: Decimal,
    /// Amount for one priced unit.
    pub unit_price: Decimal,
    /// Before rounding, shown with up to 18 decimals.
    pub amount: Decimal,
}
