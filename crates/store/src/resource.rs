//! Resources: desired state, actual state, and what points at what.

use jiff::Timestamp;
use plinth_model::id::{Id, OrgId};
use plinth_model::resource::Properties;
use plinth_model::{Resource, Scope};
use serde_json::{Map, Value};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::Result;
use crate::row::{FromRow, actor, column};
use crate::sql;
use crate::tx::{SystemTx, Tx};

/// JSON pointer into `spec` -> base64 of the encrypted value.
pub type Sealed = Map<String, Value>;

/// A resource as the table has it: with its secrets, still encrypted.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub resource: Resource,
    pub sealed: Sealed,
}

impl FromRow for Stored {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let sealed = object(column(row, "secrets")?);
        let resource = Resource {
            id: Id(column(row, "id")?),
            org: OrgId(column(row, "org_id")?),
            type_name: column(row, "type")?,
            name: column(row, "name")?,
            properties: object(column(row, "properties")?),
            owner: column(row, "owner")?,
            spec: column(row, "spec")?,
            status: column(row, "status")?,
            secrets_set: sealed.keys().cloned().collect(),
            generation: column(row, "generation")?,
            observed_generation: column(row, "observed_generation")?,
            version: column(row, "version")?,
            created_by: actor(column(row, "created_by")?)?,
            created_at: column(row, "created_at")?,
            updated_at: column(row, "updated_at")?,
            deleted_at: column(row, "deleted_at")?,
            finalized_at: column(row, "finalized_at")?,
        };
        Ok(Self { resource, sealed })
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A target together with the field that refers to it.
#[derive(Debug, Clone)]
pub struct Reference {
    /// JSON pointer into the referring resource's spec.
    pub pointer: String,
    pub target: Stored,
}

impl FromRow for Reference {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            pointer: column(row, "pointer")?,
            target: Stored::from_row(row)?,
        })
    }
}

/// What a new row holds beside its defaults.
#[derive(Debug)]
pub struct NewResource<'a> {
    pub id: Id,
    pub type_name: &'a str,
    pub name: &'a str,
    pub properties: &'a Properties,
    /// Id of a user or a service account.
    pub owner: Option<&'a str>,
    pub spec: &'a Value,
    /// What is shown until a reconciler reports.
    pub status: &'a Value,
    pub sealed: &'a Sealed,
    /// Meters that count one unit for each creation.
    pub meters: &'a [String],
    /// How many live resources of the type an org may have, by plan; a plan that is not in here sets no limit.
    pub quotas: &'a Value,
    /// The revision of the product that the row was checked against.
    pub revision: i64,
}

/// What an update leaves in the row.
#[derive(Debug)]
pub struct Desired<'a> {
    pub properties: &'a Properties,
    /// Id of a user or a service account.
    pub owner: Option<&'a str>,
    pub spec: &'a Value,
    pub sealed: &'a Sealed,
    /// Whether spec or secrets differ, so that a reconciler has something to do.
    pub changes_generation: Generation,
    /// The revision of the product that the row was checked against.
    pub revision: i64,
    /// `update`, or the verb that this comes to.
    pub action: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    Keep,
    Next,
}

/// Creates in a transaction of its own: one round trip. `None` when the product has another revision by now.
///
/// # Errors
/// [`StoreError`]: `Quota`, `Taken` (`resources_name`), or the database is gone.
pub async fn create_once(store: &Store, scope: &Scope, new: &NewResource<'_>) -> Result<Option<Stored>> {
    let (properties, sealed) = (json(new.properties), json(new.sealed));
    let created_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let params: Vec<&(dyn ToSql + Sync)> = vec![
        &scope.org.0,
        &new.id.0,
        &new.type_name,
        &new.name,
        &properties,
        new.spec,
        &sealed,
        &created_by,
        &new.meters,
        new.quotas,
        &new.revision,
        new.status,
        &new.owner,
    ];
    Ok(store
        .once(scope, sql!("resource/create"), &params)
        .await?
        .into_iter()
        .next())
}

