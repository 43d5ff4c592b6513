//! Numbers, sizes and times as people read them.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

/// `1234567` as `1,234,567`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An exact decimal with its whole part grouped: `1234567.5` as `1,234,567.5`.
pub fn decimal(text: &str) -> String {
    let whole = text.split('.').next().unwrap_or_default();
    match whole.parse() {
        Ok(number) => count(number) + &text[whole.len()..],
        Err(_) => text.to_owned(),
    }
}

/// `1500000` as `1.5 MB`; powers of ten, as bills count.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut size = value as f64;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{value} B"),
        _ => format!("{size:.1} {}", UNITS[unit]),
    }
}

/// The largest two units: `3d 4h`, `5m 10s`, `12s`.
pub fn duration(secs: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let parts: Vec<String> = UNITS
        .iter()
        .scan(secs, |rest, (size, unit)| {
            let whole = *rest / size;
            *rest %= size;
            Some((whole, unit))
        })
        .skip_while(|(whole, _)| *whole == 0)
        .take(2)
        .filter(|(whole, _)| *whole > 0)
        .map(|(whole, unit)| format!("{whole}{unit}"))
        .collect();
    if parts.is_empty() {
        return "0s".to_owned();
    }
    parts.join(" ")
}

/// How long before `now`.
pub fn age(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        Some(at) => duration(u64::try_from((now - at).total_seconds()).unwrap_or(0)),
        None => "-".to_owned(),
    }
}

/// Seconds of a span, without its calendar.
trait TotalSeconds {
    fn total_seconds(&self) -> i64;
}

impl TotalSeconds for jiff::Span {
    fn total_seconds(&self) -> i64 {
        self.total(jiff::Unit::Second).map_or(0, |secs| secs as i64)
    }
}

/// `2026-11-22 23:30:57Z`.
pub fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A JSON value on one line: text as it is, the rest as JSON.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// A field of a status by what its name says it is: `bytes` and `.._bytes` are
/// sizes, `.._secs` durations, `.._at` times; other counts get their separators.
pub fn field(name: &str, field: &Value) -> String {
    let whole = field.as_u64().or_else(|| {
        let number = field.as_f64()?;
        (0.0..9e15).contains(&number).then_some(number.round() as u64)
    });
    let Some(number) = whole else {
        let at = field.as_str().filter(|_| name.ends_with("_at"));
        return match at.and_then(|at| at.parse().ok()) {
            Some(at) => time(at),
            None => value(field),
        };
    };
    if let Some(base) = name.strip_suffix("_per_second") {
        return format!("{}/s", self::field(base, field));
    }
    if name == "bytes" || name.ends_with("_bytes") {
        bytes(number)
    } else if name.ends_with("_secs") {
        duration(number)
    } else {
        count(number)
    }
}

/// The first line, with no more than `most` characters of it.
pub fn shorten(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let counts = [0, 999, 1_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        let decimals = ["1234567.50", "0.5", "-12", "x"].map(decimal);
        assert_eq!(decimals, ["1,234,567.50", "0.5", "-12", "x"]);
    }

    #[test]
    fn sizes_get_the_unit_that_keeps_them_short() {
        let sizes = [0, 999, 1_000, 1_500_000, 999_960_000].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "1.5 MB", "1.0 GB"]);
    }

    #[test]
    fn durations_show_their_two_largest_units() {
        let durations = [0, 12, 310, 3_600, 3_605, 277_200].map(duration);
        assert_eq!(durations, ["0s", "12s", "5m 10s", "1h", "1h", "3d 5h"]);
    }

    #[test]
    fn a_field_is_shown_as_its_name_says() {
        assert_eq!(field("bytes_per_second", &serde_json::json!(2_500_000)), "2.5 MB/s");
        assert_eq!(field("rows_per_second", &serde_json::json!(1234.4)), "1,234/s");
        assert_eq!(field("lag_secs", &serde_json::json!(61)), "1m 1s");
        let at = serde_json::json!("2026-11-23T03:15:55.836527939Z");
        assert_eq!(field("last_read_at", &at), "2026-11-23 03:15:55Z");
        assert_eq!(field("state", &serde_json::json!("failed")), "failed");
    }
}
