//! The check of one price: which fields its model has, and what they may hold.

use super::{CheckedPrice, Faults, MAX_TIERS};
use crate::{
    exact::Exact,
    plan::{Model, Price, Tier},
    pricing::{Band, Rule},
};
use plinth_model::product::{Meter, Product};
use rust_decimal::Decimal;

/// Each method notes what is wrong, and gives what is right.
pub(super) struct PriceCheck<'a> {
    price: &'a Price,
    at: &'a str,
    faults: &'a mut Faults,
}

/// A field, the models that it belongs to, and whether a price has it.
type Field = (&'static str, &'static [Model], fn(&Price) -> bool);

/// The fields that only some models have.
const FIELDS: [Field; 9] = [
    ("amount", &[Model::Flat], |price| price.amount.is_some()),
    ("unit_price", &[Model::PerUnit], |price| price.unit_price.is_some()),
    ("tiers", &[Model::Graduated, Model::Volume], |price| {
        price.tiers.is_some()
    }),
    ("package_size", &[Model::Package], |price| price.package_size.is_some()),
    ("package_price", &[Model::Package], |price| {
        price.package_price.is_some()
    }),
    ("unit_scale", &METERED, |price| price.unit_scale.is_some()),
    ("included", &METERED, |price| price.included.is_some()),
    ("minimum", &METERED, |price| price.minimum.is_some()),
    ("price_unit", &METERED, |price| price.price_unit.is_some()),
];

const METERED: [Model; 4] = [Model::PerUnit, Model::Graduated, Model::Volume, Model::Package];

impl<'a> PriceCheck<'a> {
    pub(super) fn new(price: &'a Price, at: &'a str, faults: &'a mut Faults) -> Self {
        Self { price, at, faults }
    }

    /// The price in its checked form; `None` if there was a fault in a part without which it has none.
    pub(super) fn run(mut self, product: &Product) -> Option<CheckedPrice> {
        let price = self.price;
        self.foreign_fields();
        self.texts();
        let meter = self.meter(product);
        let unit_scale = self.unit_scale();
        let minimum = self.not_negative("minimum", price.minimum.unwrap_or_default());
        let included = self.not_negative("included", price.included.unwrap_or_default());
        let rule = self.rule(unit_scale);
        let (meter, unit_scale, name) = (meter?, unit_scale?, price.identity()?.to_owned());
        let meter_title = meter.as_ref().map(|meter| meter.title.clone());
        let meter_unit = meter.as_ref().map(|meter| meter.unit.clone());
        Some(CheckedPrice {
            title: price.title.clone().or(meter_title).unwrap_or_else(|| name.clone()),
            price_unit: price
                .price_unit
                .clone()
                .or(meter_unit)
                .unwrap_or_else(|| "period".to_owned()),
            name,
            meter,
            model: price.model,
            unit_scale,
            included: included?.mul(&Exact::decimal(unit_scale)?)?,
            minimum: minimum?,
            rule: rule?,
        })
    }

    fn fault<T>(&mut self, field: &str, message: impl Into<String>) -> Option<T> {
        self.faults.add(format!("{}/{field}", self.at), message);
        None
    }

    fn foreign_fields(&mut self) {
        let model = self.price.model;
        for (field, models, is_set) in FIELDS {
            if is_set(self.price) && !models.contains(&model) {
                self.fault::<()>(field, format!("does not belong to model `{}`", model.name()));
            }
        }
    }

    fn texts(&mut self) {
        let price = self.price;
        for (field, text) in [("title", &price.title), ("price_unit", &price.price_unit)] {
            if let Some(text) = text {
                self.faults.text(format!("{}/{field}", self.at), text);
            }
        }
        if let Some(name) = &price.name {
            self.faults.name(format!("{}/name", self.at), name);
        }
    }