/// Creates as a part of a larger transaction. Errors as in [`create_once`].
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewResource<'_>) -> Result<Option<Stored>> {
    let (properties, sealed) = (json(new.properties), json(new.sealed));
    let created_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let params: Vec<&(dyn ToSql + Sync)> = vec![
        &scope.org.0,
        &new.id.0,
        &new.type_name,
        &new.name,
        &properties,
        new.spec,
        &sealed,
        &created_by,
        &new.meters,
        new.quotas,
        &new.revision,
        new.status,
        &new.owner,
    ];
    tx.row(sql!("resource/create"), &params).await
}

fn json(map: &Map<String, Value>) -> Value {
    Value::Object(map.clone())
}

/// How a path names a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Also finds deleted ones.
    Id(Id),
    /// Among live ones.
    Name(String),
}

impl Key {
    /// The statement for this kind of key, with its parameter.
    fn asked(&self, by_id: &'static str, by_name: &'static str) -> (&'static str, &(dyn ToSql + Sync)) {
        match self {
            Self::Id(id) => (by_id, &id.0),
            Self::Name(name) => (by_name, name),
        }
    }
}

/// # Errors
/// [`StoreError`] when the database is gone; so for the functions that follow, unless they say more.
pub async fn get_once(store: &Store, scope: &Scope, type_name: &str, key: &Key) -> Result<Option<Stored>> {
    let (statement, key_param) = key.asked(sql!("resource/get"), sql!("resource/find"));
    let rows: Vec<Stored> = store
        .once(scope, statement, &[&scope.org.0, &type_name, key_param])
        .await?;
    if let Some(found) = rows.into_iter().next() {
        return Ok(Some(found));
    }
    let mut tx = store.begin(scope).await?;
    even_out(&mut tx, type_name, key, None).await?;
    tx.rollback().await?;
    Ok(None)
}

pub async fn get(tx: &mut Tx, scope: &Scope, type_name: &str, key: &Key) -> Result<Option<Stored>> {
    let (statement, key_param) = key.asked(sql!("resource/get"), sql!("resource/find"));
    let found = tx.row(statement, &[&scope.org.0, &type_name, key_param]).await?;
    even_out(tx, type_name, key, found).await
}

/// The row, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: &Scope, type_name: &str, key: &Key) -> Result<Option<Stored>> {
    let (statement, key_param) = key.asked(sql!("resource/lock"), sql!("resource/lock_named"));
    let found = tx.row(statement, &[&scope.org.0, &type_name, key_param]).await?;
    even_out(tx, type_name, key, found).await
}

/// Where nothing was found: the time that it takes to find that something is hidden.
async fn even_out(tx: &mut Tx, type_name: &str, key: &Key, found: Option<Stored>) -> Result<Option<Stored>> {
    if found.is_none() {
        let (id, name) = match key {
            Key::Id(id) => (Some(id.0), None),
            Key::Name(name) => (None, Some(name)),
        };
        tx.count(sql!("resource/even_out"), &[&type_name, &id, &name]).await?;
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortColumn {
    Name,
    CreatedAt,
    UpdatedAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// Where the next page begins: after this row in the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The sort column of the last row, as text.
    pub value: String,
    pub id: Uuid,
}

#[derive(Debug, Clone)]
pub struct Page<'a> {
    pub type_name: &'a str,
    pub include_deleted: Deleted,
    pub name_contains: Option<&'a str>,
    /// A predicate in SQL/JSON path over `{name, properties, spec, status}`.
    pub matches: Option<&'a str>,
    pub sort: SortColumn,
    pub direction: Direction,
    pub after: Option<Position>,
    pub limit: i64,
    pub search: Search,
}

/// Whether a statement looks for rows by their labels first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    AllRows,
    /// By the properties that the actor's policies ask for. Exact in any case, and quick when few rows have them.
    Labelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    Without,
    With,
}

