//! `audit verify`: proves that no event was changed, added or taken out of the log after it was written.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use plinth_model::Scope;
use plinth_model::id::OrgId;
use plinth_store::audit::{Verdict, verify};
use plinth_store::directory::{self, Place};
use plinth_store::{Store, StoreError};
use serde::Serialize;

use crate::cli::GlobalArgs;
use crate::cli::output::{Format, columns, print, remark, show};
use crate::databases::DatabaseArgs;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute the hash chain of each organization's events, or of one with `--org`
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    databases: DatabaseArgs,
}

/// What the check of one org's log found.
#[derive(Debug, Serialize)]
struct Finding {
    org: String,
    slug: String,
    intact: bool,
    /// Events that are as they were written.
    events: i64,
    /// Id of the first event that is missing or is not what was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
}

const PAGE: i64 = 200;

pub async fn run(command: AuditCommand, global: &GlobalArgs) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify(args) = command;
    let store = Store::open(&args.databases.resolve()?.store)?;
    let mut findings = Vec::new();
    let mut last: Option<String> = None;
    loop {
        let mut tx = store.directory().await?;
        let places = directory::all(&mut tx, last.as_deref(), PAGE).await?;
        tx.rollback().await?;
        let Some(end) = places.last() else { break };
        last = Some(end.slug.clone());
        for place in places.iter().filter(|place| is_asked_for(place, global.org.as_deref())) {
            findings.push(check(&store, place).await?);
        }
    }
    if let (Some(org), []) = (&global.org, findings.as_slice()) {
        bail!("there is no organization `{org}`");
    }
    tell(&findings, global.output)
}

/// One whose creation was interrupted has no log yet.
fn is_asked_for(place: &Place, org: Option<&str>) -> bool {
    let named = |org: &str| org == place.slug || org == OrgId(place.id).to_string();
    place.state == "active" && org.is_none_or(named)
}

async fn check(store: &Store, place: &Place) -> Result<Finding, StoreError> {
    let org = OrgId(place.id);
    let scope = Scope::system("audit verify", org);
    let (intact, events, broken) = match verify(store, &scope).await? {
        Verdict::Intact { events } => (true, events, None),
        Verdict::Broken { seq } => (false, seq - 1, Some(format!("{org}/{seq}"))),
    };
    Ok(Finding {
        org: org.to_string(),
        slug: place.slug.clone(),
        intact,
        events,
        broken,
    })
}

fn tell(findings: &[Finding], format: Format) -> anyhow::Result<ExitCode> {
    let broken: Vec<&Finding> = findings.iter().filter(|finding| !finding.intact).collect();
    show(format, &findings, |findings| {
        let rows = findings.iter().map(|finding| {
            let broken = finding.broken.as_ref();
            let log = broken.map_or("intact".to_owned(), |event| format!("BROKEN at event {event}"));
            vec![finding.slug.clone(), finding.events.to_string(), log]
        });
        columns(["ORG", "INTACT EVENTS", "LOG"], rows)
    })?;
    if broken.is_empty() {
        if format == Format::Table {
            print(&format!(
                "\n{} organizations, all logs are as they were written.",
                findings.len()
            ))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &broken {
        let (slug, event) = (&finding.slug, finding.broken.as_deref().unwrap_or_default());
        remark(&format!(
            "error: event {event} of `{slug}` is missing or is not what was written; nothing from there on is proven"
        ));
    }
    Ok(ExitCode::FAILURE)
}
