//! The product: loaded, followed, and applied as a whole.

use std::sync::Arc;
use std::time::Duration;

use plinth_model::Product;
use plinth_model::id::OrgId;
use plinth_store::product::View;
use plinth_store::resource::Deleted;
use plinth_store::{Store, SystemTx, product as stored};

use self::policies::Readings;
use crate::Control;
use crate::error::{Code, ControlError, Offender, Result};

mod catalog;
mod check;
mod diff;
mod policies;
mod roles;
mod rules;
mod sql_rules;
mod views;

pub use catalog::Catalog;
pub use diff::Change;
pub use rules::TypeRules;

/// The product that was applied last; an empty one before the first.
pub(crate) async fn load(store: &Store) -> Result<Catalog> {
    let mut tx = store.directory().await?;
    match stored::current(&mut tx).await? {
        Some(current) => Catalog::compile(current.revision, current.product),
        None => Catalog::compile(0, Product::default()),
    }
}

/// How often what was applied last is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The same while it cannot be taken over: to try may take long, and what was in the way may be gone at any time.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Follows what other servers apply, and finishes a mirror that a crash interrupted.
pub async fn follow(control: Control) {
    let mut mirrored = -1;
    let mut pause = LOOK;
    loop {
        pause = match refresh(&control, &mut mirrored).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(error = %error, cause = ?error.cause, "cannot follow the product");
                (2 * pause).min(LONGEST_PAUSE)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = control.shutdown().cancelled() => return,
        }
    }
}

/// The product that was applied last. It is compiled only when it is not the one that is known already.
async fn newest(control: &Control) -> Result<Arc<Catalog>> {
    let known = control.catalog();
    let mut tx = control.store().directory().await?;
    match stored::current(&mut tx).await? {
        Some(current) if current.revision != known.revision => {
            Ok(Arc::new(Catalog::compile(current.revision, current.product)?))
        }
        _ => Ok(known),
    }
}

/// Takes over what another server, or a request beside this one, has applied.
pub(crate) async fn catch_up(control: &Control) -> Result<()> {
    let newest = newest(control).await?;
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
    if *mirrored != revision {
        mirror_everywhere(control, &catalog).await?;
        *mirrored = revision;
    }
    Ok(())
}

/// The standard roles hold in the databases from the first request on, and not only when a product is there.
pub(crate) async fn begin(control: &Control) {
    let catalog = control.catalog();
    if catalog.revision > 0 {
        return;
    }
    if let Err(error) = mirror_everywhere(control, &catalog).await {
        tracing::warn!(error = %error, cause = ?error.cause, "cannot write down the standard roles yet");
    }
}

async fn mirror_everywhere(control: &Control, catalog: &Catalog) -> Result<()> {
    let vocabulary = &catalog.vocabulary;
    for cell in control.store().cells() {
        let ahead = policies::read_ahead(control, cell, vocabulary).await?;
        let mut tx = control.store().system(cell, "mirror the product").await?;
        stored::freeze_policies(&mut tx).await?;
        let readings = policies::read(&mut tx, vocabulary, ahead).await?;
        mirror(&mut tx, catalog, catalog.revision, readings.as_ref()).await?;
        tx.commit().await?;
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
    let current = newest(control).await?;
    let changes = diff::changes(&current.product, &catalog.product);
    if changes.is_empty() {
        return Ok(Applied {
            revision: current.revision,
            changes,
        });
    }
    let vocabulary = &catalog.vocabulary;
    let mut ahead = Vec::new();
    for cell in control.store().cells() {
        ahead.push((cell, policies::read_ahead(control, cell, vocabulary).await?));
    }
    // Writers of resources, and others who apply, wait from here to the commit, so that none slips in.
    let mut cells = Vec::new();
    for (cell, ahead) in ahead {
        let mut tx = control.store().system(cell, "apply the product").await?;
        stored::freeze_policies(&mut tx).await?;
        stored::freeze(&mut tx).await?;
        cells.push((tx, ahead));
    }
    let current = newest(control).await?;
    let changes = diff::changes(&current.product, &catalog.product);
    let mut offenders = Vec::new();
    for (tx, readings) in &mut cells {
        *readings = policies::read(tx, vocabulary, readings.take()).await?;
        let mut found = scan(tx, &current, &catalog).await?;
        found.extend(readings.iter().flat_map(Readings::offenders));
        name_orgs(tx, &mut found).await?;
        offenders.extend(found);
    }
    if !offenders.is_empty() {
        let detail = match offenders.len() {
            1 => "1 thing that exists does not fit the new product; change or delete it first".to_owned(),
            count => format!("{count} things that exist do not fit the new product; change or delete them first"),
        };
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

async fn commit(
    control: &Control,
    operator: &str,
    catalog: &Catalog,
    cells: Vec<(SystemTx, Option<Readings>)>,
) -> Result<i64> {
    let mut directory = control.store().directory().await?;
    let recorded = stored::record(&mut directory, &catalog.product, operator).await?;
    directory.commit().await?;
    for (mut tx, readings) in cells {
        mirror(&mut tx, catalog, recorded.revision, readings.as_ref()).await?;
        tx.commit().await?;
    }
    Ok(recorded.revision)
}

/// What a cell's database knows of the product: its types, and all policies as its rows are judged by them, when they are
/// not compiled so yet. A server that is late changes nothing.
async fn mirror(tx: &mut SystemTx, catalog: &Catalog, revision: i64, policies: Option<&Readings>) -> Result<()> {
    stored::mirror(tx, &catalog.product, revision).await?;
    let rows = roles::rows(&catalog.roles, &catalog.vocabulary);
    if plinth_store::policy::compile_roles(tx, &rows, revision).await? {
        if let Some(policies) = policies {
            policies.write(tx).await?;
            plinth_store::policy::set_compiler(tx, &catalog.vocabulary.fingerprint()).await?;
        }
        let views = views::of(catalog);
        let of_view = |view: &View| Some(sql_rules::of(catalog.by_name(&view.name)?, &view.columns));
        stored::write_rules(tx, &views.iter().filter_map(of_view).collect::<Vec<_>>(), revision).await?;
        stored::show(tx, &views).await?;
    }
    Ok(())
}

/// Adds what people call the orgs of the offenders.
async fn name_orgs(tx: &mut SystemTx, offenders: &mut [Offender]) -> Result<()> {
    let id = |offender: &Offender| Some(offender.org.as_ref()?.parse::<OrgId>().ok()?.0);
    let ids: Vec<_> = offenders.iter().filter_map(id).collect();
    let slugs = plinth_store::org::slugs(tx, &ids).await?;
    for offender in offenders {
        let known = slugs.iter().find(|known| Some(known.org_id) == id(offender));
        offender.org_slug = known.map(|known| known.slug.clone());
    }
    Ok(())
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
