//! The product: checked as a whole, applied as a whole, and compiled once for all requests.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use jsonschema::Validator;
use plinth_model::product::MeterSource;
use plinth_model::{Product, ResourceType};
use plinth_rating::{CheckedPlan, Plan};
use plinth_store::resource::Deleted;
use plinth_store::{Store, SystemTx, product as stored};
use serde_json::{Value, json};

use crate::Control;
use crate::error::{Code, ControlError, FieldError, Offender, Result};
use crate::schema::{self, Mark};

mod check;
mod diff;

pub use diff::Change;

/// A revision of the product, ready for use.
#[derive(Debug)]
pub struct Catalog {
    pub revision: i64,
    pub product: Product,
    types: IndexMap<String, Arc<TypeRules>>,
    plans: IndexMap<String, CheckedPlan>,
}

/// A resource type with everything that its declaration implies.
#[derive(Debug)]
pub struct TypeRules {
    pub declaration: ResourceType,
    pub(crate) revision: i64,
    pub(crate) spec: Validator,
    pub(crate) status: Validator,
    /// What a resource shows until its reconciler reports: the `default` of the status schema.
    pub(crate) first_status: Value,
    pub(crate) secrets: Vec<Mark>,
    pub(crate) immutable: Vec<Mark>,
    pub(crate) references: Vec<Mark>,
    /// Meters that count each creation.
    pub(crate) created_meters: Vec<String>,
    /// `{plan: limit}` on live resources of the type.
    pub(crate) quotas: Value,
}

impl Catalog {
    /// Checks a document and compiles it.
    ///
    /// # Errors
    /// `validation_failed` with everything that is wrong with it.
    pub fn compile(revision: i64, product: Product) -> Result<Self> {
        let mut errors = check::names(&product);
        let mut types = IndexMap::new();
        for (at, declaration) in product.types.iter().enumerate() {
            match TypeRules::compile(revision, &product, declaration) {
                Ok(rules) => drop(types.insert(declaration.plural.clone(), Arc::new(rules))),
                Err(found) => errors.extend(found.into_iter().map(|error| below(format!("/types/{at}"), error))),
            }
        }
        let mut plans = IndexMap::new();
        for (at, document) in product.plans.iter().enumerate() {
            let checked =
                Plan::from_value(document.clone()).and_then(|plan| Ok((plan.name.clone(), plan.check(&product)?)));
            match checked {
                Ok((name, plan)) => drop(plans.insert(name, plan)),
                Err(found) => {
                    errors.extend(found.into_iter().map(|violation| {
                        FieldError::new(format!("/plans/{at}{}", violation.pointer), violation.message)
                    }))
                }
            }
        }
        if errors.is_empty() {
            Ok(Self {
                revision,
                product,
                types,
                plans,
            })
        } else {
            Err(ControlError::invalid(errors))
        }
    }

    /// # Errors
    /// `not_found` when the product has no such type.
    pub fn by_plural(&self, plural: &str) -> Result<&Arc<TypeRules>> {
        self.types
            .get(plural)
            .ok_or_else(|| ControlError::not_found("resource type"))
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<TypeRules>> {
        self.types.values().find(|rules| rules.declaration.name == name)
    }

    pub fn types(&self) -> impl Iterator<Item = &Arc<TypeRules>> {
        self.types.values()
    }

    pub fn plan(&self, name: &str) -> Option<&CheckedPlan> {
        self.plans.get(name)
    }

    /// The plan of a new org; `free` when the product sells none.
    pub fn default_plan(&self) -> &str {
        let named = self.product.product.default_plan.as_deref();
        named
            .or_else(|| self.plans.keys().next().map(String::as_str))
            .unwrap_or("free")
    }
}

fn below(prefix: String, error: FieldError) -> FieldError {
    FieldError {
        pointer: format!("{prefix}{}", error.pointer),
        ..error
    }
}

impl TypeRules {
    fn compile(
        revision: i64,
        product: &Product,
        declaration: &ResourceType,
    ) -> std::result::Result<Self, Vec<FieldError>> {
        let spec =
            schema::compile(&declaration.spec_schema).map_err(|error| vec![below("/spec_schema".into(), error)])?;
        let status =
            schema::compile(&declaration.status_schema).map_err(|error| vec![below("/status_schema".into(), error)])?;
        let mark = |keyword| schema::marked(&declaration.spec_schema, keyword);
        let rules = Self {
            revision,
            spec,
            first_status: first_status(&status, declaration)?,
            status,
            secrets: mark("x-plinth-secret"),
            immutable: mark("x-plinth-immutable"),
            references: mark("x-plinth-reference"),
            created_meters: created_meters(product, &declaration.name),
            quotas: quotas(product, &declaration.plural),
            declaration: declaration.clone(),
        };
        let errors = check::marks(product, &rules);
        if errors.is_empty() { Ok(rules) } else { Err(errors) }
    }

