//! For reconcilers: claim work, report on it, answer questions.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::work::{self, Among, Claim, Outcome};
use plinth_control::{Code, action};
use plinth_model::Id;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::ResourceWire;
use crate::app::App;
use crate::extract::{Agent, Body, LeaseHolder, PathParams};
use crate::problem::{Problem, ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(claim))
        .routes(routes!(assignment))
        .routes(routes!(renew))
        .routes(routes!(report))
        .routes(routes!(release))
        .routes(routes!(finalize))
        .routes(routes!(claim_actions))
        .routes(routes!(answer_action))
}

/// What an agent asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// Names the agent: the same over its life, another one after a restart.
    #[schema(max_length = 128)]
    agent: String,
    types: Vec<String>,
    /// How many resources it can take: 0 to 100.
    #[serde(default = "one")]
    capacity: usize,
    /// How many resources of one org it takes at most, counting those that it holds: at least 1. Resources that are being
    /// deleted are given out beyond it.
    #[schema(minimum = 1)]
    org_capacity: Option<usize>,
    /// Which resources alone it takes.
    only: Option<OnlyWire>,
    /// How long to wait for something to do: 0 to 30 seconds.
    #[serde(default)]
    wait_secs: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClaimOnly)]
enum OnlyWire {
    /// Those that are being deleted.
    Deleted,
}

/// What an agent asks for that answers questions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionClaimRequest {
    /// Names the agent: the same over its life, another one after a restart.
    #[schema(max_length = 128)]
    agent: String,
    types: Vec<String>,
    /// How many questions it can take: 0 to 100.
    #[serde(default = "one")]
    capacity: usize,
    /// How long to wait for a question: 0 to 30 seconds.
    #[serde(default)]
    wait_secs: u64,
}

fn one() -> usize {
    1
}

impl From<ActionClaimRequest> for ClaimRequest {
    fn from(asked: ActionClaimRequest) -> Self {
        Self {
            agent: asked.agent,
            types: asked.types,
            capacity: asked.capacity,
            org_capacity: None,
            only: None,
            wait_secs: asked.wait_secs,
        }
    }
}

impl ClaimRequest {
    fn claim(self) -> Result<Claim> {
        let Self {
            agent,
            types,
            capacity,
            org_capacity,
            only,
            wait_secs,
        } = self;
        if agent.is_empty()
            || agent.len() > 128
            || agent.contains('\0')
            || capacity > 100
            || wait_secs > 30
            || types.len() > 100
        {
            let detail = "`agent` must have 1 to 128 characters, `capacity` be at most 100 and `wait_secs` at most 30";
            return Err(Problem::new(Code::InvalidRequest, detail));
        }
        if org_capacity == Some(0) {
            let detail = "`org_capacity` must be at least 1; leave it out for no limit";
            return Err(Problem::new(Code::InvalidRequest, detail));
        }
        Ok(Claim {
            agent,
            types,
            capacity,
            org_capacity,
            among: match only {
                Some(OnlyWire::Deleted) => Among::Deleted,
                None => Among::All,
            },
            wait: Duration::from_secs(wait_secs),
        })
    }
}

/// Leases due resources; waits for one.
#[utoipa::path(post, path = "/v1/work/claim", operation_id = "claim_work", tag = "work", request_body = ClaimRequest, responses((status = 200, description = "New leases, and news about those held", body = Object), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn claim(State(app): State<App>, _: Agent, Body(body): Body<ClaimRequest>) -> Result<Json<Value>> {
    let claimed = work::claim(&app.control, &body.claim()?).await?;
    let ttl_secs = app.control.config().lease_secs;
    let items: Vec<Value> = claimed.items.into_iter().map(|item| leased(item, ttl_secs)).collect();
    let changed: Vec<Value> = claimed
        .changed
        .into_iter()
        .map(|resource| json!({"resource": ResourceWire::from(resource)}))
        .collect();
    Ok(Json(json!({"items": items, "changed": changed})))
}

fn leased(item: work::Leased, ttl_secs: f64) -> Value {
    let work::Leased {
        token,
        epoch,
        expires_at,
        attempts,
        resource,
    } = item;
    json!({
        "lease": {"token": token, "epoch": epoch, "expires_at": expires_at, "ttl_secs": ttl_secs},
        "org": resource.org,
        "attempts": attempts,
        "resource": ResourceWire::from(resource),
    })
}

/// The resource of the lease, and what it refers to, with secrets.
#[utoipa::path(get, path = "/v1/work/self", operation_id = "get_assignment", tag = "work", responses((status = 200, description = "The assignment", body = Object), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn assignment(State(app): State<App>, LeaseHolder(holder): LeaseHolder) -> Result<Json<Value>> {
    let found = work::assignment(&app.control, &holder).await?;
    let references = found
        .references
        .into_iter()
        .map(|(pointer, target)| (pointer, json!(ResourceWire::from(target))));
    Ok(Json(json!({
        "references": references.collect::<Map<_, _>>(),
        "lease": {"epoch": found.lease.lease_epoch, "expires_at": found.lease.leased_until},
        "resource": ResourceWire::from(found.resource),
    })))
}

