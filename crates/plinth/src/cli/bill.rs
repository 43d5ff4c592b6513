//! `bill`: what a month costs, by meter and resource, and the records behind a line.

use clap::Args;
use futures::TryStreamExt;
use plinth_client::{
    bill::{Bill, BillQuery, Line, Subtotal},
    usage::{UsageQuery, UsageRecord},
};

use super::{
    human,
    output::{columns, show},
    session::Session,
};

#[derive(Debug, Args)]
pub struct BillArgs {
    /// Month, such as `2026-11` [default: the running one]
    #[arg(long, value_name = "YYYY-MM")]
    period: Option<String>,
    /// Only this resource, by id
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// Show the usage records of this meter instead
    #[arg(long, value_name = "METER")]
    records: Option<String>,
}

pub async fn run(session: &Session, args: BillArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let query = BillQuery {
        period: args.period,
        resource: args.resource.clone(),
    };
    let bill = org.bills().get(&query).await?;
    let Some(meter) = args.records else {
        return show(session.format, &bill, table);
    };
    let query = UsageQuery {
        meter: Some(meter),
        resource: args.resource,
        from: Some(bill.period.from.parse()?),
        to: Some(bill.period.to.parse()?),
        limit: Some(500),
        cursor: None,
    };
    let records: Vec<UsageRecord> = org.usage().all(query).try_collect().await?;
    show(session.format, &records, |records| record_table(records))
}

fn table(bill: &Bill) -> String {
    let day = |text: &str| text.split('T').next().unwrap_or_default().to_owned();
    let mut text = format!(
        "{} to {}, plan {}",
        day(&bill.period.from),
        day(&bill.period.to),
        human::value(bill.plan.get("name").unwrap_or(&bill.plan)),
    );
    if let Some(as_of) = &bill.as_of {
        text.push_str(&format!(", as of {as_of}"));
    }
    text.push_str("\n\n");
    if bill.lines.is_empty() {
        text.push_str("Nothing was used yet.\n");
    } else {
        text.push_str(&lines(&bill.lines, &bill.currency));
        text.push_str("\n\n");
        text.push_str(&sums(&bill.subtotals, &bill.currency));
        text.push('\n');
    }
    text.push_str(&format!("\nTotal  {} {}", bill.total, bill.currency));
    text
}

/// How the amounts follow from what was used: allowance, rate, sum of each price.
fn sums(subtotals: &[Subtotal], currency: &str) -> String {
    let rows = subtotals.iter().map(|subtotal| {
        vec![
            subtotal.title.clone(),
            human::decimal(&subtotal.quantity),
            human::decimal(&subtotal.included),
            human::decimal(&subtotal.billable),
            rates(subtotal),
            format!("{} {currency}", subtotal.amount),
        ]
    });
    columns(["PRICE", "USED", "INCLUDED", "CHARGED", "RATE", "SUM"], rows)
}

/// `0.08 per GB`, or the rates of the tiers that the quantity lies in: `1.50, 1.00 per million rows`.
fn rates(subtotal: &Subtotal) -> String {
    let tiers = subtotal.tiers.iter().map(|tier| tier.unit_price.clone());
    let rates: Vec<String> = subtotal.unit_price.clone().into_iter().chain(tiers).collect();
    if rates.is_empty() {
        return "-".to_owned();
    }
    format!("{} per {}", rates.join(", "), subtotal.price_unit)
}

pub fn lines(lines: &[Line], currency: &str) -> String {
    let rows = lines.iter().map(|line| {
        let resource = line.resource.as_ref();
        let resource = resource.map(|one| one.name.clone().unwrap_or_else(|| one.id.clone()));
        vec![
            line.title.clone(),
            resource.unwrap_or_else(|| "-".to_owned()),
            format!("{} {}", human::decimal(&line.quantity), line.unit),
            format!("{} {currency}", line.amount),
            line.records.to_string(),
        ]
    });
    let header = ["WHAT", "RESOURCE", "QUANTITY", "AMOUNT", "RECORDS"];
    columns(header, rows)
}

fn record_table(records: &[UsageRecord]) -> String {
    let rows = records.iter().map(|record| {
        vec![
            human::time(record.at),
            human::decimal(&record.quantity),
            record.resource.clone().unwrap_or_default(),
            record.source.clone(),
            record.id.clone(),
        ]
    });
    columns(["TIME", "QUANTITY", "RESOURCE", "SOURCE", "ID"], rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bill_shows_what_each_resource_cost() {
        let bill = json!({"org": "org_1", "plan": "standard", "currency": "USD",
            "period": {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"},
            "lines": [
                {"meter": "rows_copied", "title": "Rows copied", "unit": "row",
                 "resource": {"id": "pipeline_1", "name": "orders", "type": "pipeline"},
                 "quantity": "1000000", "unit_price": null, "amount": "1.35", "records": 12},
                {"meter": null, "title": "Base fee", "unit": "month", "resource": null,
                 "quantity": "0.5", "unit_price": "10.00", "amount": "5.00", "records": 0}],
            "subtotals": [
                {"price": "rows_copied", "meter": "rows_copied", "title": "Rows copied", "unit": "row",
                 "quantity": "1000000", "included": "100000", "billable": "900000", "price_unit": "million rows",
                 "tiers": [{"quantity": "900000", "unit_price": "1.50"}], "amount": "1.35"},
                {"price": "base", "meter": null, "title": "Base fee", "unit": "month",
                 "quantity": "0.5", "included": "0", "billable": "0.5", "price_unit": "month",
                 "unit_price": "10.00", "tiers": [], "amount": "5.00"}],
            "total": "6.35"});
        let bill: Bill = serde_json::from_value(bill).expect("a bill");
        insta::assert_snapshot!(table(&bill), @r"
        2026-11-01 to 2026-12-01, plan standard

        WHAT         RESOURCE  QUANTITY       AMOUNT    RECORDS
        Rows copied  orders    1,000,000 row  1.35 USD  12
        Base fee     -         0.5 month      5.00 USD  0

        PRICE        USED       INCLUDED  CHARGED  RATE                   SUM
        Rows copied  1,000,000  100,000   900,000  1.50 per million rows  1.35 USD
        Base fee     0.5        0         0.5      10.00 per month        5.00 USD

        Total  6.35 USD
        ");
    }
}
