//! Whole numbers in JSON.

use serde_json::Value;

/// The number, when it is whole and of 64 bits. Read from its text, which is what PostgreSQL reads: a large double has a
/// text that is shorter than its value.
pub(super) fn whole(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| whole_text(&number.to_string()))
}

fn whole_text(text: &str) -> Option<i64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (digits, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let places = i64::try_from(fraction.len()).ok()?;
    let shift = exponent.parse::<i64>().ok()?.checked_sub(places)?;
    let all = format!("{digits}{fraction}");
    let significant = all.trim_end_matches('0');
    if significant.chars().all(|c| matches!(c, '0' | '-')) {
        return Some(0);
    }
    let zeros = i64::try_from(all.len().checked_sub(significant.len())?).ok()?;
    let shift = u32::try_from(shift.checked_add(zeros)?).ok()?;
    let scale = 10_i128.checked_pow(shift)?;
    i64::try_from(significant.parse::<i128>().ok()?.checked_mul(scale)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_when_its_text_is() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("1.0", Some(1)),
            ("1e3", Some(1000)),
            ("-25e-1", None),
            ("-250e-1", Some(-25)),
            ("1.5", None),
            ("1e-400", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("1.152921504606847e18", Some(1_152_921_504_606_847_000)),
            ("1e19", None),
            ("1e300", None),
        ] {
            assert_eq!(whole_text(text), expected, "{text}");
        }
    }
}
