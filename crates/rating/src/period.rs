//! The span of time that a bill covers, and the part of it in which the plan was active. Reads no clock.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Serialize;

/// A billing period `[from, to)` and the part `[active_from, active_to)` of it that fixed amounts are charged for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    from: Timestamp,
    to: Timestamp,
    active_from: Timestamp,
    active_to: Timestamp,
}

/// Why something is not a billing period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// Proration counts whole seconds, so there has to be one.
    #[error("a period needs at least one second between its start and its end")]
    Empty,
    /// Not `YYYY-MM`, or a month outside the calendar.
    #[error("`{0}` is not a month such as `2026-11`")]
    Month(String),
}

impl Period {
    /// A period that is active from start to end.
    ///
    /// # Errors
    /// [`PeriodError::Empty`] unless `to` is at least a second after `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, PeriodError> {
        if seconds_between(from, to) == 0 {
            return Err(PeriodError::Empty);
        }
        Ok(Self {
            from,
            to,
            active_from: from,
            active_to: to,
        })
    }

    /// The calendar month in UTC, written `YYYY-MM`.
    ///
    /// # Errors
    /// [`PeriodError::Month`] for any other text.
    pub fn month(text: &str) -> Result<Self, PeriodError> {
        let wrong = || PeriodError::Month(text.chars().take(64).collect());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(wrong());
        }
        let first = Date::new(
            year.parse().map_err(|_| wrong())?,
            month.parse().map_err(|_| wrong())?,
            1,
        );
        Self::month_from(first.map_err(|_| wrong())?).ok_or_else(wrong)
    }

    /// The calendar month in UTC that `at` lies in.
    ///
    /// # Errors
    /// [`PeriodError::Month`] at the very end of the calendar, where no next month is.
    pub fn month_of(at: Timestamp) -> Result<Self, PeriodError> {
        let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
        Self::month_from(first).ok_or_else(|| PeriodError::Month(first.to_string()))
    }

    fn month_from(first: Date) -> Option<Self> {
        let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        Self::new(midnight(first)?, midnight(first.checked_add(1.month()).ok()?)?).ok()
    }

    /// The same period, active only in the part of it that `[from, to)` covers: from the org's first day, or until its
    /// last, or until now.
    #[must_use]
    pub fn active(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.active_from = from.clamp(self.from, self.to);
        self.active_to = to.clamp(self.active_from, self.to);
        self
    }

    /// First moment of the period.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// First moment after the period.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    pub(crate) fn seconds(&self) -> u64 {
        seconds_between(self.from, self.to)
    }

    pub(crate) fn active_seconds(&self) -> u64 {
        seconds_between(self.active_from, self.active_to)
    }
}

/// Whole seconds; 0 where `to` does not come after `from`.
fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    let seconds = to.as_second().checked_sub(from.as_second());
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_a_calendar_month_in_utc() {
        let period = Period::month("2024-02").unwrap();
        assert_eq!(
            (period.from(), period.to()),
            (at("2024-02-01T00:00:00Z"), at("2024-03-01T00:00:00Z"))
        );
        assert_eq!(period.seconds(), 29 * 86_400);
        assert_eq!(Period::month_of(at("2024-02-29T23:59:59Z")).unwrap(), period);
        assert_eq!(Period::month("2026-12").unwrap().to(), at("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "+026-11",
            "2026-11-01",
            "9999-12",
        ] {
            assert!(Period::month(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_active_part_never_leaves_the_period() {
        let period = Period::month("2026-11").unwrap();
        let active = |from, to| period.clone().active(at(from), at(to)).active_seconds();
        assert_eq!(active("2026-10-01T00:00:00Z", "2026-12-24T00:00:00Z"), period.seconds());
        assert_eq!(active("2026-11-30T00:00:00Z", "2026-12-24T00:00:00Z"), 86_400);
        assert_eq!(active("2026-12-30T00:00:00Z", "2026-12-31T00:00:00Z"), 0);
        assert_eq!(active("2026-11-20T00:00:00Z", "2026-11-10T00:00:00Z"), 0);
    }
}
