//! Copying tables in full: one snapshot, several connections, a commit per chunk, and the swap at a table's end.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::plan::Unfinished;
use super::{Attempt, Tracked};
use crate::batch;
use crate::checkpoint::{Chunk, Phase, TableCheckpoint};
use crate::destination::{ChunkMode, Target, Visibility, Writer};
use crate::error::{Error, Result};
use crate::failpoint;
use crate::progress::Progress;
use crate::source::{ReadOptions, Reader, Snapshot, Source, TablePlan};
use crate::status::TableState;

/// Memory for rows between all readers and writers of a pipeline.
const CHANNEL_BYTES: usize = 32 * 1024 * 1024;

/// A table that is being copied.
#[derive(Debug, Clone)]
struct Copying {
    tracked: Tracked,
    mode: ChunkMode,
}

/// What the workers share.
#[derive(Debug)]
struct Shared {
    tables: Vec<Copying>,
    queue: Mutex<VecDeque<(usize, Chunk)>>,
    options: ReadOptions,
    channel_bytes: usize,
    progress: Progress,
}

impl Attempt<'_> {
    /// Copies all `tables` and makes each visible when it is whole.
    pub(super) async fn copy(&mut self, tables: Vec<Unfinished>) -> Result<Vec<Tracked>> {
        let sources: Vec<_> = tables.iter().map(|table| table.source.clone()).collect();
        let started = jiff::Timestamp::now();
        let snapshot = self
            .source
            .snapshot(&sources)
            .await
            .map_err(|error| error.at("source"))?;
        let mut copying = Vec::with_capacity(tables.len());
        for (table, plan) in tables.into_iter().zip(&snapshot.tables) {
            copying.push(self.begin(table, plan).await?);
        }
        let copied = self.copy_chunks(copying, &snapshot).await?;
        self.progress.complete_as_of(started);
        Ok(copied)
    }

    /// Carries an interrupted copy on or begins a new one.
    async fn begin(&mut self, table: Unfinished, plan: &TablePlan) -> Result<Copying> {
        let Unfinished {
            source,
            text_columns,
            before,
            resumable,
        } = table;
        let name = source.table.name.clone();
        if let Some(checkpoint) = before
            .clone()
            .filter(|before| resumable && (before.storage == plan.storage || before.missing().is_empty()))
        {
            self.progress.committed(&name, checkpoint.rows, checkpoint.bytes);
            let replace =
                source.cursor.is_some() && !checkpoint.missing().is_empty() && self.destination.replaces_rows();
            let tracked = Tracked { source, checkpoint };
            if replace {
                self.destination.index_load(&target(&tracked)).await?;
            }
            return Ok(Copying {
                tracked,
                mode: if replace { ChunkMode::Replace } else { ChunkMode::Append },
            });
        }
        let checkpoint = TableCheckpoint {
            target: self.destination.target(&name),
            table: name,
            phase: Phase::Loading,
            load: before.as_ref().map_or(0, |before| before.load) + 1,
            load_id: uuid::Uuid::now_v7().simple().to_string(),
            fingerprint: source.table.fingerprint(),
            storage: plan.storage.clone(),
            cursor: source.cursor.clone(),
            text_columns,
            watermark: plan.watermark.clone(),
            chunks: plan.chunks.clone(),
            done: BTreeSet::new(),
            changes: before.map_or(0, |before| before.changes),
            rows: 0,
            bytes: 0,
        };
        self.destination.begin_load(&source.table, &checkpoint).await?;
        Ok(Copying {
            tracked: Tracked { source, checkpoint },
            mode: ChunkMode::Append,
        })
    }

    async fn copy_chunks(&mut self, tables: Vec<Copying>, snapshot: &Snapshot) -> Result<Vec<Tracked>> {
        let queue = queue(&tables);
        let workers = self.job.spec.parallelism.min(queue.len());
        let mut missing: HashMap<usize, usize> = HashMap::new();
        for (table, _) in &queue {
            *missing.entry(*table).or_default() += 1;
        }
        let shared = Arc::new(Shared {
            tables,
            queue: Mutex::new(queue),
            options: self.read_options(),
            channel_bytes: CHANNEL_BYTES / workers.max(1),
            progress: self.progress.clone(),
        });
        let (done, mut finished) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            let reader = self.source.reader(snapshot).await.map_err(|error| error.at("source"))?;
            let writer = self
                .destination
                .writer()
                .await
                .map_err(|error| error.at("destination"))?;
            tasks.spawn(Arc::clone(&shared).work(reader, writer, done.clone()));
        }
        drop(done);
        // The readers hold the snapshot from now on.
        self.source.release().await?;
        let mut tracked = Vec::with_capacity(shared.tables.len());
        for (at, table) in shared.tables.iter().enumerate() {
            if !missing.contains_key(&at) {
                tracked.push(self.complete(table).await?);
            }
        }
        while let Some(at) = next_finished(&mut finished, &mut tasks).await? {
            let left = missing.entry(at).or_default();
            *left -= 1;
            if *left == 0 {
                tracked.push(self.complete(&shared.tables[at]).await?);
            }
        }
        Ok(tracked)
    }

    pub(super) fn read_options(&self) -> ReadOptions {
        let follows = self.job.spec.mode == crate::spec::Mode::Incremental;
        ReadOptions {
            layout: self.destination.layout(),
            batch_rows: self.job.spec.batch_rows,
            below_watermark_only: follows && !self.destination.replaces_rows(),
        }
    }

    /// All chunks are there: makes the copy visible, after changes if its chunks are of different snapshots.
    async fn complete(&mut self, table: &Copying) -> Result<Tracked> {
        let mut tracked = table.tracked.clone();
        if table.mode == ChunkMode::Replace && matches!(self.source, Source::Postgres(_)) {
            self.catch_up(std::slice::from_mut(&mut tracked), Visibility::Load)
                .await?;
        }
        failpoint::hit("run.before_publish")?;
        self.destination.publish(&target(&tracked)).await?;
        tracked.checkpoint.phase = Phase::Live;
        let name = &tracked.checkpoint.table;
        self.progress.enter_table(name, TableState::Completed);
        Ok(tracked)
    }
}