    /// JSON pointers into a spec of the secrets in it.
    pub(crate) fn secret_pointers(&self, spec: &Value) -> Vec<String> {
        self.secrets.iter().flat_map(|mark| mark.path.pointers(spec)).collect()
    }
}

/// The `default` of the status schema, which must be a status; an empty object when there is none.
fn first_status(schema: &Validator, declaration: &ResourceType) -> std::result::Result<Value, Vec<FieldError>> {
    let Some(first) = declaration.status_schema.get("default") else {
        return Ok(json!({}));
    };
    let errors = schema::errors(schema, first, "/status_schema/default", &[]);
    if errors.is_empty() {
        Ok(first.clone())
    } else {
        Err(errors)
    }
}

fn created_meters(product: &Product, type_name: &str) -> Vec<String> {
    let counts = |source: &MeterSource| matches!(source, MeterSource::Event { type_name: of, operation } if of == type_name && operation == "create");
    product
        .meters
        .iter()
        .filter(|meter| counts(&meter.source))
        .map(|meter| meter.name.clone())
        .collect()
}

fn quotas(product: &Product, plural: &str) -> Value {
    let limits = product.plans.iter().filter_map(|plan| {
        let limit = plan.get("quotas")?.get(plural)?.as_i64()?;
        Some((plan.get("name")?.as_str()?.to_owned(), json!(limit)))
    });
    Value::Object(limits.collect())
}

/// The product that was applied last; an empty one before the first.
pub(crate) async fn load(store: &Store) -> Result<Catalog> {
    let mut tx = store.directory().await?;
    match stored::current(&mut tx).await? {
        Some(current) => Catalog::compile(current.revision, current.product),
        None => Catalog::compile(0, Product::default()),
    }
}

/// Follows what other servers apply, and finishes a mirror that a crash interrupted.
pub async fn follow(control: Control) {
    let mut mirrored = -1;
    loop {
        if let Err(error) = refresh(&control, &mut mirrored).await {
            tracing::warn!(error = %error, cause = ?error.cause, "cannot follow the product");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
            () = control.shutdown().cancelled() => return,
        }
    }
}

/// Takes over what another server, or a request beside this one, has applied.
pub(crate) async fn catch_up(control: &Control) -> Result<()> {
    let newest = Arc::new(load(control.store()).await?);
    control.inner.catalog.rcu(|known| {
        if newest.revision > known.revision {
            Arc::clone(&newest)
        } else {
            Arc::clone(known)
        }
    });
    Ok(())
}

async fn refresh(control: &Control, mirrored: &mut i64) -> Result<()> {
    catch_up(control).await?;
    let catalog = control.catalog();
    let revision = catalog.revision;
    if *mirrored != revision && revision > 0 {
        for cell in control.store().cells() {
            let mut tx = control.store().system(cell, "mirror the product").await?;
            stored::mirror(&mut tx, &catalog.product, revision).await?;
            tx.commit().await?;
        }
        *mirrored = revision;
    }
    Ok(())
}

/// What applying did, or would do.
#[derive(Debug)]
pub struct Applied {
    pub revision: i64,
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Apply,
    DryRun,
}

/// Loads a product document, all or nothing.
///
/// # Errors
/// `validation_failed` when the document is wrong in itself, `conflict` with the offenders when resources that exist
/// do not fit it.
pub async fn apply(control: &Control, operator: &str, product: Product, mode: Mode) -> Result<Applied> {
    // What is wrong in itself, or the same as before, holds nobody up.
    let catalog = Catalog::compile(0, product)?;
    let current = load(control.store()).await?;
    let changes = diff::changes(&current.product, &catalog.product);
    if changes.is_empty() {
        return Ok(Applied {
            revision: current.revision,
            changes,
        });
    }
    // Writers of resources, and others who apply, wait from here to the commit, so that none slips in.
    let mut cells = Vec::new();
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "apply the product").await?;
        stored::freeze(&mut tx).await?;
        cells.push(tx);
    }
    let current = load(control.store()).await?;
    let changes = diff::changes(&current.product, &catalog.product);
    let mut offenders = Vec::new();
    for tx in &mut cells {
        offenders.extend(scan(tx, &current, &catalog).await?);
    }
    if !offenders.is_empty() {
        let detail = format!(
            "{} resources that exist do not fit the new product; change or delete them first",
            offenders.len()
        );
        return Err(ControlError::new(Code::Conflict, detail).with_offenders(offenders));
    }
    if mode == Mode::DryRun {
        return Ok(Applied {
            revision: current.revision,
            changes,
        });
    }
    let revision = commit(control, operator, &catalog, cells).await?;
    catch_up(control).await?;
    Ok(Applied { revision, changes })
}

async fn commit(control: &Control, operator: &str, catalog: &Catalog, cells: Vec<SystemTx>) -> Result<i64> {
    let mut directory = control.store().directory().await?;
    let recorded = stored::record(&mut directory, &catalog.product, operator).await?;
    directory.commit().await?;
    for mut tx in cells {
        stored::mirror(&mut tx, &catalog.product, recorded.revision).await?;
        tx.commit().await?;
    }
    Ok(recorded.revision)
}

/// Resources that the new product would not accept; at most 100.
async fn scan(tx: &mut SystemTx, current: &Catalog, next: &Catalog) -> Result<Vec<Offender>> {
    let mut offenders = Vec::new();
    for declared in current.types() {
        let rules = next.by_name(&declared.declaration.name);
        // Without its type nobody could finish what is being torn down.
        let orphaned = declared.declaration.reconciled && !rules.is_some_and(|next| next.declaration.reconciled);
        let unfinished = if orphaned { Deleted::With } else { Deleted::Without };
        let mut after = None;
        loop {
            let page = plinth_store::resource::scan_type(tx, &declared.declaration.name, unfinished, after).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.resource.org.0, last.resource.id.0));
            offenders.extend(
                page.iter()
                    .filter_map(|stored| check::offender(rules.map(Arc::as_ref), stored)),
            );
            if offenders.len() >= 100 {
                offenders.truncate(100);
                return Ok(offenders);
            }
        }
    }
    Ok(offenders)
}
