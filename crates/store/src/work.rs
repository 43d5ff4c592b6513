//! The work queue: one item a resource that needs a reconciler, leased to one agent at a time.

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::{Id, OrgId};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::resource::{Sealed, Stored};
use crate::row::{FromRow, column, row};
use crate::sql;
use crate::tx::{SystemTx, Tx};

/// A resource that an agent has just got the lease on.
#[derive(Debug, Clone)]
pub struct Leased {
    pub stored: Stored,
    pub epoch: i64,
    pub until: Timestamp,
    /// How often this item was leased since its generation changed or it was last done.
    pub attempts: i32,
    /// Which of the offered tokens the lease has: counts from 0.
    pub place: usize,
}

impl FromRow for Leased {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            stored: Stored::from_row(row)?,
            epoch: column(row, "lease_epoch")?,
            until: column(row, "leased_until")?,
            attempts: column(row, "attempts")?,
            place: usize::try_from(column::<i64>(row, "place")? - 1).unwrap_or_default(),
        })
    }
}

row! {
    /// A lease that is alive.
    pub struct Lease {
        pub resource_id: Uuid,
        pub type_name: String,
        pub lease_epoch: i64,
        pub leased_until: Timestamp,
        pub leased_by: String,
        /// The newest generation of the resource.
        pub generation: i64,
    }
}

/// Which resources an agent asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Among {
    #[default]
    All,
    /// Those that are being deleted.
    Deleted,
}

/// What an agent would take.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub types: &'a [String],
    pub agent: &'a str,
    pub among: Among,
    /// Most items of one org, counting those that the agent holds; deletions are given out beyond it.
    pub org_capacity: Option<usize>,
}

/// Leases up to `token_hashes.len()` due items, taking turns between orgs.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn claim(
    tx: &mut SystemTx,
    wanted: &Wanted<'_>,
    token_hashes: &[Vec<u8>],
    lease_secs: f64,
) -> Result<Vec<Leased>> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &wanted.types,
        &count(token_hashes.len()),
        &wanted.agent,
        &token_hashes,
        &lease_secs,
        &wanted.org_capacity.map(count),
        &(wanted.among == Among::Deleted),
    ];
    tx.rows(sql!("work/claim"), &params).await
}

/// Resources that the agent holds and whose generation moved since it was told; tells it now.
pub async fn changed(tx: &mut SystemTx, types: &[String], agent: &str) -> Result<Vec<Stored>> {
    tx.rows(sql!("work/changed"), &[&types, &agent]).await
}

/// The lease that the token stands for, held until the transaction ends: what is written beside it is fenced.
pub async fn fence(tx: &mut Tx, scope: &Scope, token_hash: &[u8]) -> Result<Option<Lease>> {
    tx.row(sql!("work/fence"), &[&scope.org.0, &token_hash]).await
}

pub async fn renew(tx: &mut Tx, scope: &Scope, token_hash: &[u8], lease_secs: f64) -> Result<Option<Lease>> {
    tx.row(sql!("work/renew"), &[&scope.org.0, &token_hash, &lease_secs])
        .await
}

/// Ends the lease. Without `retry_after_secs` the item rests until its resource changes again.
pub async fn release(
    tx: &mut Tx,
    scope: &Scope,
    token_hash: &[u8],
    observed_generation: i64,
    retry_after_secs: Option<f64>,
) -> Result<usize> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&scope.org.0, &token_hash, &observed_generation, &retry_after_secs];
    tx.count(sql!("work/release"), &params).await
}

/// The reconciler reported on this generation.
pub async fn observe(tx: &mut Tx, scope: &Scope, resource: Id, observed_generation: i64) -> Result<usize> {
    tx.count(sql!("work/observe"), &[&scope.org.0, &resource.0, &observed_generation])
        .await
}

/// A question that an agent has claimed.
#[derive(Debug, Clone)]
pub struct ActionRequest {
    pub org: OrgId,
    pub id: Uuid,
    pub type_name: String,
    pub action: String,
    pub spec: Value,
    pub sealed: Sealed,
    /// Which of the offered tokens it has: counts from 0.
    pub place: usize,
}

impl FromRow for ActionRequest {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let sealed: Value = column(row, "secrets")?;
        Ok(Self {
            org: OrgId(column(row, "org_id")?),
            id: column(row, "id")?,
            type_name: column(row, "type")?,
            action: column(row, "action")?,
            spec: column(row, "spec")?,
            sealed: sealed.as_object().cloned().unwrap_or_default(),
            place: usize::try_from(column::<i64>(row, "turn")? - 1).unwrap_or_default(),
        })
    }
}

/// What a request wants to know.
#[derive(Debug)]
pub struct Question<'a> {
    pub id: Uuid,
    pub type_name: &'a str,
    pub action: &'a str,
    pub spec: &'a Value,
    pub sealed: &'a Sealed,
    pub expires_in_secs: f64,
}

pub async fn ask(tx: &mut Tx, scope: &Scope, question: &Question<'_>) -> Result<()> {
    let sealed = Value::Object(question.sealed.clone());
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &scope.org.0,
        &question.id,
        &question.type_name,
        &question.action,
        question.spec,
        &sealed,
        &question.expires_in_secs,
    ];
    tx.count(sql!("action/ask"), &params).await?;
    Ok(())
}

pub async fn claim_questions(
    tx: &mut SystemTx,
    types: &[String],
    agent: &str,
    token_hashes: &[Vec<u8>],
) -> Result<Vec<ActionRequest>> {
    let limit = i64::try_from(token_hashes.len()).unwrap_or(i64::MAX);
    tx.rows(sql!("action/claim"), &[&types, &limit, &agent, &token_hashes])
        .await
}

pub async fn answer(tx: &mut SystemTx, id: Uuid, token_hash: &[u8], result: &Value) -> Result<usize> {
    tx.count(sql!("action/answer"), &[&id, &token_hash, result]).await
}

struct Answer(Value);

impl FromRow for Answer {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self(column(row, "result")?))
    }
}

/// Takes the answer, if it is there.
pub async fn take_answer(tx: &mut Tx, scope: &Scope, id: Uuid) -> Result<Option<Value>> {
    Ok(tx
        .row::<Answer>(sql!("action/result"), &[&scope.org.0, &id])
        .await?
        .map(|answer| answer.0))
}

/// Whether there is an answer to the question, or can still be one.
pub async fn is_open(tx: &mut Tx, scope: &Scope, id: Uuid) -> Result<bool> {
    Ok(tx.count(sql!("action/open"), &[&scope.org.0, &id]).await? > 0)
}

/// Forgets questions that nobody waits for any more.
pub async fn expire_questions(tx: &mut SystemTx) -> Result<usize> {
    tx.count(sql!("action/expire"), &[]).await
}
