//! How a resource gets on: a bar on a terminal, a line for each change elsewhere.
//! A status that counts `rows` of `rows_total`, itself or over its `tables`, has a bar; any other its state.

use std::{collections::HashMap, io::IsTerminal};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use plinth_client::resource::Resource;
use serde_json::Value;

use super::{
    human,
    output::{Format, Paint, print, printable, remark, show_next},
    session::Session,
};

/// How far a resource is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: Option<u64>,
}

impl Progress {
    pub fn of(resource: &Resource) -> Option<Self> {
        let status = resource.status.as_ref()?;
        let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let tables = status.get("tables").and_then(Value::as_array);
        let tables: Vec<_> = tables.into_iter().flatten().collect();
        let totals: Option<Vec<u64>> = tables.iter().map(|one| number(one, "rows_total")).collect();
        let total = match totals {
            Some(totals) if !totals.is_empty() => Some(totals.iter().sum()),
            _ => number(status, "rows_total"),
        };
        let done = number(status, "rows")?;
        Some(Self { done, total })
    }

    /// Whole percents. A total is an estimate: more than all is all.
    pub fn percent(&self) -> Option<u64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done.min(total) * 100) / total)
    }
}

/// What to say of a resource that a worker with a free place would have taken by now.
#[derive(Debug, PartialEq, Eq)]
pub struct Untaken {
    pub message: String,
    pub hint: &'static str,
}

impl Untaken {
    /// A worker with a free place takes what is new within a second.
    pub const AFTER_SECS: i64 = 5;

    pub fn of(resource: &Resource, now: Timestamp) -> Option<Self> {
        let unseen = resource
            .observed_generation
            .is_none_or(|seen| seen < resource.generation);
        let waits = resource.state() == Some("pending") && unseen && resource.deleted_at.is_none();
        let since = resource.updated_at.or(resource.created_at).filter(|_| waits)?;
        let secs = now.duration_since(since).as_secs();
        (secs >= Self::AFTER_SECS).then(|| Self {
            message: format!("no worker has taken it for {}", human::age(Some(since), now)),
            hint: "is `plinth worker` running, and are all of its places taken?",
        })
    }
}

/// Shows resources as they change, on standard output or above it.
#[derive(Debug)]
pub struct Display {
    format: Format,
    paint: Paint,
    bars: Option<MultiProgress>,
    by_id: HashMap<String, ProgressBar>,
    last: HashMap<String, String>,
}

impl Display {
    pub fn new(session: &Session) -> Self {
        let live =
            session.format == Format::Table && std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        Self {
            format: session.format,
            paint: session.paint,
            bars: live.then(MultiProgress::new),
            by_id: HashMap::new(),
            last: HashMap::new(),
        }
    }

    pub fn show(&mut self, resource: &Resource) -> anyhow::Result<()> {
        if self.format != Format::Table {
            return show_next(self.format, resource, |_| String::new());
        }
        match &self.bars {
            Some(bars) => {
                let bar = self
                    .by_id
                    .entry(resource.id.clone())
                    .or_insert_with(|| bars.add(new_bar(&resource.name)));
                update(bar, resource, self.paint);
                Ok(())
            }
            None => self.line(resource),
        }
    }

    /// What happened to a resource, above the bars.
    pub fn tell(&self, text: &str) -> anyhow::Result<()> {
        match &self.bars {
            Some(bars) => Ok(bars.println(text)?),
            None => print(text),
        }
    }

    /// What is to be known of a resource and is no change of it: above the bars, or beside the output.
    pub fn remark(&self, resource: &Resource, untaken: &Untaken) -> anyhow::Result<()> {
        let text = format!("{}: {}; {}", printable(&resource.name), untaken.message, untaken.hint);
        match &self.bars {
            Some(bars) => bars.println(text)?,
            None => remark(&text),
        }
        Ok(())
    }

    /// Only what differs from the last line, so that a log holds no line twice.
    fn line(&mut self, resource: &Resource) -> anyhow::Result<()> {
        let text = line(resource, self.paint);
        if self.last.get(&resource.id) == Some(&text) {
            return Ok(());
        }
        let time = human::time(resource.updated_at.unwrap_or_else(Timestamp::now));
        print(&format!("{}  {text}", self.paint.dim(&time)))?;
        self.last.insert(resource.id.clone(), text);
        Ok(())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // The bars stay as they were last.
        for bar in self.by_id.values() {
            bar.abandon();
        }
    }
}

fn new_bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::no_length();
    bar.set_prefix(printable(name));
    bar
}

