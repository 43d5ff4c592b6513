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

/// The 249 codes of ISO 3166-1 alpha-2, and `XK`, which stands for Kosovo in files of countries.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Two letters of ISO 3166, as `context.country` has them.
pub(crate) fn is_country(text: &str) -> bool {
    COUNTRIES.split(' ').any(|code| code == text)
}

/// What to write for a text that is no country.
pub(crate) fn country_hint(text: &str) -> String {
    let upper = text.to_uppercase();
    // Reserved for it, and not assigned.
    let code = if upper == "UK" { "GB" } else { upper.as_str() };
    if is_country(code) {
        return format!("write `{code}`");
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
