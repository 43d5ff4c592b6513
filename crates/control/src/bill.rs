//! What an org is charged for one calendar month, line by line, each of which leads to its usage records. The arithmetic
//! is the rating crate's.

use std::collections::HashMap;

use jiff::Timestamp;
use plinth_model::Scope;
use plinth_model::id::OrgId;
use plinth_model::permission::Kind;
pub use plinth_rating::{LineKind, Model, Subtotal, TierLine};
use plinth_rating::{Period, RatingError, Usage, parse_decimal};
use plinth_store::usage::{self as ledger, Account, Named, Total};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::error::{Code, ControlError, Result};
use crate::report;
use crate::subject::subject;
use crate::usage::NO_RESOURCE;
use crate::{Caller, Control};

pub(crate) mod published;

/// Which bill is wanted.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// A month in UTC such as `2026-11`; the current one when absent.
    pub period: Option<String>,
    /// The id of the one resource whose lines are wanted. They cost what they cost on the whole bill: allowances and
    /// tiers are the org's.
    pub resource: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    pub org: OrgId,
    pub plan: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// What was recorded before this moment is in the bill.
    pub as_of: Timestamp,
    pub lines: Vec<Line>,
    pub subtotals: Vec<Subtotal>,
    /// The sum of the subtotals, which are the sums of their lines.
    pub total: Decimal,
    /// Meters with usage that the plan has no price for.
    pub unpriced: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub rated: plinth_rating::Line,
    pub resource: Option<Resource>,
    /// Absent for lines that are not made of usage records.
    pub drill: Option<Drill>,
}

/// A resource as a bill names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub id: String,
    /// Unknown, like the name, when neither the resource nor an event of it is left.
    pub type_name: Option<String>,
    pub name: Option<String>,
}

/// The filter of the usage list that finds the records of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    pub meter: String,
    /// The id of a resource, or `none`.
    pub resource: String,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// # Errors
/// `forbidden`; `validation_failed` for a period that is none; `conflict` when the org's plan is no longer sold, or
/// usage adds up to more than can be written down.
pub async fn get(control: &Control, caller: &Caller, query: &Query) -> Result<Bill> {
    caller.require(Kind::Bill, "view")?;
    let only = query
        .resource
        .as_deref()
        .map(|text| report::resource_filter("/resource", text))
        .transpose()?;
    // The names of the resources belong to the bill, whether or not the reader may see the resources.
    let bill = whole(control, &caller.scope.as_plinth(), query.period.as_deref()).await?;
    let bill = match only {
        Some(id) => bill.of(|line| line.resource.as_ref().is_some_and(|resource| is(&resource.id, id.0))),
        None => bill,
    };
    Ok(bill.of(|line| seen_by(caller, line)))
}

/// Whether the text is that of this id, whatever the type.
fn is(text: &str, id: Uuid) -> bool {
    plinth_model::Id::split(text).is_ok_and(|(_, found)| found.0 == id)
}

/// A line that is hidden changes no other: allowances and tiers are the org's.
fn seen_by(caller: &Caller, line: &Line) -> bool {
    let rated = &line.rated;
    let resource = rated.resource.as_deref();
    caller.permits(Kind::Bill, "view", || {
        let of = rated.meter.as_deref().unwrap_or(&rated.price);
        let id = format!("{of}/{}", resource.unwrap_or(NO_RESOURCE));
        let name = line.resource.as_ref().and_then(|resource| resource.name.as_deref());
        caller.view_of(Kind::Bill, &id, subject(resource, name))
    })
}

/// The whole bill of the scope's org for a month, which everything that shows a part of one begins with.
///
/// # Errors
/// As [`get`], but for `forbidden`.
async fn whole(control: &Control, scope: &Scope, month: Option<&str>) -> Result<Bill> {
    let mut tx = control.store().begin(scope).await?;
    let account = ledger::account(&mut tx, scope)
        .await?
        .ok_or_else(|| ControlError::not_found("org"))?;
    let period = period(month, &account)?;
    let totals = ledger::totals(&mut tx, scope, period.from(), period.to()).await?;
    let ids: Vec<Uuid> = totals.iter().filter_map(|total| total.resource_id).collect();
    let named = ledger::resource_names(&mut tx, scope, &ids).await?;
    tx.commit().await?;
    let names = Names::new(&ids, named);
    let rated = rate(control, &account, &period, &totals, &names)?;
    Ok(assemble(scope.org, account.as_of, rated, &period, &names))
}

/// Fixed amounts are charged from the org's first day on, and for the whole of the month after it.
fn period(text: Option<&str>, account: &Account) -> Result<Period> {
    let wrong = |message: String| ControlError::invalid_field("/period", message);
    let period = match text {
        Some(text) => Period::month(text),
        None => Period::month_of(account.as_of),
    };
    let period = period.map_err(|error| wrong(error.to_string()))?;
    if period.from() > account.as_of {
        return Err(wrong("has not begun yet".to_owned()));
    }
    let to = period.to();
    Ok(period.active(account.created_at, to))
}

