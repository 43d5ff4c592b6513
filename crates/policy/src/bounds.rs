//! What the numbers and texts of `context` can be. The schema knows their types only.

use std::ops::RangeInclusive;

pub(crate) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

pub(crate) const RISK: RangeInclusive<i64> = 0..=100;
pub(crate) const HOUR: RangeInclusive<i64> = 0..=23;
const MINUTE: RangeInclusive<i64> = 0..=59;
pub(crate) const STRENGTH: RangeInclusive<i64> = 1..=3;
const NATURAL: RangeInclusive<i64> = 0..=i64::MAX;

/// What a number can be, by its path below `context`.
pub(crate) fn of_number(path: &str) -> Option<RangeInclusive<i64>> {
    match path {
        "risk" => Some(RISK),
        "local.hour" => Some(HOUR),
        "local.minute" => Some(MINUTE),
        "authentication.strength" => Some(STRENGTH),
        "authentication.age_secs" => Some(NATURAL),
        _ => None,
    }
}

/// Two letters of ISO 3166, as `context.country` has them.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// What to write for a text that is no country.
pub(crate) fn country_hint(text: &str) -> String {
    let upper = text.to_uppercase();
    if is_country(&upper) {
        return format!("write `{upper}`");
    }
    "a country is two capital letters of ISO 3166, such as `DE`".to_owned()
}

/// What to write for a text that is no day of the week.
pub(crate) fn weekday_hint(text: &str) -> String {
    let lower = text.to_lowercase();
    let begins = |day: &&&str| lower.len() >= 2 && (day.starts_with(&lower) || lower.starts_with(**day));
    match WEEKDAYS.iter().find(begins) {
        Some(day) => format!("write `{day}`"),
        None => format!("the days are {}", listed(WEEKDAYS)),
    }
}

/// Words in backticks.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
