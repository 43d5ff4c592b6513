//! `events`: the org's log of changes, as a list and live.

use clap::Args;
use futures::TryStreamExt;
use plinth_client::{
    event::{Event, EventFilter, EventQuery, Update},
    org::OrgScope,
};

use super::{
    human,
    output::{columns, printable, show, show_next},
    session::Session,
};

#[derive(Debug, Args)]
pub struct EventsArgs {
    /// Go on with what happens from now on
    #[arg(long, short)]
    follow: bool,
    /// Only of this kind: `pipeline`, `member`, `token` ...; can be given several times
    #[arg(long)]
    kind: Vec<String>,
    /// Only `create`, `update`, `status`, `delete`, `undelete`, `finalize` or `purge`; can be given several times
    #[arg(long)]
    operation: Vec<String>,
    /// Only about the resource with this id
    #[arg(long)]
    subject: Option<String>,
    /// Only by the actor with this id
    #[arg(long)]
    actor: Option<String>,
    /// Only about resources with this property: `team:data`; can be given several times
    #[arg(long, value_name = "KEY:VALUE")]
    property: Vec<String>,
    /// Only behind this number
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// How many of the newest to show first
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub async fn run(session: &Session, args: EventsArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let filter = EventFilter {
        kind: args.kind,
        subject: args.subject,
        operation: args.operation,
        actor: args.actor,
        property: args.property,
    };
    // Before the list is read: what comes meanwhile is in one or both, and given once.
    let head = match args.follow {
        true => org.events().head().await?,
        false => 0,
    };
    let past = newest(&org, filter.clone(), args.after, args.limit).await?;
    if !args.follow {
        return show(session.format, &past, |past| table(past));
    }
    let mut last = args.after.unwrap_or(0);
    for event in &past {
        show_next(session.format, event, line)?;
        last = last.max(event.seq);
    }
    let mut updates = std::pin::pin!(org.events().stream(filter, Some(last.max(head))));
    while let Some(update) = updates.try_next().await? {
        if let Update::Change(event) = update {
            show_next(session.format, &*event, line)?;
        }
    }
    Ok(())
}

/// The newest `limit` events, the oldest of them first.
pub async fn newest(
    org: &OrgScope,
    filter: EventFilter,
    after: Option<u64>,
    limit: usize,
) -> anyhow::Result<Vec<Event>> {
    let query = EventQuery {
        filter,
        after,
        limit: Some(limit.clamp(1, 500) as u32),
        ..EventQuery::default()
    };
    let mut all = std::pin::pin!(org.events().all(query));
    let mut events = Vec::new();
    while events.len() < limit
        && let Some(event) = all.try_next().await?
    {
        events.push(event);
    }
    events.reverse();
    Ok(events)
}

pub fn table(events: &[Event]) -> String {
    columns(["SEQ", "TIME", "WHAT", "OPERATION", "BY"], events.iter().map(row))
}

fn row(event: &Event) -> Vec<String> {
    let name = event.data.name.as_ref().or(event.subject.as_ref());
    let actor = event.data.actor.as_ref();
    vec![
        event.seq.to_string(),
        human::time(event.time),
        format!("{}/{}", event.data.kind, name.map_or("-", String::as_str)),
        event.data.operation.clone(),
        actor.map_or("-".to_owned(), ToString::to_string),
    ]
}

fn line(event: &Event) -> String {
    printable(&row(event).join("  "))
}
