//! Usage: billable records, kept once and for good. What they cost is for `bill` to say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::permission::Kind;
use plinth_model::product::MeterSource;
use plinth_model::usage::UsageRecord;
use plinth_model::Product;
use plinth_rating::parse_decimal;
use plinth_store::{Tx, usage as ledger};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::error::{Code, ControlError, FieldError, Result};
use crate::report::{self, Faults, Ingested, Reporter, Subjects};
use crate::{Caller, Control};

const MAX_KEY_CHARS: usize = 200;
const MAX_PROPERTIES: usize = 32;
const MAX_PROPERTIES_BYTES: usize = 8_000;
/// Together they leave room to add up: a sum must still be a decimal of 28 digits.
const MAX_DIGITS: usize = 28;
const MAX_FRACTION_DIGITS: u32 = 12;
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
pub async fn ingest(control: &Control, caller: &Caller, drafts: &[RecordDraft]) -> Result<Ingested> {
    caller.require(Kind::Usage, "create")?;
    let mut tx = control.store().begin(&caller.scope).await?;
    let ingested = record(control, &mut tx, &caller.scope, Reporter::Member, drafts).await?;
    tx.commit().await?;
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
        return Ok(Ingested { accepted: 0, duplicate: 0 });
    }
    let recorded = ledger::record(tx, scope, &records).await?;
    if !recorded.conflicts.is_empty() {
        return Err(conflict(&records, &recorded.conflicts));
    }
    Ok(Ingested { accepted: recorded.accepted, duplicate: records.len() - recorded.accepted })
}

fn conflict(records: &[UsageRecord], places: &[usize]) -> ControlError {
    let found = || places.iter().filter_map(|place| Some((place, records.get(*place)?)));
    let ids: Vec<String> = found().take(20).map(|(_, record)| format!("`{}`", record.id)).collect();
    let more = if places.len() > ids.len() { " and more" } else { "" };
    let detail = format!("recorded before with other contents: {}{more}; nothing of the batch was kept", ids.join(", "));
    let errors = found().map(|(place, record)| {
        let message = format!("`{}` of source `{}` was recorded before with other contents", record.id, record.source);
        FieldError::new(format!("/records/{place}/id"), message)
    });
    ControlError { errors: errors.collect(), ..ControlError::new(Code::UsageConflict, detail) }
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
    let records: Vec<UsageRecord> = drafts
        .iter()
        .enumerate()
        .filter_map(|(place, draft)| read(product, &subjects, now, draft, &mut at_record(&mut faults, place)))
        .collect();
    faults.check()?;
    Ok(records)
}

/// Notes what is wrong with one field of one record.
fn at_record(faults: &mut Faults, place: usize) -> impl FnMut(&str, String) {
    move |field, message| faults.add(|| format!("/records/{place}/{field}"), message)
}

/// `None` when something is wrong; all of it has been noted then.
fn read(
    product: &Product,
    subjects: &Subjects,
    now: Timestamp,
    draft: &RecordDraft,
    wrong: &mut impl FnMut(&str, String),
) -> Option<UsageRecord> {
    let mut checked = |field: &str, result: std::result::Result<(), String>| match result {
        Ok(()) => true,
        Err(message) => {
            wrong(field, message);
            false
        }
    };
    let texts = checked("source", source(&draft.source)) & checked("id", key(&draft.id));
    let rest = checked("meter", meter(product, &draft.meter)) & checked("properties", properties(&draft.properties));
    let mut value = |field: &str, message: String| wrong(field, message);
    let resource = subjects.find(draft.resource.as_deref()).map_err(|message| value("resource", message));
    let quantity = quantity(&draft.quantity).map_err(|message| value("quantity", message));
    let at = report::measured_at(&draft.at, now).map_err(|message| value("at", message));
    let (Ok(resource), Ok(quantity), Ok(at), true, true) = (resource, quantity, at, texts, rest) else { return None };
    Some(UsageRecord {
        source: draft.source.clone(),
        id: draft.id.clone(),
        meter: draft.meter.clone(),
        resource,
        quantity,
        at,
        properties: draft.properties.clone(),
    })
}

fn key(text: &str) -> std::result::Result<(), String> {
    if report::is_word(text, MAX_KEY_CHARS) {
        return Ok(());
    }
    Err(format!("must have 1 to {MAX_KEY_CHARS} characters and no control characters"))
}

fn source(text: &str) -> std::result::Result<(), String> {
    if text == OWN_SOURCE {
        return Err(format!("`{OWN_SOURCE}` is kept for records that the control plane makes itself"));
    }
    key(text)
}

fn meter(product: &Product, name: &str) -> std::result::Result<(), String> {
    match product.meters.iter().find(|meter| meter.name == name) {
        Some(meter) if meter.source == MeterSource::Reported => Ok(()),
        Some(_) => Err(format!("`{name}` counts changes by itself and takes no reports")),
        None => Err("there is no such meter".to_owned()),
    }
}

fn properties(properties: &BTreeMap<String, Value>) -> std::result::Result<(), String> {
    let size = || serde_json::to_string(properties).map_or(usize::MAX, |text| text.len());
    if properties.len() > MAX_PROPERTIES || size() > MAX_PROPERTIES_BYTES {
        return Err(format!("must not have more than {MAX_PROPERTIES} members or {MAX_PROPERTIES_BYTES} bytes"));
    }
    Ok(())
}

fn quantity(text: &str) -> std::result::Result<Decimal, String> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > MAX_DIGITS {
        return Err(format!("must not have more than {MAX_DIGITS} digits"));
    }
    let value = parse_decimal(text).map_err(|error| error.to_string())?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err("must not be negative".to_owned());
    }
    if value.normalize().scale() > MAX_FRACTION_DIGITS {
        return Err(format!("must not have more than {MAX_FRACTION_DIGITS} digits after the point"));
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
