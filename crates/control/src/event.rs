//! The event log as callers see it: as a list, and as what an open stream reads next.

mod hub;
mod sight;
mod tail;

use std::sync::Arc;
use std::time::Instant;

use plinth_model::Event;
use plinth_model::event::BUILT_IN_KINDS;
use plinth_model::permission::Kind;
use plinth_store::event::{self as stored, Filter, PART_BYTES, Part};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Control;
use crate::caller::Caller;
use crate::error::{Code, ControlError, Result};
use crate::page::{self, PATIENCE, Page, PageRequest, invalid_cursor};
use crate::principal::{self, Known};

pub(crate) use hub::Called;
pub use hub::{Hub, listen};
pub use plinth_store::event::Filter as EventFilter;
pub use plinth_store::resource::Direction;
use sight::Seen;
pub(crate) use sight::{view_of_noun, view_of_state};
use tail::SECTION;
pub use tail::{Logged, Tail};

/// What to list of the log, as a caller writes it.
#[derive(Debug, Clone)]
pub struct Query {
    pub filter: Filter,
    pub page: PageRequest,
    pub direction: Direction,
    /// Only events after this one.
    pub after: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// [`identity`]
    list: String,
    seq: i64,
    ascending: bool,
}

/// The same for two queries only if they show the same events.
fn identity(caller: &Caller, query: &Query) -> String {
    let Filter {
        kinds,
        subject,
        operations,
        actor,
        properties,
    } = &query.filter;
    let (mut kinds, mut operations) = (kinds.clone(), operations.clone());
    kinds.sort_unstable();
    operations.sort_unstable_by_key(|operation| operation.as_str());
    let mut properties: Vec<_> = properties.iter().map(|property| json!(property)).collect();
    properties.sort_by_cached_key(Value::to_string);
    let org = caller.scope.org;
    page::identity(&json!([
        "events",
        org,
        kinds,
        subject,
        operations,
        actor,
        properties,
        query.after
    ]))
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, query: &Query) -> Result<Page<Event>> {
    caller.require_some(Kind::Events, "view")?;
    let ascending = query.direction == Direction::Ascending;
    let list = identity(caller, query);
    let from = match query.page.position::<Cursor>()? {
        Some(cursor) if cursor.list != list => return Err(invalid_cursor()),
        Some(cursor) if cursor.ascending != ascending => {
            let detail = "the cursor is from this list in another order: begin again without one";
            return Err(ControlError::new(Code::InvalidCursor, detail));
        }
        Some(cursor) => cursor.seq,
        None if ascending => query.after.unwrap_or(0),
        None => i64::MAX,
    };
    let head = stored::head(control.store(), &caller.scope).await?;
    let mut rest = match query.direction {
        Direction::Ascending => (from, head),
        Direction::Descending => (query.after.unwrap_or(0), head.min(from.saturating_sub(1))),
    };
    let wanted = usize::try_from(query.page.fetch()?).unwrap_or(usize::MAX);
    let mut found = Collected::default();
    let started = Instant::now();
    // What is hidden leaves no trace, in the length of a page neither.
    while found.room(wanted) > 0 && rest.0 < rest.1 && started.elapsed() < PATIENCE {
        let part = (query.direction, rest);
        let stretch = read(control, caller, &query.filter, part, found.room(wanted)).await?;
        rest = stretch.rest;
        let known = known(control, caller, stretch.events.iter()).await?;
        let shown = stretch
            .events
            .into_iter()
            .filter_map(|event| match sight::of(control, caller, &known, &event) {
                Seen::Whole => Some(event),
                Seen::Cut(cut) => Some(*cut),
                Seen::Nothing => None,
            });
        found.add(shown.filter(|event| query.filter.lets_pass(event)));
    }
    let cursor = |seq| Cursor {
        list: list.clone(),
        seq,
        ascending,
    };
    let behind = found.full().or(match rest {
        (low, high) if low < high => Some(if ascending { low } else { high + 1 }),
        _ => None,
    });
    let mut page = query.page.page(found.events, |last| cursor(last.seq))?;
    if page.next.is_none() {
        page.next = behind.map(|seq| page::encode(&cursor(seq)));
    }
    Ok(page)
}

/// The events of a page, as its reader is shown them.
#[derive(Debug, Default)]
struct Collected {
    events: Vec<Event>,
    bytes: usize,
}

impl Collected {
    /// How many more it takes, of as many as are wanted.
    fn room(&self, wanted: usize) -> usize {
        self.full().map_or(wanted.saturating_sub(self.events.len()), |_| 0)
    }

    /// What does not fit is left out. What counts is what is shown: else the length of a page told how much is hidden.
    fn add(&mut self, shown: impl Iterator<Item = Event>) {
        for event in shown {
            if self.full().is_some() {
                break;
            }
            self.bytes += event.bytes;
            self.events.push(event);
        }
    }

    /// The place of its last event, when no more fit behind it, whether or not there are any.
    fn full(&self) -> Option<i64> {
        let last = self.events.last().filter(|_| self.bytes >= PART_BYTES);
        last.map(|last| last.seq)
    }
}

