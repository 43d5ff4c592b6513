//! `describe`: all about one resource on one screen.

use std::fmt::Write as _;

use clap::Args;
use jiff::Timestamp;
use plinth_client::{
    bill::{Bill, BillQuery},
    event::{Event, EventFilter},
    product::ResourceType,
    resource::Resource,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    bill, events, human, logs,
    output::{Paint, columns, printable, show},
    progress::{Untaken, painted},
    session::Session,
};

#[derive(Debug, Args)]
pub struct DescribeArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id
    name: String,
    /// How many of the newest events to show
    #[arg(long, default_value_t = 8)]
    events: usize,
}

#[derive(Debug, Serialize)]
struct Description {
    resource: Resource,
    events: Vec<Event>,
    /// Not there when the caller may not see bills.
    bill: Option<Bill>,
}

pub async fn run(session: &Session, args: DescribeArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let org = session.org().await?;
    let resource = org.resources(&kind.plural).get(&args.name).await?;
    let filter = EventFilter {
        subject: Some(resource.id.clone()),
        ..EventFilter::default()
    };
    let query = BillQuery {
        period: None,
        resource: Some(resource.id.clone()),
    };
    let (events, bill) = (
        telling(events::newest(&org, filter, None, LOOK_BACK).await?, args.events),
        match org.bills().get(&query).await {
            Err(error) if error.code() == Some("forbidden") => None,
            bill => Some(bill?),
        },
    );
    let description = Description { resource, events, bill };
    show(session.format, &description, |description| {
        text(description, &kind, Timestamp::now(), session.paint)
    })
}

/// How many events are read to find those that tell something.
const LOOK_BACK: usize = 200;

/// The newest `most`, without reports that only count on.
fn telling(events: Vec<Event>, most: usize) -> Vec<Event> {
    let mut telling: Vec<_> = events
        .into_iter()
        .filter(|event| !logs::lines(event, Paint::PLAIN).is_empty())
        .collect();
    telling.split_off(telling.len().saturating_sub(most))
}

fn text(about: &Description, kind: &ResourceType, now: Timestamp, paint: Paint) -> String {
    let mut text = head(&about.resource, kind, now, paint);
    section(&mut text, paint, "Spec", &tree(&about.resource.spec));
    if let Some(Value::Object(status)) = &about.resource.status {
        let mut status = status.clone();
        if let Some(untaken) = Untaken::of(&about.resource, now).filter(|_| kind.reconciled) {
            status.insert("message".to_owned(), untaken.message.into());
            status.insert("hint".to_owned(), untaken.hint.into());
        }
        section(&mut text, paint, "Status", &status_text(&status, paint));
    }
    section(&mut text, paint, "Events", &events::table(&about.events));
    if let Some(bill) = &about.bill {
        let cost = match bill.lines.is_empty() {
            true => "nothing yet".to_owned(),
            false => format!(
                "{}\nTotal  {} {}",
                bill::lines(&bill.lines, &bill.currency),
                bill.total,
                bill.currency
            ),
        };
        section(&mut text, paint, "Cost this month", &cost);
    }
    text
}

fn head(resource: &Resource, kind: &ResourceType, now: Timestamp, paint: Paint) -> String {
    let mut rows = vec![("Id", resource.id.clone())];
    let at = |at: Timestamp| format!("{} ({} ago)", human::time(at), human::age(Some(at), now));
    let creator = resource.created_by.as_ref();
    let creator = creator.and_then(|by| by.get("name").or(by.get("id")).map(human::value));
    rows.extend(owner(resource).map(|owner| ("Owner", owner)));
    if let Some(created) = resource.created_at {
        let by = creator.map_or(String::new(), |name| format!(" by {name}"));
        rows.push(("Created", at(created) + &by));
    }
    rows.extend(resource.updated_at.map(|updated| ("Updated", at(updated))));
    rows.extend(resource.deleted_at.map(|deleted| ("Deleted", at(deleted))));
    let observed = resource.observed_generation;
    let observed = observed.map_or(String::new(), |seen| format!(", {seen} observed"));
    rows.push(("Generation", format!("{}{observed}", resource.generation)));
    if !resource.properties.is_empty() {
        let property = |(name, value): (&String, &Value)| format!("{name}={}", human::value(value));
        let all: Vec<_> = resource.properties.iter().map(property).collect();
        rows.push(("Properties", all.join(" ")));
    }
    if !resource.secrets_set.is_empty() {
        rows.push(("Secrets set", resource.secrets_set.join(" ")));
    }
    let title = match kind.title.is_empty() {
        true => &kind.name,
        false => &kind.title,
    };
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    let rows = columns(["", ""], rows);
    format!("{}\n{rows}\n", paint.bold(&format!("{title} {}", resource.name)))
}

/// With the name that is at hand, which is the creator's.
fn owner(resource: &Resource) -> Option<String> {
    let owner = resource.owner.as_deref()?;
    let creator = resource.created_by.as_ref();
    let creator = creator.filter(|by| by.get("id").and_then(Value::as_str) == Some(owner));
    let name = creator.and_then(|by| by.get("name")).map(human::value);
    Some(name.map_or_else(|| owner.to_owned(), |name| format!("{name} ({owner})")))
}

