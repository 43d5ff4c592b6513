//! Bills written down for SQL clients, of orgs that have one: the current month's and the one before.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use plinth_model::Scope;
use plinth_model::id::OrgId;
use plinth_rating::LineKind;
use plinth_store::bill::{self as stored, Heading, Line};

use super::{Bill, whole};
use crate::Control;
use crate::error::{Code, Result};

/// Most orgs of one step.
const MOST_ORGS: i64 = 500;

/// Writes down the bills of the orgs whose lines are the oldest; how many there were. One that fails holds no other up.
///
/// # Errors
/// `unavailable` when a database cannot be reached.
pub(crate) async fn step(control: &Control) -> Result<usize> {
    let mut done = 0;
    for cell in control.store().cells() {
        let mut tx = control.store().system(cell, "bills for SQL").await?;
        let due = stored::due(&mut tx, MOST_ORGS).await?;
        tx.commit().await?;
        for org in due {
            let org = OrgId(org.org_id);
            match org_now(control, org).await {
                Ok(()) => done += 1,
                Err(error) => {
                    tracing::warn!(error = %error, cause = ?error.cause, %org, "cannot write the bill down; it is tried again")
                }
            }
        }
    }
    Ok(done)
}

/// Writes down the bills of an org, as they are at this moment.
///
/// # Errors
/// As [`step`].
pub(crate) async fn org_now(control: &Control, org: OrgId) -> Result<()> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date().first_of_month();
    for month in [today, today.saturating_sub(1.month())] {
        publish(control, org, &month.strftime("%Y-%m").to_string()).await?;
    }
    Ok(())
}

async fn publish(control: &Control, org: OrgId, period: &str) -> Result<()> {
    let scope = Scope::system("bills for SQL", org);
    let bill = whole(control, &scope, Some(period)).await;
    let mut tx = control.store().begin(&scope).await?;
    stored::date(&mut tx, &scope).await?;
    match bill {
        Ok(bill) => {
            let heading = Heading {
                period,
                currency: &bill.currency,
                as_of: bill.as_of,
            };
            stored::publish(&mut tx, &scope, heading, &lines(&bill)).await?;
        }
        // Its plan is not sold any more, or the numbers are too large: the bill of the API says so, too. It has had its turn.
        Err(error) if matches!(error.code, Code::Conflict | Code::NotFound | Code::ValidationFailed) => {}
        Err(error) => return Err(error),
    }
    Ok(tx.commit().await?)
}

fn lines(bill: &Bill) -> Vec<Line<'_>> {
    bill.lines.iter().map(written).collect()
}

fn written(line: &super::Line) -> Line<'_> {
    let rated = &line.rated;
    Line {
        price: &rated.price,
        title: &rated.title,
        kind: match rated.kind {
            LineKind::Usage => "usage",
            LineKind::Flat => "flat",
            LineKind::Minimum => "minimum",
        },
        meter: rated.meter.as_deref(),
        resource: rated.resource.as_deref(),
        resource_name: line.resource.as_ref().and_then(|resource| resource.name.as_deref()),
        quantity: rated.quantity,
        unit: &rated.unit,
        amount: rated.amount,
        records: i64::try_from(rated.records).unwrap_or(i64::MAX),
    }
}
