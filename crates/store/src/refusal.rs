//! What policies have refused, hour by hour, for some days.

use jiff::Timestamp;
use plinth_model::Scope;
use serde_json::Value;
use tokio_postgres::types::ToSql;

use crate::cell::Store;
use crate::error::Result;
use crate::row::row;
use crate::sql;
use crate::tx::SystemTx;

row! {
    /// The same request of the same principal, refused within one hour.
    pub struct Refused {
        /// Text of the id of a user or service account.
        pub principal: String,
        pub action: String,
        /// Id or name of what it was about; empty for what does not exist yet, and for the kind as a whole.
        pub subject: String,
        pub principal_name: String,
        pub view: Option<Value>,
        pub context: Value,
        pub count: i64,
        pub last_at: Timestamp,
    }
}

/// Adds up what was refused in the scope's org; no two of the same principal, action, subject and hour.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone, or the org is; so for the functions that follow.
pub async fn note(store: &Store, scope: &Scope, refused: &[Refused]) -> Result<()> {
    let texts = |of: fn(&Refused) -> &String| -> Vec<&String> { refused.iter().map(of).collect() };
    let views: Vec<Option<&Value>> = refused.iter().map(|one| one.view.as_ref()).collect();
    let contexts: Vec<&Value> = refused.iter().map(|one| &one.context).collect();
    let counts: Vec<i64> = refused.iter().map(|one| one.count).collect();
    let times: Vec<Timestamp> = refused.iter().map(|one| one.last_at).collect();
    let (principals, actions) = (texts(|one| &one.principal), texts(|one| &one.action));
    let (subjects, names) = (texts(|one| &one.subject), texts(|one| &one.principal_name));
    let params: [&(dyn ToSql + Sync); 9] = [
        &scope.org.0,
        &principals,
        &actions,
        &subjects,
        &names,
        &views,
        &contexts,
        &counts,
        &times,
    ];
    let mut tx = store.begin(scope).await?;
    tx.count(sql!("refusal/note"), &params).await?;
    tx.commit().await
}

/// Newest first.
pub async fn newest(store: &Store, scope: &Scope, since: Timestamp, limit: i64) -> Result<Vec<Refused>> {
    store
        .once(scope, sql!("refusal/newest"), &[&scope.org.0, &since, &limit])
        .await
}

/// Where a refusal stands in the list: when it was last, of which principal, action and subject.
pub type Place = (Timestamp, String, String, String);

/// Each once, with how often it was in all hours since then; newest first, after a place.
pub async fn list(
    store: &Store,
    scope: &Scope,
    since: Timestamp,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Refused>> {
    let at = after.map(|(at, ..)| at);
    let principal = after.map(|(_, principal, ..)| principal);
    let action = after.map(|(_, _, action, _)| action);
    let subject = after.map(|(.., subject)| subject);
    let params: [&(dyn ToSql + Sync); 7] = [&scope.org.0, &since, &at, &principal, &action, &subject, &limit];
    store.once(scope, sql!("refusal/list"), &params).await
}

/// How many were older than a week and are gone.
pub async fn forget(tx: &mut SystemTx) -> Result<usize> {
    tx.count(sql!("refusal/forget"), &[]).await
}
