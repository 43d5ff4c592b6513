//! Whether a plan makes sense: all that is wrong with it, each by JSON pointer. A [`CheckedPlan`] is the proof, and
//! the only thing that can be rated; it holds prices in a form that cannot be wrong any more.

mod price;

use crate::{
    currency,
    exact::Exact,
    plan::{Model, Plan},
    pricing::Rule,
    violation::{Violation, escape},
};
use plinth_model::product::{Meter, Product, SQL_LOGINS};
use price::PriceCheck;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Bounds that keep a bill readable, and its calculation short.
const MAX_PRICES: usize = 200;
const MAX_TIERS: usize = 100;
const MAX_TEXT: usize = 2000;
const MAX_NAME: usize = 63;

/// A plan without faults.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    pub(crate) name: String,
    pub(crate) currency: String,
    /// Of the currency's minor unit.
    pub(crate) decimals: u32,
    pub(crate) prices: Vec<CheckedPrice>,
}

#[derive(Debug, Clone)]
pub(crate) struct CheckedPrice {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) meter: Option<Meter>,
    pub(crate) model: Model,
    pub(crate) price_unit: String,
    pub(crate) unit_scale: Decimal,
    /// In the meter's unit.
    pub(crate) included: Exact,
    /// Of a whole period.
    pub(crate) minimum: Exact,
    pub(crate) rule: Rule,
}

impl Plan {
    /// Checks the plan against the product that it belongs to.
    ///
    /// # Errors
    /// Every fault, by JSON pointer into the plan.
    pub fn check(&self, product: &Product) -> Result<CheckedPlan, Vec<Violation>> {
        let mut faults = Faults::default();
        self.check_head(product, &mut faults);
        let prices = self.check_prices(product, &mut faults);
        match currency::decimals(&self.currency) {
            Some(decimals) if faults.0.is_empty() => Ok(CheckedPlan {
                name: self.name.clone(),
                currency: self.currency.clone(),
                decimals,
                prices,
            }),
            _ => Err(faults.0),
        }
    }

    fn check_head(&self, product: &Product, faults: &mut Faults) {
        faults.name("/name", &self.name);
        faults.text("/title", &self.title);
        if self
            .description
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_TEXT)
        {
            faults.add("/description", format!("must not be longer than {MAX_TEXT} characters"));
        }
        if currency::decimals(&self.currency).is_none() {
            faults.add(
                "/currency",
                format!("`{}` is not a currency of ISO 4217", self.currency),
            );
        }
        for plural in self.quotas.keys() {
            if plural != SQL_LOGINS && product.type_by_plural(plural).is_none() {
                faults.add(
                    format!("/quotas/{}", escape(plural)),
                    format!("there is no resource type `{plural}`"),
                );
            }
        }
    }

    fn check_prices(&self, product: &Product, faults: &mut Faults) -> Vec<CheckedPrice> {
        if self.prices.len() > MAX_PRICES {
            faults.add("/prices", format!("must not have more than {MAX_PRICES} items"));
            return Vec::new();
        }
        let mut names = BTreeSet::new();
        let mut meters = BTreeSet::new();
        let mut prices = Vec::new();
        for (index, price) in self.prices.iter().enumerate() {
            let at = format!("/prices/{index}");
            if price.meter.as_ref().is_some_and(|meter| !meters.insert(meter)) {
                faults.add(format!("{at}/meter"), "this meter has a price already");
            } else if price.identity().is_some_and(|name| !names.insert(name)) {
                faults.add(format!("{at}/name"), "there is a price of this name already");
            }
            let known_faults = faults.0.len();
            match PriceCheck::new(price, &at, faults).run(product) {
                Some(checked) => prices.push(checked),
                // A price must never be left out of bills in silence.
                None if faults.0.len() == known_faults => faults.add(at, "holds a number that is out of range"),
                None => {}
            }
        }
        prices
    }
}

/// What has been found wrong so far.
#[derive(Debug, Default)]
struct Faults(Vec<Violation>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(Violation::new(pointer, message));
    }

    fn text(&mut self, pointer: impl Into<String>, text: &str) {
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            self.add(pointer, format!("must have 1 to {MAX_TEXT} characters"));
        }
    }

    fn name(&mut self, pointer: impl Into<String>, name: &str) {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
        let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !starts || name.len() > MAX_NAME || !name.bytes().all(inner) {
            self.add(
                pointer,
                "must be a lower-case letter and up to 62 lower-case letters, digits, `_` or `-`",
            );
        }
    }
}
