//! The usage ledger: what bills are rated from, and what a line of a bill drills down to.

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::usage::UsageRecord;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::Tx;

row! {
    struct Added {
        accepted: i64,
    }
}

row! {
    struct Conflict {
        place: i64,
    }
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// How many records were new.
    pub accepted: usize,
    /// Places in the batch (from 0, at most 100) of records whose id stands for something else. Unless this is empty
    /// the transaction must not be committed.
    pub conflicts: Vec<usize>,
}

/// Adds records; one that is there already is left as it is.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn record(tx: &mut Tx, scope: &Scope, records: &[UsageRecord]) -> Result<Recorded> {
    let sources: Vec<&str> = records.iter().map(|record| record.source.as_str()).collect();
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let meters: Vec<&str> = records.iter().map(|record| record.meter.as_str()).collect();
    let resources: Vec<Option<Uuid>> = records.iter().map(|record| record.resource.map(|id| id.0)).collect();
    let quantities: Vec<Decimal> = records.iter().map(|record| record.quantity).collect();
    let times: Vec<Timestamp> = records.iter().map(|record| record.at).collect();
    let properties: Vec<Value> = records
        .iter()
        .map(|record| serde_json::json!(record.properties))
        .collect();
    let params: [&(dyn ToSql + Sync); 8] = [
        &scope.org.0,
        &sources,
        &ids,
        &meters,
        &resources,
        &quantities,
        &times,
        &properties,
    ];
    let added: Option<Added> = tx.row(sql!("usage/add"), &params).await?;
    let accepted = added.map_or(0, |added| usize::try_from(added.accepted).unwrap_or_default());
    if accepted == records.len() {
        return Ok(Recorded {
            accepted,
            conflicts: Vec::new(),
        });
    }
    // A statement of its own: it also sees what another transaction has committed while the first one waited for it.
    let conflicts: Vec<Conflict> = tx.rows(sql!("usage/conflicts"), &params).await?;
    let places = conflicts
        .iter()
        .filter_map(|conflict| usize::try_from(conflict.place - 1).ok());
    Ok(Recorded {
        accepted,
        conflicts: places.collect(),
    })
}

row! {
    /// A record as the ledger has it.
    pub struct Entry {
        pub source: String,
        pub id: String,
        pub meter: String,
        /// Text of an id, which begins with the type; with `resource` when neither it nor an event of it is left.
        pub resource: Option<String>,
        pub quantity: Decimal,
        pub at: Timestamp,
        pub properties: Value,
        pub recorded_at: Timestamp,
    }
}

/// Whose usage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    Everything,
    Resource(Uuid),
    /// Usage that belongs to no resource.
    NoResource,
}

row! {
    /// A place in the order of the list: that of a record.
    pub struct Position {
        pub at: Timestamp,
        pub source: String,
        pub id: String,
    }
}

impl Entry {
    pub fn place(&self) -> Position {
        Position {
            at: self.at,
            source: self.source.clone(),
            id: self.id.clone(),
        }
    }
}

/// Which records.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub meter: Option<&'a str>,
    pub of: Of,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub to: Option<Timestamp>,
    /// Only what comes after this place.
    pub after: Option<Position>,
}

/// What [`Wanted`] comes to, as `usage/wanted.sql` counts its parameters.
struct Asked<'a> {
    resource: Option<Uuid>,
    of_none: bool,
    after: Place<'a>,
}

/// Of a [`Position`], if there is one.
type Place<'a> = (Option<Timestamp>, Option<&'a str>, Option<&'a str>);

fn place(position: Option<&Position>) -> Place<'_> {
    position.map_or((None, None, None), |place| {
        (Some(place.at), Some(&place.source), Some(&place.id))
    })
}

impl Wanted<'_> {
    fn asked(&self) -> Asked<'_> {
        let (resource, of_none) = match self.of {
            Of::Everything => (None, false),
            Of::Resource(id) => (Some(id), false),
            Of::NoResource => (None, true),
        };
        Asked {
            resource,
            of_none,
            after: place(self.after.as_ref()),
        }
    }

    fn params<'a>(&'a self, scope: &'a Scope, asked: &'a Asked<'_>) -> Vec<&'a (dyn ToSql + Sync)> {
        let (at, source, id) = &asked.after;
        let Asked { resource, of_none, .. } = asked;
        vec![
            &scope.org.0,
            &self.meter,
            resource,
            of_none,
            &self.from,
            &self.to,
            at,
            source,
            id,
        ]
    }
}

/// Records that the policies of the org let the actor see, newest first, up to the place `last` if it is given.
pub async fn list(
    store: &Store,
    scope: &Scope,
    wanted: &Wanted<'_>,
    last: Option<&Position>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let (asked, last) = (wanted.asked(), place(last));
    let mut params = wanted.params(scope, &asked);
    let rest: [&(dyn ToSql + Sync); 4] = [&last.0, &last.1, &last.2, &limit];
    params.extend(rest);
    store.read(scope, &list_statement(), &params).await
}

/// The place of the record behind so many of those that are wanted, whoever may see them; `None` when there are fewer.
pub async fn place_after(store: &Store, scope: &Scope, wanted: &Wanted<'_>, count: i64) -> Result<Option<Position>> {
    let asked = wanted.asked();
    let mut params = wanted.params(scope, &asked);
    params.push(&count);
    let places = store.once(scope, &place_statement(), &params).await?;
    Ok(places.into_iter().next())
}

pub(crate) fn list_statement() -> String {
    of_wanted(sql!("usage/list"))
}

pub(crate) fn place_statement() -> String {
    of_wanted(sql!("usage/place"))
}

fn of_wanted(statement: &str) -> String {
    statement.replace("{wanted}", sql!("usage/wanted").trim())
}

row! {
    /// What was used of one meter by one resource in a span of time.
    pub struct Total {
        pub meter: String,
        pub resource_id: Option<Uuid>,
        /// A decimal of any length.
        pub quantity: String,
        pub record_count: i64,
    }
}

/// The sums of the whole hours in `[from, to)`.
pub async fn totals(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Total>> {
    tx.rows(sql!("usage/totals"), &[&scope.org.0, &from, &to]).await
}

row! {
    /// What a bill has to know about its org.
    pub struct Account {
        pub slug: String,
        pub plan: String,
        pub created_at: Timestamp,
        /// The moment of the transaction: what was committed before is in it.
        pub as_of: Timestamp,
    }
}

pub async fn account(tx: &mut Tx, scope: &Scope) -> Result<Option<Account>> {
    tx.row(sql!("usage/account"), &[&scope.org.0]).await
}

row! {
    /// What a resource is called.
    pub struct Named {
        pub id: Uuid,
        pub type_name: String,
        pub name: String,
    }
}

/// Those of the resources whose rows are there, deleted ones included.
pub async fn resource_types(tx: &mut Tx, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Named>> {
    tx.rows(sql!("usage/resource_types"), &[&scope.org.0, &ids]).await
}

/// As [`resource_types`], and from the event log for resources whose rows are gone.
pub async fn resource_names(tx: &mut Tx, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Named>> {
    tx.rows(sql!("usage/resource_names"), &[&scope.org.0, &ids]).await
}
