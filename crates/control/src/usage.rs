//! Usage: billable records, kept once and for good. What they cost is for `bill` to say.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use plinth_model::id::Id;
use plinth_model::permission::Kind;
use plinth_model::product::MeterSource;
use plinth_model::usage::UsageRecord;
use plinth_model::{Product, Scope};
use plinth_rating::parse_decimal;
use plinth_store::Tx;
use plinth_store::usage::{self as ledger, Entry};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::Reach;
use crate::error::{Code, ControlError, FieldError, Result};
use crate::idempotency::{self, Key};
use crate::page::{self, PATIENCE, Page, PageRequest, invalid_cursor};
use crate::report::{self, Checked, Faults, Ingested, Reporter, Subjects};
use crate::subject::Names;
use crate::work::{self, Holder};
use crate::{Caller, Control};

const MAX_KEY_CHARS: usize = 200;
const MAX_PROPERTIES: usize = 32;
const MAX_PROPERTIES_BYTES: usize = 8_000;
/// Together they leave room to add up: a sum must still be a decimal of 28 digits.
const MAX_DIGITS: usize = 28;
const MAX_FRACTION_DIGITS: u32 = 12;
/// What a filter says for usage that belongs to no resource.
pub const NO_RESOURCE: &str = "none";
/// The source of the records that the control plane makes itself.
const OWN_SOURCE: &str = "control";

/// A record as it was sent.
#[derive(Debug, Clone, Default)]
pub struct RecordDraft {
    pub source: String,
    pub id: String,
    pub meter: String,
    pub resource: Option<String>,
    pub quantity: String,
    pub at: String,
    pub properties: BTreeMap<String, Value>,
}

/// Records a batch, all or nothing.
///
/// # Errors
/// `forbidden`; else as [`record`].
pub async fn ingest(control: &Control, caller: &Caller, drafts: &[RecordDraft], key: Option<&Key>) -> Result<Ingested> {
    caller.require_some(Kind::Usage, "create")?;
    let named = drafts.iter().filter_map(|draft| draft.resource.as_deref());
    let names = Names::asked_for(control, caller, (Kind::Usage, "create"), named).await?;
    for draft in drafts {
        let subject = || names.subject(draft.resource.as_deref());
        caller.require_on(Kind::Usage, "create", || {
            caller.view_of(Kind::Usage, &draft.id, subject())
        })?;
    }
    let mut tx = control.store().begin(&caller.scope).await?;
    if let Some(ingested) = idempotency::replay(key, &mut tx, &caller.scope).await? {
        return Ok(ingested);
    }
    let ingested = record(control, &mut tx, &caller.scope, Reporter::Member, drafts).await?;
    idempotency::keep(key, &mut tx, &caller.scope, &ingested).await?;
    tx.commit().await?;
    Ok(ingested)
}

/// Takes a batch from the holder of a lease, in one transaction with a look at the lease.
///
/// # Errors
/// `lease_lost`; else as [`record`].
pub async fn report_by_lease(control: &Control, holder: &Holder, drafts: &[RecordDraft]) -> Result<Ingested> {
    work::settled(|| try_report_by_lease(control, holder, drafts)).await
}

async fn try_report_by_lease(control: &Control, holder: &Holder, drafts: &[RecordDraft]) -> Result<Ingested> {
    let mut fenced = holder.begin(control).await?;
    let type_name = fenced.lease.type_name.clone();
    let reporter = Reporter::Worker {
        type_name: &type_name,
        resource: Id(fenced.lease.resource_id),
    };
    let ingested = record(control, &mut fenced.tx, &fenced.scope, reporter, drafts).await?;
    fenced.tx.commit().await?;
    Ok(ingested)
}

/// Records a batch as a part of a larger transaction, which must not be committed after an error.
///
/// # Errors
/// `validation_failed` with what is wrong where; `usage_conflict` when a `(source, id)` stands for something else.
pub async fn record(
    control: &Control,
    tx: &mut Tx,
    scope: &Scope,
    reporter: Reporter<'_>,
    drafts: &[RecordDraft],
) -> Result<Ingested> {
    let records = check(&control.catalog().product, tx, scope, reporter, drafts).await?;
    if records.is_empty() {
        return Ok(Ingested {
            accepted: 0,
            duplicate: 0,
        });
    }
    let recorded = ledger::record(tx, scope, &records).await?;
    if !recorded.conflicts.is_empty() {
        return Err(conflict(&records, &recorded.conflicts));
    }
    Ok(Ingested {
        accepted: recorded.accepted,
        duplicate: records.len() - recorded.accepted,
    })
}

