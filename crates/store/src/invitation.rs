//! Invitations to an org. Their secrets are kept as hashes.

use jiff::Timestamp;
use plinth_model::id::{InvitationId, OrgId};
use plinth_model::{Actor, Scope};
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::member::known;
use crate::row::{FromRow, actor, column, row};
use crate::sql;
use crate::tx::{SystemTx, Tx};

#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub roles: Vec<String>,
    pub invited_by: Actor,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
}

impl FromRow for Invitation {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            id: InvitationId(column(row, "id")?),
            email: column(row, "email")?,
            roles: column(row, "roles")?,
            invited_by: actor(column(row, "invited_by")?)?,
            created_at: column(row, "created_at")?,
            expires_at: column(row, "expires_at")?,
            accepted_at: column(row, "accepted_at")?,
        })
    }
}

#[derive(Debug)]
pub struct NewInvitation<'a> {
    pub id: InvitationId,
    pub email: &'a str,
    pub roles: &'a [String],
    pub token_hash: &'a [u8],
    pub expires_in_secs: f64,
}

/// Invites, or renews the open invitation of the same address: new roles, secret and expiry. A mail is owed from now on.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function of this module.
pub async fn invite(tx: &mut Tx, scope: &Scope, new: &NewInvitation<'_>) -> Result<Invitation> {
    let invited_by = serde_json::to_value(&scope.actor).unwrap_or_default();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &scope.org.0,
        &new.id.0,
        &new.email,
        &new.roles,
        &new.token_hash,
        &invited_by,
        &new.expires_in_secs,
    ];
    let row = tx.row(sql!("invitation/invite"), &params).await?;
    row.ok_or_else(|| StoreError::internal("invite", "no row came back"))
}

/// Newest first, before this one.
pub async fn list(store: &Store, scope: &Scope, before: Option<InvitationId>, limit: i64) -> Result<Vec<Invitation>> {
    let before = before.map(|id| id.0);
    store
        .read(scope, sql!("invitation/list"), &[&scope.org.0, &before, &limit])
        .await
}

/// The invitation of this address that nobody has accepted, locked.
pub async fn lock_email(tx: &mut Tx, scope: &Scope, email: &str) -> Result<Option<Invitation>> {
    tx.row(sql!("invitation/lock_email"), &[&scope.org.0, &email]).await
}

/// The open invitation that has gone away.
pub async fn revoke(tx: &mut Tx, scope: &Scope, id: InvitationId) -> Result<Option<Invitation>> {
    tx.row(sql!("invitation/revoke"), &[&scope.org.0, &id.0]).await
}

/// Revokes what this actor has invited and nobody has accepted.
pub async fn revoke_by(tx: &mut Tx, scope: &Scope, actor_id: &str) -> Result<usize> {
    tx.count(sql!("invitation/revoke_by"), &[&scope.org.0, &actor_id]).await
}

/// The open invitation that the secret stands for.
pub async fn open(store: &Store, scope: &Scope, token_hash: &[u8]) -> Result<Option<Invitation>> {
    let found = store
        .once(scope, sql!("invitation/open"), &[&scope.org.0, &token_hash])
        .await;
    Ok(known(found)?.and_then(|rows: Vec<Invitation>| rows.into_iter().next()))
}

/// Uses the secret up. A second user of it waits for the first one, and finds nothing.
pub async fn accept(tx: &mut Tx, scope: &Scope, token_hash: &[u8]) -> Result<Option<Invitation>> {
    tx.row(sql!("invitation/accept"), &[&scope.org.0, &token_hash]).await
}

/// Replaces the secret of an open invitation.
pub async fn renew(tx: &mut Tx, scope: &Scope, id: InvitationId, token_hash: &[u8]) -> Result<Option<Invitation>> {
    tx.row(sql!("invitation/renew"), &[&scope.org.0, &id.0, &token_hash])
        .await
}

row! {
    struct OwedRow {
        org_id: Uuid,
        invitation_id: Uuid,
    }
}

/// Invitations of a cell that have waited for their mail for this long: their sender was interrupted. At most 100.
pub async fn owed(tx: &mut SystemTx, age_secs: f64) -> Result<Vec<(OrgId, InvitationId)>> {
    let rows: Vec<OwedRow> = tx.rows(sql!("invitation/owed"), &[&age_secs]).await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrgId(row.org_id), InvitationId(row.invitation_id)))
        .collect())
}

/// The mail is in the outbox.
pub async fn mailed(tx: &mut Tx, scope: &Scope, id: InvitationId) -> Result<usize> {
    tx.count(sql!("invitation/mailed"), &[&scope.org.0, &id.0]).await
}
