//! Work for reconcilers: claims, leases, reports.
//!
//! A claim hands out a token that is good for one resource and dies with the lease. Everything that the holder writes
//! stands in one transaction with a look at the lease, so that a holder that was overtaken writes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use plinth_model::id::{Id, OrgId};
use plinth_model::{Actor, RequestId, Resource, Scope, Signals};
use plinth_store::resource::{self as stored, Stored};
pub use plinth_store::work::Among;
use plinth_store::{Tx, work};
use serde_json::Value;

use crate::error::{Code, ControlError, Result};
use crate::product::TypeRules;
use crate::secret::Owner;
use crate::token::{self, TokenKind};
use crate::{Control, pointer, schema};

/// The holder of a lease token, before it is looked at.
#[derive(Debug, Clone)]
pub struct Holder {
    pub org: OrgId,
    pub token_hash: Vec<u8>,
    pub request_id: RequestId,
    pub signals: Signals,
}

/// What an agent asks for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Names the agent: the same over its life, another one after a restart.
    pub agent: String,
    pub types: Vec<String>,
    /// How many resources it can take.
    pub capacity: usize,
    /// Most resources of one org, counting those that it holds; deletions are given out beyond it.
    pub org_capacity: Option<usize>,
    pub among: Among,
    /// How long to wait for something to do.
    pub wait: Duration,
}

#[derive(Debug)]
pub struct Leased {
    pub token: String,
    pub epoch: i64,
    pub expires_at: Timestamp,
    pub attempts: i32,
    pub resource: Resource,
}

#[derive(Debug, Default)]
pub struct Claimed {
    pub items: Vec<Leased>,
    /// Resources that the agent holds already and that have a new generation.
    pub changed: Vec<Resource>,
}

/// # Errors
/// `validation_failed` when a type is unknown or not reconciled.
pub async fn claim(control: &Control, claim: &Claim) -> Result<Claimed> {
    check_types(control, claim)?;
    let deadline = tokio::time::Instant::now() + claim.wait;
    let mut grown = control.hub().any();
    loop {
        grown.mark_unchanged();
        let claimed = claim_once(control, claim).await?;
        if !claimed.items.is_empty() || !claimed.changed.is_empty() {
            return Ok(claimed);
        }
        // Items also become due by the clock, when a lease runs out or a retry comes up.
        let tick = (tokio::time::Instant::now() + Duration::from_secs(1)).min(deadline);
        tokio::select! {
            _ = grown.changed() => {}
            () = tokio::time::sleep_until(tick) => {}
            () = control.shutdown().cancelled() => return Ok(claimed),
        }
        if tokio::time::Instant::now() >= deadline {
            return Ok(claimed);
        }
    }
}

fn check_types(control: &Control, claim: &Claim) -> Result<()> {
    let catalog = control.catalog();
    let unknown = |name: &&String| !catalog.by_name(name).is_some_and(|rules| rules.declaration.reconciled);
    match claim.types.iter().find(unknown) {
        Some(name) => Err(ControlError::invalid_field(
            "/types",
            format!("`{name}` is not a reconciled type of the product"),
        )),
        None => Ok(()),
    }
}

async fn claim_once(control: &Control, claim: &Claim) -> Result<Claimed> {
    let mut claimed = Claimed::default();
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "claim work").await?;
        let room = claim.capacity.saturating_sub(claimed.items.len());
        // The org in a token is only known with its item: the secrets are made first, the tokens put together after.
        let secrets: Vec<String> = (0..room).map(|_| token::secret()).collect();
        let hashes: Vec<Vec<u8>> = secrets.iter().map(|secret| token::hash(secret)).collect();
        let lease_secs = control.config().lease_secs;
        let wanted = work::Wanted {
            types: &claim.types,
            agent: &claim.agent,
            among: claim.among,
            org_capacity: claim.org_capacity,
        };
        let leased = work::claim(&mut tx, &wanted, &hashes, lease_secs).await?;
        claimed.items.extend(leased.into_iter().filter_map(|item| {
            let token = token::with_secret(TokenKind::Lease, item.stored.resource.org, secrets.get(item.place)?);
            let work::Leased {
                stored,
                epoch,
                until,
                attempts,
                ..
            } = item;
            Some(Leased {
                token,
                epoch,
                expires_at: until,
                attempts,
                resource: stored.resource,
            })
        }));
        let changed = work::changed(&mut tx, &claim.types, &claim.agent).await?;
        claimed
            .changed
            .extend(changed.into_iter().map(|stored| stored.resource));
        tx.commit().await?;
    }
    Ok(claimed)
}

