//! From usage to bill: sums up, charges, rounds once, shares, and adds up. The formulas stand at the head of the crate.

use crate::{
    bill::{Bill, Line, LineKind, Subtotal, TierLine},
    check::{CheckedPlan, CheckedPrice},
    exact::{Exact, add_amounts, decimal},
    period::Period,
    pricing::{Charge, Part},
    share::largest_remainder,
};
use num_bigint::BigInt;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was used of one meter by one resource. May come in any number of parts; parts of the same meter and resource
/// are added up, so that a negative quantity corrects a positive one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Name of the meter.
    pub meter: String,
    /// Id of the resource, if the usage belongs to one.
    pub resource: Option<String>,
    /// In the meter's unit.
    #[serde(with = "crate::decimal::text")]
    pub quantity: Decimal,
    /// How many usage records the quantity is the sum of.
    pub records: u64,
}

/// Why usage could not be rated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// Corrections took away more than there was.
    #[error("the usage of meter `{meter}` is negative in total for {}", resource.as_ref().map_or("the org".to_owned(), |id| format!("resource `{id}`")))]
    NegativeQuantity {
        /// Name of the meter.
        meter: String,
        /// Id of the resource.
        resource: Option<String>,
    },
    /// A quantity or an amount has more digits than a decimal can hold.
    #[error("a number of `{price}` is out of range")]
    OutOfRange {
        /// Name of the price, or `total`.
        price: String,
    },
}

/// The usage of one meter, by resource; usage without one comes first.
type ByResource<'a> = BTreeMap<Option<&'a str>, Used>;

#[derive(Debug, Clone)]
struct Used {
    quantity: Exact,
    records: u64,
}

impl CheckedPlan {
    /// The bill for all usage of one org in one period. Pure: the same usage in any order, plan and period give the
    /// same bill.
    ///
    /// # Errors
    /// [`RatingError`] when a total is negative or does not fit a decimal.
    pub fn rate(&self, usage: &[Usage], period: &Period) -> Result<Bill, RatingError> {
        let mut meters = sum_up(usage)?;
        let mut bill = self.empty_bill(period);
        for price in &self.prices {
            let used = price
                .meter
                .as_ref()
                .and_then(|meter| meters.remove(meter.name.as_str()))
                .unwrap_or_default();
            refuse_negative(price, &used)?;
            let rated = Rater {
                price,
                decimals: self.decimals,
                period,
            }
            .rate(&used);
            let (lines, subtotal) = rated.ok_or_else(|| out_of_range(&price.name))?;
            bill.lines.extend(lines);
            bill.total = add_amounts(bill.total, subtotal.amount).ok_or_else(|| out_of_range("total"))?;
            bill.subtotals.push(subtotal);
        }
        bill.unpriced = meters.into_keys().map(str::to_owned).collect();
        Ok(bill)
    }

    fn empty_bill(&self, period: &Period) -> Bill {
        Bill {
            plan: self.name.clone(),
            currency: self.currency.clone(),
            period: period.clone(),
            lines: Vec::new(),
            subtotals: Vec::new(),
            total: Decimal::new(0, self.decimals),
            unpriced: Vec::new(),
        }
    }
}

fn out_of_range(price: &str) -> RatingError {
    RatingError::OutOfRange {
        price: price.to_owned(),
    }
}

fn sum_up(usage: &[Usage]) -> Result<BTreeMap<&str, ByResource<'_>>, RatingError> {
    let mut meters = BTreeMap::<&str, ByResource<'_>>::new();
    for part in usage {
        let none = || Used {
            quantity: Exact::zero(),
            records: 0,
        };
        let used = meters
            .entry(&part.meter)
            .or_default()
            .entry(part.resource.as_deref())
            .or_insert_with(none);
        let quantity = Exact::decimal(part.quantity).and_then(|more| used.quantity.add(&more));
        used.quantity = quantity.ok_or_else(|| out_of_range(&part.meter))?;
        used.records = used
            .records
            .checked_add(part.records)
            .ok_or_else(|| out_of_range(&part.meter))?;
    }
    Ok(meters)
}

fn refuse_negative(price: &CheckedPrice, used: &ByResource<'_>) -> Result<(), RatingError> {
    match used.iter().find(|(_, used)| used.quantity.is_negative()) {
        Some((resource, _)) => Err(RatingError::NegativeQuantity {
            meter: price.meter.as_ref().map_or(&price.name, |meter| &meter.name).clone(),
            resource: resource.map(str::to_owned),
        }),
        None => Ok(()),
    }
}

/// Rates one price; each method gives `None` for a number out of range.
struct Rater<'a> {
    price: &'a CheckedPrice,
    decimals: u32,
    period: &'a Period,
}

