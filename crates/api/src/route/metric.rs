//! Metrics: points in, aggregated series out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use plinth_control::metric::{self, PointDraft, Query, Series};
use plinth_control::report::Ingested;
use plinth_control::{Caller, Code};
use plinth_model::object;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, KeyParam, LeaseHolder, Params};
use crate::name::AggregateName;
use crate::problem::{Problem, ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ingest))
        .routes(routes!(report))
        .routes(routes!(query_by_url, query))
}

/// Up to 10,000 points, taken all or nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricBatch {
    #[serde(deserialize_with = "object::list")]
    #[schema(max_items = 10_000)]
    pub points: Vec<MetricPoint>,
}

/// One measurement. A second one of the same name, resource, labels and time is a duplicate, and is left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricPoint {
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$", example = "latency_seconds")]
    name: String,
    /// The id of the measured resource. May be left out by the holder of a lease, who measures that resource alone.
    resource: Option<String>,
    /// Not before 2000, and not more than 10 minutes in the future.
    #[schema(format = DateTime)]
    at: String,
    /// 0, or 1e-100 to 1e100 in size.
    value: f64,
    /// At most 16. `resource` is not the name of a label.
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl From<MetricPoint> for PointDraft {
    fn from(point: MetricPoint) -> Self {
        let MetricPoint {
            name,
            resource,
            at,
            value,
            labels,
        } = point;
        Self {
            name,
            resource,
            at,
            value,
            labels,
        }
    }
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ingested)]
pub struct IngestedWire {
    accepted: usize,
    /// How many were there already.
    duplicate: usize,
}

impl From<Ingested> for IngestedWire {
    fn from(Ingested { accepted, duplicate }: Ingested) -> Self {
        Self { accepted, duplicate }
    }
}

/// Takes measurements.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/metrics", operation_id = "ingest_metrics", tag = "metrics",
    params(("org" = String, Path, description = "Id or slug"), KeyParam), request_body = MetricBatch,
    responses((status = 200, description = "Taken", body = IngestedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn ingest(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Idempotent { body: Body(body), key }: Idempotent<Body<MetricBatch>>,
) -> Result<Json<IngestedWire>> {
    let drafts: Vec<PointDraft> = body.points.into_iter().map(PointDraft::from).collect();
    let ingested = metric::ingest(&app.control, &caller, &drafts, key.as_ref()).await?;
    Ok(Json(ingested.into()))
}

/// Takes measurements of the lease's resource.
#[utoipa::path(
    post, path = "/v1/work/self/metrics", operation_id = "report_metrics", tag = "work", request_body = MetricBatch,
    responses((status = 200, description = "Taken", body = IngestedWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn report(
    State(app): State<App>,
    LeaseHolder(holder): LeaseHolder,
    Body(body): Body<MetricBatch>,
) -> Result<Json<IngestedWire>> {
    let drafts: Vec<PointDraft> = body.points.into_iter().map(PointDraft::from).collect();
    let ingested = metric::report_by_lease(&app.control, &holder, &drafts).await?;
    Ok(Json(ingested.into()))
}

/// A question about one metric.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    #[schema(example = "latency_seconds")]
    name: String,
    /// `rate` is the growth a second of counters that may be reset.
    #[schema(value_type = AggregateName, example = "rate")]
    aggregate: String,
    /// Inclusive.
    #[schema(format = DateTime)]
    from: String,
    /// Exclusive.
    #[schema(format = DateTime)]
    to: String,
    /// Buckets begin at multiples of this since 1970.
    #[schema(minimum = 1, maximum = 31_622_400)]
    bucket_secs: i64,
    /// Names of labels, and `resource`; one series for all when empty.
    #[serde(default)]
    group_by: Vec<String>,
    /// The id of one resource.
    resource: Option<String>,
    /// What a series must be labelled with.
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl From<MetricQuery> for Query {
    fn from(query: MetricQuery) -> Self {
        let MetricQuery {
            name,
            aggregate,
            from,
            to,
            bucket_secs,
            group_by,
            resource,
            labels,
        } = query;
        Self {
            name,
            aggregate,
            from,
            to,
            bucket_secs,
            group_by,
            resource,
            labels,
        }
    }
}

/// The same question in a URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MetricParams {
    name: String,
    /// `rate` is the growth a second of counters that may be reset.
    #[param(value_type = AggregateName)]
    aggregate: String,
    /// Inclusive.
    #[param(format = DateTime)]
    from: String,
    /// Exclusive.
    #[param(format = DateTime)]
    to: String,
    /// Buckets begin at multiples of this since 1970.
    #[param(minimum = 1, maximum = 31_622_400)]
    bucket_secs: i64,
    /// A label's name, or `resource`. May be repeated.
    #[serde(default)]
    group_by: Vec<String>,
    /// The id of one resource.
    resource: Option<String>,
    /// `<name>:<value>` that a series must be labelled with. May be repeated: all must hold.
    #[serde(default)]
    label: Vec<String>,
}

impl MetricParams {
    fn query(self) -> Result<Query> {
        let Self {
            name,
            aggregate,
            from,
            to,
            bucket_secs,
            group_by,
            resource,
            label,
        } = self;
        let pair = |text: &String| {
            text.split_once(':')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let labels = label.iter().map(pair).collect::<Option<BTreeMap<String, String>>>();
        let labels = labels.ok_or_else(|| Problem::new(Code::InvalidRequest, "`label` must be `<name>:<value>`"))?;
        Ok(Query {
            name,
            aggregate,
            from,
            to,
            bucket_secs,
            group_by,
            resource,
            labels,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MetricAnswer {
    series: Vec<MetricSeries>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MetricSeries {
    /// What the points have in common, of what was asked to group by.
    group: BTreeMap<String, String>,
    /// In order; a bucket with nothing in it has no point.
    points: Vec<MetricReading>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MetricReading {
    /// The start of the bucket.
    #[schema(format = DateTime)]
    at: String,
    value: f64,
}

impl From<Series> for MetricSeries {
    fn from(series: Series) -> Self {
        let reading = |point: metric::Point| MetricReading {
            at: point.at.to_string(),
            value: point.value,
        };
        Self {
            group: series.group,
            points: series.points.into_iter().map(reading).collect(),
        }
    }
}

async fn answer(app: &App, caller: &Caller, query: &Query) -> Result<Json<MetricAnswer>> {
    let series = metric::query(&app.control, caller, query).await?;
    Ok(Json(MetricAnswer {
        series: series.into_iter().map(MetricSeries::from).collect(),
    }))
}

/// Aggregates a metric over time; at most 11,000 points over all series.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/metrics/query", operation_id = "query_metrics", tag = "metrics",
    params(("org" = String, Path, description = "Id or slug")), request_body = MetricQuery,
    responses((status = 200, description = "The series", body = MetricAnswer), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn query(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Body(query): Body<MetricQuery>,
) -> Result<Json<MetricAnswer>> {
    answer(&app, &caller, &query.into()).await
}

/// The same, with the question in the URL.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/metrics/query", operation_id = "query_metrics_by_url", tag = "metrics",
    params(("org" = String, Path, description = "Id or slug"), MetricParams),
    responses((status = 200, description = "The series", body = MetricAnswer), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn query_by_url(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<MetricParams>,
) -> Result<Json<MetricAnswer>> {
    answer(&app, &caller, &params.query()?).await
}
