//! Exact fractions under all calculations. Knows nothing of money.
//!
//! A `Decimal` holds 28 digits and its multiplication rounds silently past them; a byte count times a price per
//! gigabyte divided by a number of seconds needs more. Each operation gives `None` where it has no result; with
//! unbounded integers that is a division by zero alone.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};
use rust_decimal::Decimal;

/// Most decimals of a number that is shown unrounded.
const SHOWN_DECIMALS: u32 = 18;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exact(BigRational);

impl Exact {
    pub(crate) fn zero() -> Self {
        Self(BigRational::zero())
    }

    pub(crate) fn integer(value: impl Into<BigInt>) -> Self {
        Self(BigRational::from_integer(value.into()))
    }

    pub(crate) fn decimal(value: Decimal) -> Option<Self> {
        Self::integer(value.mantissa()).div(&Self::power_of_ten(value.scale())?)
    }

    pub(crate) fn power_of_ten(exponent: u32) -> Option<Self> {
        10_i128.checked_pow(exponent).map(Self::integer)
    }

    pub(crate) fn add(&self, other: &Self) -> Option<Self> {
        self.0.checked_add(&other.0).map(Self)
    }

    pub(crate) fn sub(&self, other: &Self) -> Option<Self> {
        self.0.checked_sub(&other.0).map(Self)
    }

    pub(crate) fn mul(&self, other: &Self) -> Option<Self> {
        self.0.checked_mul(&other.0).map(Self)
    }

    pub(crate) fn div(&self, other: &Self) -> Option<Self> {
        self.0.checked_div(&other.0).map(Self)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    pub(crate) fn floor(&self) -> BigInt {
        self.0.floor().to_integer()
    }

    pub(crate) fn ceil(&self) -> BigInt {
        self.0.ceil().to_integer()
    }

    /// The nearest whole number of `10^-decimals`; a half goes up.
    pub(crate) fn round_half_up(&self, decimals: u32) -> Option<BigInt> {
        let half = Self::integer(1).div(&Self::integer(2))?;
        Some(self.mul(&Self::power_of_ten(decimals)?)?.add(&half)?.floor())
    }

    /// The same number as a decimal without trailing zeros, if a decimal can hold it without loss.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        let exact = self.mul(&Self::power_of_ten(Decimal::MAX_SCALE)?)?;
        if !exact.0.is_integer() {
            return None;
        }
        // Trailing zeros come off first: they alone can make the mantissa too long.
        let shown = (0..=Decimal::MAX_SCALE).find_map(|decimals| {
            let scaled = self.mul(&Self::power_of_ten(decimals)?)?;
            scaled.0.is_integer().then(|| decimal(&scaled.floor(), decimals))
        })?;
        shown.map(|value| value.normalize())
    }

    /// A decimal to show to a person: exact where it fits, else rounded at the last digit that does.
    pub(crate) fn to_shown(&self) -> Option<Decimal> {
        let fit = |decimals| decimal(&self.round_half_up(decimals)?, decimals);
        (0..=SHOWN_DECIMALS).rev().find_map(fit).map(|value| value.normalize())
    }
}

/// `units * 10^-decimals` with exactly that many decimals; `None` past the range of a decimal.
pub(crate) fn decimal(units: &BigInt, decimals: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(i128::try_from(units).ok()?, decimals).ok()
}

/// The sum of two amounts with the same decimals. `Decimal` itself would drop decimals to make room for a large sum.
pub(crate) fn add_amounts(one: Decimal, other: Decimal) -> Option<Decimal> {
    one.checked_add(other).filter(|sum| sum.scale() == one.scale())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_decimal_survives_the_way_there_and_back(mantissa in any::<i64>(), scale in 0..=28_u32) {
            let value = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
            prop_assert_eq!(Exact::decimal(value).unwrap().to_decimal(), Some(value.normalize()));
        }
    }

    #[test]
    fn a_half_goes_up() {
        let cents = |text: &str| Exact::decimal(text.parse().unwrap()).unwrap().round_half_up(2).unwrap();
        assert_eq!(cents("0.004999"), BigInt::from(0));
        assert_eq!(cents("0.005"), BigInt::from(1));
        assert_eq!(cents("0.015"), BigInt::from(2));
        assert_eq!(cents("0.025"), BigInt::from(3));
    }

    #[test]
    fn a_third_is_shown_rounded_and_never_called_exact() {
        let third = Exact::integer(1).div(&Exact::integer(3)).unwrap();
        assert_eq!(third.to_decimal(), None);
        assert_eq!(third.to_shown(), Some("0.333333333333333333".parse().unwrap()));
    }
}
