//! The product document: kept in the directory, mirrored into each cell as far as its triggers need it.

use plinth_model::Product;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Result, StoreError};
use crate::row::{FromRow, column};
use crate::sql;
use crate::tx::{DirectoryTx, SystemTx};

/// A product document and the number under which it was applied.
#[derive(Debug, Clone)]
pub struct Revision {
    pub revision: i64,
    pub product: Product,
}

impl FromRow for Revision {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let document: Value = column(row, "document")?;
        let product = serde_json::from_value(document).map_err(|error| StoreError::internal("product", error))?;
        Ok(Self {
            revision: column(row, "revision")?,
            product,
        })
    }
}

/// The newest document, if one was ever applied.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function of this module.
pub async fn current(tx: &mut DirectoryTx) -> Result<Option<Revision>> {
    tx.row(sql!("product/current"), &[]).await
}

pub async fn record(tx: &mut DirectoryTx, product: &Product, applied_by: &str) -> Result<Revision> {
    let document = serde_json::to_value(product).map_err(|error| StoreError::internal("product", error))?;
    let row = tx.row(sql!("product/record"), &[&document, &applied_by]).await?;
    row.ok_or_else(|| StoreError::internal("product", "no row came back"))
}

/// Holds off writers of resources in this cell until the transaction ends, so that what a check of all resources finds
/// still holds when the product changes.
pub async fn freeze(tx: &mut SystemTx) -> Result<()> {
    tx.count(sql!("product/freeze"), &[]).await?;
    Ok(())
}

/// Holds off writers of policies in this cell until the transaction ends.
pub async fn freeze_policies(tx: &mut SystemTx) -> Result<()> {
    tx.count(sql!("product/freeze_policies"), &[]).await?;
    Ok(())
}

/// What the cell's triggers know about types.
pub async fn mirror(tx: &mut SystemTx, product: &Product, revision: i64) -> Result<()> {
    let names: Vec<&str> = product.types.iter().map(|kind| kind.name.as_str()).collect();
    let plurals: Vec<&str> = product.types.iter().map(|kind| kind.plural.as_str()).collect();
    let reconciled: Vec<bool> = product.types.iter().map(|kind| kind.reconciled).collect();
    tx.count(sql!("product/mirror"), &[&names, &plurals, &reconciled, &revision])
        .await?;
    Ok(())
}

/// A column of a resource type's view: a field of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    pub name: String,
    /// The fields that lead to it, from the spec on.
    pub path: Vec<String>,
    /// Of PostgreSQL: `text`, `numeric`, `boolean` or `jsonb`.
    #[serde(rename = "type")]
    pub sql_type: &'static str,
}

/// How SQL clients see a resource type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    pub name: String,
    pub plural: String,
    pub columns: Vec<Column>,
}

/// Makes the views of the schema `org` what the product says. One that is as it should be is left alone.
pub async fn show(tx: &mut SystemTx, views: &[View]) -> Result<()> {
    let views = serde_json::to_value(views).map_err(|error| StoreError::internal("views", error))?;
    tx.count(sql!("product/show"), &[&views]).await?;
    Ok(())
}

/// What the database has to know of a type to check what is written by SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlType {
    pub name: String,
    pub rules: Value,
    /// Why it cannot check it.
    pub unportable: Option<String>,
}

/// Puts these rules in the place of those of older revisions.
pub async fn write_rules(tx: &mut SystemTx, types: &[SqlType], revision: i64) -> Result<()> {
    let names: Vec<&str> = types.iter().map(|known| known.name.as_str()).collect();
    let rules: Vec<&Value> = types.iter().map(|known| &known.rules).collect();
    let unportable: Vec<Option<&str>> = types.iter().map(|known| known.unportable.as_deref()).collect();
    tx.count(sql!("product/write_rules"), &[&names, &rules, &unportable, &revision])
        .await?;
    Ok(())
}
