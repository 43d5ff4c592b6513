//! Reading metrics: a question is checked and bounded here, and answered by one statement.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use plinth_model::id::Id;
use plinth_model::permission::Kind;
use plinth_store::metric::{self as stored, Aggregate, Group, Selection};
use plinth_store::usage as ledger;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{RESOURCE, is_label_name, labels, name};
use crate::error::{ControlError, Result};
use crate::report::{self, Faults};
use crate::subject::Names;
use crate::{Caller, Control};

/// Most points of one answer: buckets times series.
const MAX_POINTS: i64 = 11_000;
const MAX_GROUPS: usize = 16;
const MAX_BUCKET_SECS: i64 = 366 * 86_400;

/// A question as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub name: String,
    /// `sum`, `avg`, `min`, `max`, `p95`, `rate` or `last`.
    pub aggregate: String,
    /// Inclusive.
    pub from: String,
    /// Exclusive.
    pub to: String,
    /// Buckets begin at multiples of this since 1970, so the first and the last one may reach out of the range.
    pub bucket_secs: i64,
    /// Names of labels, and `resource`.
    pub group_by: Vec<String>,
    pub resource: Option<String>,
    /// What a series must be labelled with.
    pub labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What the points have in common, of what was asked to group by.
    pub group: BTreeMap<String, String>,
    /// In order; a bucket without anything in it has no point.
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The start of the bucket.
    pub at: Timestamp,
    pub value: f64,
}

/// Of the points that the caller may see, of resources that it may see.
///
/// # Errors
/// `forbidden`; `validation_failed` with what is wrong where, also when the answer would be too large.
pub async fn query(control: &Control, caller: &Caller, query: &Query) -> Result<Vec<Series>> {
    permit(control, caller, query).await?;
    let checked = Checked::read(query)?;
    let selection = Selection {
        name: &query.name,
        resource: checked.resource,
        labels: &json!(query.labels),
        from: checked.from,
        to: checked.to,
        bucket_secs: checked.bucket_secs,
        group_by: &query.group_by,
        limit: MAX_POINTS + 1,
    };
    let groups = stored::query(control.store(), &caller.scope, checked.aggregate, &selection).await?;
    let count: usize = groups.iter().map(|group| group.times.len()).sum();
    if i64::try_from(count).is_ok_and(|count| count > MAX_POINTS) {
        let message = format!("is too small: the answer would have more than {MAX_POINTS} points over all series");
        return Err(ControlError::invalid_field("/bucket_secs", message));
    }
    let types = resource_types(control, caller, query, &groups).await?;
    Ok(groups.into_iter().map(|group| series(group, &types)).collect())
}

/// Which points are seen the database decides; who names a resource whose points are hidden is told so.
async fn permit(control: &Control, caller: &Caller, query: &Query) -> Result<()> {
    let Some(resource) = query.resource.as_deref() else {
        return caller.require_some(Kind::Metrics, "view");
    };
    let names = Names::asked_for(control, caller, (Kind::Metrics, "view"), std::iter::once(resource)).await?;
    caller.require_on(Kind::Metrics, "view", || {
        caller.view_of(Kind::Metrics, &query.name, names.subject(Some(resource)))
    })
}

struct Checked {
    aggregate: Aggregate,
    from: Timestamp,
    to: Timestamp,
    bucket_secs: f64,
    resource: Option<Id>,
}

impl Checked {
    fn read(query: &Query) -> Result<Self> {
        let mut faults = Faults::default();
        let mut keep = |field: &'static str, result| faults.keep(|| format!("/{field}"), result);
        keep("name", name(&query.name).map(drop));
        keep("labels", labels(&query.labels).map(drop));
        keep("group_by", group_by(&query.group_by));
        let aggregate = faults.keep(|| "/aggregate".into(), aggregate(&query.aggregate));
        let from = faults.keep(|| "/from".into(), report::instant(&query.from));
        let to = faults.keep(|| "/to".into(), report::instant(&query.to));
        let bucket_secs = faults.keep(|| "/bucket_secs".into(), bucket(query.bucket_secs));
        if let (Some(from), Some(to), Some(bucket_secs)) = (from, to, bucket_secs) {
            faults.keep(|| "/to".into(), range(from, to));
            faults.keep(|| "/bucket_secs".into(), buckets(from, to, bucket_secs));
        }
        faults.check()?;
        let resource = query
            .resource
            .as_deref()
            .map(|text| report::resource_filter("/resource", text))
            .transpose()?;
        let (Some(aggregate), Some(from), Some(to)) = (aggregate, from, to) else {
            return Err(ControlError::internal("a fault was not noted"));
        };
        #[expect(clippy::cast_precision_loss, reason = "a year has far fewer than 2^53 seconds")]
        let bucket_secs = query.bucket_secs as f64;
        Ok(Self {
            aggregate,
            from,
            to,
            bucket_secs,
            resource,
        })
    }
}

