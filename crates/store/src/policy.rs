//! Policies of orgs, their versions, and what they and the product's roles were compiled to.

use jiff::Timestamp;
use plinth_model::id::{OrgId, PolicyId};
use plinth_model::{Actor, Scope};
use serde_json::Value;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::row::{FromRow, actor, column, row};
use crate::sql;
use crate::tx::{SystemTx, Tx};

/// A policy of an org.
#[derive(Debug, Clone)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    pub description: String,
    /// Cedar.
    pub text: String,
    pub version: i64,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub updated_by: Actor,
    pub updated_at: Timestamp,
}

impl FromRow for Policy {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            id: PolicyId(column(row, "id")?),
            name: column(row, "name")?,
            description: column(row, "description")?,
            text: column(row, "text")?,
            version: column(row, "version")?,
            created_by: actor(column(row, "created_by")?)?,
            created_at: column(row, "created_at")?,
            updated_by: actor(column(row, "updated_by")?)?,
            updated_at: column(row, "updated_at")?,
        })
    }
}

/// What a policy said from some moment on.
#[derive(Debug, Clone)]
pub struct Version {
    pub version: i64,
    pub name: String,
    pub description: String,
    /// `None` for the version that deleted the policy.
    pub text: Option<String>,
    pub changed_by: Actor,
    pub changed_at: Timestamp,
}

impl FromRow for Version {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            version: column(row, "version")?,
            name: column(row, "name")?,
            description: column(row, "description")?,
            text: column(row, "text")?,
            changed_by: actor(column(row, "changed_by")?)?,
            changed_at: column(row, "changed_at")?,
        })
    }
}

row! {
    /// Which version of a policy is in force.
    #[derive(PartialEq, Eq)]
    pub struct Head {
        pub id: Uuid,
        pub version: i64,
    }
}

row! {
    /// A policy as far as a decision needs it.
    pub struct Text {
        pub id: Uuid,
        pub version: i64,
        pub name: String,
        pub text: String,
    }
}

row! {
    /// A policy of any org.
    pub struct OrgText {
        pub org_id: Uuid,
        pub id: Uuid,
        pub version: i64,
        pub name: String,
        pub text: String,
    }
}

/// What a policy is to say.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    pub name: &'a str,
    pub description: &'a str,
    /// Cedar.
    pub text: &'a str,
}

fn by(scope: &Scope) -> Value {
    serde_json::to_value(&scope.actor).unwrap_or_default()
}

/// # Errors
/// [`StoreError`]: `Taken` (`policies_name`), or the database is gone; so for the functions that follow.
pub async fn create(tx: &mut Tx, scope: &Scope, id: PolicyId, wording: Wording<'_>) -> Result<Policy> {
    make(tx, sql!("policy/create"), scope, (id, wording)).await
}

/// Makes a deleted policy anew: its next version.
pub async fn restore(tx: &mut Tx, scope: &Scope, id: PolicyId, wording: Wording<'_>) -> Result<Policy> {
    make(tx, sql!("policy/restore"), scope, (id, wording)).await
}

async fn make(tx: &mut Tx, statement: &str, scope: &Scope, (id, wording): (PolicyId, Wording<'_>)) -> Result<Policy> {
    let Wording {
        name,
        description,
        text,
    } = wording;
    let params: [&(dyn ToSql + Sync); 6] = [&scope.org.0, &id.0, &name, &description, &text, &by(scope)];
    let made = tx.row(statement, &params).await?;
    made.ok_or_else(|| StoreError::internal("policy", "no row came back"))
}

pub async fn update(tx: &mut Tx, scope: &Scope, id: PolicyId, wording: Wording<'_>) -> Result<Option<Policy>> {
    let Wording {
        name,
        description,
        text,
    } = wording;
    let params: [&(dyn ToSql + Sync); 6] = [&scope.org.0, &id.0, &name, &description, &text, &by(scope)];
    tx.row(sql!("policy/update"), &params).await
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: PolicyId) -> Result<Option<Policy>> {
    tx.row(sql!("policy/delete"), &[&scope.org.0, &id.0, &by(scope)]).await
}

pub async fn get(store: &Store, scope: &Scope, id: PolicyId) -> Result<Option<Policy>> {
    let rows = store.read(scope, sql!("policy/get"), &[&scope.org.0, &id.0]).await?;
    Ok(rows.into_iter().next())
}

/// The policy, held until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: PolicyId) -> Result<Option<Policy>> {
    tx.row(sql!("policy/lock"), &[&scope.org.0, &id.0]).await
}