/// How many numbers of a log one statement looks through.
const WINDOW: i64 = 50_000;

/// What was read of a part of a log.
pub(crate) struct Stretch {
    /// Those that the policies of the org let the reader see, uncut.
    pub events: Vec<Event>,
    /// What is left of the part: the events with a `seq` in `(low, high]`.
    pub rest: (i64, i64),
}

/// The first of the events with a `seq` in `(low, high]`, in the direction: as many as one statement is to look through,
/// and as fit.
pub(crate) async fn read(
    control: &Control,
    caller: &Caller,
    filter: &Filter,
    (direction, (low, high)): (Direction, (i64, i64)),
    limit: usize,
) -> Result<Stretch> {
    let window = match direction {
        Direction::Ascending => (low, high.min(low.saturating_add(WINDOW))),
        Direction::Descending => (low.max(high.saturating_sub(WINDOW)), high),
    };
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let Part { events, more } = stored::list(control.store(), &caller.scope, filter, (direction, window), most).await?;
    let last = events.last().filter(|_| more).map(|last| last.seq);
    let rest = match direction {
        Direction::Ascending => (last.unwrap_or(window.1), high),
        Direction::Descending => (low, last.map_or(window.0, |last| last - 1)),
    };
    Ok(Stretch { events, rest })
}

/// What a caller may mean by a property's value: `5` a number or a text.
pub fn property_values(text: &str) -> Vec<Value> {
    let literal = serde_json::from_str::<Value>(text).ok();
    let literal = literal.filter(|value| value.is_number() || value.is_boolean());
    std::iter::once(Value::from(text)).chain(literal).collect()
}

/// What a reader sees of one event.
#[derive(Debug, Clone)]
pub enum Shown {
    /// All of it; shared with others who see it so.
    Whole(Arc<Logged>),
    /// Without what the reader may not see of `before` and `after`.
    Cut(Box<Event>),
}

/// The next part of a stream.
#[derive(Debug)]
pub struct Section {
    pub events: Vec<Shown>,
    /// The reader has come this far: nothing that it wants lies between its last event and here.
    pub seq: i64,
    /// The log held nothing more when it was read.
    pub end: bool,
}

/// What a stream that has come to `seq` reads next; the caller's rights are looked at again. `head` is a `seq` that the
/// log is known to have.
///
/// # Errors
/// `forbidden` when the right is gone.
pub async fn follow(
    control: &Control,
    caller: &Caller,
    tail: &Tail,
    filter: &Filter,
    (seq, head): (i64, i64),
) -> Result<Section> {
    caller.require_some(Kind::Events, "view")?;
    if let Some(read) = tail.after(control.store(), &caller.scope, seq, head).await? {
        return Ok(Section {
            events: shown(control, caller, filter, read.events).await?,
            seq: read.seq,
            end: read.end,
        });
    }
    let head = stored::head(control.store(), &caller.scope).await?;
    let part = (Direction::Ascending, (seq, head.max(seq)));
    let Stretch { events, rest } = read(control, caller, filter, part, SECTION.into()).await?;
    let logged = events.into_iter().map(Logged::new).map(Arc::new).collect();
    Ok(Section {
        events: shown(control, caller, filter, logged).await?,
        seq: rest.0,
        end: rest.0 >= rest.1,
    })
}

async fn shown(control: &Control, caller: &Caller, filter: &Filter, events: Vec<Arc<Logged>>) -> Result<Vec<Shown>> {
    let known = known(control, caller, events.iter().map(|logged| logged.event())).await?;
    let show = |event: Arc<Logged>| match sight::of(control, caller, &known, event.event()) {
        Seen::Whole => filter.lets_pass(event.event()).then_some(Shown::Whole(event)),
        Seen::Cut(cut) => filter.lets_pass(&cut).then_some(Shown::Cut(cut)),
        Seen::Nothing => None,
    };
    Ok(events.into_iter().filter_map(show).collect())
}

/// Whose names the caller may read in these events.
pub(crate) async fn known<'a>(
    control: &Control,
    caller: &Caller,
    events: impl Iterator<Item = &'a Event>,
) -> Result<Known> {
    if principal::knows_everybody(caller) {
        return Ok(Known::Everybody);
    }
    let people = sight::people(events);
    Known::among(control, caller, people.iter().map(String::as_str)).await
}

/// Whether the caller sees an event's subject as it was and as it became.
pub(crate) fn sees_states(control: &Control, caller: &Caller, known: &Known, event: &Event) -> bool {
    sight::sees_states(control, caller, known, event)
}

/// The kinds of events that there can be: those of every product, and its resource types.
pub fn kinds(control: &Control) -> Vec<String> {
    let catalog = control.catalog();
    let types = catalog.product.types.iter().map(|declaration| declaration.name.clone());
    BUILT_IN_KINDS.map(str::to_owned).into_iter().chain(types).collect()
}

/// The org's newest `seq`.
///
/// # Errors
/// `forbidden`, or the database is gone.
pub async fn head(control: &Control, caller: &Caller) -> Result<i64> {
    caller.require_some(Kind::Events, "view")?;
    Ok(stored::head(control.store(), &caller.scope).await?)
}
