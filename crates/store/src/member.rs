//! Memberships: which user is in an org, with which roles and attributes.

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::UserId;
use serde_json::Value;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{ErrorKind, Result, StoreError};
use crate::row::row;
use crate::sql;
use crate::tx::Tx;

row! {
    pub struct Member {
        pub user_id: Uuid,
        pub email: String,
        pub name: String,
        pub roles: Vec<String>,
        pub groups: Vec<String>,
        pub attributes: Value,
        pub created_at: Timestamp,
    }
}

row! {
    /// What policies ask about a member.
    pub struct Standing {
        pub roles: Vec<String>,
        pub groups: Vec<String>,
        pub attributes: Value,
    }
}

/// The user's standing in the scope's org; `None` for a stranger and for an org that is not there.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function of this module.
pub async fn standing(store: &Store, scope: &Scope, user: UserId) -> Result<Option<Standing>> {
    let found = store
        .once(scope, sql!("member/standing"), &[&scope.org.0, &user.0])
        .await;
    Ok(known(found)?.and_then(|rows| rows.into_iter().next()))
}

/// An org that is in no cell has nothing: that is an answer here, not a failure.
pub(crate) fn known<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(StoreError {
            kind: ErrorKind::UnknownOrg,
            ..
        }) => Ok(None),
        other => other.map(Some),
    }
}

row! {
    struct Seen {
        id: Uuid,
    }
}

/// Those of these users who are members that the policies of the org let the actor see.
pub async fn seen(store: &Store, scope: &Scope, users: &[Uuid]) -> Result<Vec<UserId>> {
    let rows: Vec<Seen> = store.read(scope, sql!("member/seen"), &[&scope.org.0, &users]).await?;
    Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
}

pub async fn get(tx: &mut Tx, scope: &Scope, user: UserId) -> Result<Option<Member>> {
    tx.row(sql!("member/get"), &[&scope.org.0, &user.0]).await
}

pub async fn find_email(tx: &mut Tx, scope: &Scope, email: &str) -> Result<Option<Member>> {
    tx.row(sql!("member/find_email"), &[&scope.org.0, &email]).await
}

/// Members in the order in which they signed up, after this one.
pub async fn list(store: &Store, scope: &Scope, after: Option<UserId>, limit: i64) -> Result<Vec<Member>> {
    let after = after.map(|user| user.0);
    store
        .read(scope, sql!("member/list"), &[&scope.org.0, &after, &limit])
        .await
}

/// A user who joins.
#[derive(Debug)]
pub struct NewMember<'a> {
    pub user: UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub roles: &'a [String],
}

/// How many joined: 0 when the user is a member already.
pub async fn add(tx: &mut Tx, scope: &Scope, new: &NewMember<'_>) -> Result<usize> {
    tx.count(
        sql!("member/add"),
        &[&scope.org.0, &new.user.0, &new.email, &new.name, &new.roles],
    )
    .await
}

pub async fn update(tx: &mut Tx, scope: &Scope, user: UserId, standing: &Standing) -> Result<Option<Member>> {
    let Standing {
        roles,
        groups,
        attributes,
    } = standing;
    tx.row(
        sql!("member/update"),
        &[&scope.org.0, &user.0, roles, groups, attributes],
    )
    .await
}

pub async fn remove(tx: &mut Tx, scope: &Scope, user: UserId) -> Result<usize> {
    tx.count(sql!("member/remove"), &[&scope.org.0, &user.0]).await
}

/// Whether the org has an owner beside this user.
pub async fn has_other_owner(tx: &mut Tx, scope: &Scope, user: UserId) -> Result<bool> {
    Ok(tx.count(sql!("member/other_owner"), &[&scope.org.0, &user.0]).await? > 0)
}