/// What each way to put points together is called.
pub const AGGREGATES: [(&str, Aggregate); 7] = [
    ("sum", Aggregate::Sum),
    ("avg", Aggregate::Avg),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("p95", Aggregate::P95),
    ("rate", Aggregate::Rate),
    ("last", Aggregate::Last),
];

fn aggregate(text: &str) -> report::Checked<Aggregate> {
    let known = AGGREGATES.into_iter().find(|(name, _)| *name == text);
    known
        .map(|(_, aggregate)| aggregate)
        .ok_or_else(|| format!("must be one of {}", AGGREGATES.map(|(name, _)| name).join(", ")))
}

fn group_by(names: &[String]) -> report::Checked<()> {
    let unknown = names.iter().any(|name| name != RESOURCE && !is_label_name(name));
    let twice = names
        .iter()
        .enumerate()
        .any(|(place, name)| names.iter().take(place).any(|before| before == name));
    if names.len() > MAX_GROUPS || unknown || twice {
        return Err(format!(
            "must be up to {MAX_GROUPS} different names of labels, or `{RESOURCE}`"
        ));
    }
    Ok(())
}

fn bucket(secs: i64) -> report::Checked<i64> {
    if (1..=MAX_BUCKET_SECS).contains(&secs) {
        return Ok(secs);
    }
    Err(format!("must be 1 to {MAX_BUCKET_SECS}"))
}

fn range(from: Timestamp, to: Timestamp) -> report::Checked<()> {
    if from < to {
        Ok(())
    } else {
        Err("must be after `from`".to_owned())
    }
}

fn buckets(from: Timestamp, to: Timestamp, bucket_secs: i64) -> report::Checked<()> {
    let first = from.as_second().div_euclid(bucket_secs);
    let last = to.as_second().div_euclid(bucket_secs);
    if last - first < MAX_POINTS {
        return Ok(());
    }
    Err(format!(
        "is too small for the range from `from` to `to`, which would have more than {MAX_POINTS} buckets"
    ))
}

/// The types of the resources in the groups, which their ids in text carry.
async fn resource_types(
    control: &Control,
    caller: &Caller,
    query: &Query,
    groups: &[Group],
) -> Result<HashMap<Uuid, String>> {
    if groups.is_empty() || !query.group_by.iter().any(|name| name == RESOURCE) {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = groups.iter().filter_map(|group| resource_of(&group.key)).collect();
    let mut tx = control.store().begin(&caller.scope).await?;
    let named = ledger::resource_names(&mut tx, &caller.scope, &ids).await?;
    tx.rollback().await?;
    Ok(named.into_iter().map(|named| (named.id, named.type_name)).collect())
}

fn resource_of(key: &Value) -> Option<Uuid> {
    key.get(RESOURCE)?.as_str()?.parse().ok()
}

fn series(found: Group, types: &HashMap<Uuid, String>) -> Series {
    let resource = resource_of(&found.key);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let labels = found
        .key
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), text(value)));
    let mut group: BTreeMap<String, String> = labels.collect();
    if let Some(id) = resource {
        let type_name = types.get(&id).map(String::as_str);
        group.insert(RESOURCE.to_owned(), report::resource_text(id, type_name));
    }
    let points = found
        .times
        .into_iter()
        .zip(found.readings)
        .map(|(at, value)| Point { at, value });
    Series {
        group,
        points: points.collect(),
    }
}
