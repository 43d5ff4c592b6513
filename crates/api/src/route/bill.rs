//! The bill of a month, line by line.

use axum::Json;
use axum::extract::State;
use plinth_control::bill::{self, Bill, Drill, Line, Query, Resource, Subtotal, TierLine};
use plinth_model::id::OrgId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{CallerIn, Params};
use crate::name::{LineKindName, PriceModelName};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BillParams {
    /// A month in UTC; the current one when not given.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-11")]
    period: Option<String>,
    /// The id of the one resource whose lines are wanted.
    resource: Option<String>,
}

/// What an org is charged. Amounts and quantities are decimals; amounts have the digits of the currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bill)]
pub struct BillWire {
    org: String,
    /// Name of the plan.
    plan: String,
    /// ISO 4217 code.
    currency: String,
    period: BillPeriod,
    /// What was recorded before this moment is in the bill.
    #[schema(format = DateTime)]
    as_of: String,
    lines: Vec<BillLine>,
    /// One for each price; each is the sum of its lines.
    subtotals: Vec<BillSubtotal>,
    /// The sum of the subtotals.
    total: String,
    /// Meters with usage that the plan has no price for.
    unpriced: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BillPeriod {
    #[schema(format = DateTime)]
    from: String,
    /// Exclusive.
    #[schema(format = DateTime)]
    to: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BillLine {
    /// Name of the price; its subtotal has the same.
    price: String,
    #[schema(value_type = LineKindName)]
    kind: bill::LineKind,
    #[schema(required)]
    meter: Option<String>,
    title: String,
    /// What a quantity of 1 is.
    unit: String,
    #[schema(required)]
    resource: Option<BillResource>,
    quantity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<String>,
    /// Where the line is the only one of its price; else they are the subtotal's.
    tiers: Vec<BillTier>,
    /// The exact share before rounding.
    unrounded_amount: String,
    amount: String,
    /// How many usage records it is made of.
    records: u64,
    /// Path and query of these records.
    #[schema(required)]
    drill: Option<String>,
}

/// A resource as a bill names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillResource {
    id: String,
    /// Unknown when nothing is left of a deleted resource.
    #[schema(required)]
    name: Option<String>,
    #[serde(rename = "type")]
    #[schema(required)]
    type_name: Option<String>,
}

/// Quantities and bounds are in the meter's own unit, `unit_price` is for one `price_unit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillTier {
    /// Exclusive.
    from: String,
    /// Inclusive; `null` for the tier without end.
    #[schema(required)]
    to: Option<String>,
    quantity: String,
    unit_price: String,
    amount: String,
}

/// One price over all resources. On the bill of one resource `quantity`, `amount` and `records` are that resource's,
/// and allowance, tiers and packages remain the org's.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillSubtotal {
    price: String,
    #[schema(required)]
    meter: Option<String>,
    title: String,
    unit: String,
    #[schema(value_type = PriceModelName)]
    model: bill::Model,
    quantity: String,
    /// The allowance, used or not.
    included: String,
    billable: String,
    /// Name of the unit that `unit_price` is for.
    price_unit: String,
    /// How many of the meter's units make one priced unit.
    unit_scale: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<String>,
    tiers: Vec<BillTier>,
    amount: String,
    records: u64,
}

impl From<Bill> for BillWire {
    fn from(bill: Bill) -> Self {
        let org = bill.org;
        Self {
            org: org.to_string(),
            plan: bill.plan,
            currency: bill.currency,
            period: BillPeriod {
                from: bill.from.to_string(),
                to: bill.to.to_string(),
            },
            as_of: bill.as_of.to_string(),
            lines: bill.lines.into_iter().map(|shown| line(org, shown)).collect(),
            subtotals: bill.subtotals.into_iter().map(BillSubtotal::from).collect(),
            total: bill.total.to_string(),
            unpriced: bill.unpriced,
        }
    }
}

fn line(org: OrgId, Line { rated, resource, drill }: Line) -> BillLine {
    BillLine {
        price: rated.price,
        kind: rated.kind,
        meter: rated.meter,
        title: rated.title,
        unit: rated.unit,
        resource: resource.map(BillResource::from),
        quantity: rated.quantity.to_string(),
        unit_price: rated.unit_price.map(|price| price.to_string()),
        tiers: rated.tiers.into_iter().map(BillTier::from).collect(),
        unrounded_amount: rated.unrounded_amount.to_string(),
        amount: rated.amount.to_string(),
        records: rated.records,
        drill: drill.map(|drill| link(org, &drill)),
    }
}

/// Nothing in it needs escaping: names of meters, ids, and times in UTC.
fn link(
    org: OrgId,
    Drill {
        meter,
        resource,
        from,
        to,
    }: &Drill,
) -> String {
    format!("/v1/orgs/{org}/usage?meter={meter}&resource={resource}&from={from}&to={to}")
}

impl From<Resource> for BillResource {
    fn from(Resource { id, name, type_name }: Resource) -> Self {
        Self { id, name, type_name }
    }
}

impl From<TierLine> for BillTier {
    fn from(tier: TierLine) -> Self {
        Self {
            from: tier.from.to_string(),
            to: tier.to.map(|to| to.to_string()),
            quantity: tier.quantity.to_string(),
            unit_price: tier.unit_price.to_string(),
            amount: tier.amount.to_string(),
        }
    }
}

impl From<Subtotal> for BillSubtotal {
    fn from(subtotal: Subtotal) -> Self {
        Self {
            price: subtotal.price,
            meter: subtotal.meter,
            title: subtotal.title,
            unit: subtotal.unit,
            model: subtotal.model,
            quantity: subtotal.quantity.to_string(),
            included: subtotal.included.to_string(),
            billable: subtotal.billable.to_string(),
            price_unit: subtotal.price_unit,
            unit_scale: subtotal.unit_scale.to_string(),
            unit_price: subtotal.unit_price.map(|price| price.to_string()),
            packages: subtotal.packages.map(|count| count.to_string()),
            tiers: subtotal.tiers.into_iter().map(BillTier::from).collect(),
            amount: subtotal.amount.to_string(),
            records: subtotal.records,
        }
    }
}

/// The bill of a calendar month, so far for the current one.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/bill", operation_id = "get_bill", tag = "bill",
    params(("org" = String, Path, description = "Id or slug"), BillParams),
    responses((status = 200, description = "The bill", body = BillWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn get(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(BillParams { period, resource }): Params<BillParams>,
) -> Result<Json<BillWire>> {
    let bill = bill::get(&app.control, &caller, &Query { period, resource }).await?;
    Ok(Json(bill.into()))
}