/// Nothing has to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Keeps the lease alive.
#[utoipa::path(post, path = "/v1/work/self/renew", operation_id = "renew_lease", tag = "work", request_body = Empty, responses((status = 200, description = "Alive until", body = Object), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn renew(State(app): State<App>, LeaseHolder(holder): LeaseHolder, Body(_): Body<Empty>) -> Result<Json<Value>> {
    let lease = work::renew(&app.control, &holder).await?;
    let ttl_secs = app.control.config().lease_secs;
    Ok(Json(json!({
        "expires_at": lease.leased_until, "ttl_secs": ttl_secs, "generation": lease.generation,
    })))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusReport {
    /// The generation that the status speaks of.
    observed_generation: i64,
    #[schema(value_type = Object)]
    status: Value,
}

/// Reports the actual state.
#[utoipa::path(put, path = "/v1/work/self/status", operation_id = "report_status", tag = "work", request_body = StatusReport, responses((status = 204, description = "Stored"), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn report(
    State(app): State<App>,
    LeaseHolder(holder): LeaseHolder,
    Body(body): Body<StatusReport>,
) -> Result<StatusCode> {
    work::report(&app.control, &holder, body.observed_generation, &body.status).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    outcome: OutcomeWire,
    observed_generation: i64,
    /// When to look at it again, for `retry`.
    #[schema(minimum = 0, maximum = 86400)]
    retry_after_secs: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OutcomeWire {
    Done,
    Retry,
}

/// Gives the resource back.
#[utoipa::path(post, path = "/v1/work/self/release", operation_id = "release_lease", tag = "work", request_body = Release, responses((status = 204, description = "Released"), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn release(
    State(app): State<App>,
    LeaseHolder(holder): LeaseHolder,
    Body(body): Body<Release>,
) -> Result<StatusCode> {
    let after_secs = body.retry_after_secs.unwrap_or(5.0);
    if !(0.0..=86_400.0).contains(&after_secs) {
        return Err(Problem::new(
            Code::InvalidRequest,
            "`retry_after_secs` must be 0 to 86400",
        ));
    }
    let outcome = match body.outcome {
        OutcomeWire::Done => Outcome::Done,
        OutcomeWire::Retry => Outcome::Retry { after_secs },
    };
    work::release(&app.control, &holder, outcome, body.observed_generation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A deleted resource is torn down.
#[utoipa::path(post, path = "/v1/work/self/finalize", operation_id = "finalize", tag = "work", request_body = Empty, responses((status = 204, description = "Gone for good"), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn finalize(
    State(app): State<App>,
    LeaseHolder(holder): LeaseHolder,
    Body(_): Body<Empty>,
) -> Result<StatusCode> {
    work::finalize(&app.control, &holder).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes open questions; waits for one.
#[utoipa::path(post, path = "/v1/work/claim-actions", operation_id = "claim_actions", tag = "work", request_body = ActionClaimRequest, responses((status = 200, description = "Questions", body = Object), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn claim_actions(State(app): State<App>, _: Agent, Body(body): Body<ActionClaimRequest>) -> Result<Json<Value>> {
    let asked = action::claim(&app.control, &ClaimRequest::from(body).claim()?).await?;
    let items: Vec<Value> = asked
        .into_iter()
        .map(|asked| {
            json!({
                "id": Id(asked.id).text("action"), "org": asked.org, "token": asked.token, "type": asked.type_name,
                "action": asked.action, "spec": asked.spec,
            })
        })
        .collect();
    Ok(Json(json!({"items": items})))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionAnswer {
    /// The question's own token.
    token: String,
    #[schema(value_type = Object)]
    result: Value,
}

/// Answers a question.
#[utoipa::path(post, path = "/v1/work/actions/{id}/result", operation_id = "answer_action", tag = "work", params(("id" = String, Path, description = "The question")), request_body = ActionAnswer, responses((status = 204, description = "Passed on"), (status = "4XX", description = "Refused", body = ProblemBody)))]
async fn answer_action(
    State(app): State<App>,
    _: Agent,
    PathParams(id): PathParams<String>,
    Body(body): Body<ActionAnswer>,
) -> Result<StatusCode> {
    let id = Id::parse("action", &id).map_err(|_| Problem::new(Code::NotFound, "there is no such question"))?;
    action::answer(&app.control, id.0, &body.token, &body.result).await?;
    Ok(StatusCode::NO_CONTENT)
}
