//! The policies of all orgs of a cell, read by the words of a product that is new, or by a compiler that is.
//!
//! Cedar takes milliseconds for each. So they are read before anybody is held up, and what is changed meanwhile again.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::available_parallelism;

use futures::future::try_join_all;
use plinth_model::id::{OrgId, PolicyId};
use plinth_policy::{Policy, Vocabulary, compile as rows_of};
use plinth_store::policy::{self as stored, CompiledRow, OrgText};
use plinth_store::{SystemTx, config::CellName};
use uuid::Uuid;

use crate::Control;
use crate::access::{compiled, in_short};
use crate::error::{ControlError, FieldError, Offender, Result};

/// More are not told at once.
const MOST_OFFENDERS: usize = 100;

/// What the policies of a cell say by one vocabulary.
#[derive(Debug, Default)]
pub struct Readings(HashMap<(Uuid, Uuid), Reading>);

#[derive(Debug)]
struct Reading {
    version: i64,
    name: String,
    /// Or why it cannot be read.
    rows: std::result::Result<Vec<CompiledRow>, String>,
}

/// Reads them all, and holds nobody up. Nothing when the cell has them compiled by this vocabulary.
pub async fn read_ahead(control: &Control, cell: &CellName, vocabulary: &Arc<Vocabulary>) -> Result<Option<Readings>> {
    let begin = || control.store().system(cell, "read the policies");
    if are_compiled(&mut begin().await?, vocabulary).await? {
        return Ok(None);
    }
    let mut readings = Readings::default();
    let mut after = None;
    loop {
        let page = stored::all_texts(&mut begin().await?, after).await?;
        let Some(last) = page.last() else {
            return Ok(Some(readings));
        };
        after = Some((last.org_id, last.id));
        readings.0.extend(readings_of(page, vocabulary).await?);
    }
}

/// As the transaction sees them, which lets nobody change one: what was not read ahead is read now. Nothing when the cell
/// has them compiled by this vocabulary.
pub async fn read(
    tx: &mut SystemTx,
    vocabulary: &Arc<Vocabulary>,
    ahead: Option<Readings>,
) -> Result<Option<Readings>> {
    if are_compiled(tx, vocabulary).await? {
        return Ok(None);
    }
    let Readings(mut ahead) = ahead.unwrap_or_default();
    let mut readings = Readings::default();
    let mut after = None;
    loop {
        let page = stored::all_texts(tx, after).await?;
        let Some(last) = page.last() else {
            return Ok(Some(readings));
        };
        after = Some((last.org_id, last.id));
        let mut unread = Vec::new();
        for policy in page {
            let key = (policy.org_id, policy.id);
            match ahead.remove(&key).filter(|known| known.version == policy.version) {
                Some(known) => drop(readings.0.insert(key, known)),
                None => unread.push(policy),
            }
        }
        readings.0.extend(readings_of(unread, vocabulary).await?);
    }
}

async fn are_compiled(tx: &mut SystemTx, vocabulary: &Vocabulary) -> Result<bool> {
    Ok(stored::compiler(tx)
        .await?
        .is_some_and(|known| known == vocabulary.fingerprint()))
}

impl Readings {
    /// Policies that are not valid by this vocabulary.
    pub fn offenders(&self) -> Vec<Offender> {
        let wrong = self.0.iter().filter_map(|((org, id), reading)| {
            let message = reading.rows.as_ref().err()?;
            Some(Offender {
                org: Some(OrgId(*org).to_string()),
                org_slug: None,
                type_name: "policy".to_owned(),
                id: PolicyId(*id).to_string(),
                name: reading.name.clone(),
                errors: vec![FieldError::new("/text", message)],
            })
        });
        let mut wrong: Vec<_> = wrong.collect();
        wrong.sort_by(|a, b| (&a.org, &a.id).cmp(&(&b.org, &b.id)));
        wrong.truncate(MOST_OFFENDERS);
        wrong
    }

    /// Puts them in the place of all rows that the cell has.
    pub async fn write(&self, tx: &mut SystemTx) -> Result<()> {
        let mut all: Vec<(OrgId, PolicyId, &[CompiledRow])> = Vec::with_capacity(self.0.len());
        for ((org, id), reading) in &self.0 {
            let rows = reading.rows.as_ref();
            let rows = rows
                .map_err(|message| ControlError::internal(format!("policy `{}` of {org}: {message}", reading.name)))?;
            all.push((OrgId(*org), PolicyId(*id), rows));
        }
        Ok(stored::compile_all(tx, &all).await?)
    }
}

/// On all processors, and on none of the threads that serve requests.
async fn readings_of(page: Vec<OrgText>, vocabulary: &Arc<Vocabulary>) -> Result<Vec<((Uuid, Uuid), Reading)>> {
    let workers = available_parallelism().map_or(1, usize::from);
    let mut shares: Vec<Vec<OrgText>> = Vec::new();
    shares.resize_with(workers, Vec::new);
    for (policy, at) in page.into_iter().zip((0..workers).cycle()) {
        shares[at].push(policy);
    }
    let shares = shares.into_iter().filter(|share| !share.is_empty()).map(|share| {
        let vocabulary = Arc::clone(vocabulary);
        tokio::task::spawn_blocking(move || {
            let read = |policy: OrgText| ((policy.org_id, policy.id), reading(policy, &vocabulary));
            share.into_iter().map(read).collect::<Vec<_>>()
        })
    });
    let read = try_join_all(shares).await.map_err(ControlError::internal)?;
    Ok(read.into_iter().flatten().collect())
}

fn reading(policy: OrgText, vocabulary: &Vocabulary) -> Reading {
    let parsed = Policy::parse(&policy.text, vocabulary).map_err(|findings| in_short(&findings));
    let rows = parsed.and_then(|parsed| {
        rows_of(&parsed, vocabulary).map_err(|refusals| {
            let first = refusals.first();
            first.map_or_else(String::new, |refusal| format!("line {}: {}", refusal.line, refusal.why))
        })
    });
    Reading {
        version: policy.version,
        name: policy.name,
        rows: rows.map(|rows| compiled(&rows, vocabulary)),
    }
}