/// A transaction of the holder, with the lease looked at and held.
pub struct Fenced {
    pub tx: Tx,
    pub scope: Scope,
    pub lease: work::Lease,
}

impl std::fmt::Debug for Fenced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fenced")
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

fn lease_lost() -> ControlError {
    let detail = "this lease is over: another agent may hold the resource by now; stop working on it";
    ControlError::new(Code::LeaseLost, detail)
}

impl Holder {
    fn scope(&self, actor: Actor) -> Scope {
        Scope::new(actor, self.org, self.request_id.clone(), self.signals.clone())
    }

    /// # Errors
    /// `lease_lost`.
    pub async fn begin(&self, control: &Control) -> Result<Fenced> {
        // The worker's name is known only after the look at the lease: a first transaction finds it out.
        let probe = self.scope(Actor::system("look at a lease"));
        let mut tx = control.store().begin(&probe).await.map_err(unknown_org)?;
        let lease = work::fence(&mut tx, &probe, &self.token_hash)
            .await?
            .ok_or_else(lease_lost)?;
        tx.rollback().await?;
        let scope = self.scope(Actor::worker(&lease.type_name, Id(lease.resource_id), &lease.leased_by));
        let mut tx = control.store().begin(&scope).await?;
        // The resource first, then its item: a user's change takes them in this order, too.
        stored::lock(
            &mut tx,
            &scope,
            &lease.type_name,
            &stored::Key::Id(Id(lease.resource_id)),
        )
        .await?;
        let lease = work::fence(&mut tx, &scope, &self.token_hash)
            .await?
            .ok_or_else(lease_lost)?;
        Ok(Fenced { tx, scope, lease })
    }
}

/// A token whose org is in no cell was never handed out.
fn unknown_org(error: plinth_store::StoreError) -> ControlError {
    if error.kind == plinth_store::ErrorKind::Unavailable {
        error.into()
    } else {
        lease_lost()
    }
}

impl Fenced {
    fn id(&self) -> Id {
        Id(self.lease.resource_id)
    }

    async fn row(&mut self) -> Result<Stored> {
        let key = stored::Key::Id(self.id());
        let type_name = self.lease.type_name.clone();
        stored::get(&mut self.tx, &self.scope, &type_name, &key)
            .await?
            .ok_or_else(lease_lost)
    }
}

/// Does what a worker asks for; again when the database has broken it off in favour of somebody else. Nothing of another
/// one's is lost by that: a worker overwrites only what workers write, and the lease is looked at anew each time.
pub(crate) async fn settled<T, F: Future<Output = Result<T>>>(work: impl Fn() -> F) -> Result<T> {
    const ATTEMPTS: usize = 5;
    for _ in 1..ATTEMPTS {
        match work().await {
            Err(error) if error.is_contention() => tracing::debug!(%error, "a worker's write is repeated"),
            done => return done,
        }
    }
    work().await
}

/// The resource with everything that its reconciler needs.
#[derive(Debug)]
pub struct Assignment {
    /// With its secrets in `spec`.
    pub resource: Resource,
    /// JSON pointer of the field -> what it refers to, with its secrets.
    pub references: BTreeMap<String, Resource>,
    pub lease: work::Lease,
}

/// # Errors
/// `lease_lost`.
pub async fn assignment(control: &Control, holder: &Holder) -> Result<Assignment> {
    let mut fenced = holder.begin(control).await?;
    let row = fenced.row().await?;
    let resource = with_secrets(control, &mut fenced, row).await?;
    let id = fenced.id();
    let mut references = BTreeMap::new();
    for reference in stored::references(&mut fenced.tx, &fenced.scope, id).await? {
        let target = with_secrets(control, &mut fenced, reference.target).await?;
        references.insert(reference.pointer, target);
    }
    fenced.tx.commit().await?;
    Ok(Assignment {
        resource,
        references,
        lease: fenced.lease,
    })
}

