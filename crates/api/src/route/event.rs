//! The event log: as a list, and as a stream of Server-Sent Events. Both give CloudEvents 1.0.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use plinth_control::event::Direction;
use plinth_control::event::{self, EventFilter, Query, Shown};
use plinth_control::{Caller, Code, auth};
use plinth_model::event::subject_prefix;
use plinth_model::{Event, Id, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::name::{EventKind, OperationName};
use super::wire::{ActorWire, List, page};
use crate::app::App;
use crate::extract::{CallerIn, Known, Params};
use crate::problem::{Problem, ProblemBody, Result};

mod presented;

use presented::presented;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventParams {
    /// Items a page: 1 to 500, 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `desc`, the newest first, when not given.
    #[param(inline)]
    order: Option<Order>,
    /// Only events after this `seq`; a stream begins there.
    after: Option<i64>,
    /// A resource type, or one of the kinds that each product has. May be repeated.
    #[serde(default)]
    #[param(value_type = Vec<EventKind>)]
    kind: Vec<String>,
    /// The id of what the event is about.
    subject: Option<String>,
    /// May be repeated.
    #[serde(default)]
    #[param(value_type = Vec<OperationName>)]
    operation: Vec<String>,
    /// The id of who did it.
    actor: Option<String>,
    /// `<name>:<value>` of the subject's properties, as far as the reader may see them; `5` and `true` stand for the value and for the text. May be repeated:
    /// all must hold.
    #[serde(default)]
    property: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

/// A CloudEvent (1.0, structured JSON) for one committed change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventWire {
    #[schema(example = "1.0")]
    specversion: &'static str,
    /// `<org>/<seq>`.
    id: String,
    source: String,
    #[serde(rename = "type")]
    #[schema(example = "plinth.member.update")]
    event_type: String,
    /// The id of what changed.
    subject: String,
    time: String,
    datacontenttype: &'static str,
    /// The event's place in the org's log: 1, 2, 3 ... without gaps.
    seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    requestid: Option<String>,
    /// SHA-256 over the previous event's hash and this event, in hex.
    hash: String,
    data: EventData,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EventData {
    #[schema(value_type = EventKind)]
    kind: String,
    #[schema(value_type = OperationName, example = "update")]
    operation: Operation,
    /// Empty where the reader may see no state of the subject.
    name: String,
    actor: ActorWire,
    /// The subject before the change: a resource as its own path shows it, without secrets.
    #[schema(value_type = Option<Object>, required)]
    before: Option<Value>,
    #[schema(value_type = Option<Object>, required)]
    after: Option<Value>,
}

impl From<&Event> for EventWire {
    fn from(event: &Event) -> Self {
        let row = |row: &Option<Value>| row.as_ref().map(|row| presented(&event.kind, row));
        Self {
            specversion: "1.0",
            id: format!("{}/{}", event.org, event.seq),
            source: format!("/v1/orgs/{}", event.org),
            event_type: format!("plinth.{}.{}", event.kind, event.operation.as_str()),
            subject: event.subject.text(subject_prefix(&event.kind)),
            time: event.at.to_string(),
            datacontenttype: "application/json",
            seq: event.seq,
            requestid: event.request_id.clone(),
            hash: event.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            data: EventData {
                before: row(&event.before),
                after: row(&event.after),
                operation: event.operation,
                name: event.subject_name.clone(),
                actor: event.actor.clone().into(),
                kind: event.kind.clone(),
            },
        }
    }
}

fn filter(app: &App, params: &EventParams) -> Result<EventFilter> {
    let operations = params.operation.iter().map(|text| text.parse());
    let operations = operations
        .collect::<std::result::Result<_, String>>()
        .map_err(invalid)?;
    let subject = params
        .subject
        .as_deref()
        .map(Id::split)
        .transpose()
        .map_err(|error| invalid(error.to_string()))?;
    let properties = params.property.iter().map(|text| {
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| invalid(format!("`property={text}` must be `<name>:<value>`")))?;
        Ok((name.to_owned(), event::property_values(value)))
    });
    let properties = properties.collect::<Result<Vec<_>>>()?;
    let actor = params.actor.clone();
    if params
        .kind
        .iter()
        .chain(&actor)
        .chain(&params.property)
        .any(|text| text.contains('\0'))
    {
        return Err(invalid("a parameter holds a NUL character".to_owned()));
    }
    if !params.kind.is_empty() {
        let known = event::kinds(&app.control);
        if let Some(kind) = params.kind.iter().find(|kind| !known.contains(kind)) {
            let detail = format!("`{kind}` is not a kind of events: use {}", known.join(", "));
            return Err(invalid(detail));
        }
    }
    Ok(EventFilter {
        kinds: params.kind.clone(),
        subject: subject.map(|(_, id)| id.0),
        operations,
        actor,
        properties,
    })
}

fn invalid(detail: String) -> Problem {
    Problem::new(Code::InvalidRequest, detail)
}

/// The log, newest first; as a stream when the request accepts `text/event-stream`: it begins after `Last-Event-ID` or
/// `after`, else with what comes next.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/events", operation_id = "list_events", tag = "events", params(("org" = String, Path, description = "Id or slug"), EventParams, ("Last-Event-ID" = Option<String>, Header, description = "The `seq` of the last event that a stream has delivered: it goes on after that")),
    responses((status = 200, description = "A page, or a stream", content((List<EventWire> = "application/json"), (String = "text/event-stream"))), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    known: Known,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response> {
    let filter = filter(&app, &params)?;
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if accept.contains("text/event-stream") {
        return stream(app, caller, known.token, filter, start(&headers, params.after)?).await;
    }
    let direction = match params.order {
        Some(Order::Asc) => Direction::Ascending,
        Some(Order::Desc) | None => Direction::Descending,
    };
    let query = Query {
        filter,
        page: page(params.limit, params.cursor),
        direction,
        after: params.after,
    };
    let found = event::list(&app.control, &caller, &query).await?;
    Ok(Json(List {
        items: found.items.iter().map(EventWire::from).collect(),
        next: found.next,
    })
    .into_response())
}

fn start(headers: &HeaderMap, after: Option<i64>) -> Result<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(after);
    };
    let seq = value.to_str().ok().and_then(|text| text.parse().ok());
    seq.map(Some)
        .ok_or_else(|| invalid("`Last-Event-ID` must be the `seq` of an event".to_owned()))
}