/// By name, after this one.
pub async fn list(store: &Store, scope: &Scope, after: Option<&str>, limit: i64) -> Result<Vec<Policy>> {
    store
        .read(scope, sql!("policy/list"), &[&scope.org.0, &after, &limit])
        .await
}

/// Newest first, before this one; those of a deleted policy, too.
pub async fn versions(
    store: &Store,
    scope: &Scope,
    id: PolicyId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Version>> {
    store
        .once(scope, sql!("policy/versions"), &[&scope.org.0, &id.0, &before, &limit])
        .await
}

pub async fn heads(store: &Store, scope: &Scope) -> Result<Vec<Head>> {
    store.once(scope, sql!("policy/heads"), &[&scope.org.0]).await
}

/// How many policies the org has.
pub async fn count(tx: &mut Tx, scope: &Scope) -> Result<usize> {
    tx.count(sql!("policy/heads"), &[&scope.org.0]).await
}

pub async fn texts(store: &Store, scope: &Scope) -> Result<Vec<Text>> {
    store.once(scope, sql!("policy/texts"), &[&scope.org.0]).await
}

/// One row of a compiled policy: `ClassRow` of crates/policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledRow {
    pub class: String,
    pub permits: bool,
    pub principal_kind: Option<String>,
    pub within: Option<String>,
    pub predicate: String,
    /// A property without which the predicate is true of no row, for looking rows up.
    pub requires_property: Option<String>,
    /// Its value: this text, or what the principal's attribute of this name says.
    pub requires_text: Option<String>,
    pub requires_attribute: Option<String>,
}

/// Holds the product off until the transaction ends; its revision.
pub async fn hold_product(tx: &mut Tx) -> Result<i64> {
    tx.count(sql!("policy/hold_product"), &[]).await?;
    let found: Option<Revision> = tx.row(sql!("policy/product_revision"), &[]).await?;
    Ok(found.map_or(0, |found| found.revision))
}

row! {
    struct Revision {
        revision: i64,
    }
}

row! {
    /// A class of actions, and the length of all predicates that are joined for it.
    pub struct ClassSize {
        pub class: String,
        pub bytes: i64,
    }
}

/// The class with the longest predicates of the org.
pub async fn largest_class(tx: &mut Tx, scope: &Scope) -> Result<ClassSize> {
    let found = tx.row(sql!("policy/largest_class"), &[&scope.org.0]).await?;
    found.ok_or_else(|| StoreError::internal("policy", "no row came back"))
}

/// Puts the rows in the place of those that the policy had.
pub async fn compile(tx: &mut Tx, scope: &Scope, id: PolicyId, rows: &[CompiledRow]) -> Result<()> {
    tx.count(sql!("policy/clear_rows"), &[&scope.org.0, &id.0]).await?;
    let columns = Columns::of(rows.iter().map(|row| (scope.org, id, row)));
    tx.count(sql!("policy/add_rows"), &columns.params()).await?;
    Ok(())
}

/// Policies of all orgs, 500 a call, in the order of org and id.
pub async fn all_texts(tx: &mut SystemTx, after: Option<(Uuid, Uuid)>) -> Result<Vec<OrgText>> {
    let (org, id) = after.unzip();
    tx.rows(sql!("policy/all_texts"), &[&org, &id]).await
}