fn rate(
    control: &Control,
    account: &Account,
    period: &Period,
    totals: &[Total],
    names: &Names,
) -> Result<plinth_rating::Bill> {
    let catalog = control.catalog();
    let plan = catalog.plan(&account.plan).ok_or_else(|| {
        let detail = format!(
            "the plan `{}` of this org is not part of the product; ask the operator",
            account.plan
        );
        ControlError::new(Code::Conflict, detail)
    })?;
    let usage = totals
        .iter()
        .map(|total| used(total, names))
        .collect::<Result<Vec<Usage>>>()?;
    plan.rate(&usage, period).map_err(too_large)
}

fn used(total: &Total, names: &Names) -> Result<Usage> {
    let out_of_range = |_| {
        too_large(RatingError::OutOfRange {
            price: total.meter.clone(),
        })
    };
    Ok(Usage {
        meter: total.meter.clone(),
        resource: total.resource_id.map(|id| names.text(id)),
        quantity: parse_decimal(&total.quantity).map_err(out_of_range)?,
        records: u64::try_from(total.record_count).unwrap_or_default(),
    })
}

/// Nothing that a retry would help, and nothing that broke: the org's own numbers.
fn too_large(error: RatingError) -> ControlError {
    ControlError {
        cause: Some(Box::new(error.clone())),
        ..ControlError::new(Code::Conflict, error.to_string())
    }
}

fn assemble(org: OrgId, as_of: Timestamp, rated: plinth_rating::Bill, period: &Period, names: &Names) -> Bill {
    let (from, to) = (period.from(), period.to());
    let line = |rated: plinth_rating::Line| Line {
        resource: rated.resource.as_deref().and_then(|id| names.resource(id)),
        drill: drill(&rated, from, to),
        rated,
    };
    Bill {
        org,
        plan: rated.plan,
        currency: rated.currency,
        from,
        to,
        as_of,
        lines: rated.lines.into_iter().map(line).collect(),
        subtotals: rated.subtotals,
        total: rated.total,
        unpriced: rated.unpriced,
    }
}

fn drill(rated: &plinth_rating::Line, from: Timestamp, to: Timestamp) -> Option<Drill> {
    let meter = rated.meter.clone().filter(|_| rated.kind == LineKind::Usage)?;
    let resource = rated.resource.clone().unwrap_or_else(|| NO_RESOURCE.to_owned());
    Some(Drill {
        meter,
        resource,
        from,
        to,
    })
}

impl Bill {
    /// The part of the bill that these lines are.
    fn of(self, is_wanted: impl Fn(&Line) -> bool) -> Self {
        let all = self.lines.len();
        let lines: Vec<Line> = self.lines.into_iter().filter(is_wanted).collect();
        if lines.len() == all {
            return Self { lines, ..self };
        }
        let zero = Decimal::new(0, self.total.scale());
        let total = lines.iter().fold(zero, |sum, line| sum + line.rated.amount);
        let subtotals = self
            .subtotals
            .into_iter()
            .filter_map(|subtotal| narrowed(subtotal, &lines))
            .collect();
        Self {
            lines,
            subtotals,
            total,
            ..self
        }
    }
}

/// The subtotal over some of its lines; nothing when none is left. Allowance, tiers and packages are the org's and stay.
fn narrowed(subtotal: Subtotal, lines: &[Line]) -> Option<Subtotal> {
    let rated = lines.iter().map(|line| &line.rated);
    let of_price: Vec<_> = rated.filter(|rated| rated.price == subtotal.price).collect();
    let (first, others) = of_price.split_first()?;
    let mut sum = Subtotal {
        quantity: first.quantity,
        unrounded_amount: first.unrounded_amount,
        amount: first.amount,
        records: first.records,
        ..subtotal
    };
    for line in others {
        sum.quantity += line.quantity;
        sum.unrounded_amount += line.unrounded_amount;
        sum.amount += line.amount;
        sum.records += line.records;
    }
    Some(sum)
}

/// What the resources of a bill are called, by UUID and by public id.
struct Names {
    texts: HashMap<Uuid, String>,
    resources: HashMap<String, Resource>,
}

impl Names {
    fn new(ids: &[Uuid], named: Vec<Named>) -> Self {
        let mut known: HashMap<Uuid, Named> = named.into_iter().map(|named| (named.id, named)).collect();
        let mut names = Self {
            texts: HashMap::new(),
            resources: HashMap::new(),
        };
        for id in ids {
            if names.texts.contains_key(id) {
                continue;
            }
            let (type_name, name) = known.remove(id).map(|named| (named.type_name, named.name)).unzip();
            let text = report::resource_text(*id, type_name.as_deref());
            names.texts.insert(*id, text.clone());
            names.resources.insert(
                text.clone(),
                Resource {
                    id: text,
                    type_name,
                    name,
                },
            );
        }
        names
    }

    fn text(&self, id: Uuid) -> String {
        self.texts
            .get(&id)
            .cloned()
            .unwrap_or_else(|| report::resource_text(id, None))
    }

    fn resource(&self, text: &str) -> Option<Resource> {
        self.resources.get(text).cloned()
    }
}
