//! `get`: resources as a list, or one of them.

use clap::Args;
use futures::TryStreamExt;
use jiff::Timestamp;
use plinth_client::resource::{ListQuery, Resource};
use serde_json::Value;

use super::{
    human,
    output::{Format, columns, remark, show},
    progress::state,
    session::Session,
};

#[derive(Debug, Args)]
pub struct GetArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id; all when it is left out
    name: Option<String>,
    /// Only those where a field has a value: `status.state=failed`, `properties.team!=data`
    #[arg(long, value_name = "PATH=VALUE")]
    filter: Vec<String>,
    /// Only those whose name contains this
    #[arg(long)]
    search: Option<String>,
    /// Order by `name`, `created_at` or `updated_at`; `-` in front turns it round
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<String>,
    /// Show deleted ones as well
    #[arg(long)]
    deleted: bool,
    /// Stop after this many
    #[arg(long)]
    limit: Option<usize>,
}

pub async fn run(session: &Session, args: GetArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let resources = session.org().await?.resources(&kind.plural);
    if let Some(name) = &args.name {
        let resource = resources.get(name).await?;
        return show(session.format, &resource, |resource| {
            table(std::slice::from_ref(resource), Timestamp::now())
        });
    }
    let query = ListQuery {
        limit: Some(args.limit.map_or(500, |limit| limit.clamp(1, 500) as u32)),
        sort: args.sort,
        search: args.search,
        filter: args.filter,
        deleted: args.deleted,
        cursor: None,
    };
    let mut all = std::pin::pin!(resources.all(query));
    let mut found = Vec::new();
    while args.limit.is_none_or(|limit| found.len() < limit)
        && let Some(resource) = all.try_next().await?
    {
        found.push(resource);
    }
    if found.is_empty() && session.format == Format::Table {
        let title = kind.plural;
        remark(&format!("no {title} found"));
        return Ok(());
    }
    show(session.format, &found, |found| table(found, Timestamp::now()))
}

/// Fields of `spec` and `status` that make a column when some resource has them.
const TELLING: [(&str, &str, &str); 6] = [
    ("KIND", "spec", "kind"),
    ("STATE", "status", "state"),
    ("ROWS", "status", "rows"),
    ("BYTES", "status", "bytes"),
    ("LAG", "status", "lag_secs"),
    ("MESSAGE", "status", "message"),
];

fn table(resources: &[Resource], now: Timestamp) -> String {
    let telling: Vec<_> = TELLING
        .iter()
        .filter(|(_, part, name)| resources.iter().any(|resource| field(resource, part, name).is_some()))
        .collect();
    let deleted = resources.iter().any(|resource| resource.deleted_at.is_some());
    let mut header = vec!["NAME"];
    header.extend(telling.iter().map(|(title, ..)| *title));
    header.push("AGE");
    if deleted {
        header.extend(["DELETED", "ID"]);
    }
    let rows = resources.iter().map(|resource| {
        let mut row = vec![resource.name.clone()];
        row.extend(telling.iter().map(|(title, part, name)| {
            let shown = match *title {
                "STATE" => state(resource).map(str::to_owned),
                _ => field(resource, part, name).map(|value| human::field(name, value)),
            };
            shown.map_or("-".to_owned(), |text| human::shorten(&text, 60))
        }));
        row.push(human::age(resource.created_at, now));
        if deleted {
            let ago = |at| format!("{} ago", human::age(Some(at), now));
            row.push(resource.deleted_at.map_or("-".to_owned(), ago));
            row.push(resource.id.clone());
        }
        row
    });
    columns(header, rows)
}

fn field<'a>(resource: &'a Resource, part: &str, name: &str) -> Option<&'a Value> {
    let part = match part {
        "spec" => Some(&resource.spec),
        _ => resource.status.as_ref(),
    };
    part?.get(name).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pipeline(name: &str, status: Value) -> Resource {
        let value = json!({"id": format!("pipeline_{name}"), "type": "pipeline", "name": name,
            "status": status, "created_at": "2026-11-22T11:00:00Z"});
        serde_json::from_value(value).expect("a resource")
    }

    #[test]
    fn a_list_shows_what_the_resources_tell() {
        let now = "2026-11-22T12:00:30Z".parse().expect("a time");
        let running = json!({"state": "streaming", "rows": 1_234_567, "bytes": 98_765_432, "lag_secs": 3.2});
        let failed = json!({"state": "failed", "message": "password authentication failed\nfor user x"});
        let all = [pipeline("orders", running), pipeline("users", failed)];
        insta::assert_snapshot!(table(&all, now), @r"
        NAME    STATE      ROWS       BYTES    LAG  MESSAGE                         AGE
        orders  streaming  1,234,567  98.8 MB  3s   -                               1h
        users   failed     -          -        -    password authentication failed  1h
        ");
        let deleted = |name: &str, finalized_at: Value| {
            let mut gone = serde_json::to_value(pipeline(name, json!({"state": "deleting"}))).expect("JSON");
            gone["deleted_at"] = json!("2026-11-22T11:59:30Z");
            gone["finalized_at"] = finalized_at;
            serde_json::from_value(gone).expect("a resource")
        };
        let gone = [
            deleted("going", Value::Null),
            deleted("gone", json!("2026-11-22T11:59:31Z")),
        ];
        insta::assert_snapshot!(table(&gone, now), @r"
        NAME   STATE     AGE  DELETED  ID
        going  deleting  1h   1m ago   pipeline_going
        gone   deleted   1h   1m ago   pipeline_gone
        ");
        insta::assert_snapshot!(table(&[pipeline("new", Value::Null)], now), @r"
        NAME  AGE
        new   1h
        ");
    }
}
