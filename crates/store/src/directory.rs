//! The directory's knowledge of orgs: their slugs, their cells, and in which of them to look for a user.

use plinth_model::id::{OrgId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::CellName;
use crate::error::{Result, StoreError};
use crate::row::{FromRow, column, row};
use crate::sql;
use crate::tx::DirectoryTx;

row! {
    /// Where an org lives.
    pub struct Place {
        pub id: Uuid,
        pub slug: String,
        pub cell: String,
        /// `creating` until the org's cell has it.
        pub state: String,
    }
}

struct Cell(CellName);

impl FromRow for Cell {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self(CellName::from(column::<String>(row, "cell")?)))
    }
}

pub(crate) async fn cell_of(tx: &mut DirectoryTx, org: OrgId) -> Result<Option<CellName>> {
    Ok(tx
        .row::<Cell>(sql!("directory/org/cell"), &[&org.0])
        .await?
        .map(|cell| cell.0))
}

/// # Errors
/// [`crate::StoreError`] when the directory cannot be reached; so for each function of this module.
pub async fn find(tx: &mut DirectoryTx, slug: &str) -> Result<Option<Place>> {
    tx.row(sql!("directory/org/find"), &[&slug]).await
}

/// What it takes to put an org into its cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    pub name: String,
    pub plan: String,
}

/// Takes the slug and the emptiest cell for an org that is about to be created. The creator's own interrupted org of the
/// same slug comes back instead, to be finished. `None` when the slug is taken.
pub async fn reserve(
    tx: &mut DirectoryTx,
    org: OrgId,
    slug: &str,
    creator: UserId,
    creation: &Creation,
) -> Result<Option<Place>> {
    let creation = serde_json::to_value(creation).unwrap_or_default();
    tx.row(sql!("directory/org/reserve"), &[&org.0, &slug, &creator.0, &creation])
        .await
}

/// The org's cell has it.
pub async fn activate(tx: &mut DirectoryTx, org: OrgId) -> Result<usize> {
    tx.count(sql!("directory/org/activate"), &[&org.0]).await
}

/// Gives back the slug of an org that never came to be.
pub async fn forget(tx: &mut DirectoryTx, org: OrgId) -> Result<usize> {
    tx.count(sql!("directory/org/forget"), &[&org.0]).await
}

/// An org whose creation was interrupted.
#[derive(Debug, Clone)]
pub struct Unfinished {
    pub org: OrgId,
    pub slug: String,
    pub creation: Creation,
    pub creator: UserId,
    /// E-mail address and name; `None` when the creator is gone.
    pub person: Option<(String, String)>,
}

impl FromRow for Unfinished {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let creation = serde_json::from_value(column(row, "creation")?);
        let (email, name): (Option<String>, Option<String>) = (column(row, "email")?, column(row, "name")?);
        Ok(Self {
            org: OrgId(column(row, "id")?),
            slug: column(row, "slug")?,
            creation: creation.map_err(|error| StoreError::internal("creation", error))?,
            creator: UserId(column(row, "created_by")?),
            person: email.zip(name),
        })
    }
}

/// Orgs whose creation was interrupted this long ago; at most 100.
pub async fn stale(tx: &mut DirectoryTx, age_secs: f64) -> Result<Vec<Unfinished>> {
    tx.rows(sql!("directory/org/stale"), &[&age_secs]).await
}

/// The orgs in which to look for a membership of the user, by slug, after this one.
pub async fn places_of(tx: &mut DirectoryTx, user: UserId, after: Option<&str>, limit: i64) -> Result<Vec<Place>> {
    tx.rows(sql!("directory/org/list_of_user"), &[&user.0, &after, &limit])
        .await
}

/// All orgs of the installation, by slug, after this one.
pub async fn all(tx: &mut DirectoryTx, after: Option<&str>, limit: i64) -> Result<Vec<Place>> {
    tx.rows(sql!("directory/org/all"), &[&after, &limit]).await
}

/// Written before the membership it points to.
pub async fn hint(tx: &mut DirectoryTx, user: UserId, org: OrgId) -> Result<usize> {
    tx.count(sql!("directory/org/hint"), &[&user.0, &org.0]).await
}

/// Removed after the membership it pointed to.
pub async fn unhint(tx: &mut DirectoryTx, user: UserId, org: OrgId) -> Result<usize> {
    tx.count(sql!("directory/org/unhint"), &[&user.0, &org.0]).await
}
