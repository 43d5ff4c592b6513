//! Waiting for a resource: by its events, not by asking again and again.
//! Knows what states mean only as far as all types agree on it.

use std::{fmt, time::Duration};

use futures::TryStreamExt;
use plinth_client::{
    event::{Event, EventFilter, Update},
    org::OrgScope,
    product::ResourceType,
    resource::Resource,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{failure::Failure, progress, session::Session};

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// The reconciler has seen the newest spec and is past the states of getting there.
    Settled,
    State(String),
    Gone,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settled => f.write_str("settled"),
            Self::State(state) => write!(f, "`{state}`"),
            Self::Gone => f.write_str("gone"),
        }
    }
}

/// How far a resource is from the goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distance {
    Reached,
    OnTheWay,
    /// It will not get there by itself.
    Failed(String),
}

/// States of a resource on its way to where its spec wants it.
const PASSING: [&str; 10] = [
    "pending",
    "connecting",
    "creating",
    "provisioning",
    "starting",
    "updating",
    "snapshotting",
    "stopping",
    "deleting",
    "unknown",
];

impl Goal {
    /// A state, by the word that somebody wrote; refused when the type says that nothing of it ever has this state.
    pub fn state(kind: &ResourceType, word: &str) -> Result<Self, Failure> {
        let states = states(&kind.status_schema);
        if states.is_empty() || states.contains(&word) {
            return Ok(Self::State(word.to_owned()));
        }
        let plural = &kind.plural;
        let failure = Failure::usage(format!("`{word}` is not a state of {plural}"));
        Err(failure.hint(format!("states of {plural}: {}", states.join(", "))))
    }

    /// What `--wait` means, with a state or without one.
    pub fn of_wait(kind: &ResourceType, word: Option<&str>) -> Result<Self, Failure> {
        match word {
            // Nobody works on it: there is nothing to wait for.
            Some(word) if kind.reconciled => Self::state(kind, word),
            Some(_) | None => Ok(Self::Settled),
        }
    }

    pub fn distance(&self, kind: &ResourceType, resource: &Resource) -> Distance {
        if resource.deleted_at.is_some() && *self != Self::Gone {
            return Distance::Failed(format!("`{}` was deleted", resource.name));
        }
        // Nobody works on it, so it is what it says it is.
        if !kind.reconciled && *self != Self::Gone {
            return Distance::Reached;
        }
        // A status of an older spec says nothing about this one.
        let observed = resource.observed_generation;
        if observed.is_some_and(|observed| observed < resource.generation) {
            return Distance::OnTheWay;
        }
        match (self, resource.state()) {
            (Self::State(goal), Some(state)) if goal == state => Distance::Reached,
            (Self::Gone, _) => Distance::OnTheWay,
            (_, Some("failed" | "error")) => Distance::Failed(failure_of(resource)),
            (Self::State(goal), Some("completed")) if goal != "completed" => {
                Distance::Failed(format!("`{}` is `completed` already", resource.name))
            }
            (Self::Settled, Some(state)) if !PASSING.contains(&state) => Distance::Reached,
            _ => Distance::OnTheWay,
        }
    }
}

