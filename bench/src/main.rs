//! Measures what Plinth promises about speed. Each bench prints its figures, a ratio or a time, and the limit, both
//! sides measured in the same run; the program fails when one of them is missed. `cargo x bench` builds and runs it.
//!
//! The product is measured from outside, as the binaries that are shipped: nothing here links any of its code.

mod access;
mod copy;
mod create;
mod event;
mod http;
mod list;
mod machine;
mod report;
mod stage;
mod tenant;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::report::Verdict;

const BENCHES: &[&str] = &["create", "list", "access", "events", "copy"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Box::pin(run()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let chosen: Vec<&str> = BENCHES.iter().copied().filter(|name| name.contains(&wanted)).collect();
    if chosen.is_empty() {
        bail!("no bench has `{wanted}` in its name: there are {}", BENCHES.join(", "));
    }
    println!("{}", machine::describe()?);
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in chosen {
        println!("\n== {name}");
        verdicts.extend(match name {
            "create" => Box::pin(create::run()).await?,
            "list" => Box::pin(list::run()).await?,
            "access" => Box::pin(access::run()).await?,
            "events" => Box::pin(event::run()).await?,
            _ => Box::pin(copy::run()).await?,
        });
    }
    println!();
    for verdict in &verdicts {
        println!("{verdict}");
    }
    let good = verdicts.iter().all(Verdict::passed);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
