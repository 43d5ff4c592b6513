//! Measured points, kept in series: one for each name, resource and set of labels.

use indexmap::IndexSet;
use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::Id;
use plinth_model::usage::MetricPoint;
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
    /// What a query found for one group.
    pub struct Group {
        /// The labels that the group shares, as an object; `resource` is a UUID.
        pub key: Value,
        /// The starts of the buckets that hold something, in order.
        pub times: Vec<Timestamp>,
        /// One for each of `times`.
        pub readings: Vec<f64>,
    }
}

/// Adds points; one that is there already, by series and time, is left as it is. Returns how many were new.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn record(tx: &mut Tx, scope: &Scope, points: &[MetricPoint]) -> Result<usize> {
    let mut series = IndexSet::new();
    let mut places = Vec::with_capacity(points.len());
    for point in points {
        let (place, _) = series.insert_full((point.name.as_str(), point.resource.0, &point.labels));
        // `with ordinality` counts from 1.
        places.push(i64::try_from(place + 1).unwrap_or(i64::MAX));
    }
    let names: Vec<&str> = series.iter().map(|(name, _, _)| *name).collect();
    let resources: Vec<Uuid> = series.iter().map(|(_, resource, _)| *resource).collect();
    let labels: Vec<Value> = series.iter().map(|(_, _, labels)| serde_json::json!(labels)).collect();
    let times: Vec<Timestamp> = points.iter().map(|point| point.at).collect();
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    // Two statements: the second one also sees series that another transaction has just added.
    tx.count(sql!("metric/add_series"), &[&scope.org.0, &names, &resources, &labels])
        .await?;
    let params: [&(dyn ToSql + Sync); 7] = [&scope.org.0, &names, &resources, &labels, &places, &times, &values];
    let added: Option<Added> = tx.row(sql!("metric/add_points"), &params).await?;
    Ok(added.map_or(0, |added| usize::try_from(added.accepted).unwrap_or_default()))
}

/// How the points of a bucket become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    /// The 95th percentile, interpolated between the two nearest points.
    P95,
    /// The newest point.
    Last,
    /// Growth a second of counters that may be reset: the increases from point to point over the bucket's width.
    Rate,
}

/// Which points are wanted, and how they are put together.
#[derive(Debug)]
pub struct Selection<'a> {
    pub name: &'a str,
    pub resource: Option<Id>,
    /// An object of labels that a series must have.
    pub labels: &'a Value,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// Buckets begin at multiples of this since 1970.
    pub bucket_secs: f64,
    /// Names of labels, and `resource`.
    pub group_by: &'a [String],
    /// At most this many buckets come back, over all groups.
    pub limit: i64,
}

/// Of the points that the policies of the org let the actor see.
pub async fn query(
    store: &Store,
    scope: &Scope,
    aggregate: Aggregate,
    selection: &Selection<'_>,
) -> Result<Vec<Group>> {
    let Selection {
        name,
        resource,
        labels,
        from,
        to,
        bucket_secs,
        group_by,
        limit,
    } = selection;
    let resource = resource.map(|id| id.0);
    let params: [&(dyn ToSql + Sync); 9] = [
        &scope.org.0,
        name,
        &resource,
        labels,
        from,
        to,
        bucket_secs,
        group_by,
        limit,
    ];
    store.read(scope, &query_statement(aggregate), &params).await
}

/// The statement for an aggregate: filled in from closed sets, never from input.
pub(crate) fn query_statement(aggregate: Aggregate) -> String {
    let expression = match aggregate {
        Aggregate::Sum => "sum(point.value)",
        Aggregate::Avg => "avg(point.value)",
        Aggregate::Min => "min(point.value)",
        Aggregate::Max => "max(point.value)",
        Aggregate::P95 => "percentile_cont(0.95) within group (order by point.value)",
        Aggregate::Last | Aggregate::Rate => "",
    };
    let statement = match aggregate {
        Aggregate::Last => sql!("metric/query_last"),
        Aggregate::Rate => sql!("metric/query_rate"),
        _ => sql!("metric/query"),
    };
    statement
        .replace("{key}", sql!("metric/key").trim())
        .replace("{bucket}", sql!("metric/bucket").trim())
        .replace("{aggregate}", expression)
}
