//! What a change of a policy would do, on the wire.

use plinth_control::policy::impact::{Change, Example, Impact, Past, Requests, Then};
use serde::Serialize;
use utoipa::ToSchema;

use crate::route::wire::ActorWire;

/// The answer to the dry run of a deletion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyDeletion)]
pub struct ForetoldWire {
    pub impact: ImpactWire,
}

/// What a change of a policy would do, as far as the caller may see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyImpact)]
pub struct ImpactWire {
    principals: GainLoseWire,
    /// Losses first, the largest first; at most 100.
    changes: Vec<ChangeWire>,
    /// How many there are.
    changes_count: usize,
    requests: RequestsWire,
    /// `false` when a bound was reached: there may be more than is told.
    complete: bool,
}

/// How many members and service accounts would gain something, and how many would lose something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyGainLose)]
pub struct GainLoseWire {
    gain: usize,
    lose: usize,
}

/// What one principal gains or loses of one action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyChange)]
pub struct ChangeWire {
    principal: ActorWire,
    change: ChangeKind,
    #[schema(example = "members:update")]
    action: String,
    /// To how many things that there are now; 1 for what is not done to one resource.
    count: usize,
    /// At most 3.
    examples: Vec<ExampleWire>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PolicyChangeKind)]
pub enum ChangeKind {
    Gains,
    Loses,
}

/// A thing by its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyExample)]
pub struct ExampleWire {
    #[serde(rename = "type")]
    type_name: String,
    id: String,
    name: String,
}

/// What the requests of the last 7 days would have got.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyRequests)]
pub struct RequestsWire {
    #[schema(format = DateTime)]
    since: String,
    /// How many were judged.
    considered: i64,
    would_be_refused: i64,
    would_be_allowed: i64,
    /// At most 5 that would be refused, and 5 that would be allowed.
    examples: Vec<PastWire>,
}

/// A request that would be answered otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyPastRequest)]
pub struct PastWire {
    #[schema(format = DateTime)]
    time: String,
    actor: ActorWire,
    action: String,
    /// `null` when it was about no one thing.
    #[schema(required)]
    subject: Option<ExampleWire>,
    /// How it was answered.
    then: Verdict,
    /// How it would be answered.
    now: Verdict,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PolicyVerdict)]
pub enum Verdict {
    Allowed,
    Refused,
}

impl From<Impact> for ImpactWire {
    fn from(impact: Impact) -> Self {
        Self {
            principals: GainLoseWire {
                gain: impact.gain,
                lose: impact.lose,
            },
            changes: impact.changes.into_iter().map(Into::into).collect(),
            changes_count: impact.changes_count,
            requests: impact.requests.into(),
            complete: impact.complete,
        }
    }
}

impl From<Change> for ChangeWire {
    fn from(change: Change) -> Self {
        Self {
            principal: change.principal.into(),
            change: if change.loses {
                ChangeKind::Loses
            } else {
                ChangeKind::Gains
            },
            action: change.action,
            count: change.count,
            examples: change.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Example> for ExampleWire {
    fn from(example: Example) -> Self {
        Self {
            type_name: example.type_name,
            id: example.id,
            name: example.name,
        }
    }
}

impl From<Requests> for RequestsWire {
    fn from(requests: Requests) -> Self {
        Self {
            since: requests.since.to_string(),
            considered: requests.considered,
            would_be_refused: requests.would_be_refused,
            would_be_allowed: requests.would_be_allowed,
            examples: requests.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Past> for PastWire {
    fn from(past: Past) -> Self {
        let (then, now) = match past.then {
            Then::Allowed => (Verdict::Allowed, Verdict::Refused),
            Then::Refused => (Verdict::Refused, Verdict::Allowed),
        };
        Self {
            time: past.time.to_string(),
            actor: past.actor.into(),
            action: past.action,
            subject: past.subject.map(Into::into),
            then,
            now,
        }
    }
}
