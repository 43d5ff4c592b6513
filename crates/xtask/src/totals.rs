//! How many tests passed and failed, and how the runners say so. A skipped test counts as failed: it proves nothing.

use std::fmt;
use std::ops::Add;

use anyhow::{Context, Result};
use serde_json::Value;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
}

impl Totals {
    pub const ONE_FAILED: Self = Self { passed: 0, failed: 1 };

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Add for Totals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// `Summary [1.4s] 16 tests run: 13 passed (1 slow), 2 failed, 1 timed out, 3 skipped`, the last such line of the output.
pub fn of_nextest(output: &str) -> Option<Totals> {
    let (totals, skipped) = nextest_summary(output)?;
    Some(Totals {
        failed: totals.failed + skipped,
        ..totals
    })
}

/// As [`of_nextest`], of a run of a part of the tests: what is skipped is the rest.
pub fn of_nextest_part(output: &str) -> Option<Totals> {
    nextest_summary(output).map(|(totals, _)| totals)
}

/// What ran, and how many were skipped.
fn nextest_summary(output: &str) -> Option<(Totals, u64)> {
    let line = output
        .lines()
        .rfind(|line| line.trim_start().starts_with("Summary ["))?;
    let (run, counts) = line.split_once(']')?.1.split_once(':')?;
    let counts = without_parentheses(counts);
    let (mut totals, mut skipped) = (Totals::default(), 0);
    for (count, what) in counts.split(',').filter_map(|part| part.trim().split_once(' ')) {
        let count: u64 = count.parse().ok()?;
        *match what {
            "passed" => &mut totals.passed,
            "skipped" => &mut skipped,
            _ => &mut totals.failed,
        } += count;
    }
    // `12/16 tests run`: four were never begun.
    let not_begun = run
        .trim()
        .split(' ')
        .next()?
        .split_once('/')
        .and_then(|(done, all)| difference(all, done));
    totals.failed += not_begun.unwrap_or(0);
    Some((totals, skipped))
}

/// All lines `test result: ok. 2 passed; 0 failed; 1 ignored; ...` of `cargo test`.
pub fn of_libtest(output: &str) -> Option<Totals> {
    let results = output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: "));
    results
        .map(|result| {
            let count = |what: &str| -> Option<u64> {
                let before = result.split_once(&format!(" {what}"))?.0;
                before.rsplit(' ').next()?.parse().ok()
            };
            Some(Totals {
                passed: count("passed")?,
                failed: count("failed")? + count("ignored")?,
            })
        })
        .try_fold(None, |sum: Option<Totals>, one| {
            one.map(|one| Some(sum.unwrap_or_default() + one))
        })?
}

fn difference(all: &str, done: &str) -> Option<u64> {
    all.parse::<u64>().ok()?.checked_sub(done.parse().ok()?)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// The report of `vitest --reporter=json`.
pub fn of_vitest(report: &str) -> Result<Totals> {
    let report: Value = serde_json::from_str(report).context("the report of vitest")?;
    let count = |name: &str| {
        report[name]
            .as_u64()
            .with_context(|| format!("no `{name}` in the report of vitest"))
    };
    let (all, passed) = (count("numTotalTests")?, count("numPassedTests")?);
    // A file that does not load has no tests, but it failed.
    let broken_files = if all == passed {
        count("numFailedTestSuites")?
    } else {
        0
    };
    Ok(Totals {
        passed,
        failed: all - passed + broken_files,
    })
}

/// `pytest --junitxml`: the attributes of its one `<testsuite>`.
pub fn of_junit(report: &str) -> Result<Totals> {
    let element = report
        .split_once("<testsuite ")
        .context("no `<testsuite>` in the report")?
        .1;
    let element = element.split('>').next().unwrap_or_default();
    let count = |name: &str| -> Result<u64> {
        let value = element.split_once(&format!("{name}=\"")).map_or("0", |(_, rest)| rest);
        Ok(value.split('"').next().unwrap_or_default().parse()?)
    };
    let failed = count("failures")? + count("errors")? + count("skipped")?;
    let all = count(" tests").or_else(|_| count("tests"))?;
    Ok(Totals {
        passed: all.saturating_sub(failed),
        failed,
    })
}

/// The last lines of `node --test`: `# pass 3` (TAP) or `ℹ pass 3` (spec).
pub fn of_node(output: &str) -> Option<Totals> {
    let count = |name: &str| {
        let lines = output
            .lines()
            .rev()
            .filter_map(|line| line.strip_prefix("# ").or(line.strip_prefix("ℹ ")));
        lines
            .filter_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok())
            .next()
    };
    let passed = count("pass ")?;
    let failed = count("fail ")? + count("cancelled ")? + count("skipped ")? + count("todo ")?;
    Some(Totals { passed, failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(passed: u64, failed: u64) -> Totals {
        Totals { passed, failed }
    }

    #[test]
    fn nextest_summaries_are_read_whatever_happened() {
        for (line, expected) in [
            (
                "Summary [ 1.4s] 16 tests run: 16 passed, 0 skipped",
                Some(totals(16, 0)),
            ),
            (
                "   Summary [ 1.4s] 3 tests run: 2 passed (1 slow, 1 leaky), 1 failed, 2 skipped",
                Some(totals(2, 3)),
            ),
            (
                "Summary [ 1.4s] 12/16 tests run: 11 passed, 1 timed out, 0 skipped",
                Some(totals(11, 5)),
            ),
            ("Summary [ 0.0s] 0 tests run: 0 passed, 0 skipped", Some(totals(0, 0))),
            ("error: could not compile `x`", None),
        ] {
            assert_eq!(of_nextest(line), expected, "{line}");
        }
        let part = "Summary [ 1.4s] 3 tests run: 2 passed, 1 failed, 420 skipped";
        assert_eq!(of_nextest_part(part), Some(totals(2, 1)));
    }

    #[test]
    fn results_of_cargo_test_are_added_up() {
        let output = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      test result: FAILED. 0 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(of_libtest(output), Some(totals(2, 4)));
        assert_eq!(of_libtest("error: could not compile"), None);
    }

    #[test]
    fn a_skipped_vitest_test_and_a_file_that_does_not_load_count_as_failed() {
        let report =
            r#"{"numTotalTests":5,"numPassedTests":3,"numFailedTests":1,"numPendingTests":1,"numFailedTestSuites":1}"#;
        assert_eq!(of_vitest(report).unwrap(), totals(3, 2));
        let broken = r#"{"numTotalTests":3,"numPassedTests":3,"numFailedTests":0,"numFailedTestSuites":1}"#;
        assert_eq!(of_vitest(broken).unwrap(), totals(3, 1));
    }

    #[test]
    fn junit_attributes_are_read_in_any_order() {
        let report = r#"<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">"#;
        assert_eq!(of_junit(report).unwrap(), totals(4, 6));
    }

    #[test]
    fn both_reporters_of_node_are_read() {
        for mark in ["#", "ℹ"] {
            let output = format!(
                "{mark} tests 6\n{mark} pass 4\n{mark} fail 1\n{mark} cancelled 0\n{mark} skipped 1\n{mark} todo 0\n"
            );
            assert_eq!(of_node(&output), Some(totals(4, 2)));
        }
        assert_eq!(of_node("no tests here"), None);
    }
}
