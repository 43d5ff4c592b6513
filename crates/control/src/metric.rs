//! Metrics: measured points in, aggregated series out. The database does the arithmetic.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::Id;
use plinth_model::permission::Kind;
use plinth_model::usage::MetricPoint;
use plinth_store::{Tx, metric as stored};

use crate::error::Result;
use crate::idempotency::{self, Key};
use crate::report::{self, Checked, Faults, Ingested, Reporter, Subjects};
use crate::subject::Names;
use crate::work::{self, Holder};
use crate::{Caller, Control};

mod query;

pub use query::{AGGREGATES, Point, Query, Series, query};

const MAX_NAME_CHARS: usize = 63;
const MAX_LABELS: usize = 16;
const MAX_LABEL_CHARS: usize = 255;
/// What an index can hold.
const MAX_LABELS_BYTES: usize = 2_000;
/// Far beyond anything that is measured, and small enough that no sum of squares overflows.
const LARGEST: f64 = 1e100;
/// Names in a query what no label may be called.
const RESOURCE: &str = "resource";

/// A point as it was sent.
#[derive(Debug, Clone, Default)]
pub struct PointDraft {
    pub name: String,
    pub resource: Option<String>,
    pub at: String,
    pub value: f64,
    pub labels: BTreeMap<String, String>,
}

/// Takes a batch of points, all or nothing; a point that is there already, by series and time, is left as it is.
///
/// # Errors
/// `forbidden`; `validation_failed` with what is wrong where.
pub async fn ingest(control: &Control, caller: &Caller, drafts: &[PointDraft], key: Option<&Key>) -> Result<Ingested> {
    caller.require_some(Kind::Metrics, "create")?;
    let named = drafts.iter().filter_map(|draft| draft.resource.as_deref());
    let names = Names::asked_for(control, caller, (Kind::Metrics, "create"), named).await?;
    for draft in drafts {
        let subject = || names.subject(draft.resource.as_deref());
        caller.require_on(Kind::Metrics, "create", || {
            caller.view_of(Kind::Metrics, &draft.name, subject())
        })?;
    }
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(ingested) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(ingested);
    }
    let ingested = record(&mut tx, &caller.scope, Reporter::Member, drafts).await?;
    idempotency::keep(key, &mut tx, &caller.scope, &ingested).await?;
    tx.commit().await?;
    Ok(ingested)
}

/// Takes a batch from the holder of a lease, in one transaction with a look at the lease.
///
/// # Errors
/// `lease_lost`; else as [`record`].
pub async fn report_by_lease(control: &Control, holder: &Holder, drafts: &[PointDraft]) -> Result<Ingested> {
    work::settled(|| try_report_by_lease(control, holder, drafts)).await
}

async fn try_report_by_lease(control: &Control, holder: &Holder, drafts: &[PointDraft]) -> Result<Ingested> {
    let mut fenced = holder.begin(control).await?;
    let type_name = fenced.lease.type_name.clone();
    let reporter = Reporter::Worker {
        type_name: &type_name,
        resource: Id(fenced.lease.resource_id),
    };
    let ingested = record(&mut fenced.tx, &fenced.scope, reporter, drafts).await?;
    fenced.tx.commit().await?;
    Ok(ingested)
}

/// As [`ingest`], as a part of a larger transaction.
///
/// # Errors
/// `validation_failed` with what is wrong where.
pub async fn record(tx: &mut Tx, scope: &Scope, reporter: Reporter<'_>, drafts: &[PointDraft]) -> Result<Ingested> {
    let mut faults = Faults::of_batch("points", drafts.len())?;
    let named = drafts.iter().filter_map(|draft| draft.resource.as_deref());
    let subjects = Subjects::load(tx, scope, reporter, named).await?;
    let now = Timestamp::now();
    let read = |(place, draft)| read(&subjects, now, place, draft, &mut faults);
    let points: Vec<MetricPoint> = drafts.iter().enumerate().filter_map(read).collect();
    faults.check()?;
    if points.is_empty() {
        return Ok(Ingested {
            accepted: 0,
            duplicate: 0,
        });
    }
    let accepted = stored::record(tx, scope, &points).await?;
    Ok(Ingested {
        accepted,
        duplicate: points.len() - accepted,
    })
}

/// `None` when something is wrong; all of it has been noted then.
fn read(
    subjects: &Subjects,
    now: Timestamp,
    place: usize,
    draft: &PointDraft,
    faults: &mut Faults,
) -> Option<MetricPoint> {
    let pointer = |field: &'static str| move || format!("/points/{place}/{field}");
    let name = faults.keep(pointer("name"), name(&draft.name));
    let resource = subjects
        .find(draft.resource.as_deref())
        .and_then(|id| id.ok_or("is missing".to_owned()));
    let resource = faults.keep(pointer("resource"), resource);
    let at = faults.keep(pointer("at"), report::measured_at(&draft.at, now));
    let value = faults.keep(pointer("value"), value(draft.value));
    let labels = faults.keep(pointer("labels"), labels(&draft.labels));
    Some(MetricPoint {
        name: name?,
        resource: resource?,
        at: at?,
        value: value?,
        labels: labels?,
    })
}

fn name(text: &str) -> Checked<String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts = text.starts_with(|first: char| first.is_ascii_lowercase());
    if starts && text.len() <= MAX_NAME_CHARS && text.bytes().all(inner) {
        return Ok(text.to_owned());
    }
    Err("must be a lower-case letter and up to 62 lower-case letters, digits or `_`".to_owned())
}

fn value(value: f64) -> Checked<f64> {
    let size = value.abs();
    if value == 0.0 || (size.recip() <= LARGEST && size <= LARGEST) {
        return Ok(value);
    }
    Err("must be 0, or between 1e-100 and 1e100 in size".to_owned())
}

fn is_label_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text != RESOURCE
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.len() <= MAX_NAME_CHARS
        && text.bytes().all(inner)
}

fn labels(labels: &BTreeMap<String, String>) -> Checked<BTreeMap<String, String>> {
    if labels.len() > MAX_LABELS {
        return Err(format!("must not have more than {MAX_LABELS} members"));
    }
    if let Some(name) = labels.keys().find(|name| !is_label_name(name)) {
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        return Err(format!(
            "`{name}` is not a label: use up to 63 letters, digits and `_`, and not `{RESOURCE}`"
        ));
    }
    if let Some((name, _)) = labels
        .iter()
        .find(|(_, text)| !text.is_empty() && !report::is_word(text, MAX_LABEL_CHARS))
    {
        return Err(format!(
            "`{name}` must not have more than {MAX_LABEL_CHARS} characters, and no control characters"
        ));
    }
    if labels.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() > MAX_LABELS_BYTES {
        return Err(format!("must not have more than {MAX_LABELS_BYTES} bytes together"));
    }
    Ok(labels.clone())
}
