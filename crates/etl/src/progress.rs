//! How far a run is, seen from outside while it works: counters that the pipeline turns, and the status made from them.
//!
//! Shared by the run (writes) and its reporter (reads). It must not know how the status travels.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::error::Error;
use crate::status::{Peer, PipelineStatus, State, TableState, TableStatus};
use crate::table::TableName;

/// Counts what a reader has read.
#[derive(Debug, Default)]
pub struct Meter {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Meter {
    /// Adds to the counters.
    pub fn add(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn get(&self) -> (u64, u64) {
        (self.rows.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

#[derive(Debug, Default)]
struct TableProgress {
    status: TableStatus,
    /// Rows and bytes that are read and not yet committed.
    in_flight: Vec<Arc<Meter>>,
}

#[derive(Debug)]
struct Inner {
    status: PipelineStatus,
    tables: IndexMap<TableName, TableProgress>,
    /// When the newest state of the source was fixed that the destination shows completely.
    complete_as_of: Option<Timestamp>,
    /// `(when, rows, bytes)` of the last seconds, for the rates.
    samples: VecDeque<(Instant, u64, u64)>,
    /// How long it ran up to `ran_at`.
    ran: Duration,
    ran_at: Instant,
}

/// The progress of one pipeline. Clones share it.
#[derive(Debug, Clone)]
pub struct Progress {
    inner: Arc<Mutex<Inner>>,
    changed: Arc<tokio::sync::Notify>,
}

const RATE_WINDOW: Duration = Duration::from_secs(10);

impl Default for Progress {
    fn default() -> Self {
        let inner = Inner {
            status: PipelineStatus::default(),
            tables: IndexMap::new(),
            complete_as_of: None,
            samples: VecDeque::new(),
            ran: Duration::ZERO,
            ran_at: Instant::now(),
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            changed: Arc::default(),
        }
    }
}

impl Progress {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change that should be reported without delay.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Moves to `state`, and clears the message of the last one.
    pub fn enter(&self, state: State) {
        let mut inner = self.lock();
        inner.count_time();
        let status = &mut inner.status;
        (status.message, status.hint) = (None, None);
        status.state = state;
        let now = Timestamp::now();
        match state {
            State::Connecting => _ = status.started_at.get_or_insert(now),
            State::Completed => _ = status.completed_at.get_or_insert(now),
            _ => status.completed_at = None,
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// Says something about the present state.
    pub fn note(&self, message: impl Into<String>) {
        self.lock().status.message = Some(message.into());
        self.changed.notify_one();
    }

    /// An attempt ended with `error`; `state` says whether the next one comes by itself.
    pub fn failed(&self, state: State, error: &Error) {
        let mut inner = self.lock();
        inner.count_time();
        inner.status.state = state;
        inner.status.message = Some(format!("{} ({})", error.message, error.code));
        inner.status.hint.clone_from(&error.hint);
        inner.status.source.connected = false;
        inner.status.destination.connected = false;
        inner.status.restarts += 1;
        for table in inner.tables.values_mut() {
            table.in_flight.clear();
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// Begins where the last process left off, so that nobody sees counts fall to zero until the checkpoints are read.
    pub fn resume(&self, last: &PipelineStatus) {
        let mut inner = self.lock();
        inner.status.restarts = last.restarts;
        inner.status.state = State::Connecting;
        let tables = last.tables.iter().filter_map(|status| {
            let progress = TableProgress {
                status: status.clone(),
                in_flight: Vec::new(),
            };
            Some((status.name.parse().ok()?, progress))
        });
        inner.tables = tables.collect();
    }

    pub fn source(&self, server: Option<String>) {
        let mut inner = self.lock();
        inner.count_time();
        inner.status.source = Peer {
            connected: server.is_some(),
            server,
        };
        drop(inner);
        self.changed.notify_one();
    }

    pub fn destination(&self, server: Option<String>) {
        let mut inner = self.lock();
        inner.count_time();
        inner.status.destination = Peer {
            connected: server.is_some(),
            server,
        };
        drop(inner);
        self.changed.notify_one();
    }

    /// How long it has been at work, connected to both sides: what running time is billed by.
    #[must_use]
    pub fn ran(&self) -> Duration {
        let mut inner = self.lock();
        inner.count_time();
        inner.ran
    }

    /// Sets the tables, in order; those that are known keep nothing of an earlier attempt.
    pub fn tables(&self, tables: impl IntoIterator<Item = (TableName, Option<u64>)>) {
        let mut inner = self.lock();
        inner.tables = tables
            .into_iter()
            .map(|(table, rows_total)| {
                let status = TableStatus {
                    name: table.to_string(),
                    rows_total,
                    ..TableStatus::default()
                };
                (
                    table,
                    TableProgress {
                        status,
                        in_flight: Vec::new(),
                    },
                )
            })
            .collect();
        inner.samples.clear();
    }

    fn table(&self, table: &TableName, change: impl FnOnce(&mut TableProgress)) {
        if let Some(progress) = self.lock().tables.get_mut(table) {
            change(progress);
        }
    }

    /// What the destination holds, from its own checkpoint.
    pub fn committed(&self, table: &TableName, rows: u64, bytes: u64) {
        self.table(table, |progress| {
            (progress.status.rows, progress.status.bytes) = (rows, bytes)
        });
    }

    pub fn enter_table(&self, table: &TableName, state: TableState) {
        self.table(table, |progress| {
            progress.status.state = state;
            if matches!(state, TableState::Streaming | TableState::Completed) {
                progress.status.rows_total = Some(progress.status.rows_total.unwrap_or(0).max(progress.status.rows));
            }
        });
        self.changed.notify_one();
    }

    /// The copy is complete: its count of rows is no estimate any more.
    pub fn total(&self, table: &TableName, rows: u64) {
        self.table(table, |progress| progress.status.rows_total = Some(rows));
    }

    /// A counter for rows on their way.
    #[must_use]
    pub fn meter(&self, table: &TableName) -> Arc<Meter> {
        let meter = Arc::new(Meter::default());
        self.table(table, |progress| progress.in_flight.push(Arc::clone(&meter)));
        meter
    }

    /// The rows of `meter` are committed, and part of what [`Self::committed`] says from now on.
    pub fn landed(&self, table: &TableName, meter: &Arc<Meter>, rows: u64, bytes: u64) {
        self.table(table, |progress| {
            progress.in_flight.retain(|other| !Arc::ptr_eq(other, meter));
            progress.status.rows += rows;
            progress.status.bytes += bytes;
        });
    }

    /// A commit added rows.
    pub fn added(&self, table: &TableName, rows: u64, bytes: u64) {
        self.table(table, |progress| {
            progress.status.rows += rows;
            progress.status.bytes += bytes;
        });
    }

    /// The source was read just now, up to `cursor`.
    pub fn read(&self, table: &TableName, cursor: Option<String>) {
        let now = Timestamp::now();
        self.table(table, |progress| {
            progress.status.last_read_at = Some(now);
            if cursor.is_some() {
                progress.status.cursor = cursor;
            }
        });
    }

    /// The destination shows the source's state of `at` completely.
    pub fn complete_as_of(&self, at: Timestamp) {
        self.lock().complete_as_of = Some(at);
    }

    /// The status as of now.
    #[must_use]
    pub fn status(&self) -> PipelineStatus {
        let mut inner = self.lock();
        let tables: Vec<TableStatus> = inner.tables.values().map(TableProgress::now).collect();
        let (rows, bytes) = tables
            .iter()
            .fold((0, 0), |sum, table| (sum.0 + table.rows, sum.1 + table.bytes));
        let (rows_per_second, bytes_per_second) = inner.rates(rows, bytes);
        let now = Timestamp::now();
        PipelineStatus {
            last_read_at: tables.iter().filter_map(|table| table.last_read_at).max(),
            tables,
            rows,
            bytes,
            rows_per_second,
            bytes_per_second,
            lag_secs: inner.lag_secs(now),
            observed_at: now,
            ..inner.status.clone()
        }
    }
}

impl TableProgress {
    fn now(&self) -> TableStatus {
        let mut status = self.status.clone();
        for (rows, bytes) in self.in_flight.iter().map(|meter| meter.get()) {
            status.rows += rows;
            status.bytes += bytes;
            if rows > 0 {
                status.last_read_at = Some(Timestamp::now());
            }
        }
        status
    }
}

impl Inner {
    /// Before a change of the state or of a connection.
    fn count_time(&mut self) {
        let now = Instant::now();
        let status = &self.status;
        let at_work = matches!(status.state, State::Connecting | State::Snapshotting | State::Streaming);
        if at_work && status.source.connected && status.destination.connected {
            self.ran += now - self.ran_at;
        }
        self.ran_at = now;
    }

    fn lag_secs(&self, now: Timestamp) -> Option<f64> {
        let streaming = self.status.state == State::Streaming;
        let at = self.complete_as_of.filter(|_| streaming)?;
        Some((now.duration_since(at).as_secs_f64() * 1000.0).round() / 1000.0)
    }

    fn rates(&mut self, rows: u64, bytes: u64) -> (f64, f64) {
        let now = Instant::now();
        let due = self
            .samples
            .back()
            .is_none_or(|last| now - last.0 > Duration::from_millis(200));
        if due {
            self.samples.push_back((now, rows, bytes));
        }
        while self.samples.len() > 2 && self.samples.front().is_some_and(|first| now - first.0 > RATE_WINDOW) {
            self.samples.pop_front();
        }
        let Some((since, from_rows, from_bytes)) = self.samples.front() else {
            return (0.0, 0.0);
        };
        let secs = (now - *since).as_secs_f64();
        if secs < 0.05 || !matches!(self.status.state, State::Snapshotting | State::Streaming) {
            return (0.0, 0.0);
        }
        let rate = |now: u64, from: u64| (now.saturating_sub(from) as f64 / secs).round();
        (rate(rows, *from_rows), rate(bytes, *from_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the time that counts goes on.
    fn counts(progress: &Progress) -> bool {
        let before = progress.ran();
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(2) {
            std::hint::spin_loop();
        }
        progress.ran() > before
    }

    #[test]
    fn time_counts_while_both_sides_are_connected_and_work_is_done() {
        let progress = Progress::default();
        assert!(!counts(&progress), "before anything");
        progress.enter(State::Connecting);
        assert!(!counts(&progress), "not connected");
        progress.source(Some("one".to_owned()));
        assert!(!counts(&progress), "connected to the source alone");
        progress.failed(State::Failed, &Error::new("wrong_password", "the password is wrong"));
        assert!(!counts(&progress), "failed, waiting for the next attempt");
        assert_eq!(progress.ran(), Duration::ZERO, "it was never connected");
        for state in [State::Connecting, State::Snapshotting, State::Streaming] {
            progress.source(Some("one".to_owned()));
            progress.destination(Some("two".to_owned()));
            progress.enter(state);
            assert!(counts(&progress), "{state:?}");
            progress.failed(State::Connecting, &Error::transient("timeout", "no answer"));
            assert!(!counts(&progress), "waiting after {state:?}");
        }
        progress.source(Some("one".to_owned()));
        progress.destination(Some("two".to_owned()));
        progress.enter(State::Completed);
        assert!(!counts(&progress), "completed");
    }
}
