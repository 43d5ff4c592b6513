//! What the policies of an org say, ready to be asked: the product's roles together with the org's own policies.
//!
//! The database decides about rows by itself, at each statement. What is here says beforehand whether something could be
//! permitted at all, decides about what is no row of a guarded table, and gives the reasons. It is made once for an org
//! and used until a policy changes: the database calls that out, and every few seconds the versions are looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use moka::future::Cache;
use plinth_model::id::{OrgId, PolicyId};
use plinth_model::{Role, Scope};
use plinth_policy::{ClassRow, Decider, Effect, Finding, Policy, Row, Vocabulary, Wanted, by_class, compile};
use plinth_store::policy::{self as stored, CompiledRow, Head, Text};
use tokio::sync::Semaphore;

use crate::Control;
use crate::error::{ControlError, Result};
use crate::recent::Recent;

/// The policies that hold in an org.
#[derive(Debug)]
pub struct Access {
    pub(crate) decider: Decider,
    /// What each policy was compiled to, by its name.
    rows: BTreeMap<String, Vec<Row>>,
    /// Those that are the org's own, by their names; the others are the product's roles.
    ids: BTreeMap<String, PolicyId>,
}

/// How far an action is open to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing permits it.
    Nothing,
    /// It depends on what it is done to, or on the circumstances.
    Depends,
    Everything,
}

impl Access {
    pub(crate) fn new(
        vocabulary: &Arc<Vocabulary>,
        policies: Vec<(String, Policy)>,
    ) -> std::result::Result<Self, String> {
        let mut rows = BTreeMap::new();
        for (name, policy) in &policies {
            rows.insert(name.clone(), rows_of(name, policy, vocabulary)?);
        }
        Ok(Self {
            decider: Decider::new(Arc::clone(vocabulary), policies),
            rows,
            ids: BTreeMap::new(),
        })
    }

    /// The id of a policy of the org's own.
    pub(crate) fn id_of(&self, policy: &str) -> Option<PolicyId> {
        self.ids.get(policy).copied()
    }

    /// Whether this policy forbids the action, whomever, and another permits it, but for the role of owners.
    pub(crate) fn bounds(&self, policy: &str, action: &str) -> bool {
        let owners = format!("role {}", Role::Owner.as_str());
        let speaks = |rows: &[Row], effect| rows.iter().any(|row| row.effect == effect && row.is_for(action));
        let forbids = self.rows.get(policy).is_some_and(|rows| speaks(rows, Effect::Forbid));
        let mut others = self.rows.iter().filter(|(name, _)| **name != owners);
        forbids && others.any(|(_, rows)| speaks(rows, Effect::Permit))
    }

    /// The policies that forbid the action whatever it is done to: no permit helps against them.
    pub(crate) fn forbidding<'a>(
        &'a self,
        (kind, memberships): (&'a str, &'a [&'a str]),
        action: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let forbids = move |row: &Row| {
            row.effect == Effect::Forbid
                && row.predicate == plinth_policy::compile::ALWAYS
                && row.is_for(action)
                && row.takes(kind, memberships)
        };
        let forbidding = self.rows.iter().filter(move |(_, rows)| rows.iter().any(forbids));
        forbidding.map(|(name, _)| name.as_str())
    }

    /// The same policies but for this one: without the one of the name `out`, and with `add`.
    pub(crate) fn changed(
        &self,
        out: Option<&str>,
        add: Option<(String, Policy)>,
    ) -> std::result::Result<Self, String> {
        let mut rows = self.rows.clone();
        out.map(|name| rows.remove(name));
        if let Some((name, policy)) = &add {
            rows.insert(name.clone(), rows_of(name, policy, self.vocabulary())?);
        }
        Ok(Self {
            decider: self.decider.changed(out, add),
            rows,
            ids: self.ids.clone(),
        })
    }

    /// Whether a policy has anything to say to this principal about this action.
    pub(crate) fn concerns(&self, policy: &str, (kind, memberships): (&str, &[&str]), action: &str) -> bool {
        let mut rows = self.rows.get(policy).into_iter().flatten();
        rows.any(|row| row.is_for(action) && row.takes(kind, memberships))
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        self.decider.vocabulary()
    }

    /// How far the action is open to a principal that is of this entity type, and is or belongs to these.
    pub(crate) fn reach(&self, kind: &str, memberships: &[&str], action: &str) -> Reach {
        let mine = self.rows_for(kind, memberships, action);
        let (mut permits, mut always, mut forbids) = (false, false, false);
        for row in mine {
            let unconditional = row.predicate == plinth_policy::compile::ALWAYS;
            match row.effect {
                Effect::Permit => {
                    permits = true;
                    always |= unconditional;
                }
                Effect::Forbid if unconditional => return Reach::Nothing,
                Effect::Forbid => forbids = true,
            }
        }
        match (permits, always && !forbids) {
            (false, _) => Reach::Nothing,
            (true, true) => Reach::Everything,
            (true, false) => Reach::Depends,
        }
    }

    /// Whether each row that the principal may do this to has a property that can be looked up.
    pub(crate) fn is_labelled(&self, (kind, memberships): (&str, &[&str]), action: &str) -> bool {
        let mut permits = self
            .rows_for(kind, memberships, action)
            .filter(|row| row.effect == Effect::Permit);
        permits.all(|row| row.requires.is_some())
    }

    fn rows_for<'a>(
        &'a self,
        kind: &'a str,
        memberships: &'a [&'a str],
        action: &'a str,
    ) -> impl Iterator<Item = &'a Row> {
        let rows = self.rows.values().flatten();
        rows.filter(move |row| row.is_for(action) && row.takes(kind, memberships))
    }
}

