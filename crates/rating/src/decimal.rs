//! Decimal numbers as text: one plain notation in and out, so that equal values look equal and nothing is rounded
//! while it is read.

use rust_decimal::Decimal;

/// Why a text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point between them.
    #[error("`{0}` is not a decimal such as `12.50`")]
    Syntax(String),
    /// More digits than a decimal can hold exactly.
    #[error("`{0}` has more than 28 significant digits")]
    TooLong(String),
}

/// Reads a decimal in plain notation (`-12.50`), without exponent, sign `+`, separators or blanks, and without loss.
///
/// # Errors
/// [`DecimalError`] for any other text, and for numbers that would have to be rounded.
pub fn parse_decimal(text: &str) -> Result<Decimal, DecimalError> {
    if !is_plain(text) {
        return Err(DecimalError::Syntax(text.chars().take(64).collect()));
    }
    Decimal::from_str_exact(text).map_err(|_| DecimalError::TooLong(text.chars().take(64).collect()))
}

fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

/// A decimal string in a document.
pub(crate) mod text {
    use super::{Decimal, parse_decimal};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::borrow::Cow;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_decimal(&text).map_err(D::Error::custom)
    }

    pub(crate) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }
}

/// A decimal string that may be absent.
pub(crate) mod optional_text {
    use super::{Decimal, text};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    struct Text(#[serde(with = "text")] Decimal);

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(Option::<Text>::deserialize(deserializer)?.map(|Text(value)| value))
    }

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Text).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_notation_is_read() {
        for text in ["0", "-0.5", "12.50", "00.1", "7922816251426433759354395033"] {
            assert!(parse_decimal(text).is_ok(), "{text}");
        }
        for text in [
            "", "-", ".5", "5.", "1e3", "+1", "1_000", " 1", "1.2.3", "--1", "NaN", "١",
        ] {
            assert!(matches!(parse_decimal(text), Err(DecimalError::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn a_number_that_would_be_rounded_is_refused() {
        let text = "0.12345678901234567890123456789";
        assert_eq!(parse_decimal(text), Err(DecimalError::TooLong(text.to_owned())));
    }
}
