//! PostgreSQL's binary `numeric` and Arrow's 128-bit decimals, exactly.
//!
//! Source of the format: `numeric_send` in PostgreSQL's `numeric.c`: digits to the base 10000, the first one worth
//! 10000^weight.

use crate::error::{Error, Result};

const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0x0000;

fn unrepresentable(what: &str) -> Error {
    Error::new(
        "unrepresentable",
        format!("a numeric value is {what}, which a decimal column cannot hold"),
    )
    .hint("change the column to `numeric` without precision: it is then copied as exact text")
}

/// The value times `10^scale`.
///
/// # Errors
/// `unrepresentable` for NaN, infinities and digits beyond the scale.
pub fn to_decimal(field: &[u8], scale: i8) -> Result<i128> {
    let short = || Error::corrupt("a numeric value is too short");
    let word = |at: usize| {
        field
            .get(at..at + 2)
            .map(|word| u16::from_be_bytes([word[0], word[1]]))
            .ok_or_else(short)
    };
    let (count, weight, sign) = (usize::from(word(0)?), word(2)?.cast_signed(), word(4)?);
    match sign {
        POSITIVE | NEGATIVE => {}
        0xC000 => return Err(unrepresentable("NaN")),
        _ => return Err(unrepresentable("infinite")),
    }
    let too_big = || unrepresentable("out of range");
    let mut value: i128 = 0;
    let mut exponent = i32::from(scale) + (i32::from(weight) + 1) * 4;
    for at in 0..count {
        let digit = i128::from(word(8 + at * 2)?);
        exponent -= 4;
        if exponent >= 0 {
            value = value
                .checked_mul(10_000)
                .and_then(|value| value.checked_add(digit))
                .ok_or_else(too_big)?;
            continue;
        }
        let (keep, drop) = (exponent + 4, -exponent);
        let cut = (keep >= 0)
            .then(|| 10i128.pow(drop.unsigned_abs()))
            .ok_or_else(|| unrepresentable("too fine"))?;
        if digit % cut != 0 {
            return Err(unrepresentable("too fine"));
        }
        let shifted = value.checked_mul(10i128.pow(keep.unsigned_abs()));
        value = shifted
            .and_then(|value| value.checked_add(digit / cut))
            .ok_or_else(too_big)?;
        exponent = 0;
    }
    if value != 0 && exponent > 0 {
        let factor = 10i128.checked_pow(exponent.unsigned_abs()).ok_or_else(too_big)?;
        value = value.checked_mul(factor).ok_or_else(too_big)?;
    }
    Ok(if sign == NEGATIVE { -value } else { value })
}

/// Appends the binary form of `value / 10^scale`.
pub fn push_decimal(out: &mut Vec<u8>, value: i128, scale: i8) {
    let scale = i32::from(scale);
    let mut digits = Vec::new();
    let mut rest = value.unsigned_abs();
    // A negative scale means trailing zeros; a positive one is filled up to whole groups of four digits.
    let filled = if scale > 0 { (4 - scale % 4) % 4 } else { 0 };
    let groups_after_point = if scale > 0 { (scale + filled) / 4 } else { 0 };
    if filled > 0 {
        let small = 10u128.pow((4 - filled).unsigned_abs());
        digits.push((rest % small) as u16 * 10u16.pow(filled.unsigned_abs()));
        rest /= small;
    }
    let mut below = groups_after_point;
    if scale < 0 {
        let zeros = -scale;
        below = -(zeros / 4);
        let lead = 10u128.pow((zeros % 4).unsigned_abs());
        if lead > 1 {
            let small = 10_000 / lead;
            digits.push(((rest % small) * lead) as u16);
            rest /= small;
        }
    }
    while rest > 0 {
        digits.push((rest % 10_000) as u16);
        rest /= 10_000;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let weight = i32::try_from(digits.len()).unwrap_or(0) - 1 - below;
    let trailing = digits.iter().take_while(|digit| **digit == 0).count();
    let sent = &digits[trailing..];
    let sign = if value < 0 { NEGATIVE } else { POSITIVE };
    let weight = if sent.is_empty() { 0 } else { weight };
    out.extend((sent.len() as u16).to_be_bytes());
    out.extend((weight as i16).to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend((scale.max(0) as u16).to_be_bytes());
    for digit in sent.iter().rev() {
        out.extend(digit.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_decimal_survives_the_binary_form(value in any::<i128>(), scale in 0i8..=38) {
            let value = value % 10i128.pow(38);
            let mut bytes = Vec::new();
            push_decimal(&mut bytes, value, scale);
            prop_assert_eq!(to_decimal(&bytes, scale).unwrap(), value);
        }

        #[test]
        fn negative_scales_survive_too(value in -99_999i128..99_999, scale in -9i8..0) {
            let mut bytes = Vec::new();
            push_decimal(&mut bytes, value, scale);
            prop_assert_eq!(to_decimal(&bytes, 0).unwrap(), value * 10i128.pow(u32::from(scale.unsigned_abs())));
        }

        #[test]
        fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..40), scale in 0i8..=38) {
            let _ = to_decimal(&noise, scale);
        }
    }

    #[test]
    fn nan_has_a_clear_error() {
        let error = to_decimal(&[0, 0, 0, 0, 0xC0, 0, 0, 0], 2).unwrap_err();
        assert_eq!(error.code, "unrepresentable");
    }
}