async fn with_secrets(control: &Control, fenced: &mut Fenced, row: Stored) -> Result<Resource> {
    let Stored { mut resource, sealed } = row;
    let owner = Owner {
        org: resource.org,
        id: resource.id,
    };
    for (pointer, value) in control
        .keys()
        .open(&mut fenced.tx, &fenced.scope, owner, &sealed)
        .await?
    {
        pointer::put(&mut resource.spec, &pointer, value);
    }
    Ok(resource)
}

/// # Errors
/// `lease_lost`.
pub async fn renew(control: &Control, holder: &Holder) -> Result<work::Lease> {
    let scope = holder.scope(Actor::system("renew a lease"));
    let mut tx = control.store().begin(&scope).await.map_err(unknown_org)?;
    let lease_secs = control.config().lease_secs;
    let lease = work::renew(&mut tx, &scope, &holder.token_hash, lease_secs)
        .await?
        .ok_or_else(lease_lost)?;
    tx.commit().await?;
    Ok(lease)
}

/// # Errors
/// `lease_lost`, `validation_failed` when the status does not fit the type's schema.
pub async fn report(control: &Control, holder: &Holder, observed_generation: i64, status: &Value) -> Result<()> {
    settled(|| try_report(control, holder, observed_generation, status)).await
}

async fn try_report(control: &Control, holder: &Holder, observed_generation: i64, status: &Value) -> Result<()> {
    let mut fenced = holder.begin(control).await?;
    let catalog = control.catalog();
    let rules = catalog.by_name(&fenced.lease.type_name).ok_or_else(lease_lost)?;
    check_status(rules, status)?;
    let id = fenced.id();
    stored::report(&mut fenced.tx, &fenced.scope, id, status, observed_generation).await?;
    work::observe(&mut fenced.tx, &fenced.scope, id, observed_generation).await?;
    fenced.tx.commit().await?;
    Ok(())
}

fn check_status(rules: &TypeRules, status: &Value) -> Result<()> {
    let errors = schema::errors(&rules.status, status, "/status", &[]);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ControlError::invalid(errors))
    }
}

/// How an agent leaves a resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Nothing to do until it changes.
    Done,
    /// To be looked at again, after so many seconds.
    Retry { after_secs: f64 },
}

/// # Errors
/// `lease_lost`.
pub async fn release(control: &Control, holder: &Holder, outcome: Outcome, observed_generation: i64) -> Result<()> {
    settled(|| try_release(control, holder, outcome, observed_generation)).await
}

async fn try_release(control: &Control, holder: &Holder, outcome: Outcome, observed_generation: i64) -> Result<()> {
    let mut fenced = holder.begin(control).await?;
    let retry = match outcome {
        Outcome::Done => None,
        Outcome::Retry { after_secs } => Some(after_secs),
    };
    work::release(
        &mut fenced.tx,
        &fenced.scope,
        &holder.token_hash,
        observed_generation,
        retry,
    )
    .await?;
    fenced.tx.commit().await?;
    Ok(())
}

/// The reconciler has torn down what a deleted resource stood for.
///
/// # Errors
/// `lease_lost`, `conflict` when the resource is not deleted.
pub async fn finalize(control: &Control, holder: &Holder) -> Result<()> {
    settled(|| try_finalize(control, holder)).await
}

async fn try_finalize(control: &Control, holder: &Holder) -> Result<()> {
    let mut fenced = holder.begin(control).await?;
    let id = fenced.id();
    if stored::finalize(&mut fenced.tx, &fenced.scope, id).await? == 0 {
        return Err(ControlError::new(
            Code::Conflict,
            "the resource is not deleted: there is nothing to finalize",
        ));
    }
    let generation = fenced.lease.generation;
    work::release(&mut fenced.tx, &fenced.scope, &holder.token_hash, generation, None).await?;
    fenced.tx.commit().await?;
    Ok(())
}
