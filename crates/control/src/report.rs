//! What reports of metrics and of usage have in common: who may report on what, bounds, times, and the list of what is
//! wrong with a batch. Knows neither series nor meters.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use plinth_model::Scope;
use plinth_model::id::Id;
use plinth_store::{Tx, usage as ledger};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{ControlError, FieldError, Result};

/// Most points or records in one batch.
pub const MAX_BATCH: usize = 10_000;
/// A batch of nonsense is described by its first faults.
const MAX_ERRORS: usize = 100;
const FUTURE_MINUTES: i64 = 10;
/// 2000-01-01: what is older comes from a clock that was never set.
pub(crate) const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);

/// A field that was read, or what is wrong with it.
pub(crate) type Checked<T> = std::result::Result<T, String>;

/// Who measures.
#[derive(Debug, Clone, Copy)]
pub enum Reporter<'a> {
    /// Somebody of the org, on any of its resources.
    Member,
    /// The holder of a lease, on the one resource that the lease is for, which therefore need not be named.
    Worker { type_name: &'a str, resource: Id },
}

/// What became of a batch that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    pub accepted: usize,
    /// How many were there already, in the same words.
    pub duplicate: usize,
}

/// Everything that is wrong with one batch.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// # Errors
    /// `validation_failed` when the batch is too large to be looked at.
    pub fn of_batch(list: &str, length: usize) -> Result<Self> {
        if length > MAX_BATCH {
            let message = format!("must not have more than {MAX_BATCH} items: send several batches");
            return Err(ControlError::invalid_field(&format!("/{list}"), message));
        }
        Ok(Self::default())
    }

    pub fn add(&mut self, pointer: impl FnOnce() -> String, message: impl Into<String>) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(FieldError::new(pointer(), message));
        }
    }

    /// The value, or a fault in its place.
    pub fn keep<T>(&mut self, pointer: impl FnOnce() -> String, checked: Checked<T>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(pointer, message);
                None
            }
        }
    }

    /// # Errors
    /// `validation_failed` with all faults, if there are any.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ControlError::invalid(self.0))
        }
    }
}

/// The resources that a batch may speak of.
#[derive(Debug)]
pub(crate) struct Subjects {
    types: HashMap<Uuid, String>,
    missing: &'static str,
    /// What is meant when nothing is named.
    default: Option<Id>,
}

impl Subjects {
    /// Looks up what the batch names, in one statement.
    pub async fn load<'a>(
        tx: &mut Tx,
        scope: &Scope,
        reporter: Reporter<'_>,
        named: impl Iterator<Item = &'a str>,
    ) -> Result<Self> {
        if let Reporter::Worker { type_name, resource } = reporter {
            let types = HashMap::from([(resource.0, type_name.to_owned())]);
            return Ok(Self {
                types,
                missing: "must be the resource that the lease is for",
                default: Some(resource),
            });
        }
        let texts: HashSet<&str> = named.collect();
        let ids: Vec<Uuid> = texts
            .iter()
            .filter_map(|text| Some(Id::split(text).ok()?.1.0))
            .collect();
        let mut types = HashMap::new();
        if !ids.is_empty() {
            let found = ledger::resource_types(tx, scope, &ids).await?;
            types.extend(found.into_iter().map(|named| (named.id, named.type_name)));
        }
        Ok(Self {
            types,
            missing: "there is no such resource",
            default: None,
        })
    }

    /// `None` when nothing is named, and nothing follows from who reports. Another org's resource is told from one that
    /// never was by nothing.
    pub fn find(&self, text: Option<&str>) -> Checked<Option<Id>> {
        let Some(text) = text else { return Ok(self.default) };
        let (prefix, id) = Id::split(text).map_err(|error| error.to_string())?;
        match self.types.get(&id.0) {
            Some(type_name) if type_name == prefix => Ok(Some(id)),
            _ => Err(self.missing.to_owned()),
        }
    }
}

/// Reads the time of a measurement, in the microseconds that the database keeps.
pub(crate) fn measured_at(text: &str, now: Timestamp) -> Checked<Timestamp> {
    let at = instant(text)?;
    let latest = now
        .saturating_add(SignedDuration::from_mins(FUTURE_MINUTES))
        .unwrap_or(Timestamp::MAX);
    if at > latest {
        return Err(format!(
            "must not be more than {FUTURE_MINUTES} minutes in the future: check the reporter's clock"
        ));
    }
    Ok(at)
}

/// Reads a time that a measurement can have had.
pub(crate) fn instant(text: &str) -> Checked<Timestamp> {
    let wrong = || "must be a time such as `2026-11-22T10:00:00Z`".to_owned();
    let at: Timestamp = text.parse().map_err(|_| wrong())?;
    if at < EARLIEST {
        return Err("must not be before 2000".to_owned());
    }
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|_| wrong())
}

/// A filter's resource. Whether it exists makes no difference: nothing is known about one that does not.
pub(crate) fn resource_filter(pointer: &str, text: &str) -> Result<Id> {
    Id::split(text)
        .map(|(_, id)| id)
        .map_err(|error| ControlError::invalid_field(pointer, error.to_string()))
}

/// A short text that people can read: not empty, and without control characters.
pub(crate) fn is_word(text: &str, max_chars: usize) -> bool {
    !text.is_empty() && text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

/// The public form of an id; the type of a resource of which nothing is left is not known any more.
pub(crate) fn resource_text(id: Uuid, type_name: Option<&str>) -> String {
    Id(id).text(type_name.unwrap_or("resource"))
}