impl SortColumn {
    fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::Name => ("name", "text"),
            Self::CreatedAt => ("created_at", "timestamptz"),
            Self::UpdatedAt => ("updated_at", "timestamptz"),
        }
    }

    /// The column's value in a row, as [`Position`] wants it.
    pub fn value(self, resource: &Resource) -> String {
        match self {
            Self::Name => resource.name.clone(),
            Self::CreatedAt => resource.created_at.to_string(),
            Self::UpdatedAt => resource.updated_at.to_string(),
        }
    }
}

/// The statement for an order: filled in from closed sets, never from input.
pub(crate) fn list_statement(sort: SortColumn, direction: Direction, search: Search) -> String {
    let (column, kind) = sort.column();
    let (order, comparison) = match direction {
        Direction::Ascending => ("asc", ">"),
        Direction::Descending => ("desc", "<"),
    };
    let statement = match search {
        Search::AllRows => sql!("resource/list"),
        Search::Labelled => sql!("resource/look_up"),
    };
    statement
        .replace("{matches}", sql!("resource/matches").trim())
        .replace("{column}", column)
        .replace("{type}", kind)
        .replace("{direction}", order)
        .replace("{comparison}", comparison)
}

pub async fn list(store: &Store, scope: &Scope, page: &Page<'_>) -> Result<Vec<Stored>> {
    let statement = list_statement(page.sort, page.direction, page.search);
    let with_deleted = page.include_deleted == Deleted::With;
    let pattern = page
        .name_contains
        .map(|text| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let (value, id) = page
        .after
        .as_ref()
        .map(|after| (after.value.as_str(), after.id))
        .unzip();
    let matches = page.matches.map(JsonPath);
    let params: [&(dyn ToSql + Sync); 8] = [
        &scope.org.0,
        &page.type_name,
        &with_deleted,
        &pattern,
        &matches,
        &value,
        &id,
        &page.limit,
    ];
    store.once(scope, &statement, &params).await
}

/// A path in text form, sent as `jsonpath`.
#[derive(Debug)]
struct JsonPath<'a>(&'a str);

impl tokio_postgres::types::ToSql for JsonPath<'_> {
    fn to_sql(
        &self,
        _: &tokio_postgres::types::Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        // The binary form of jsonpath is a version byte before the text.
        out.extend_from_slice(&[1]);
        out.extend_from_slice(self.0.as_bytes());
        Ok(tokio_postgres::types::IsNull::No)
    }

    fn accepts(kind: &tokio_postgres::types::Type) -> bool {
        *kind == tokio_postgres::types::Type::JSONPATH
    }

    tokio_postgres::types::to_sql_checked!();
}

/// `None` when the product has another revision by now.
pub async fn update(tx: &mut Tx, scope: &Scope, id: Id, desired: &Desired<'_>) -> Result<Option<Stored>> {
    let next = desired.changes_generation == Generation::Next;
    let (properties, sealed) = (json(desired.properties), json(desired.sealed));
    let params: [&(dyn ToSql + Sync); 8] = [
        &scope.org.0,
        &id.0,
        &properties,
        desired.spec,
        &sealed,
        &next,
        &desired.revision,
        &desired.owner,
    ];
    tx.row_as(desired.action, sql!("resource/update"), &params).await
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: Id) -> Result<Option<Stored>> {
    tx.row_as("delete", sql!("resource/delete"), &[&scope.org.0, &id.0])
        .await
}

/// `None` when the product has another revision by now.
///
/// # Errors
/// [`StoreError`]: `Taken` (`resources_name`) when a live resource has the name by now.
pub async fn undelete(tx: &mut Tx, scope: &Scope, id: Id, revision: i64) -> Result<Option<Stored>> {
    let params: [&(dyn ToSql + Sync); 3] = [&scope.org.0, &id.0, &revision];
    tx.row_as("undelete", sql!("resource/undelete"), &params).await
}

