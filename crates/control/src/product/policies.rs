//! The policies of all orgs of a cell, read by the words of a product that is new.

use plinth_model::id::{OrgId, PolicyId};
use plinth_policy::{Policy, Row, compile as rows_of};
use plinth_store::policy::{self as stored, OrgText};
use plinth_store::{SystemTx, policy::CompiledRow};

use super::Catalog;
use crate::access::{compiled, in_short};
use crate::error::{ControlError, FieldError, Offender, Result};

/// More are not told at once.
const MOST_OFFENDERS: usize = 100;

/// Policies that would not be valid any more.
pub async fn offenders(tx: &mut SystemTx, next: &Catalog) -> Result<Vec<Offender>> {
    let mut offenders = Vec::new();
    each(tx, |policy| {
        if let Err(message) = read(&policy, next)
            && offenders.len() < MOST_OFFENDERS
        {
            offenders.push(Offender {
                org: Some(OrgId(policy.org_id).to_string()),
                org_slug: None,
                type_name: "policy".to_owned(),
                id: PolicyId(policy.id).to_string(),
                name: policy.name,
                errors: vec![FieldError::new("/text", message)],
            });
        }
        Ok(())
    })
    .await?;
    Ok(offenders)
}

/// Compiles them all anew.
pub async fn compile(tx: &mut SystemTx, catalog: &Catalog) -> Result<()> {
    let mut all: Vec<(OrgId, PolicyId, Vec<CompiledRow>)> = Vec::new();
    each(tx, |policy| {
        let rows = read(&policy, catalog)
            .map_err(|message| ControlError::internal(format!("policy `{}`: {message}", policy.name)))?;
        let rows = compiled(&rows, &catalog.vocabulary);
        all.push((OrgId(policy.org_id), PolicyId(policy.id), rows));
        Ok(())
    })
    .await?;
    Ok(stored::compile_all(tx, &all).await?)
}

fn read(policy: &OrgText, catalog: &Catalog) -> std::result::Result<Vec<Row>, String> {
    let parsed = Policy::parse(&policy.text, &catalog.vocabulary).map_err(|findings| in_short(&findings))?;
    rows_of(&parsed, &catalog.vocabulary).map_err(|refusals| {
        let first = refusals.first();
        first.map_or_else(String::new, |refusal| format!("line {}: {}", refusal.line, refusal.why))
    })
}

async fn each(tx: &mut SystemTx, mut take: impl FnMut(OrgText) -> Result<()>) -> Result<()> {
    let mut after = None;
    loop {
        let page = stored::all_texts(tx, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.org_id, last.id));
        page.into_iter().try_for_each(&mut take)?;
    }
}
