//! The live stream of events: server-sent events that survive broken connections.
//! Its state is one number, the last `seq` that was given.

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt};
use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::{sleep, timeout};

use crate::{
    Error, Result,
    event::{EventFilter, Events, Update},
    org::OrgScope,
};

impl Events<'_> {
    /// Events as they are committed, from behind `after` on, or from now on.
    /// Broken connections are made anew where they stopped: no event is lost or
    /// given twice. Ends only with an error that no later try would heal.
    pub fn stream(&self, filter: EventFilter, after: Option<u64>) -> impl Stream<Item = Result<Update>> + Send + use<> {
        updates(self.org.clone(), filter, after)
    }
}

fn updates(org: OrgScope, filter: EventFilter, after: Option<u64>) -> impl Stream<Item = Result<Update>> + Send {
    async_stream::try_stream! {
        // The start is fixed before the first connection: if that one breaks
        // before anything came, the next still begins at the same place.
        let mut last = match after {
            Some(seq) => seq,
            None => org.events().head().await?,
        };
        let mut failures = 0;
        loop {
            let mut updates = std::pin::pin!(connection(&org, &filter, last));
            while let Some(update) = updates.next().await {
                match update {
                    Ok(update) => {
                        failures = 0;
                        if let Some(update) = advance(&mut last, update) {
                            yield update;
                        }
                    }
                    Err(error) if error.is_final() => Err(error)?,
                    Err(error) => tracing::debug!(%error, failures, "event stream is not up"),
                }
            }
            sleep(org.client.inner.backoff.wait(failures)).await;
            failures = failures.saturating_add(1);
        }
    }
}

/// Moves the cursor; `None` for what was given before.
fn advance(last: &mut u64, update: Update) -> Option<Update> {
    let seq = match &update {
        Update::Change(event) if event.seq <= *last => return None,
        Update::Change(event) => event.seq,
        Update::Bookmark(seq) => *seq,
    };
    *last = seq.max(*last);
    Some(update)
}

/// One connection, from behind `last` until it ends, breaks, falls silent or
/// the server asks to come again.
fn connection<'a>(
    org: &'a OrgScope,
    filter: &'a EventFilter,
    last: u64,
) -> impl Stream<Item = Result<Update>> + Send + 'a {
    async_stream::try_stream! {
        let idle = org.client.inner.idle_timeout;
        let call = org
            .call(Method::GET, &["events"])
            .accept("text/event-stream")
            .header("last-event-id", &last.to_string())
            .timeout(None);
        let Ok(response) = timeout(idle, filter.on(call).open()).await else {
            return;
        };
        let response = response?;
        let url = response.url().path().to_owned();
        let mut frames = response.bytes_stream().eventsource();
        while let Ok(Some(Ok(frame))) = timeout(idle, frames.next()).await {
            match frame.event.as_str() {
                "change" => yield Update::Change(parse(&url, &frame.data)?),
                "bookmark" => yield Update::Bookmark(parse::<Bookmark>(&url, &frame.data)?.seq),
                "reconnect" => return,
                _ => {}
            }
        }
    }
}

#[derive(Deserialize)]
struct Bookmark {
    seq: u64,
}

fn parse<T: DeserializeOwned>(url: &str, data: &str) -> Result<T> {
    serde_json::from_str(data).map_err(|source| Error::Decode {
        url: url.to_owned(),
        source,
    })
}