/// # Errors
/// [`StoreError`]: `Quota` when one more live resource of the type is too many.
pub async fn require_quota(tx: &mut Tx, scope: &Scope, type_name: &str, quotas: &Value) -> Result<()> {
    tx.count(sql!("resource/require_quota"), &[&scope.org.0, &type_name, quotas])
        .await?;
    Ok(())
}

/// The live resource of this name, kept from deletion until the transaction ends.
pub async fn lock_target(tx: &mut Tx, scope: &Scope, type_name: &str, name: &str) -> Result<Option<Stored>> {
    let params: [&(dyn ToSql + Sync); 3] = [&scope.org.0, &type_name, &name];
    let found = tx.row(sql!("resource/lock_target"), &params).await?;
    even_out(tx, type_name, &Key::Name(name.to_owned()), found).await
}

/// Whether the actor may make this one an owner: a member or a service account of the org that the actor may see, or is.
pub async fn can_own(tx: &mut Tx, owner: &str) -> Result<bool> {
    Ok(tx.count(sql!("resource/can_own"), &[&owner]).await? > 0)
}

/// Replaces what the resource refers to.
pub async fn set_references(tx: &mut Tx, scope: &Scope, from: Id, targets: &[(String, Id)]) -> Result<()> {
    let pointers: Vec<&str> = targets.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let ids: Vec<Uuid> = targets.iter().map(|(_, id)| id.0).collect();
    tx.count(sql!("resource/set_refs"), &[&scope.org.0, &from.0, &pointers, &ids])
        .await?;
    Ok(())
}

/// What the resource refers to.
pub async fn references(tx: &mut Tx, scope: &Scope, from: Id) -> Result<Vec<Reference>> {
    tx.rows(sql!("resource/refs"), &[&scope.org.0, &from.0]).await
}

/// Whether any live resource refers to this one, be it one that the actor may see or not.
pub async fn is_referred_to(tx: &mut Tx, scope: &Scope, to: Id) -> Result<bool> {
    Ok(tx
        .count_as_plinth(sql!("resource/referred_to"), &[&scope.org.0, &to.0])
        .await?
        > 0)
}

/// Live resources that refer to this one, and that the actor may see; at most 20.
pub async fn referrers(tx: &mut Tx, scope: &Scope, to: Id) -> Result<Vec<Stored>> {
    tx.rows(sql!("resource/referrers"), &[&scope.org.0, &to.0]).await
}

/// Stores the reported status; an equal one changes nothing and makes no event.
pub async fn report(tx: &mut Tx, scope: &Scope, id: Id, status: &Value, observed_generation: i64) -> Result<usize> {
    tx.count(
        sql!("resource/report"),
        &[&scope.org.0, &id.0, status, &observed_generation],
    )
    .await
}

/// The reconciler is done with a deleted resource.
pub async fn finalize(tx: &mut Tx, scope: &Scope, id: Id) -> Result<usize> {
    tx.count(sql!("resource/finalize"), &[&scope.org.0, &id.0]).await
}

/// Removes rows whose deletion is final and older than `age_secs`; at most 500 a call.
pub async fn purge(tx: &mut SystemTx, age_secs: f64) -> Result<usize> {
    tx.count(sql!("resource/purge"), &[&age_secs]).await
}

/// Live resources of a type in all orgs, 500 a call, in the order of org and id; with those that a reconciler has still
/// to tear down when `unfinished` are wanted.
pub async fn scan_type(
    tx: &mut SystemTx,
    type_name: &str,
    unfinished: Deleted,
    after: Option<(Uuid, Uuid)>,
) -> Result<Vec<Stored>> {
    let (org, id) = after.unzip();
    tx.rows(
        sql!("resource/scan_type"),
        &[&type_name, &org, &id, &(unfinished == Deleted::With)],
    )
    .await
}

/// The instant in a [`Position`], for checking a cursor's text before it reaches the database.
pub fn is_timestamp(text: &str) -> bool {
    // PostgreSQL writes years before the first one in another way.
    !text.starts_with('-') && text.parse::<Timestamp>().is_ok()
}