fn conflict(records: &[UsageRecord], places: &[usize]) -> ControlError {
    let found = || places.iter().filter_map(|place| Some((place, records.get(*place)?)));
    let ids: Vec<String> = found().take(20).map(|(_, record)| format!("`{}`", record.id)).collect();
    let more = if places.len() > ids.len() { " and more" } else { "" };
    let detail = format!(
        "recorded before with other contents: {}{more}; nothing of the batch was kept",
        ids.join(", ")
    );
    let errors = found().map(|(place, record)| {
        let message = format!(
            "`{}` of source `{}` was recorded before with other contents",
            record.id, record.source
        );
        FieldError::new(format!("/records/{place}/id"), message)
    });
    ControlError {
        errors: errors.collect(),
        ..ControlError::new(Code::UsageConflict, detail)
    }
}

async fn check(
    product: &Product,
    tx: &mut Tx,
    scope: &Scope,
    reporter: Reporter<'_>,
    drafts: &[RecordDraft],
) -> Result<Vec<UsageRecord>> {
    let mut faults = Faults::of_batch("records", drafts.len())?;
    let named = drafts.iter().filter_map(|draft| draft.resource.as_deref());
    let subjects = Subjects::load(tx, scope, reporter, named).await?;
    let now = Timestamp::now();
    let read = |(place, draft)| read(product, &subjects, now, place, draft, &mut faults);
    let records: Vec<UsageRecord> = drafts.iter().enumerate().filter_map(read).collect();
    faults.check()?;
    Ok(records)
}

/// `None` when something is wrong; all of it has been noted then.
fn read(
    product: &Product,
    subjects: &Subjects,
    now: Timestamp,
    place: usize,
    draft: &RecordDraft,
    faults: &mut Faults,
) -> Option<UsageRecord> {
    let pointer = |field: &'static str| move || format!("/records/{place}/{field}");
    let source = faults.keep(pointer("source"), source(&draft.source));
    let id = faults.keep(pointer("id"), key(&draft.id));
    let meter = faults.keep(pointer("meter"), meter(product, &draft.meter));
    let resource = faults.keep(pointer("resource"), subjects.find(draft.resource.as_deref()));
    let quantity = faults.keep(pointer("quantity"), quantity(&draft.quantity));
    let at = faults.keep(pointer("at"), report::measured_at(&draft.at, now));
    let properties = faults.keep(pointer("properties"), properties(&draft.properties));
    Some(UsageRecord {
        source: source?,
        id: id?,
        meter: meter?,
        resource: resource?,
        quantity: quantity?,
        at: at?,
        properties: properties?,
    })
}

fn key(text: &str) -> Checked<String> {
    if report::is_word(text, MAX_KEY_CHARS) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "must have 1 to {MAX_KEY_CHARS} characters and no control characters"
    ))
}

fn source(text: &str) -> Checked<String> {
    if text == OWN_SOURCE {
        return Err(format!(
            "`{OWN_SOURCE}` is kept for records that the control plane makes itself"
        ));
    }
    key(text)
}

fn meter(product: &Product, name: &str) -> Checked<String> {
    match product.meters.iter().find(|meter| meter.name == name) {
        Some(meter) if meter.source == MeterSource::Reported => Ok(name.to_owned()),
        Some(_) => Err(format!("`{name}` counts changes by itself and takes no reports")),
        None => Err("there is no such meter".to_owned()),
    }
}

fn properties(properties: &BTreeMap<String, Value>) -> Checked<BTreeMap<String, Value>> {
    let size = || serde_json::to_string(properties).map_or(usize::MAX, |text| text.len());
    if properties.len() > MAX_PROPERTIES || size() > MAX_PROPERTIES_BYTES {
        return Err(format!(
            "must not have more than {MAX_PROPERTIES} members or {MAX_PROPERTIES_BYTES} bytes"
        ));
    }
    Ok(properties.clone())
}