fn rows_of(name: &str, policy: &Policy, vocabulary: &Vocabulary) -> std::result::Result<Vec<Row>, String> {
    compile(policy, vocabulary).map_err(|refusals| {
        let first = refusals.first().map(|refusal| refusal.why.clone()).unwrap_or_default();
        format!("`{name}`: {first}")
    })
}

/// A policy as the database wants it.
pub(crate) fn compiled(rows: &[Row], vocabulary: &Vocabulary) -> Vec<CompiledRow> {
    let row = |row: ClassRow| {
        let (property, value) = row.requires.map(|requires| (requires.property, requires.value)).unzip();
        let (text, attribute) = match value {
            Some(Wanted::Text(text)) => (Some(text), None),
            Some(Wanted::Attribute(name)) => (None, Some(name)),
            None => (None, None),
        };
        CompiledRow {
            class: row.class,
            permits: row.effect == Effect::Permit,
            principal_kind: row.principal_kind,
            within: row.within,
            predicate: row.predicate,
            requires_property: property,
            requires_text: text,
            requires_attribute: attribute,
        }
    };
    by_class(rows, vocabulary).into_iter().map(row).collect()
}

/// The first thing that is wrong with a policy, in one line.
pub(crate) fn in_short(findings: &[Finding]) -> String {
    let first = findings.first();
    first.map_or_else(String::new, |finding| {
        format!("line {}, column {}: {}", finding.line, finding.column, finding.message)
    })
}

/// The policies of the orgs that have asked lately.
#[derive(Debug)]
pub struct Accesses {
    recent: Recent<OrgId, Arc<Access>>,
    /// What was made, and of which product and which versions: it is made anew only when they differ.
    made: Cache<OrgId, Made>,
    /// Of those who compare policies, which takes a processor each.
    pub(crate) turns: Semaphore,
}

/// Most comparisons of policies at once.
const MOST_COMPARING: usize = 2;

#[derive(Debug, Clone)]
struct Made {
    revision: i64,
    heads: Vec<Head>,
    access: Arc<Access>,
}

impl Default for Accesses {
    fn default() -> Self {
        Self {
            recent: Recent::default(),
            made: Cache::new(10_000),
            turns: Semaphore::new(MOST_COMPARING),
        }
    }
}

impl Accesses {
    /// The org's policies have changed.
    pub async fn forget(&self, org: OrgId) {
        self.recent.forget(org).await;
    }
}

/// What the policies of the scope's org say.
///
/// # Errors
/// `unavailable` when the database cannot be reached, `internal` when a policy that was accepted cannot be read any more.
pub(crate) async fn of_org(control: &Control, scope: &Scope) -> Result<Arc<Access>> {
    let catalog = control.catalog();
    let access = control.accesses().recent.get(scope.org, make(control, scope)).await?;
    let access = access.unwrap_or_else(|| Arc::clone(&catalog.access));
    if std::ptr::eq(access.vocabulary(), &raw const *catalog.vocabulary) {
        return Ok(access);
    }
    // The product has changed since.
    control.accesses().forget(scope.org).await;
    Ok(make(control, scope)
        .await?
        .unwrap_or_else(|| Arc::clone(&catalog.access)))
}

/// As [`of_org`], and as the database has it at this moment.
///
/// # Errors
/// As [`of_org`].
pub(crate) async fn of_org_now(control: &Control, scope: &Scope) -> Result<Arc<Access>> {
    let made = make(control, scope).await?;
    Ok(made.unwrap_or_else(|| Arc::clone(&control.catalog().access)))
}

async fn make(control: &Control, scope: &Scope) -> Result<Option<Arc<Access>>> {
    let catalog = control.catalog();
    let heads = stored::heads(control.store(), scope).await;
    let heads = match heads {
        Ok(heads) => heads,
        // Nobody is in an org that is not there; that is for the look at the membership to say.
        Err(error) if error.kind == plinth_store::ErrorKind::UnknownOrg => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if heads.is_empty() {
        return Ok(Some(Arc::clone(&catalog.access)));
    }
    let made = control.accesses().made.get(&scope.org).await;
    if let Some(made) = made.filter(|made| made.heads == heads && made.revision == catalog.revision) {
        return Ok(Some(made.access));
    }
    let texts = stored::texts(control.store(), scope).await?;
    let heads = texts.iter().map(|Text { id, version, .. }| Head {
        id: *id,
        version: *version,
    });
    let heads = heads.collect();
    let read = {
        let (roles, vocabulary) = (catalog.roles.clone(), Arc::clone(&catalog.vocabulary));
        tokio::task::spawn_blocking(move || read(roles, texts, &vocabulary))
    };
    let access = Arc::new(read.await.map_err(ControlError::internal)??);
    let made = Made {
        revision: catalog.revision,
        heads,
        access: Arc::clone(&access),
    };
    control.accesses().made.insert(scope.org, made).await;
    Ok(Some(access))
}

/// The roles and these policies.
fn read(mut policies: Vec<(String, Policy)>, texts: Vec<Text>, vocabulary: &Arc<Vocabulary>) -> Result<Access> {
    let mut ids = BTreeMap::new();
    for Text { id, name, text, .. } in texts {
        ids.insert(name.clone(), PolicyId(id));
        let policy = Policy::parse_accepted(&text)
            .map_err(|findings| ControlError::internal(format!("policy `{name}`: {}", in_short(&findings))))?;
        policies.push((name, policy));
    }
    let access = Access::new(vocabulary, policies).map_err(ControlError::internal)?;
    Ok(Access { ids, ..access })
}
