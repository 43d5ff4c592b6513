//! A plan as it is written in a product folder. Holds any document of the right shape; whether it makes sense is for
//! `check` to say.

use crate::{
    decimal::{optional_text, text},
    violation::Violation,
};
use plinth_model::object::{self, Object};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is sold, and for how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Unique among the product's plans.
    pub name: String,
    /// For a person to read.
    pub title: String,
    /// What the plan is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// ISO 4217 code; all amounts of the plan are in this currency.
    pub currency: String,
    /// Most live resources of a type, by the type's plural; a type that is not named has no limit. `sql-logins` bounds the
    /// SQL logins of an org at a time.
    #[serde(default)]
    pub quotas: BTreeMap<String, u64>,
    /// What is charged, in the order of the bill.
    #[serde(default, deserialize_with = "object::list")]
    pub prices: Vec<Price>,
}

/// How one thing is charged. Which fields belong to which [`Model`] is checked by [`Plan::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Names the price on the bill; the meter's name when absent. A flat price has no meter and needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is counted; absent for a flat price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// For a person to read; the meter's title when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How quantity becomes an amount.
    pub model: Model,
    /// Name of the unit that is priced, such as `GB` or `million rows`; the meter's unit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_unit: Option<String>,
    /// How many of the meter's units make one priced unit; 1 when absent.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub unit_scale: Option<Decimal>,
    /// Priced units that are free in each period.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub included: Option<Decimal>,
    /// Least amount of a whole period.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// Model `flat`: amount of a whole period.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// Model `per_unit`: amount for one priced unit.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Decimal>,
    /// Models `graduated` and `volume`: from the first billable unit upwards.
    #[serde(
        default,
        deserialize_with = "object::optional_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub tiers: Option<Vec<Tier>>,
    /// Model `package`: priced units in one package.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub package_size: Option<Decimal>,
    /// Model `package`: amount for each package that has been begun.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub package_price: Option<Decimal>,
}

/// How a quantity becomes an amount; the formulas stand at the head of the crate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// The same for each period.
    Flat,
    /// The same for each unit.
    #[default]
    PerUnit,
    /// Each unit at the price of the tier that it lies in.
    Graduated,
    /// All units at the price of the tier that their number lies in.
    Volume,
    /// Whole packages only.
    Package,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Flat, Self::PerUnit, Self::Graduated, Self::Volume, Self::Package];
}

impl Price {
    /// What the price is called on the bill.
    pub(crate) fn identity(&self) -> Option<&str> {
        self.name.as_deref().or(self.meter.as_deref())
    }
}

impl Model {
    /// The name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::PerUnit => "per_unit",
            Self::Graduated => "graduated",
            Self::Volume => "volume",
            Self::Package => "package",
        }
    }
}

/// A range of priced units, from the end of the tier before (exclusive) to its own (inclusive).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Last priced unit of the tier; absent in the last tier alone, which has no end.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Decimal>,
    /// Amount for one priced unit.
    #[serde(with = "text")]
    pub unit_price: Decimal,
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// One [`Violation`] at the first place that has not the shape of a plan.
    pub fn from_value(value: serde_json::Value) -> Result<Self, Vec<Violation>> {
        let plan: Result<Object<Self>, _> = serde_path_to_error::deserialize(value);
        plan.map(|plan| plan.0)
            .map_err(|error| vec![Violation::from_path(&error)])
    }
}