/// The states that a status can have; none when its schema does not tell.
fn states(status_schema: &Value) -> Vec<&str> {
    let mut state = status_schema.pointer("/properties/state");
    let target = state.and_then(|state| state.get("$ref")?.as_str()?.strip_prefix('#'));
    if let Some(pointer) = target {
        state = status_schema.pointer(pointer);
    }
    let names = state.and_then(|state| state.get("enum")?.as_array());
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn failure_of(resource: &Resource) -> String {
    let status = resource.status.as_ref();
    let text = |name: &str| status.and_then(|status| status.get(name)?.as_str());
    let mut message = format!("`{}` failed", resource.name);
    for part in [text("message"), text("hint")].into_iter().flatten() {
        message.push_str(": ");
        message.push_str(part);
    }
    message
}

/// A resource as it was when its org's events had come to `head`.
#[derive(Debug)]
pub struct Since {
    pub head: u64,
    pub resource: Resource,
}

/// Waits until the resource is there, and shows how it goes.
pub async fn until(
    session: &Session,
    org: &OrgScope,
    kind: &ResourceType,
    name: &str,
    goal: &Goal,
    limit: Duration,
) -> anyhow::Result<()> {
    // The events behind this point are followed, the state after it is read: nothing falls between.
    let head = org.events().head().await?;
    let resource = org.resources(&kind.plural).get(name).await?;
    from(session, org, kind, Since { head, resource }, goal, limit).await
}

/// As [`until`], from a state that is known.
pub async fn from(
    session: &Session,
    org: &OrgScope,
    kind: &ResourceType,
    since: Since,
    goal: &Goal,
    limit: Duration,
) -> anyhow::Result<()> {
    let name = since.resource.name.clone();
    let arrival = follow(session, org, kind, since, goal);
    match timeout(limit, arrival).await {
        Ok(arrival) => arrival,
        Err(_) => {
            let message = format!("`{name}` was not {goal} within {limit:?}");
            let hint = format!("`plinth describe {} {name}` shows how it is", kind.plural);
            Err(Failure::timed_out(message).hint(hint).into())
        }
    }
}

async fn follow(
    session: &Session,
    org: &OrgScope,
    kind: &ResourceType,
    since: Since,
    goal: &Goal,
) -> anyhow::Result<()> {
    let mut display = progress::Display::new(session);
    if arrived(kind, &since.resource, goal, &mut display)? {
        return Ok(());
    }
    let filter = EventFilter {
        subject: Some(since.resource.id.clone()),
        ..EventFilter::default()
    };
    let mut updates = std::pin::pin!(org.events().stream(filter, Some(since.head)));
    while let Some(update) = updates.try_next().await? {
        let Update::Change(event) = update else {
            continue;
        };
        if is_end(&event) {
            return gone(&since.resource.name, goal);
        }
        if let Some(resource) = event.after()
            && arrived(kind, &resource, goal, &mut display)?
        {
            break;
        }
    }
    Ok(())
}

/// Nothing of the resource is left behind this event.
pub fn is_end(event: &Event) -> bool {
    matches!(event.data.operation.as_str(), "finalize" | "purge")
}

fn arrived(
    kind: &ResourceType,
    resource: &Resource,
    goal: &Goal,
    display: &mut progress::Display,
) -> anyhow::Result<bool> {
    display.show(resource)?;
    match goal.distance(kind, resource) {
        Distance::Reached => Ok(true),
        Distance::OnTheWay => Ok(false),
        Distance::Failed(reason) => Err(Failure::failed(reason).into()),
    }
}

pub fn gone(name: &str, goal: &Goal) -> anyhow::Result<()> {
    match goal {
        Goal::Gone => Ok(()),
        _ => Err(Failure::failed(format!("`{name}` was deleted")).into()),
    }
}

/// `90s`, `10m`, `1h 30m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text
        .parse()
        .map_err(|_| format!("`{text}` is not a duration such as `90s`, `10m` or `1h 30m`"))?;
    Duration::try_from(parsed).map_err(|_| format!("`{text}` is negative"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::{
        failure::{exit_code, explain},
        output::Paint,
    };

    fn kind(reconciled: bool) -> ResourceType {
        let kind = json!({"name": "pipeline", "plural": "pipelines", "reconciled": reconciled});
        serde_json::from_value(kind).expect("a type")
    }

    fn resource(generation: u64, observed: Option<u64>, status: Value) -> Resource {
        let value = json!({"id": "pipeline_1", "type": "pipeline", "name": "orders",
            "generation": generation, "observed_generation": observed, "status": status});
        serde_json::from_value(value).expect("a resource")
    }

    fn distance(goal: &Goal, resource: &Resource) -> Distance {
        goal.distance(&kind(true), resource)
    }

    #[test]
    fn a_status_of_an_older_spec_does_not_count() {
        let goal = Goal::State("completed".into());
        let old = resource(2, Some(1), json!({"state": "completed"}));
        assert_eq!(distance(&goal, &old), Distance::OnTheWay);
        let failed = resource(2, Some(1), json!({"state": "failed"}));
        assert_eq!(distance(&goal, &failed), Distance::OnTheWay);
        let new = resource(2, Some(2), json!({"state": "completed"}));
        assert_eq!(distance(&goal, &new), Distance::Reached);
    }

    #[test]
    fn settled_is_past_the_states_of_getting_there() {
        let at = |state: &str| resource(1, Some(1), json!({ "state": state }));
        assert_eq!(distance(&Goal::Settled, &at("snapshotting")), Distance::OnTheWay);
        assert_eq!(distance(&Goal::Settled, &at("streaming")), Distance::Reached);
        let new = resource(1, None, Value::Null);
        assert_eq!(distance(&Goal::Settled, &new), Distance::OnTheWay);
        assert_eq!(Goal::Settled.distance(&kind(false), &new), Distance::Reached);
        let goal = Goal::State("completed".into());
        assert_eq!(goal.distance(&kind(false), &new), Distance::Reached);
    }

    #[test]
    fn a_failure_is_told_with_its_message_and_hint() {
        let status = json!({"state": "failed", "message": "wrong password", "hint": "set it again"});
        let failed = resource(1, Some(1), status);
        let told = Distance::Failed("`orders` failed: wrong password: set it again".into());
        assert_eq!(distance(&Goal::State("streaming".into()), &failed), told);
        let wanted = Goal::State("failed".into());
        assert_eq!(distance(&wanted, &failed), Distance::Reached);
    }

    #[test]
    fn a_state_that_the_type_does_not_have_is_refused_with_those_that_it_has() {
        let mut kind = kind(true);
        assert_eq!(Goal::state(&kind, "any").ok(), Some(Goal::State("any".into())));
        for schema in [
            json!({"properties": {"state": {"enum": ["pending", "streaming"]}}}),
            json!({"properties": {"state": {"$ref": "#/$defs/state"}},
                "$defs": {"state": {"enum": ["pending", "streaming"]}}}),
        ] {
            kind.status_schema = schema;
            assert_eq!(
                Goal::of_wait(&kind, Some("streaming")).ok(),
                Some(Goal::State("streaming".into()))
            );
            assert_eq!(Goal::of_wait(&kind, None).ok(), Some(Goal::Settled));
            let error = anyhow::Error::from(Goal::of_wait(&kind, Some("banana")).expect_err("no such state"));
            assert_eq!(exit_code(&error), 2);
            insta::allow_duplicates! {
                insta::assert_snapshot!(explain(&error, Paint::PLAIN), @r"
                error: `banana` is not a state of pipelines
                hint: states of pipelines: pending, streaming
                ");
            }
        }
        kind.reconciled = false;
        assert_eq!(Goal::of_wait(&kind, Some("streaming")).ok(), Some(Goal::Settled));
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert!(parse_duration("soon").is_err());
        assert!(parse_duration("-5s").is_err());
    }
}
