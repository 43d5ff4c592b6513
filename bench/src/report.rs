//! What a bench comes to: figures, and whether they keep a limit.

use std::fmt;

/// One figure and its limit.
#[derive(Debug)]
pub struct Verdict {
    pub what: String,
    pub figure: f64,
    pub unit: &'static str,
    pub limit: Limit,
}

#[derive(Debug, Clone, Copy)]
pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Verdict {
    /// Something without a unit, such as a ratio.
    pub fn ratio(what: impl Into<String>, figure: f64, limit: Limit) -> Self {
        Self {
            what: what.into(),
            figure,
            unit: "",
            limit,
        }
    }

    pub fn passed(&self) -> bool {
        match self.limit {
            Limit::AtLeast(limit) => self.figure >= limit,
            Limit::AtMost(limit) => self.figure <= limit,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            figure,
            unit,
            limit,
        } = self;
        let (word, limit) = match limit {
            Limit::AtLeast(limit) => ("at least", limit),
            Limit::AtMost(limit) => ("at most", limit),
        };
        let outcome = if self.passed() { "PASS" } else { "FAIL" };
        write!(f, "{outcome}  {what}: {figure:.2}{unit} (limit: {word} {limit}{unit})")
    }
}

/// The middle value; the mean of the two middle ones when there are two.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => sorted[len / 2],
        len => f64::midpoint(sorted[len / 2 - 1], sorted[len / 2]),
    }
}

/// The smallest value that `share` of all values do not exceed.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// The value of an environment variable that makes a bench smaller or larger.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert!((percentile(&values, 0.5) - 100.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 0.99) - 198.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 1.0) - 200.0).abs() < f64::EPSILON);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_figure_without_a_value_fails() {
        assert!(!Verdict::ratio("x", f64::NAN, Limit::AtLeast(0.0)).passed());
        assert!(!Verdict::ratio("x", f64::NAN, Limit::AtMost(9.0)).passed());
    }
}
