//! The types of CSV columns: a column gets a type only if no value loses anything by it, else it is text.
//!
//! All rows are looked at. Numbers must be written as they would be printed (`007`, `+1` and `1.50` beside `1.5` make text).

use std::path::Path;

use super::csv::Records;
use super::{Stored, column};
use crate::error::{Error, Place, Result};
use crate::table::{Column, Kind};

/// What all values of a column so far have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Only nulls.
    Nothing,
    Bool,
    Integer,
    /// Digits before the point, at most; digits after it, always.
    Decimal {
        whole: usize,
        scale: usize,
    },
    Date,
    Timestamp,
    TimestampTz,
    Text,
}

pub(super) fn columns(directory: &Path, files: &[Stored]) -> Result<Vec<Column>> {
    let mut header: Vec<String> = Vec::new();
    let mut shapes: Vec<Shape> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let mut records = Records::open(&directory.join(&file.path)).at(file.place())?;
        if at == 0 {
            header = records.header().to_vec();
            shapes = vec![Shape::Nothing; header.len()];
        }
        let order = records
            .header()
            .iter()
            .map(|name| header.iter().position(|known| known == name));
        let order: Option<Vec<usize>> = order.collect();
        let Some(order) = order.filter(|order| order.len() == header.len()) else {
            return Err(Error::new(
                "schema_changed",
                "the files of one table have different columns",
            ))
            .at(file.place());
        };
        let mut fields = Vec::new();
        while records.next(&mut fields).at(file.place())? {
            for (field, at) in fields.iter().zip(&order) {
                if let Some(text) = field
                    && shapes[*at] != Shape::Text
                {
                    shapes[*at] = join(shapes[*at], shape(text));
                }
            }
        }
    }
    Ok(header
        .iter()
        .zip(shapes)
        .map(|(name, shape)| {
            let kind = kind(shape);
            column(name, &format!("csv {}", kind.postgres_type()), kind)
        })
        .collect())
}

fn kind(shape: Shape) -> Kind {
    match shape {
        Shape::Bool => Kind::Bool,
        Shape::Integer => Kind::Int8,
        Shape::Decimal { whole, scale } => match (u8::try_from(whole + scale), i8::try_from(scale)) {
            (Ok(precision @ 1..=38), Ok(scale)) => Kind::Decimal { precision, scale },
            _ => Kind::Text,
        },
        Shape::Date => Kind::Date,
        Shape::Timestamp => Kind::Timestamp,
        Shape::TimestampTz => Kind::TimestampTz,
        Shape::Nothing | Shape::Text => Kind::Text,
    }
}

fn join(a: Shape, b: Shape) -> Shape {
    match (a, b) {
        (Shape::Nothing, other) => other,
        (Shape::Decimal { whole: a, scale }, Shape::Decimal { whole: b, scale: same }) if scale == same => {
            Shape::Decimal { whole: a.max(b), scale }
        }
        (a, b) if a == b => a,
        _ => Shape::Text,
    }
}

fn shape(text: &str) -> Shape {
    match text {
        "true" | "false" => return Shape::Bool,
        _ if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {}
        _ => return Shape::Text,
    }
    if let Some(number) = number(text) {
        return number;
    }
    moment(text).unwrap_or(Shape::Text)
}

fn number(text: &str) -> Option<Shape> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let negative_zero = digits.len() < text.len() && !digits.contains(|digit: char| ('1'..='9').contains(&digit));
    match fraction {
        _ if negative_zero => None,
        None => text.parse::<i64>().ok().map(|_| Shape::Integer),
        Some(fraction) if plain(fraction) => Some(Shape::Decimal {
            whole: whole.len(),
            scale: fraction.len(),
        }),
        Some(_) => None,
    }
}

fn moment(text: &str) -> Option<Shape> {
    let bytes = text.as_bytes();
    if bytes.len() == 10 {
        return text.parse::<jiff::civil::Date>().ok().map(|_| Shape::Date);
    }
    let clock = bytes.get(10..19)?;
    let colons = clock[3] == b':' && clock[6] == b':';
    if !matches!(clock[0], b' ' | b'T') || !colons {
        return None;
    }
    let rest = &text[19..];
    let fraction = rest
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    if fraction > 6 || clock[7..9] == *b"60" {
        return None;
    }
    let zone = &rest[if fraction > 0 { fraction + 1 } else { 0 }..];
    text[..text.len() - zone.len()].parse::<jiff::civil::DateTime>().ok()?;
    match zone {
        "" => Some(Shape::Timestamp),
        "Z" | "+00" | "+00:00" => Some(Shape::TimestampTz),
        _ if zone.len() == 6 => text.parse::<jiff::Timestamp>().ok().map(|_| Shape::TimestampTz),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_a_type_only_if_nothing_is_lost() {
        for (text, wanted) in [
            ("12", Shape::Integer),
            ("-9223372036854775808", Shape::Integer),
            ("9223372036854775808", Shape::Text),
            ("007", Shape::Text),
            ("-0", Shape::Text),
            ("+1", Shape::Text),
            ("1e5", Shape::Text),
            ("12.50", Shape::Decimal { whole: 2, scale: 2 }),
            ("true", Shape::Bool),
            ("2026-02-28", Shape::Date),
            ("2026-02-30", Shape::Text),
            ("2026-02-28 10:11:12.123456", Shape::Timestamp),
            ("2026-02-28 10:11:12.1234567", Shape::Text),
            ("2026-02-28T10:11:12Z", Shape::TimestampTz),
            ("2026-02-28 10:11:12+05:30", Shape::TimestampTz),
            ("öäü", Shape::Text),
            ("2026-02-2ö 10:11:12", Shape::Text),
        ] {
            assert_eq!(shape(text), wanted, "{text}");
        }
    }

    #[test]
    fn versions_stay_text() {
        assert_eq!(kind(join(shape("1.10"), shape("1.9"))), Kind::Text);
    }
}
