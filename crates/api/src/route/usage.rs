//! Usage: billable records in, and the ledger out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use plinth_control::usage::{self, Filter, Record, RecordDraft};
use plinth_model::object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::metric::IngestedWire;
use super::wire::{List, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, LeaseHolder, Params};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ingest))
        .routes(routes!(report))
}

/// Up to 10,000 records, kept all or nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageBatch {
    #[serde(deserialize_with = "object::list")]
    #[schema(max_items = 10_000)]
    pub records: Vec<UsageReport>,
}

/// A billable quantity. `source` and `id` together name it for good: the same record may be sent again, another one of
/// that name is a `usage_conflict`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageReport {
    /// Who counts.
    #[schema(min_length = 1, max_length = 200)]
    source: String,
    /// Unique for the source.
    #[schema(min_length = 1, max_length = 200)]
    id: String,
    #[schema(example = "requests")]
    meter: String,
    /// The id of the resource. The holder of a lease may leave it out, and counts for that resource alone.
    resource: Option<String>,
    /// A decimal of at most 28 digits, at most 12 of them after the point.
    #[schema(pattern = r"^[0-9]+(\.[0-9]+)?$", example = "1250")]
    quantity: String,
    /// Not before 2000, and not more than 10 minutes in the future.
    #[schema(format = DateTime)]
    at: String,
    /// At most 32, in 8,000 bytes.
    #[serde(default)]
    properties: BTreeMap<String, Value>,
}

impl From<UsageReport> for RecordDraft {
    fn from(report: UsageReport) -> Self {
        let UsageReport {
            source,
            id,
            meter,
            resource,
            quantity,
            at,
            properties,
        } = report;
        Self {
            source,
            id,
            meter,
            resource,
            quantity,
            at,
            properties,
        }
    }
}

/// Records usage.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/usage", operation_id = "ingest_usage", tag = "usage",
    params(("org" = String, Path, description = "Id or slug"), KeyParam), request_body = UsageBatch,
    responses((status = 200, description = "Kept", body = IngestedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn ingest(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Idempotent { body: Body(body), key }: Idempotent<Body<UsageBatch>>,
) -> Result<Json<IngestedWire>> {
    let drafts: Vec<RecordDraft> = body.records.into_iter().map(RecordDraft::from).collect();
    let ingested = usage::ingest(&app.control, &caller, &drafts, key.as_ref()).await?;
    Ok(Json(ingested.into()))
}

/// Records usage of the lease's resource.
#[utoipa::path(
    post, path = "/v1/work/self/usage", operation_id = "report_usage", tag = "work", request_body = UsageBatch,
    responses((status = 200, description = "Kept", body = IngestedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn report(
    State(app): State<App>,
    LeaseHolder(holder): LeaseHolder,
    Body(body): Body<UsageBatch>,
) -> Result<Json<IngestedWire>> {
    let drafts: Vec<RecordDraft> = body.records.into_iter().map(RecordDraft::from).collect();
    let ingested = usage::report_by_lease(&app.control, &holder, &drafts).await?;
    Ok(Json(ingested.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UsageParams {
    /// Items a page: 1 to 500, 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    meter: Option<String>,
    /// The id of a resource, or `none` for usage that belongs to no resource.
    resource: Option<String>,
    /// Inclusive.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Exclusive.
    #[param(format = DateTime)]
    to: Option<String>,
}

/// A usage record as it was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageRecord {
    source: String,
    id: String,
    meter: String,
    #[schema(required)]
    resource: Option<String>,
    /// A decimal.
    quantity: String,
    #[schema(format = DateTime)]
    at: String,
    #[schema(value_type = Object)]
    properties: Value,
    #[schema(format = DateTime)]
    recorded_at: String,
}

impl From<Record> for UsageRecord {
    fn from(record: Record) -> Self {
        Self {
            source: record.source,
            id: record.id,
            meter: record.meter,
            resource: record.resource,
            quantity: record.quantity.to_string(),
            at: record.at.to_string(),
            properties: record.properties,
            recorded_at: record.recorded_at.to_string(),
        }
    }
}

/// Usage records, newest first.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/usage", operation_id = "list_usage", tag = "usage",
    params(("org" = String, Path, description = "Id or slug"), UsageParams),
    responses((status = 200, description = "A page", body = List<UsageRecord>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<UsageParams>,
) -> Result<Json<List<UsageRecord>>> {
    let UsageParams {
        limit,
        cursor,
        meter,
        resource,
        from,
        to,
    } = params;
    let filter = Filter {
        meter,
        resource,
        from,
        to,
    };
    let found = usage::list(&app.control, &caller, &filter, &page(limit, cursor)).await?;
    let found = found.map(UsageRecord::from);
    Ok(Json(List {
        items: found.items,
        next: found.next,
    }))
}
