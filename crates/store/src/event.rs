//! Reading the event log of one org, and hearing that it grew.

use std::collections::HashMap;

use plinth_model::id::{Id, OrgId};
use plinth_model::{Event, Operation, Scope};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cell::Store;
use crate::error::{Result, StoreError};
use crate::resource::Direction;
use crate::row::{FromRow, actor, column};
use crate::{pool, sql};

/// A part of a log is no larger than this and one event: what a reader holds at once.
pub const PART_BYTES: usize = 8 * 1024 * 1024;

/// Events that were read at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    pub events: Vec<Event>,
    /// There may be more behind them: there were as many as were wanted, or as fit.
    pub more: bool,
}

impl Part {
    fn of(events: Vec<Event>, limit: i64) -> Self {
        let bytes: usize = events.iter().map(|event| event.bytes).sum();
        let wanted = i64::try_from(events.len()).is_ok_and(|len| len >= limit);
        Self {
            more: wanted || bytes >= PART_BYTES,
            events,
        }
    }
}

/// [`PART_BYTES`] for a statement.
fn part_bytes() -> i64 {
    i64::try_from(PART_BYTES).unwrap_or(i64::MAX)
}

impl FromRow for Event {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        let operation: String = column(row, "operation")?;
        let hash: Vec<u8> = column(row, "hash")?;
        Ok(Self {
            org: OrgId(column(row, "org_id")?),
            seq: column(row, "seq")?,
            kind: column(row, "kind")?,
            subject: Id(column(row, "subject_id")?),
            subject_name: column(row, "subject_name")?,
            operation: operation
                .parse::<Operation>()
                .map_err(|error| StoreError::internal("operation", error))?,
            before: column(row, "before")?,
            after: column(row, "after")?,
            actor: actor(column(row, "actor")?)?,
            request_id: column(row, "request_id")?,
            at: column(row, "at")?,
            hash: hash
                .try_into()
                .map_err(|_| StoreError::internal("hash", "expected 32 bytes"))?,
            bytes: usize::try_from(column::<i32>(row, "bytes")?)
                .map_err(|error| StoreError::internal("bytes", error))?,
        })
    }
}

/// Which events a reader wants; an empty list or `None` lets all pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub kinds: Vec<String>,
    pub subject: Option<Uuid>,
    pub operations: Vec<Operation>,
    pub actor: Option<String>,
    /// Properties that the subject has, or had before it was deleted, as far as the reader is shown it: a name, and the
    /// values of which it must have one.
    pub properties: Vec<(String, Vec<Value>)>,
}