fn quantity(text: &str) -> Checked<Decimal> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > MAX_DIGITS {
        return Err(format!("must not have more than {MAX_DIGITS} digits"));
    }
    let value = parse_decimal(text).map_err(|error| error.to_string())?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err("must not be negative".to_owned());
    }
    if value.normalize().scale() > MAX_FRACTION_DIGITS {
        return Err(format!(
            "must not have more than {MAX_FRACTION_DIGITS} digits after the point"
        ));
    }
    Ok(value.abs())
}

/// Which records are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub meter: Option<String>,
    /// The id of a resource, or `none` for usage that belongs to no resource.
    pub resource: Option<String>,
    /// Inclusive.
    pub from: Option<String>,
    /// Exclusive.
    pub to: Option<String>,
}

/// A record as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub source: String,
    pub id: String,
    pub meter: String,
    pub resource: Option<String>,
    pub quantity: Decimal,
    pub at: Timestamp,
    pub properties: Value,
    pub recorded_at: Timestamp,
}

/// A place in the list.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    /// [`identity`]
    list: String,
    at: Timestamp,
    source: String,
    id: String,
}

/// The same for two lists only if they show the same records.
fn identity(caller: &Caller, filter: &Filter) -> String {
    let Filter {
        meter,
        resource,
        from,
        to,
    } = filter;
    page::identity(&json!(["usage", caller.scope.org, meter, resource, from, to]))
}

/// Records, newest first.
///
/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`, or `validation_failed` for a filter that cannot be read.
pub async fn list(control: &Control, caller: &Caller, filter: &Filter, request: &PageRequest) -> Result<Page<Record>> {
    caller.require_some(Kind::Usage, "view")?;
    let list = identity(caller, filter);
    let after = request.position::<Position>()?;
    if after.as_ref().is_some_and(|after| after.list != list) {
        return Err(invalid_cursor());
    }
    let mut wanted = ledger::Wanted {
        meter: filter.meter.as_deref(),
        of: filter.of()?,
        from: instant("/from", filter.from.as_deref())?,
        to: instant("/to", filter.to.as_deref())?,
        after: after.map(|after| ledger::Position {
            at: after.at,
            source: after.source,
            id: after.id,
        }),
    };
    let (store, scope) = (control.store(), &caller.scope);
    let sees_all = caller.reach(Kind::Usage, "view") == Reach::Everything;
    let most = request.fetch()?;
    let mut entries = Vec::new();
    let started = Instant::now();
    let rest = loop {
        let last = if sees_all {
            None
        } else {
            ledger::place_after(store, scope, &wanted, WINDOW).await?
        };
        let missing = most.saturating_sub(i64::try_from(entries.len()).unwrap_or(i64::MAX));
        let found = ledger::list(store, scope, &wanted, last.as_ref(), missing).await?;
        let full = i64::try_from(found.len()).is_ok_and(|count| count >= missing);
        entries.extend(found);
        if full || last.is_none() {
            break None;
        }
        wanted.after = last;
        if started.elapsed() >= PATIENCE {
            break wanted.after;
        }
    };
    let position = |place: ledger::Position| Position {
        list: list.clone(),
        at: place.at,
        source: place.source,
        id: place.id,
    };
    let mut page = request.page(entries, |last| position(last.place()))?;
    if let Some(rest) = rest {
        page.next = Some(page::encode(&position(rest)));
    }
    Ok(page.map(Record::from))
}

/// How many records one statement looks through where not all are seen.
const WINDOW: i64 = 20_000;

fn instant(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    let read = |text| report::instant(text).map_err(|message| ControlError::invalid_field(pointer, message));
    text.map(read).transpose()
}

impl Filter {
    fn of(&self) -> Result<ledger::Of> {
        Ok(match self.resource.as_deref() {
            None => ledger::Of::Everything,
            Some(NO_RESOURCE) => ledger::Of::NoResource,
            Some(text) => ledger::Of::Resource(report::resource_filter("/resource", text)?.0),
        })
    }
}

impl From<Entry> for Record {
    fn from(entry: Entry) -> Self {
        Self {
            resource: entry.resource,
            source: entry.source,
            id: entry.id,
            meter: entry.meter,
            quantity: entry.quantity,
            at: entry.at,
            properties: entry.properties,
            recorded_at: entry.recorded_at,
        }
    }
}