pub(super) fn target(tracked: &Tracked) -> Target<'_> {
    Target {
        table: &tracked.source.table,
        name: &tracked.checkpoint.target,
        load: tracked.checkpoint.load,
        load_id: &tracked.checkpoint.load_id,
    }
}

/// Chunks of all tables, those of large tables first, so that no long one is left for the end.
fn queue(tables: &[Copying]) -> VecDeque<(usize, Chunk)> {
    let mut order: Vec<(usize, Vec<Chunk>)> = tables
        .iter()
        .map(|table| table.tracked.checkpoint.missing())
        .enumerate()
        .collect();
    order.sort_by_key(|(_, chunks)| std::cmp::Reverse(chunks.len()));
    order
        .into_iter()
        .flat_map(|(at, chunks)| chunks.into_iter().map(move |chunk| (at, chunk)))
        .collect()
}

/// The next chunk that was committed, or the first failure of a worker.
async fn next_finished(
    finished: &mut mpsc::UnboundedReceiver<usize>,
    tasks: &mut JoinSet<Result<()>>,
) -> Result<Option<usize>> {
    loop {
        tokio::select! {
            biased;
            Some(ended) = tasks.join_next() => ended.map_err(|error| Error::transient("worker_died", error.to_string()))??,
            at = finished.recv() => return Ok(at),
        }
    }
}

impl Shared {
    async fn work(
        self: Arc<Self>,
        mut reader: Reader,
        mut writer: Writer,
        done: mpsc::UnboundedSender<usize>,
    ) -> Result<()> {
        loop {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some((at, chunk)) = next else { return Ok(()) };
            Box::pin(self.copy_chunk(&self.tables[at], &chunk, &mut reader, &mut writer)).await?;
            // Nobody listens any more when the attempt is over.
            let _ = done.send(at);
        }
    }

    async fn copy_chunk(&self, table: &Copying, chunk: &Chunk, reader: &mut Reader, writer: &mut Writer) -> Result<()> {
        let tracked = &table.tracked;
        let name = &tracked.checkpoint.table;
        self.progress.enter_table(name, TableState::Snapshotting);
        let meter = self.progress.meter(name);
        let (sender, receiver) = batch::channel(self.channel_bytes);
        let plan = (&tracked.source, tracked.checkpoint.watermark.as_ref());
        let target = target(tracked);
        let read = reader.read(plan, chunk, self.options, (sender, &meter));
        let write = writer.write_chunk(&target, chunk.index, table.mode, receiver);
        let ((), committed) = transfer(read, write).await?;
        self.progress.read(name, None);
        self.progress.landed(name, &meter, committed.rows, committed.bytes);
        Ok(())
    }
}

/// Reads and writes at the same time; the error is that of the side that failed by itself.
pub(super) async fn transfer<W>(
    read: impl Future<Output = Result<()>>,
    write: impl Future<Output = Result<W>>,
) -> Result<((), W)> {
    match futures::future::try_join(read, write).await {
        Ok(done) => Ok(done),
        Err(error) => Err(error),
    }
}