fn update(bar: &ProgressBar, resource: &Resource, paint: Paint) {
    let progress = Progress::of(resource);
    let total = progress.as_ref().and_then(|progress| progress.total);
    let template = match total {
        Some(_) => "{prefix:20}  [{bar:30}] {percent:>3}%  {msg}",
        None => "{prefix:20}  {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    if let (Some(progress), Some(total)) = (&progress, total) {
        bar.set_length(total.max(1));
        bar.set_position(progress.done.min(total));
    }
    bar.set_message(what(resource, paint));
}

fn line(resource: &Resource, paint: Paint) -> String {
    let percent = Progress::of(resource).and_then(|progress| progress.percent());
    let percent = percent.map_or(String::new(), |percent| format!("{percent}%  "));
    format!("{}  {percent}{}", printable(&resource.name), what(resource, paint))
}

/// The state, if resources of the type have one. A deleted resource reports nothing that is true of it any more.
pub fn state(resource: &Resource) -> Option<&str> {
    let reported = resource.state()?;
    Some(match (resource.deleted_at, resource.finalized_at) {
        (Some(_), Some(_)) => "deleted",
        (Some(_), None) => "deleting",
        (None, _) => reported,
    })
}

/// `snapshotting  450,000 rows  12.0 MB  20,000/s`.
fn what(resource: &Resource, paint: Paint) -> String {
    let status = resource.status.as_ref();
    let field = |name: &str| {
        let value = status?.get(name).filter(|value| !value.is_null())?;
        Some(human::field(name, value))
    };
    let state = state(resource).unwrap_or("-");
    let mut parts = vec![painted(state, paint)];
    parts.extend(field("rows").map(|rows| format!("{rows} rows")));
    parts.extend(field("bytes"));
    parts.extend(field("rows_per_second").filter(|rate| rate != "0/s"));
    parts.extend(field("lag_secs").map(|lag| format!("lag {lag}")));
    parts.extend(field("message").map(|message| printable(&human::shorten(&message, 200))));
    parts.join("  ")
}

pub fn painted(state: &str, paint: Paint) -> String {
    match state {
        "failed" | "error" => paint.red(state),
        "completed" | "streaming" | "running" | "ready" => paint.green(state),
        _ => paint.yellow(state),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(status: Value) -> Resource {
        let value = json!({"id": "pipeline_1", "type": "pipeline", "name": "orders", "status": status});
        serde_json::from_value(value).expect("a resource")
    }

    #[test]
    fn progress_is_summed_over_tables_and_never_past_all() {
        let tables = json!([{"rows_total": 100}, {"rows_total": 300}]);
        let running = resource(json!({"rows": 100, "tables": tables}));
        let progress = Progress::of(&running).expect("progress");
        assert_eq!((progress.total, progress.percent()), (Some(400), Some(25)));
        let over = resource(json!({"rows": 500, "tables": tables}));
        assert_eq!(Progress::of(&over).and_then(|progress| progress.percent()), Some(100));
        let unknown = resource(json!({"rows": 5, "tables": [{"rows_total": 100}, {}]}));
        assert_eq!(Progress::of(&unknown).and_then(|progress| progress.percent()), None);
    }

    #[test]
    fn what_no_worker_takes_says_so_after_some_seconds() {
        let mut waiting = resource(json!({"state": "pending"}));
        waiting.generation = 1;
        waiting.observed_generation = Some(0);
        waiting.updated_at = Some("2026-11-22T12:00:00Z".parse().expect("a time"));
        let at = |resource: &Resource, secs: i64| {
            let now = Timestamp::from_second(1_795_348_800 + secs).expect("a time");
            Untaken::of(resource, now).map(|untaken| untaken.message)
        };
        assert_eq!(at(&waiting, 4), None);
        assert_eq!(at(&waiting, 75).as_deref(), Some("no worker has taken it for 1m 15s"));
        let mut taken = waiting.clone();
        taken.observed_generation = Some(1);
        assert_eq!(at(&taken, 75), None);
        let mut deleted = waiting.clone();
        deleted.deleted_at = waiting.updated_at;
        assert_eq!(at(&deleted, 75), None);
        waiting.status = Some(json!({"state": "connecting"}));
        assert_eq!(at(&waiting, 75), None);
    }

    #[test]
    fn a_line_tells_state_and_numbers() {
        let status = json!({"state": "snapshotting", "rows": 450_000, "bytes": 12_000_000,
            "rows_per_second": 20_000, "tables": [{"rows_total": 1_000_000}]});
        let text = line(&resource(status), Paint::PLAIN);
        insta::assert_snapshot!(text, @"orders  45%  snapshotting  450,000 rows  12.0 MB  20,000/s");
    }
}
