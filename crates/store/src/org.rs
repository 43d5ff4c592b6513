//! Orgs in their cells.

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::UserId;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::Result;
use crate::member::known;
use crate::row::{FromRow, column, row};
use crate::sql;
use crate::tx::{SystemTx, Tx};

row! {
    pub struct Org {
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub plan: String,
        /// IANA name.
        pub time_zone: String,
        pub created_at: Timestamp,
    }
}

/// An org, and the roles that one of its members has in it.
#[derive(Debug, Clone)]
pub struct Membership {
    pub org: Org,
    pub roles: Vec<String>,
}

impl FromRow for Membership {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            org: Org::from_row(row)?,
            roles: column(row, "roles")?,
        })
    }
}

/// What an org begins with.
#[derive(Debug)]
pub struct Founding<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub plan: &'a str,
    pub owner: UserId,
    pub owner_email: &'a str,
    pub owner_name: &'a str,
}

/// Puts the org and its first owner into the cell; changes nothing when the org is already there.
///
/// # Errors
/// [`crate::StoreError`] when the cell cannot be reached; so for each function of this module, unless it says more.
pub async fn found(store: &Store, scope: &Scope, new: &Founding<'_>) -> Result<()> {
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &scope.org.0,
        &new.slug,
        &new.name,
        &new.plan,
        &new.owner.0,
        &new.owner_email,
        &new.owner_name,
    ];
    let _: Vec<Found> = store.once(scope, sql!("org/found"), &params).await?;
    Ok(())
}

row! {
    struct Found {
        #[expect(dead_code, reason = "the statement returns what it wrote; nobody reads it")]
        org_id: Uuid,
    }
}

row! {
    /// An org by the name that people know it by.
    pub struct Slug {
        pub org_id: Uuid,
        pub slug: String,
    }
}

/// The slugs of these orgs, as far as they are in the cell.
pub async fn slugs(tx: &mut SystemTx, orgs: &[Uuid]) -> Result<Vec<Slug>> {
    tx.rows(sql!("org/slugs"), &[&orgs]).await
}

pub async fn get(store: &Store, scope: &Scope) -> Result<Option<Org>> {
    Ok(store
        .once(scope, sql!("org/get"), &[&scope.org.0])
        .await?
        .into_iter()
        .next())
}

/// The org, held until the transaction ends: changes of members take turns on it.
pub async fn lock(tx: &mut Tx, scope: &Scope) -> Result<Option<Org>> {
    tx.row(sql!("org/lock"), &[&scope.org.0]).await
}

/// The org as this user sees it; `None` when the user is no member.
pub async fn of_member(store: &Store, scope: &Scope, user: UserId) -> Result<Option<Membership>> {
    Ok(store
        .once(scope, sql!("org/of_member"), &[&scope.org.0, &user.0])
        .await?
        .into_iter()
        .next())
}

/// What is `None` stays.
///
/// # Errors
/// [`crate::StoreError`]: `Value` when the name cannot be stored.
pub async fn update(tx: &mut Tx, scope: &Scope, name: Option<&str>, time_zone: Option<&str>) -> Result<Option<Org>> {
    tx.row(sql!("org/update"), &[&scope.org.0, &name, &time_zone]).await
}

/// Whether the org's database knows a time zone of this name, as it is written. Reads all of its zones.
pub async fn knows_zone(tx: &mut Tx, zone: &str) -> Result<bool> {
    Ok(tx.count(sql!("org/knows_zone"), &[&zone]).await? > 0)
}

row! {
    struct Zone {
        time_zone: String,
    }
}

/// The IANA name of the org's time zone; `None` when the org is not there.
pub async fn time_zone(store: &Store, scope: &Scope) -> Result<Option<String>> {
    let found = store.once(scope, sql!("org/time_zone"), &[&scope.org.0]).await;
    Ok(known(found)?.and_then(|rows: Vec<Zone>| rows.into_iter().next().map(|zone| zone.time_zone)))
}

/// Removes the org and all that it owns from its cell.
pub async fn remove(store: &Store, scope: &Scope) -> Result<()> {
    let _: Vec<Found> = store.once(scope, sql!("org/remove"), &[&scope.org.0]).await?;
    Ok(())
}
