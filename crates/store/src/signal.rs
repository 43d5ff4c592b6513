//! What makes requests unusual: signals of the principals of an org, with their risk, and what waits in the directory to
//! be told to orgs. What each weighs is said in `migrations/cell/V10__signals.sql`.

use std::net::IpAddr;

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::{SignalId, UserId};
use serde_json::Value;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::member::known;
use crate::row::row;
use crate::sql;
use crate::tx::{DirectoryTx, SystemTx};

row! {
    /// A signal, as the org keeps it.
    pub struct Signal {
        pub id: Uuid,
        /// Text of the id of a user or service account.
        pub principal: String,
        pub kind: String,
        /// `address`, `network`, `country`, `device`, as far as they are known.
        pub detail: Value,
        pub weight: i32,
        pub at: Timestamp,
        pub counts_until: Timestamp,
    }
}

row! {
    /// What the signals of one kind add to the risk at this moment.
    pub struct Part {
        pub kind: String,
        pub points: i32,
        /// When the last of them ends.
        pub counts_until: Timestamp,
    }
}

row! {
    struct Risk {
        risk: i32,
    }
}

row! {
    /// Something about the logins of a user that their orgs have not been told yet.
    pub struct LoginSignal {
        pub id: Uuid,
        pub user_id: Uuid,
        pub kind: String,
        pub detail: Value,
        pub at: Timestamp,
    }
}

/// Takes note of where a principal asks from, with a signal when that is new; its risk with it, from 0 to 100.
///
/// # Errors
/// [`StoreError`] when a database is gone; so for each function of this module.
pub async fn note_use(
    store: &Store,
    scope: &Scope,
    principal: &str,
    address: Option<IpAddr>,
    country: Option<&str>,
) -> Result<i32> {
    let found = store
        .once(scope, sql!("signal/note_use"), &[&principal, &address, &country])
        .await?;
    let risk = found.into_iter().next().map(|Risk { risk }| risk);
    risk.ok_or_else(|| StoreError::internal("note_use", "no row came back"))
}

/// What the risk of a principal is made of, the most first.
pub async fn parts(store: &Store, scope: &Scope, principal: &str) -> Result<Vec<Part>> {
    store
        .once(scope, sql!("signal/parts"), &[&scope.org.0, &principal])
        .await
}

/// Newest first, before this one; of one principal when it is given.
pub async fn list(
    store: &Store,
    scope: &Scope,
    principal: Option<&str>,
    before: Option<(Timestamp, SignalId)>,
    limit: i64,
) -> Result<Vec<Signal>> {
    let (at, id) = before.map(|(at, id)| (at, id.0)).unzip();
    store
        .once(
            scope,
            sql!("signal/list"),
            &[&scope.org.0, &principal, &at, &id, &limit],
        )
        .await
}

/// Tells the scope's org about the logins of a user, if it is a member; twice is as good as once.
pub async fn add(store: &Store, scope: &Scope, user: UserId, signals: &[&LoginSignal]) -> Result<()> {
    let ids: Vec<Uuid> = signals.iter().map(|signal| signal.id).collect();
    let kinds: Vec<&str> = signals.iter().map(|signal| signal.kind.as_str()).collect();
    let details: Vec<&Value> = signals.iter().map(|signal| &signal.detail).collect();
    let times: Vec<Timestamp> = signals.iter().map(|signal| signal.at).collect();
    let params: [&(dyn ToSql + Sync); 7] = [&scope.org.0, &user.to_string(), &user.0, &ids, &kinds, &details, &times];
    let added = async {
        let mut tx = store.begin(scope).await?;
        tx.count(sql!("signal/add"), &params).await?;
        tx.commit().await
    };
    // An org that has gone meanwhile has nobody to tell.
    known(added.await).map(drop)
}

/// Takes note of the networks of SQL sessions, with a signal for each that is new.
pub async fn note_sql(tx: &mut SystemTx) -> Result<usize> {
    tx.count(sql!("signal/note_sql"), &[]).await
}

/// How many signals and places were older than 90 days and are gone.
pub async fn forget(tx: &mut SystemTx) -> Result<usize> {
    let places = tx.count(sql!("signal/forget_places"), &[]).await?;
    Ok(places + tx.count(sql!("signal/forget"), &[]).await?)
}

/// Whether the user, who has logged in before, has never done so with this device lately: then a signal waits for the orgs.
pub async fn note_device(tx: &mut DirectoryTx, user: UserId, device: &str, detail: &Value) -> Result<bool> {
    let params: [&(dyn ToSql + Sync); 4] = [&user.0, &device, &SignalId::generate().0, detail];
    Ok(tx.count(sql!("directory/login_signal/note_device"), &params).await? > 0)
}

/// A wrong password for a user's account.
#[derive(Debug, Clone)]
pub struct FailedLogin {
    pub id: SignalId,
    pub user: UserId,
    pub detail: Value,
    pub at: Timestamp,
}

/// Lets failed logins wait for the orgs.
pub async fn add_failed(tx: &mut DirectoryTx, failed: &[FailedLogin]) -> Result<usize> {
    let ids: Vec<Uuid> = failed.iter().map(|one| one.id.0).collect();
    let users: Vec<Uuid> = failed.iter().map(|one| one.user.0).collect();
    let details: Vec<&Value> = failed.iter().map(|one| &one.detail).collect();
    let times: Vec<Timestamp> = failed.iter().map(|one| one.at).collect();
    tx.count(sql!("directory/login_signal/add"), &[&ids, &users, &details, &times])
        .await
}

/// What waits, oldest first; of one user when it is given. 500 at most.
pub async fn waiting(tx: &mut DirectoryTx, user: Option<UserId>) -> Result<Vec<LoginSignal>> {
    let user = user.map(|user| user.0);
    tx.rows(sql!("directory/login_signal/waiting"), &[&user]).await
}

/// These need not be told any more.
pub async fn told(tx: &mut DirectoryTx, ids: &[Uuid]) -> Result<usize> {
    tx.count(sql!("directory/login_signal/told"), &[&ids]).await
}

/// Drops devices of 90 days ago, and signals that nobody could be told for a day.
pub async fn forget_logins(tx: &mut DirectoryTx) -> Result<usize> {
    let devices = tx.count(sql!("directory/login_signal/forget_devices"), &[]).await?;
    Ok(devices + tx.count(sql!("directory/login_signal/forget"), &[]).await?)
}
