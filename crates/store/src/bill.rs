//! Lines of bills, written down for SQL clients.

use jiff::Timestamp;
use plinth_model::Scope;
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::{SystemTx, Tx};

row! {
    /// An org whose lines are to be written down.
    pub struct Due {
        pub org_id: Uuid,
    }
}

/// Orgs with a live login whose lines are the oldest, at most `limit`.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone; so for each function of this module.
pub async fn due(tx: &mut SystemTx, limit: i64) -> Result<Vec<Due>> {
    tx.rows(sql!("bill/due"), &[&limit]).await
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    pub price: &'a str,
    pub title: &'a str,
    /// `usage`, `flat` or `minimum`.
    pub kind: &'static str,
    pub meter: Option<&'a str>,
    pub resource: Option<&'a str>,
    pub resource_name: Option<&'a str>,
    pub quantity: Decimal,
    pub unit: &'a str,
    pub amount: Decimal,
    pub records: i64,
}

/// The bill that lines are of.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// A month in UTC such as `2026-11`.
    pub period: &'a str,
    /// ISO 4217 code.
    pub currency: &'a str,
    pub as_of: Timestamp,
}

/// It is the org's turn: whoever else writes its bills down waits until the transaction ends.
pub async fn date(tx: &mut Tx, scope: &Scope) -> Result<()> {
    tx.count(sql!("bill/date"), &[&scope.org.0]).await?;
    Ok(())
}

/// Puts these lines in the place of those that the org's bill of the period had.
pub async fn publish(tx: &mut Tx, scope: &Scope, heading: Heading<'_>, lines: &[Line<'_>]) -> Result<()> {
    let Heading {
        period,
        currency,
        as_of,
    } = heading;
    tx.count(sql!("bill/clear"), &[&scope.org.0, &period]).await?;
    let texts = |of: fn(&Line<'_>) -> String| lines.iter().map(of).collect::<Vec<_>>();
    let (prices, titles, units) = (
        texts(|line| line.price.to_owned()),
        texts(|line| line.title.to_owned()),
        texts(|line| line.unit.to_owned()),
    );
    let kinds: Vec<&str> = lines.iter().map(|line| line.kind).collect();
    let meters: Vec<_> = lines.iter().map(|line| line.meter).collect();
    let resources: Vec<_> = lines.iter().map(|line| line.resource).collect();
    let names: Vec<_> = lines.iter().map(|line| line.resource_name).collect();
    let quantities: Vec<Decimal> = lines.iter().map(|line| line.quantity).collect();
    let amounts = texts(|line| line.amount.to_string());
    let records: Vec<i64> = lines.iter().map(|line| line.records).collect();
    let params: [&(dyn ToSql + Sync); 14] = [
        &scope.org.0,
        &period,
        &currency,
        &as_of,
        &prices,
        &titles,
        &kinds,
        &meters,
        &resources,
        &names,
        &quantities,
        &units,
        &amounts,
        &records,
    ];
    tx.count(sql!("bill/publish"), &params).await?;
    Ok(())
}
