//! The end of one org's log, in memory for as long as somebody follows it.
//!
//! However many streams an org has open, what is new is read once for all of them. The log never changes behind its
//! head, so what was read once is true for good; who may see what of it, and who wants it, is not decided here.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use plinth_model::{Event, Scope};
use plinth_store::event::{PART_BYTES, Part, log_after};
use plinth_store::{Store, StoreError};
use tokio::sync::{Mutex, watch};

/// Most events that are read, or handed to a stream, at once.
pub(super) const SECTION: u16 = 500;

/// Most events that are kept for those who are slower than the rest.
const KEPT: usize = 2000;

/// Most bytes of their states that are kept: what was read last, and as much again.
const KEPT_BYTES: usize = 2 * PART_BYTES;

/// An event, and how it is written for those who see all of it.
#[derive(Debug)]
pub struct Logged {
    event: Event,
    text: OnceLock<String>,
}

impl Logged {
    pub(crate) fn new(event: Event) -> Self {
        Self {
            event,
            text: OnceLock::new(),
        }
    }

    pub fn event(&self) -> &Event {
        &self.event
    }

    /// What `write` makes of the event; it is called once, however many readers there are.
    pub fn text(&self, write: impl FnOnce(&Event) -> String) -> &str {
        self.text.get_or_init(|| write(&self.event))
    }
}

/// What was read of a log after some place.
#[derive(Debug)]
pub(crate) struct Read {
    /// Without gaps, whether or not anybody wants them.
    pub events: Vec<Arc<Logged>>,
    pub seq: i64,
    /// There was nothing more.
    pub end: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Tail {
    /// Counts the hints that the log grew.
    grown: watch::Sender<u64>,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    /// All events after this one are in `events`, up to `last`.
    from: i64,
    last: i64,
    events: VecDeque<Arc<Logged>>,
    /// Of the states of `events`.
    bytes: usize,
    /// The count of hints when the log was last read to its end.
    read_at: Option<u64>,
}

impl Tail {
    pub(super) fn new(head: i64) -> Self {
        let window = Window {
            from: head,
            last: head,
            events: VecDeque::new(),
            bytes: 0,
            read_at: None,
        };
        Self {
            grown: watch::Sender::new(0),
            window: Mutex::new(window),
        }
    }

    pub(super) fn grew(&self) {
        self.grown.send_modify(|count| *count += 1);
    }

    /// Changes when the log may have grown.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// The events after `seq`; `None` when they are not all kept any more. The log is read when a hint came since it was
    /// read last, or when it has a `head` that was not seen yet: a hint can be lost.
    pub(crate) async fn after(
        &self,
        store: &Store,
        scope: &Scope,
        seq: i64,
        head: i64,
    ) -> Result<Option<Read>, StoreError> {
        let mut window = self.window.lock().await;
        let hints = *self.grown.borrow();
        if window.read_at != Some(hints) || window.last < head {
            window.extend(store, scope, hints).await?;
        }
        Ok(window.after(seq))
    }
}

impl Window {
    async fn extend(&mut self, store: &Store, scope: &Scope, hints: u64) -> Result<(), StoreError> {
        let Part { events, more } = log_after(store, scope, self.last, SECTION.into()).await?;
        // What goes on behind a full section is read by whoever comes next.
        self.read_at = (!more).then_some(hints);
        for event in events {
            self.last = event.seq;
            self.bytes += event.bytes;
            self.events.push_back(Arc::new(Logged::new(event)));
        }
        while self.events.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(gone) = self.events.pop_front() else { break };
            self.from = gone.event.seq;
            self.bytes = self.bytes.saturating_sub(gone.event.bytes);
        }
        Ok(())
    }

    fn after(&self, seq: i64) -> Option<Read> {
        if seq < self.from {
            return None;
        }
        let known = self.events.partition_point(|logged| logged.event.seq <= seq);
        let mut bytes = 0;
        let fits = |logged: &&Arc<Logged>| {
            let fits = bytes < PART_BYTES;
            bytes += logged.event.bytes;
            fits
        };
        let events = self.events.iter().skip(known).take(SECTION.into()).take_while(fits);
        let events: Vec<_> = events.map(Arc::clone).collect();
        let last = events.last().map_or(seq, |logged| logged.event.seq);
        Some(Read {
            events,
            seq: last,
            end: last >= self.last && self.read_at.is_some(),
        })
    }
}
