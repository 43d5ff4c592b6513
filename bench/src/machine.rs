//! What the figures were measured on.

use std::fs::read_to_string;

use anyhow::{Context, Result};
use plinth_embedded::{Installation, SearchOptions};

/// Processor, memory, kernel, PostgreSQL, and what else keeps the machine busy.
pub fn describe() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let postgres = installation()?.version;
    let load = first_word("/proc/loadavg").unwrap_or_else(|| "unknown".to_owned());
    let kernel = line("/proc/sys/kernel/osrelease", "").unwrap_or_default();
    Ok(format!(
        "{cores} cores of {}, {} of memory, {} {kernel}, PostgreSQL {postgres}; load before: {load}",
        line("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        memory().unwrap_or_else(|| "unknown size".to_owned()),
        std::env::consts::OS,
    ))
}

/// The server, and the programs `psql` and `pgbench` beside it.
pub fn installation() -> Result<Installation> {
    Installation::find(&SearchOptions::from_env()).context("PostgreSQL is needed")
}

/// What follows the first line's `key`, or the whole first line.
fn line(path: &str, key: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(rest.trim_start_matches([' ', '\t', ':']).trim().to_owned())
}

fn first_word(path: &str) -> Option<String> {
    Some(read_to_string(path).ok()?.split_whitespace().next()?.to_owned())
}

fn memory() -> Option<String> {
    let kib: f64 = line("/proc/meminfo", "MemTotal")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    Some(format!("{:.0} GiB", kib / 1024.0 / 1024.0))
}