/// State and words first, then numbers, then each nested part.
fn status_text(status: &Map<String, Value>, paint: Paint) -> String {
    let mut rows = Vec::new();
    let mut nested = String::new();
    const FIRST: [&str; 3] = ["state", "message", "hint"];
    let first = FIRST.iter().filter_map(|name| status.get_key_value(*name));
    let rest = status.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    for (name, value) in first.chain(rest) {
        match value {
            Value::Null => {}
            Value::Object(part) => rows.push(vec![name.clone(), flat(part)]),
            Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => {
                let _ = write!(nested, "\n{name}\n{}\n", item_table(items));
            }
            value if name == "state" => {
                rows.push(vec![name.clone(), painted(&human::value(value), paint)]);
            }
            value => rows.push(vec![name.clone(), human::field(name, value)]),
        }
    }
    let rows = rows.into_iter().map(|mut row| {
        // Painted by us, so kept; all else is cleaned on the way into the table.
        let value = row.pop().unwrap_or_default();
        format!("{:<20} {}", row.concat(), value)
    });
    let rows: Vec<_> = rows.collect();
    format!("{}\n{nested}", rows.join("\n"))
}

fn flat(part: &Map<String, Value>) -> String {
    let field = |(name, value): (&String, &Value)| format!("{name}={}", printable(&human::field(name, value)));
    part.iter().map(field).collect::<Vec<_>>().join("  ")
}

/// One row for each item, one column for each field that some item has.
fn item_table(items: &[Value]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let rows = items.iter().map(|item| {
        let cell = |name: &&str| {
            item.get(*name)
                .map_or("-".to_owned(), |value| human::field(name, value))
        };
        names.iter().map(cell).collect()
    });
    columns(names.iter().map(|name| name.to_uppercase()), rows)
}

fn tree(value: &Value) -> String {
    let yaml = serde_yaml_ng::to_string(value);
    printable(&yaml.unwrap_or_else(|_| value.to_string()))
}

fn section(text: &mut String, paint: Paint, title: &str, body: &str) {
    let _ = write!(text, "\n{}\n", paint.bold(title));
    for line in body.trim_end().lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_description_of_what_no_worker_takes_says_what_to_look_at() {
        let resource = json!({"id": "pipeline_1", "type": "pipeline", "name": "orders", "generation": 1,
            "observed_generation": 0, "created_at": "2026-11-22T12:00:00Z", "updated_at": "2026-11-22T12:00:00Z",
            "spec": {"mode": "snapshot"}, "status": {"state": "pending"}});
        let about = Description {
            resource: serde_json::from_value(resource).expect("a resource"),
            events: Vec::new(),
            bill: None,
        };
        let kind = json!({"name": "pipeline", "plural": "pipelines", "title": "Pipeline", "reconciled": true});
        let kind = serde_json::from_value(kind).expect("a type");
        let status = |now: &str| {
            let text = text(&about, &kind, now.parse().expect("a time"), Paint::PLAIN);
            let (_, rest) = text.split_once("Status").expect("a status");
            rest.split("\n\n").next().expect("a section").to_owned()
        };
        insta::assert_snapshot!(status("2026-11-22T12:00:02Z"), @"state                pending");
        insta::assert_snapshot!(status("2026-11-22T12:00:12Z"), @r"
        state                pending
        message              no worker has taken it for 12s
        hint                 is `plinth worker` running, and are all of its places taken?
        ");
    }

    #[test]
    fn a_description_shows_spec_status_events_and_cost() {
        let resource = json!({"id": "pipeline_1", "type": "pipeline", "name": "orders",
            "properties": {"team": "data"}, "generation": 2, "observed_generation": 2,
            "secrets_set": ["/password"], "created_at": "2026-11-22T11:00:00Z",
            "created_by": {"type": "user", "id": "user_1", "name": "Ada"}, "owner": "user_1",
            "spec": {"mode": "snapshot", "source": {"connection": "shop"}},
            "status": {"state": "snapshotting", "source": {"connected": true, "server": "PostgreSQL 18.4"},
                "rows": 450_000, "bytes": 12_000_000,
                "tables": [{"name": "public.orders", "state": "snapshotting", "rows": 450_000},
                    {"name": "public.users", "state": "pending", "rows_total": 10}]}});
        let event = json!({"id": "org_1/7", "seq": 7, "type": "plinth.pipeline.create",
            "time": "2026-11-22T11:00:00Z", "data": {"kind": "pipeline", "operation": "create",
            "name": "orders", "actor": {"type": "user", "name": "Ada"}}});
        let about = Description {
            resource: serde_json::from_value(resource).expect("a resource"),
            events: vec![serde_json::from_value(event).expect("an event")],
            bill: None,
        };
        let kind = json!({"name": "pipeline", "plural": "pipelines", "title": "Pipeline"});
        let kind = serde_json::from_value(kind).expect("a type");
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        insta::assert_snapshot!(text(&about, &kind, now, Paint::PLAIN), @r"
        Pipeline orders
        Id           pipeline_1
        Owner        Ada (user_1)
        Created      2026-11-22 11:00:00Z (1h ago) by Ada
        Generation   2, 2 observed
        Properties   team=data
        Secrets set  /password

        Spec
          mode: snapshot
          source:
            connection: shop

        Status
          state                snapshotting
          source               connected=true  server=PostgreSQL 18.4
          rows                 450,000
          bytes                12.0 MB

          tables
          NAME           STATE         ROWS     ROWS_TOTAL
          public.orders  snapshotting  450,000  -
          public.users   pending       -        10

        Events
          SEQ  TIME                  WHAT             OPERATION  BY
          7    2026-11-22 11:00:00Z  pipeline/orders  create     Ada
        ");
    }
}
