//! SQL access: logins of service accounts to the database of their org's cell. Shown once; the database server checks
//! passwords, and row-level security what a login sees.

use std::time::Duration;

use plinth_model::id::{ServiceAccountId, SqlLoginId};
use plinth_model::permission::Kind;
use plinth_model::product::SQL_LOGINS;
use plinth_store::config::{CellName, Endpoint};
use plinth_store::sql_login as store;

use super::credential::{NewToken, Sieve, account_of, check, require_ending, require_making, seal, unseal, view};
use super::get;
use crate::bill::published;
use crate::error::{Code, ControlError, Result};
use crate::idempotency::{self, Key};
use crate::org::require_verified;
use crate::page::{Page, PageRequest};
use crate::{Caller, Control, token};

/// Most logins of an org at a time whose plan says nothing of them: each may have three sessions, and connections of a
/// database server are few.
const USUAL_LOGINS: usize = 10;

/// How often it is looked whether a SQL session is in the way.
const LOOK: Duration = Duration::from_secs(2);

pub use plinth_store::sql_login::SqlLogin;

/// A login together with its password, which is not kept.
pub struct Opened {
    pub login: SqlLogin,
    pub password: String,
    /// Where to log in.
    pub endpoint: Endpoint,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// Makes a login of the account, which may do by SQL what the account may do.
///
/// # Errors
/// `forbidden`, `email_not_verified`, `not_found`, `validation_failed`, `quota_exceeded`, and `conflict` when the database
/// server has no room.
pub async fn open(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    new: &NewToken,
    key: Option<&Key>,
) -> Result<Opened> {
    caller.require_some(Kind::Tokens, "create")?;
    let lifetime_secs = check(new)?;
    require_verified(control, caller).await?;
    let scope = &caller.scope;
    let endpoint = control.store().endpoint(scope.org).await?;
    let mut tx = control.store().begin(scope).await?;
    if let Some(kept) = idempotency::replay(key, &mut tx, scope).await? {
        let (login, password) = unseal(control, &mut tx, caller, kept, |login: &SqlLogin| login.id.0).await?;
        return Ok(Opened {
            login,
            password,
            endpoint,
        });
    }
    let found = account_of(&mut tx, caller, account).await?;
    require_making(caller, &found, new.name.trim())?;
    let room = store::room(&mut tx, scope).await?;
    require_quota(control, &room, store::count(&mut tx, scope).await?)?;
    if room.keeps_transactions {
        let detail = "the database server keeps prepared transactions, which outlive a login that is revoked: its operator \
                      has to set `max_prepared_transactions` to 0 first";
        return Err(ControlError::new(Code::Conflict, detail));
    }
    if !room.has_room {
        let detail =
            "the database server has no connections for another SQL login: revoke one, or ask its operator for more";
        return Err(ControlError::new(Code::Conflict, detail));
    }
    let password = token::secret();
    let login = store::NewSqlLogin {
        account,
        name: new.name.trim(),
        password: &password,
        expires_in_secs: f64::from(lifetime_secs),
    };
    let login = store::create(&mut tx, scope, &login).await?;
    if key.is_some() {
        let kept = seal(control, &mut tx, caller, (login.id.0, login.clone(), &password)).await?;
        idempotency::keep(key, &mut tx, scope, &kept).await?;
    }
    tx.commit().await?;
    // Housekeeping does it again and again; the first look should find it done.
    if let Err(error) = published::org_now(control, scope.org).await {
        tracing::warn!(error = %error, cause = ?error.cause, org = %scope.org, "cannot write the bill down");
    }
    Ok(Opened {
        login,
        password,
        endpoint,
    })
}

fn require_quota(control: &Control, room: &store::Room, used: usize) -> Result<()> {
    let own = room.quota.map(|quota| usize::try_from(quota).unwrap_or(0));
    let most = own
        .or_else(|| control.catalog().quota(&room.plan, SQL_LOGINS))
        .unwrap_or(USUAL_LOGINS);
    if used < most {
        return Ok(());
    }
    let detail = match most {
        0 => format!(
            "the plan `{}` has no SQL logins: ask the operator for another plan",
            room.plan
        ),
        _ => {
            format!("quota of {most} SQL logins at a time reached: revoke one, or ask the operator for a larger quota")
        }
    };
    Err(ControlError::new(Code::QuotaExceeded, detail))
}

/// Newest first, with those that are revoked or have run out.
///
/// # Errors
/// `forbidden`, `not_found`, `invalid_request`, `invalid_cursor`.
pub async fn logins(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    request: &PageRequest,
) -> Result<Page<SqlLogin>> {
    let mut before = request.position()?;
    get(control, caller, account).await?;
    caller.require_some(Kind::Tokens, "view")?;
    let is_seen = |row: &SqlLogin| {
        let view = || view(caller, account, &row.id.to_string(), &row.name);
        caller.permits(Kind::Tokens, "view", view)
    };
    let mut sieve = Sieve::of(request)?;
    loop {
        let rows = store::list(control.store(), &caller.scope, account, before, sieve.limit).await?;
        before = rows.last().map(|row| row.id);
        if sieve.take(rows, is_seen) {
            return request.page(sieve.items, |row| row.id);
        }
    }
}

/// Ends a login and its sessions at once.
///
/// # Errors
/// `forbidden`, `not_found`, `idempotency_key_reused`.
pub async fn close(
    control: &Control,
    caller: &Caller,
    account: ServiceAccountId,
    login: SqlLoginId,
    key: Option<&Key>,
) -> Result<()> {
    caller.require_some(Kind::Tokens, "delete")?;
    let scope = &caller.scope;
    let mut tx = control.store().begin(scope).await?;
    if let Some(done) = idempotency::replay(key, &mut tx, scope).await? {
        return Ok(done);
    }
    account_of(&mut tx, caller, account).await?;
    let found = store::get(&mut tx, scope, account, login).await?;
    let named = found.as_ref().map(|found| (login.to_string(), found.name.as_str()));
    require_ending(caller, account, named, "SQL login")?;
    if !store::revoke(&mut tx, scope, account, login).await? {
        return Err(ControlError::not_found("SQL login"));
    }
    idempotency::keep(key, &mut tx, scope, &()).await?;
    tx.commit().await?;
    drop_ended(control, caller).await;
    Ok(())
}

/// Housekeeping does it, too: nobody can log in any more, and who could sees nothing.
pub(super) async fn drop_ended(control: &Control, caller: &Caller) {
    if let Err(error) = store::drop_ended_of(control.store(), &caller.scope).await {
        tracing::warn!(error = %error, org = %caller.scope.org, "the role of a SQL login is dropped later");
    }
}

/// Ends SQL sessions for which a server waits: what one of them holds in an open transaction is not to hold up the API, or
/// the product.
pub async fn make_way(control: Control, cell: CellName) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = control.shutdown().cancelled() => return,
        }
        match end_blocking(&control, &cell).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(ended, %cell, "ended SQL sessions that held up a server"),
            Err(error) => {
                tracing::warn!(error = %error, cause = ?error.cause, "cannot look for SQL sessions in the way")
            }
        }
    }
}

async fn end_blocking(control: &Control, cell: &CellName) -> Result<i64> {
    let mut tx = control.store().system(cell, "SQL sessions in the way").await?;
    let ended = store::end_blocking(&mut tx).await?;
    tx.commit().await?;
    Ok(ended)
}