    /// Outer `None`: a fault; inner `None`: a price that has no meter and needs none.
    #[expect(clippy::option_option, reason = "a fault and an absence are different things")]
    fn meter(&mut self, product: &Product) -> Option<Option<Meter>> {
        match (self.price.model, &self.price.meter) {
            (Model::Flat, None) if self.price.name.is_none() => self.fault("name", "is required without a meter"),
            (Model::Flat, None) => Some(None),
            (Model::Flat, Some(_)) => self.fault("meter", "does not belong to model `flat`"),
            (_, None) => self.fault("meter", format!("is required by model `{}`", self.price.model.name())),
            (_, Some(name)) => match product.meters.iter().find(|meter| meter.name == *name) {
                Some(meter) => Some(Some(meter.clone())),
                None => self.fault("meter", format!("there is no meter `{name}`")),
            },
        }
    }

    fn unit_scale(&mut self) -> Option<Decimal> {
        let scale = self.price.unit_scale.unwrap_or(Decimal::ONE).normalize();
        if scale.scale() == 0 && scale >= Decimal::ONE {
            return Some(scale);
        }
        self.fault("unit_scale", "must be a whole number of at least 1")
    }

    fn not_negative(&mut self, field: &str, value: Decimal) -> Option<Exact> {
        if value < Decimal::ZERO {
            return self.fault(field, "must not be negative");
        }
        Exact::decimal(value)
    }

    fn required(&mut self, field: &str, value: Option<Decimal>) -> Option<Decimal> {
        let Some(value) = value else {
            return self.fault(field, format!("is required by model `{}`", self.price.model.name()));
        };
        self.not_negative(field, value).map(|_| value)
    }

    fn rule(&mut self, unit_scale: Option<Decimal>) -> Option<Rule> {
        let price = self.price;
        match price.model {
            Model::Flat => self.required("amount", price.amount).map(Rule::Flat),
            Model::PerUnit => self.required("unit_price", price.unit_price).map(Rule::PerUnit),
            Model::Graduated => self.bands(unit_scale).map(Rule::Graduated),
            Model::Volume => self.bands(unit_scale).map(Rule::Volume),
            Model::Package => self.package(unit_scale),
        }
    }

    fn package(&mut self, unit_scale: Option<Decimal>) -> Option<Rule> {
        let size = self.required("package_size", self.price.package_size);
        let price = self.required("package_price", self.price.package_price);
        let size = size?;
        if size.is_zero() {
            return self.fault("package_size", "must be greater than 0");
        }
        Some(Rule::Package {
            size: Exact::decimal(size)?.mul(&Exact::decimal(unit_scale?)?)?,
            price: price?,
        })
    }

    fn bands(&mut self, unit_scale: Option<Decimal>) -> Option<Vec<Band>> {
        let tiers = self.price.tiers.as_deref().unwrap_or_default();
        if tiers.is_empty() || tiers.len() > MAX_TIERS {
            return self.fault("tiers", format!("must have 1 to {MAX_TIERS} items"));
        }
        let last = tiers.len().checked_sub(1)?;
        let mut below = Decimal::ZERO;
        let mut bands = Vec::new();
        for (index, tier) in tiers.iter().enumerate() {
            let up_to = self.tier_end(index, tier, index == last, below);
            self.not_negative(&format!("tiers/{index}/unit_price"), tier.unit_price);
            below = tier.up_to.unwrap_or(below).max(below);
            bands.extend(unit_scale.and_then(|scale| Band::new(up_to?, tier.unit_price, scale)));
        }
        (bands.len() == tiers.len()).then_some(bands)
    }

    /// Outer `None`: a fault; inner `None`: the tier has no end.
    #[expect(clippy::option_option, reason = "a fault and an open end are different things")]
    fn tier_end(&mut self, index: usize, tier: &Tier, is_last: bool, below: Decimal) -> Option<Option<Decimal>> {
        let field = format!("tiers/{index}/up_to");
        match tier.up_to {
            None if is_last => Some(None),
            None => self.fault(
                &field,
                "is required in each tier but the last, or the tiers after it are never reached",
            ),
            Some(_) if is_last => self.fault(
                &field,
                "must be absent in the last tier, or what is above it has no price",
            ),
            Some(up_to) if up_to <= below => self.fault(&field, format!("must be greater than {}", below.normalize())),
            Some(up_to) => Some(Some(up_to)),
        }
    }
}