/// Puts the rows in the place of those of all policies of all orgs.
pub async fn compile_all(tx: &mut SystemTx, rows: &[(OrgId, PolicyId, &[CompiledRow])]) -> Result<()> {
    tx.count(sql!("policy/clear_all_rows"), &[]).await?;
    let flat = rows
        .iter()
        .flat_map(|(org, id, rows)| rows.iter().map(|row| (*org, *id, row)));
    let columns = Columns::of(flat);
    tx.count(sql!("policy/add_rows"), &columns.params()).await?;
    Ok(())
}

row! {
    struct Compiler {
        fingerprint: String,
    }
}

/// By what the policies of the cell were compiled. `None` before the first time.
pub async fn compiler(tx: &mut SystemTx) -> Result<Option<String>> {
    let found: Option<Compiler> = tx.row(sql!("policy/compiler"), &[]).await?;
    Ok(found.map(|found| found.fingerprint))
}

/// Notes by what all policies of the cell are compiled now.
pub async fn set_compiler(tx: &mut SystemTx, fingerprint: &str) -> Result<()> {
    tx.count(sql!("policy/set_compiler"), &[&fingerprint]).await?;
    Ok(())
}

/// Puts these roles in the place of those of older revisions; whether the cell has none of a newer one.
pub async fn compile_roles(tx: &mut SystemTx, roles: &[(String, Vec<CompiledRow>)], revision: i64) -> Result<bool> {
    tx.count(sql!("policy/clear_roles"), &[&revision]).await?;
    let nobody = (OrgId(Uuid::nil()), PolicyId(Uuid::nil()));
    let flat = roles
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|row| (nobody.0, nobody.1, row)));
    let columns = Columns::of(flat);
    let names: Vec<&str> = roles
        .iter()
        .flat_map(|(role, rows)| rows.iter().map(|_| role.as_str()))
        .collect();
    let params: [&(dyn ToSql + Sync); 11] = [
        &columns.classes,
        &names,
        &columns.numbers,
        &columns.permits,
        &columns.principal_kinds,
        &columns.within,
        &columns.predicates,
        &columns.properties,
        &columns.texts,
        &columns.attributes,
        &revision,
    ];
    Ok(tx.count(sql!("policy/add_roles"), &params).await? > 0)
}

/// Rows turned on their side, as `unnest` wants them.
#[derive(Default)]
struct Columns<'a> {
    orgs: Vec<Uuid>,
    policies: Vec<Uuid>,
    classes: Vec<&'a str>,
    numbers: Vec<i32>,
    permits: Vec<bool>,
    principal_kinds: Vec<Option<&'a str>>,
    within: Vec<Option<&'a str>>,
    predicates: Vec<&'a str>,
    properties: Vec<Option<&'a str>>,
    texts: Vec<Option<&'a str>>,
    attributes: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(rows: impl Iterator<Item = (OrgId, PolicyId, &'a CompiledRow)>) -> Self {
        let mut columns = Self::default();
        for (number, (org, policy, row)) in (0..).zip(rows) {
            columns.orgs.push(org.0);
            columns.policies.push(policy.0);
            columns.classes.push(&row.class);
            columns.numbers.push(number);
            columns.permits.push(row.permits);
            columns.principal_kinds.push(row.principal_kind.as_deref());
            columns.within.push(row.within.as_deref());
            columns.predicates.push(&row.predicate);
            columns.properties.push(row.requires_property.as_deref());
            columns.texts.push(row.requires_text.as_deref());
            columns.attributes.push(row.requires_attribute.as_deref());
        }
        columns
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 11] {
        [
            &self.orgs,
            &self.policies,
            &self.classes,
            &self.numbers,
            &self.permits,
            &self.principal_kinds,
            &self.within,
            &self.predicates,
            &self.properties,
            &self.texts,
            &self.attributes,
        ]
    }
}