impl Rater<'_> {
    fn rate(&self, used: &ByResource<'_>) -> Option<(Vec<Line>, Subtotal)> {
        let quantity = used
            .values()
            .try_fold(Exact::zero(), |sum, used| sum.add(&used.quantity))?;
        let billable = quantity.sub(&self.price.included)?.max(Exact::zero());
        let charge = self
            .price
            .rule
            .charge(&billable, &Exact::decimal(self.price.unit_scale)?, &self.fraction()?)?;
        let units = charge.amount.round_half_up(self.decimals)?;
        let mut lines = match self.price.meter {
            Some(_) => self.usage_lines(used, &quantity, &charge)?,
            None => vec![self.flat_line(&charge, &units)?],
        };
        lines.extend(self.minimum_line(&units)?);
        let subtotal = self.subtotal(&lines, &quantity, &billable, &charge)?;
        Some((lines, subtotal))
    }

    /// The active part of the period.
    fn fraction(&self) -> Option<Exact> {
        Exact::integer(self.period.active_seconds()).div(&Exact::integer(self.period.seconds()))
    }

    fn usage_lines(&self, used: &ByResource<'_>, total: &Exact, charge: &Charge) -> Option<Vec<Line>> {
        let weights: Vec<_> = used.values().map(|used| used.quantity.clone()).collect();
        let minor = charge.amount.mul(&Exact::power_of_ten(self.decimals)?)?;
        let shares = largest_remainder(&minor, &weights)?;
        let tiers = if used.len() == 1 {
            tier_lines(&charge.parts)?
        } else {
            Vec::new()
        };
        let line = |((resource, used), units): ((&Option<&str>, &Used), BigInt)| {
            let share = if total.is_zero() {
                Exact::zero()
            } else {
                used.quantity.div(total)?
            };
            Some(Line {
                resource: resource.map(str::to_owned),
                quantity: used.quantity.to_decimal()?,
                unit_price: charge.unit_price,
                tiers: tiers.clone(),
                unrounded_amount: charge.amount.mul(&share)?.to_shown()?,
                records: used.records,
                ..self.line(LineKind::Usage, &units)?
            })
        };
        used.iter().zip(shares).map(line).collect()
    }

    fn flat_line(&self, charge: &Charge, units: &BigInt) -> Option<Line> {
        Some(Line {
            quantity: self.fraction()?.to_shown()?,
            unit_price: charge.unit_price,
            unrounded_amount: charge.amount.to_shown()?,
            ..self.line(LineKind::Flat, units)?
        })
    }

    /// What is missing to the minimum; outer `None` for a number out of range, inner `None` if nothing is.
    #[expect(clippy::option_option, reason = "a failure and an absence are different things")]
    fn minimum_line(&self, units: &BigInt) -> Option<Option<Line>> {
        let least = self
            .price
            .minimum
            .mul(&self.fraction()?)?
            .round_half_up(self.decimals)?;
        let missing = least.checked_sub(units)?;
        if missing <= BigInt::ZERO {
            return Some(None);
        }
        let line = self.line(LineKind::Minimum, &missing)?;
        Some(Some(Line {
            title: format!("{}: minimum", self.price.title),
            unrounded_amount: line.amount.normalize(),
            ..line
        }))
    }

    /// A line of nothing but its amount.
    fn line(&self, kind: LineKind, units: &BigInt) -> Option<Line> {
        Some(Line {
            price: self.price.name.clone(),
            kind,
            meter: self.price.meter.as_ref().map(|meter| meter.name.clone()),
            title: self.price.title.clone(),
            unit: self.unit(),
            resource: None,
            quantity: Decimal::ZERO,
            unit_price: None,
            tiers: Vec::new(),
            unrounded_amount: Decimal::ZERO,
            amount: decimal(units, self.decimals)?,
            records: 0,
        })
    }

    fn unit(&self) -> String {
        self.price
            .meter
            .as_ref()
            .map_or("period", |meter| &meter.unit)
            .to_owned()
    }

    fn subtotal(&self, lines: &[Line], quantity: &Exact, billable: &Exact, charge: &Charge) -> Option<Subtotal> {
        let price = self.price;
        let flat = lines
            .iter()
            .find(|line| line.kind == LineKind::Flat)
            .map(|line| line.quantity);
        let amount = lines.iter().try_fold(Decimal::new(0, self.decimals), |sum, line| {
            add_amounts(sum, line.amount)
        })?;
        Some(Subtotal {
            price: price.name.clone(),
            meter: price.meter.as_ref().map(|meter| meter.name.clone()),
            title: price.title.clone(),
            unit: self.unit(),
            model: price.model,
            quantity: flat.or(quantity.to_decimal())?,
            included: price.included.to_decimal()?,
            billable: flat.or(billable.to_decimal())?,
            price_unit: price.price_unit.clone(),
            unit_scale: price.unit_scale,
            unit_price: charge.unit_price,
            packages: charge.packages,
            tiers: tier_lines(&charge.parts)?,
            unrounded_amount: charge.amount.to_shown()?,
            amount,
            records: lines
                .iter()
                .try_fold(0_u64, |sum, line| sum.checked_add(line.records))?,
        })
    }
}

fn tier_lines(parts: &[Part]) -> Option<Vec<TierLine>> {
    let line = |part: &Part| {
        let to = match &part.to {
            Some(end) => Some(end.to_decimal()?),
            None => None,
        };
        Some(TierLine {
            from: part.from.to_decimal()?,
            to,
            quantity: part.quantity.to_decimal()?,
            unit_price: part.unit_price,
            amount: part.amount.to_shown()?,
        })
    };
    parts.iter().map(line).collect()
}