impl Filter {
    /// What `event/list.sql` says of a row. The event is as the reader is shown it: what it was cut of must not be told by
    /// a filter that finds it.
    pub fn lets_pass(&self, event: &Event) -> bool {
        let subject = event.after.as_ref().or(event.before.as_ref());
        let properties = subject.and_then(|subject| subject.get("properties"));
        let holds = |(name, values): &(String, Vec<Value>)| {
            let has = properties.and_then(|properties| properties.get(name));
            has.is_some_and(|has| values.iter().any(|value| same(has, value)))
        };
        (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && self.subject.is_none_or(|id| event.subject.0 == id)
            && (self.operations.is_empty() || self.operations.contains(&event.operation))
            && self.actor.as_ref().is_none_or(|id| event.actor.id == *id)
            && self.properties.iter().all(holds)
    }

    /// For the statement: of each list of objects, one must be contained.
    fn properties_wanted(&self) -> Option<Value> {
        let wanted = |(name, values): &(String, Vec<Value>)| -> Value {
            values.iter().map(|value| json!({ name: value })).collect()
        };
        (!self.properties.is_empty()).then(|| self.properties.iter().map(wanted).collect())
    }
}

/// Equal for PostgreSQL, to which `1` and `1.0` are the same.
fn same(left: &Value, right: &Value) -> bool {
    left == right || (left.is_f64() || right.is_f64()) && left.is_number() && left.as_f64() == right.as_f64()
}

/// Events with a `seq` in `(low, high]`, in order, as far as the policies of the org let the actor see them, and as many
/// as fit: one at least.
///
/// # Errors
/// [`StoreError`] when the database is gone; so for each function below.
pub async fn list(
    store: &Store,
    scope: &Scope,
    filter: &Filter,
    (direction, (low, high)): (Direction, (i64, i64)),
    limit: i64,
) -> Result<Part> {
    let kinds = Some(&filter.kinds).filter(|kinds| !kinds.is_empty());
    let operations: Vec<&str> = filter.operations.iter().map(|operation| operation.as_str()).collect();
    let operations = Some(operations).filter(|operations| !operations.is_empty());
    let properties = filter.properties_wanted();
    let most = part_bytes();
    let params: [&(dyn ToSql + Sync); 10] = [
        &scope.org.0,
        &low,
        &kinds,
        &filter.subject,
        &operations,
        &filter.actor,
        &properties,
        &limit,
        &high,
        &most,
    ];
    let events = store.read(scope, &list_statement(direction), &params).await?;
    Ok(Part::of(events, limit))
}

pub(crate) fn list_statement(direction: Direction) -> String {
    let order = match direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    sql!("event/list").replace("{direction}", order)
}

/// The events after `seq`, going up, as many as fit, whoever may see them: for what is read once for many readers and
/// judged for each.
pub async fn log_after(store: &Store, scope: &Scope, seq: i64, limit: i64) -> Result<Part> {
    let params: [&(dyn ToSql + Sync); 4] = [&scope.org.0, &seq, &limit, &part_bytes()];
    let events = store.once(scope, sql!("event/log_after"), &params).await?;
    Ok(Part::of(events, limit))
}

pub(crate) struct Head {
    pub org: Uuid,
    pub seq: i64,
    pub hash: Vec<u8>,
}

impl FromRow for Head {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            org: column(row, "org_id")?,
            seq: column(row, "seq")?,
            hash: column(row, "hash")?,
        })
    }
}

/// The org's newest `seq`; 0 before the first event.
pub async fn head(store: &Store, scope: &Scope) -> Result<i64> {
    let heads: Vec<Head> = store.once(scope, sql!("event/head"), &[&scope.org.0]).await?;
    Ok(heads.first().map_or(0, |head| head.seq))
}

/// What a cell's database has called out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// The logs of these orgs grew; an empty list stands for more than fit into the message.
    Events(Vec<OrgId>),
    /// The policies of this org changed.
    Policies(OrgId),
    /// A question was asked (`None`), or this one was answered.
    Action(Option<Uuid>),
}

/// Listens until the connection ends. Hints are not reliable: a reader goes by its cursor.
pub async fn listen(store: &Store, cell: &str) -> Result<mpsc::UnboundedReceiver<Hint>> {
    let (client, mut heard) = pool::connect_and_hear(store.dedicated_url(cell)?).await?;
    let mut topics = HashMap::new();
    for row in client.query(sql!("event/channels"), &[]).await? {
        let channel: String = column(&row, "channel")?;
        // A name of ours: letters, digits and underscores.
        client.batch_execute(&format!("listen {channel}")).await?;
        topics.insert(channel, column::<String>(&row, "topic")?);
    }
    let (hints, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // The connection lives as long as its client.
        let _client = client;
        while let Some(notification) = heard.recv().await {
            let topic = topics.get(notification.channel());
            let hint = topic.and_then(|topic| parse_hint(topic, notification.payload()));
            if hint.is_some_and(|hint| hints.send(hint).is_err()) {
                break;
            }
        }
    });
    Ok(receiver)
}

fn parse_hint(topic: &str, payload: &str) -> Option<Hint> {
    match topic {
        "events" => {
            let orgs = payload.split(',').filter_map(|id| id.parse().ok().map(OrgId)).collect();
            Some(Hint::Events(orgs))
        }
        "policies" => payload.parse().ok().map(OrgId).map(Hint::Policies),
        "actions" => Some(Hint::Action(payload.parse().ok())),
        _ => None,
    }
}