async fn stream(app: App, caller: Caller, token: String, filter: EventFilter, after: Option<i64>) -> Result<Response> {
    let head = event::head(&app.control, &caller).await?;
    let tail = app.control.hub().tail(caller.scope.org, head);
    let mut grown = tail.grown();
    let mut seq = after.unwrap_or(head);
    let guard = app.metrics.stream();
    let frames = async_stream::stream! {
        let _guard = guard;
        let (mut caller, mut head) = (caller, head);
        let mut timer = tokio::time::interval(app.config.bookmark_period);
        timer.tick().await;
        let mut bookmark = false;
        loop {
            // Before the look at the log, so that nothing falls between the two.
            grown.mark_unchanged();
            // The log grew by a change of rights, perhaps: what was taken away ends the stream.
            let Ok(renewed) = auth::renew(&app.control, &token, &caller).await else { return };
            caller = renewed;
            loop {
                let next = event::follow(&app.control, &caller, &tail, &filter, (seq, head)).await;
                let Ok(section) = next else { return };
                for event in &section.events {
                    yield Ok::<_, Infallible>(change(event));
                }
                seq = section.seq;
                if section.end { break }
            }
            if std::mem::take(&mut bookmark) {
                yield Ok(signal("bookmark", seq));
            }
            tokio::select! {
                _ = grown.changed() => {}
                _ = timer.tick() => {
                    let Ok(known) = event::head(&app.control, &caller).await else { return };
                    (head, bookmark) = (known, true);
                }
                () = app.control.shutdown().cancelled() => {
                    yield Ok(signal("reconnect", seq));
                    return;
                }
            }
        }
    };
    Ok(Sse::new(frames).into_response())
}

/// A frame that is not an event: it carries no id, but says how far the stream has come.
fn signal(name: &str, seq: i64) -> sse::Event {
    sse::Event::default()
        .event(name)
        .retry(Duration::from_secs(1))
        .data(json!({"seq": seq}).to_string())
}

fn change(event: &Shown) -> sse::Event {
    let write = |event: &Event| serde_json::to_string(&EventWire::from(event)).unwrap_or_default();
    let frame = |seq: i64, text: &str| sse::Event::default().event("change").id(seq.to_string()).data(text);
    match event {
        Shown::Whole(logged) => frame(logged.event().seq, logged.text(write)),
        Shown::Cut(event) => frame(event.seq, &write(event)),
    }
}
