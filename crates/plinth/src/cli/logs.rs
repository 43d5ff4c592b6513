//! `logs`: what happened to one resource, told from its events.

use clap::Args;
use futures::TryStreamExt;
use plinth_client::event::{Event, EventFilter, Update};
use serde_json::{Value, json};

use super::{
    diff, events, human,
    output::{Format, Paint, print, printable, show_next},
    progress::painted,
    session::Session,
};

#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id
    name: String,
    /// Go on with what happens from now on
    #[arg(long, short)]
    follow: bool,
    /// How many of the newest events to read
    #[arg(long, default_value_t = 200)]
    limit: usize,
}

pub async fn run(session: &Session, args: LogsArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let org = session.org().await?;
    let head = org.events().head().await?;
    let resource = org.resources(&kind.plural).get(&args.name).await?;
    let filter = EventFilter {
        subject: Some(resource.id),
        ..EventFilter::default()
    };
    let mut last = head;
    for event in events::newest(&org, filter.clone(), None, args.limit).await? {
        tell(session, &event)?;
        last = last.max(event.seq);
    }
    if !args.follow {
        return Ok(());
    }
    let mut updates = std::pin::pin!(org.events().stream(filter, Some(last)));
    while let Some(update) = updates.try_next().await? {
        if let Update::Change(event) = update {
            tell(session, &event)?;
        }
    }
    Ok(())
}

fn tell(session: &Session, event: &Event) -> anyhow::Result<()> {
    if session.format != Format::Table {
        return show_next(session.format, event, |_| String::new());
    }
    for line in lines(event, session.paint) {
        print(&line)?;
    }
    Ok(())
}

/// Nothing for a status that tells no more than its numbers.
pub fn lines(event: &Event, paint: Paint) -> Vec<String> {
    let time = paint.dim(&human::time(event.time));
    let told = match event.data.operation.as_str() {
        "status" => status_lines(event, paint),
        operation => operation_lines(event, operation, paint),
    };
    told.into_iter().map(|line| format!("{time}  {line}")).collect()
}

fn status_lines(event: &Event, paint: Paint) -> Vec<String> {
    let field = |side: &Option<Value>, name: &str| {
        let value = side.as_ref()?.get("status")?.get(name)?;
        Some(value.as_str()?.to_owned())
    };
    let mut lines = Vec::new();
    let (before, after) = (&event.data.before, &event.data.after);
    if let Some(state) = field(after, "state")
        && field(before, "state").as_ref() != Some(&state)
    {
        lines.push(format!("state {}", painted(&state, paint)));
    }
    for name in ["message", "hint"] {
        if let Some(text) = field(after, name)
            && field(before, name).as_ref() != Some(&text)
        {
            lines.push(format!("{name} {}", printable(&text)));
        }
    }
    lines
}

fn operation_lines(event: &Event, operation: &str, paint: Paint) -> Vec<String> {
    let by = event.data.actor.as_ref();
    let by = by.map_or(String::new(), |actor| format!(" by {}", printable(&actor.to_string())));
    let mut lines = vec![format!("{operation}{by}")];
    if operation == "update" {
        let declared = |side: &Option<Value>| {
            let part = |name: &str| side.as_ref().and_then(|side| side.get(name)).cloned();
            json!({"owner": part("owner"), "properties": part("properties"), "spec": part("spec")})
        };
        let changes = diff::between(&declared(&event.data.before), &declared(&event.data.after));
        let changes = diff::lines(&changes, paint);
        lines.extend(changes.into_iter().map(|line| format!("  {line}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(operation: &str, before: Value, after: Value) -> Event {
        let value = json!({"id": "org_1/7", "seq": 7, "type": "plinth.pipeline.x",
            "time": "2026-11-22T12:00:00Z", "data": {"kind": "pipeline", "operation": operation,
            "actor": {"type": "user", "name": "Ada"}, "before": before, "after": after}});
        serde_json::from_value(value).expect("an event")
    }

    #[test]
    fn states_messages_and_changes_are_told_and_mere_numbers_are_not() {
        let at = |state: &str, rows: u64| json!({"status": {"state": state, "rows": rows}});
        let failed = json!({"status": {"state": "failed", "message": "disk is full", "hint": "free some"}});
        let paused = |paused: bool| json!({"spec": {"mode": "snapshot", "paused": paused}});
        let all = [
            event("create", Value::Null, at("pending", 0)),
            event("status", at("pending", 0), at("snapshotting", 10)),
            event("status", at("snapshotting", 10), at("snapshotting", 20)),
            event("status", at("snapshotting", 20), failed),
            event("update", paused(false), paused(true)),
        ];
        let lines: Vec<_> = all.iter().flat_map(|event| lines(event, Paint::PLAIN)).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        2026-11-22 12:00:00Z  create by Ada
        2026-11-22 12:00:00Z  state snapshotting
        2026-11-22 12:00:00Z  state failed
        2026-11-22 12:00:00Z  message disk is full
        2026-11-22 12:00:00Z  hint free some
        2026-11-22 12:00:00Z  update by Ada
        2026-11-22 12:00:00Z    ~ /spec/paused: false -> true
        ");
    }
}
