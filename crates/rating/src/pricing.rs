//! The formulas of the models: an org's billable quantity of one meter in, an exact amount out. Knows nothing of
//! resources, currencies or rounding.

use crate::exact::{Exact, decimal};
use rust_decimal::Decimal;

/// A checked model. Sizes and bounds are in the meter's own unit, prices for one priced unit.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Flat(Decimal),
    PerUnit(Decimal),
    Graduated(Vec<Band>),
    Volume(Vec<Band>),
    Package { size: Exact, price: Decimal },
}

/// A tier in the meter's own unit.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    up_to: Option<Exact>,
    unit_price: Decimal,
}

impl Band {
    pub(crate) fn new(up_to: Option<Decimal>, unit_price: Decimal, unit_scale: Decimal) -> Option<Self> {
        let up_to = match up_to {
            Some(end) => Some(Exact::decimal(end)?.mul(&Exact::decimal(unit_scale)?)?),
            None => None,
        };
        Some(Self { up_to, unit_price })
    }
}

/// What a quantity costs, and why.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) amount: Exact,
    /// The one price, where there is one.
    pub(crate) unit_price: Option<Decimal>,
    /// Packages that have been begun.
    pub(crate) packages: Option<Decimal>,
    /// The tiers that have something in them.
    pub(crate) parts: Vec<Part>,
}

/// The part of a quantity that lies in one tier.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) from: Exact,
    pub(crate) to: Option<Exact>,
    pub(crate) quantity: Exact,
    pub(crate) unit_price: Decimal,
    pub(crate) amount: Exact,
}

impl Rule {
    /// `fraction` is the active part of the period, for fixed amounts; `None` if a number has no decimal form.
    pub(crate) fn charge(&self, billable: &Exact, unit_scale: &Exact, fraction: &Exact) -> Option<Charge> {
        match self {
            Self::Flat(amount) => Some(Charge::simple(fraction.mul(&Exact::decimal(*amount)?)?, *amount)),
            Self::PerUnit(price) => Some(Charge::simple(cost(billable, *price, unit_scale)?, *price)),
            Self::Graduated(bands) => Charge::of_parts(graduated(bands, billable, unit_scale)?),
            Self::Volume(bands) => Charge::of_parts(volume(bands, billable, unit_scale)?),
            Self::Package { size, price } => package(billable, size, *price),
        }
    }
}

impl Charge {
    fn simple(amount: Exact, unit_price: Decimal) -> Self {
        Self {
            amount,
            unit_price: Some(unit_price),
            packages: None,
            parts: Vec::new(),
        }
    }

    fn of_parts(parts: Vec<Part>) -> Option<Self> {
        let amount = parts
            .iter()
            .try_fold(Exact::zero(), |sum, part| sum.add(&part.amount))?;
        Some(Self {
            amount,
            unit_price: None,
            packages: None,
            parts,
        })
    }
}

fn cost(quantity: &Exact, unit_price: Decimal, unit_scale: &Exact) -> Option<Exact> {
    quantity.mul(&Exact::decimal(unit_price)?)?.div(unit_scale)
}

fn graduated(bands: &[Band], billable: &Exact, unit_scale: &Exact) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut from = Exact::zero();
    for band in bands {
        if *billable <= from {
            break;
        }
        let end = band.up_to.as_ref().map_or(billable, |end| end.min(billable));
        parts.push(band.part(&from, end.sub(&from)?, unit_scale)?);
        from = end.clone();
    }
    Some(parts)
}

fn volume(bands: &[Band], billable: &Exact, unit_scale: &Exact) -> Option<Vec<Part>> {
    let mut from = Exact::zero();
    for band in bands {
        match &band.up_to {
            Some(end) if billable > end => from = end.clone(),
            _ if billable.is_zero() => break,
            _ => return Some(vec![band.part(&from, billable.clone(), unit_scale)?]),
        }
    }
    Some(Vec::new())
}

impl Band {
    fn part(&self, from: &Exact, quantity: Exact, unit_scale: &Exact) -> Option<Part> {
        Some(Part {
            from: from.clone(),
            to: self.up_to.clone(),
            amount: cost(&quantity, self.unit_price, unit_scale)?,
            quantity,
            unit_price: self.unit_price,
        })
    }
}

fn package(billable: &Exact, size: &Exact, price: Decimal) -> Option<Charge> {
    let begun = billable.div(size)?.ceil();
    Some(Charge {
        amount: Exact::integer(begun.clone()).mul(&Exact::decimal(price)?)?,
        unit_price: Some(price),
        packages: Some(decimal(&begun, 0)?),
        parts: Vec::new(),
    })
}
