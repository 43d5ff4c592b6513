//! Signals: what makes the requests of members and service accounts unusual.

use axum::Json;
use axum::extract::State;
use plinth_control::signal::{self, Part, Risk, Signal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{ActorWire, page};
use crate::app::App;
use crate::extract::{CallerIn, Params};
use crate::name::SignalKindName;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which signals.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SignalParams {
    /// Only those of this principal, by the id of a user or service account; the answer has its `risk` then.
    #[param(example = "user_01m82x10m4erxvdpr5ze0zh8pp")]
    principal: Option<String>,
    /// Items a page: 1 to 500, 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What is known about the request or login, as far as it is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignalDetail)]
struct DetailWire {
    #[schema(example = "203.0.113.7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The first 24 bits of an address of version 4, the first 48 of one of version 6.
    #[schema(example = "203.0.113.0/24")]
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// ISO 3166.
    #[schema(example = "DE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// How the browser or program calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
}

/// Something unusual that a member or service account did, or that was done in its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signal)]
struct SignalWire {
    id: String,
    principal: ActorWire,
    #[schema(value_type = SignalKindName)]
    kind: String,
    detail: DetailWire,
    /// What it adds to the risk while it counts; all of a kind together may add less than their sum.
    weight: i32,
    #[schema(format = DateTime)]
    at: String,
    /// From when on it adds nothing.
    #[schema(format = DateTime)]
    counts_until: String,
}

impl From<Signal> for SignalWire {
    fn from(signal: Signal) -> Self {
        let text = |field: &str| {
            signal
                .detail
                .get(field)
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        };
        Self {
            id: signal.id.to_string(),
            detail: DetailWire {
                address: text("address"),
                network: text("network"),
                country: text("country"),
                device: text("device"),
            },
            principal: signal.principal.into(),
            kind: signal.kind,
            weight: signal.weight,
            at: signal.at.to_string(),
            counts_until: signal.counts_until.to_string(),
        }
    }
}

/// What the signals of one kind add to the risk now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RiskPart)]
struct PartWire {
    #[schema(value_type = SignalKindName)]
    kind: String,
    points: i32,
    /// When the last of them ends.
    #[schema(format = DateTime)]
    counts_until: String,
}

impl From<Part> for PartWire {
    fn from(part: Part) -> Self {
        Self {
            kind: part.kind,
            points: part.points,
            counts_until: part.counts_until.to_string(),
        }
    }
}

/// What policies call `context.risk`, as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Risk)]
struct RiskWire {
    /// The sum of the parts, 100 at most.
    #[schema(minimum = 0, maximum = 100)]
    score: i32,
    /// The most first.
    parts: Vec<PartWire>,
}

impl From<Risk> for RiskWire {
    fn from(risk: Risk) -> Self {
        Self {
            score: risk.score,
            parts: risk.parts.into_iter().map(Into::into).collect(),
        }
    }
}

/// A page of signals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignalList)]
struct SignalsWire {
    items: Vec<SignalWire>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required)]
    next: Option<String>,
    /// Of the principal that was asked for; `null` when none was.
    #[schema(required)]
    risk: Option<RiskWire>,
}

/// What was unusual about the requests and logins of the org's members and service accounts, newest first, for 90 days. For
/// those who may see policies, and of those whom they may see.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/signals", operation_id = "list_signals", tag = "policies",
    params(("org" = String, Path, description = "Id or slug"), SignalParams),
    responses((status = 200, description = "A page", body = SignalsWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Params(params): Params<SignalParams>,
) -> Result<Json<SignalsWire>> {
    let principal = params.principal.as_deref();
    let found = signal::list(&app.control, &caller, principal, &page(params.limit, params.cursor)).await?;
    let risk = match principal {
        Some(principal) => Some(signal::risk_of(&app.control, &caller, principal).await?.into()),
        None => None,
    };
    Ok(Json(SignalsWire {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next,
        risk,
    }))
}
