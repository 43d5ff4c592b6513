//! A folder as a destination: Parquet or CSV part files, and a manifest per table that says which of them count.
//!
//! ```text
//! <directory>/<table>/manifest.json        committed parts, checkpoint, usage records
//! <directory>/<table>/part-<load>-<n>.parquet
//! <directory>/.plinth/<pipeline>.lock      held by the one process that may write
//! <directory>/.plinth/loading/<table>/     a load that no reader sees yet
//! ```
//! A commit writes the part under another name, syncs it, gives it its name and replaces the manifest: the manifest's
//! rename is the moment of the commit. Parts that no manifest names are removed at the next start. A finished load takes the
//! place of the visible folder by renames, which the next start completes if they were cut short.

mod manifest;
mod part;
mod write;

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

pub(crate) use self::manifest::Manifest;
use self::manifest::{folder_name, remove_dir, sync_dir};
pub use self::write::FilesWriter;
use super::{Owner, Target};
use crate::checkpoint::{Phase, TableCheckpoint, Usage};
use crate::error::{Error, Place, Result};
use crate::failpoint;
use crate::spec::{FileFormat, FilesSpec};
use crate::table::{Layout, Table, TableName};

#[derive(Debug)]
pub struct FilesDestination {
    store: Arc<Store>,
}

/// Usage records of all manifests.
#[derive(Debug)]
pub struct FilesLedger {
    store: Arc<Store>,
}

/// The folder with all manifests, while this process holds its lock.
#[derive(Debug)]
struct Store {
    directory: PathBuf,
    /// The directory as the pipeline and its connection name it.
    shown: PathBuf,
    format: FileFormat,
    pipeline: String,
    tables: Mutex<HashMap<TableName, Versions>>,
    _lock: Flock<fs::File>,
}

/// The visible copy of a table and the one that is being loaded.
#[derive(Debug, Default)]
struct Versions {
    live: Option<Manifest>,
    loading: Option<Manifest>,
}

/// How long a process of ours that is just ending may keep the lock.
const LOCK_TRIES: u32 = 100;

impl FilesDestination {
    pub(super) async fn open(spec: &FilesSpec, owner: Owner) -> Result<Self> {
        let place = format!("folder `{}`", spec.directory.display());
        let mut tries = 0;
        loop {
            let (spec, wanted) = (spec.clone(), owner.clone());
            let opened = blocking(move || Store::open(spec, &wanted)).await.at(&place);
            match opened {
                Err(error) if error.code == "locked" && tries < LOCK_TRIES => tries += 1,
                opened => {
                    return Ok(Self {
                        store: Arc::new(opened?),
                    });
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn server(&self) -> String {
        format!("{} in {}", self.store.format.extension(), self.store.shown.display())
    }

    pub(super) fn layout(&self) -> Layout {
        match self.store.format {
            FileFormat::Csv => Layout::Text,
            FileFormat::Parquet => Layout::Typed,
        }
    }

    pub(super) async fn checkpoints(&self) -> Result<HashMap<TableName, TableCheckpoint>> {
        let tables = self.store.lock();
        let newest = |versions: &Versions| versions.loading.as_ref().or(versions.live.as_ref()).cloned();
        let found = tables.values().filter_map(newest);
        Ok(found
            .map(|manifest| (manifest.checkpoint.table.clone(), manifest.checkpoint))
            .collect())
    }

    pub(super) async fn begin_load(&self, table: &Table, checkpoint: &TableCheckpoint) -> Result<()> {
        let store = Arc::clone(&self.store);
        let manifest = Manifest::new(&store.pipeline, table, checkpoint.clone());
        blocking(move || store.begin_load(manifest)).await
    }

    pub(super) async fn publish(&self, target: &Target<'_>) -> Result<()> {
        let (store, table) = (Arc::clone(&self.store), target.table.name.clone());
        blocking(move || store.publish(&table)).await
    }

    pub(super) fn writer(&self) -> FilesWriter {
        FilesWriter::new(Arc::clone(&self.store))
    }

    pub(super) fn ledger(&self) -> FilesLedger {
        FilesLedger {
            store: Arc::clone(&self.store),
        }
    }

    pub(super) async fn forget(&self) -> Result<()> {
        let store = Arc::clone(&self.store);
        blocking(move || store.forget()).await
    }
}

impl FilesLedger {
    pub(super) async fn usage(&self) -> Result<Vec<Usage>> {
        let tables = self.store.lock();
        // Rows of a load are billed when it is published, not when it is thrown away.
        let manifests = tables.values().filter_map(|versions| versions.live.as_ref());
        let mut usage: Vec<Usage> = manifests.flat_map(|manifest| manifest.usage.iter().cloned()).collect();
        usage.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        usage.truncate(500);
        Ok(usage)
    }

    pub(super) async fn acknowledge(&self, usage: &[Usage]) -> Result<()> {
        let (store, usage) = (Arc::clone(&self.store), usage.to_vec());
        blocking(move || {
            for versions in store.lock().values_mut() {
                if let Some(manifest) = &mut versions.live {
                    let before = manifest.usage.len();
                    manifest
                        .usage
                        .retain(|kept| !usage.iter().any(|sent| sent.id == kept.id));
                    if manifest.usage.len() != before {
                        manifest.save(&store.place(manifest))?;
                    }
                }
            }
            Ok(())
        })
        .await
    }
}

/// Runs file work where blocking is allowed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::transient("worker_died", error.to_string())),
    }
}

impl Store {
    fn open(spec: FilesSpec, owner: &Owner) -> Result<Self> {
        let directory = spec.path();
        let records = directory.join(".plinth");
        fs::create_dir_all(records.join("loading"))?;
        let lock = lock(&records.join(format!("{}.lock", owner.pipeline)), owner.epoch)?;
        let store = Self {
            directory,
            shown: spec.directory,
            format: spec.format,
            pipeline: owner.pipeline.clone(),
            tables: Mutex::default(),
            _lock: lock,
        };
        store.recover()?;
        Ok(store)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TableName, Versions>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live_dir(&self, table: &TableName) -> PathBuf {
        self.directory.join(folder_name(table))
    }

    fn loading_dir(&self, table: &TableName) -> PathBuf {
        self.directory.join(".plinth/loading").join(folder_name(table))
    }

    fn place(&self, manifest: &Manifest) -> PathBuf {
        match manifest.checkpoint.phase {
            Phase::Live => self.live_dir(&manifest.checkpoint.table),
            Phase::Loading => self.loading_dir(&manifest.checkpoint.table),
        }
    }

    /// Reads all manifests of this pipeline, completes swaps and removes what no manifest names.
    fn recover(&self) -> Result<()> {
        for manifest in Manifest::read_all(&self.directory.join(".plinth/loading"))? {
            if manifest.pipeline != self.pipeline {
                continue;
            }
            let table = manifest.checkpoint.table.clone();
            if manifest.checkpoint.phase == Phase::Live {
                self.swap(&table)?;
                continue;
            }
            manifest.sweep(&self.loading_dir(&table))?;
            self.lock().entry(table).or_default().loading = Some(manifest);
        }
        for manifest in Manifest::read_all(&self.directory)? {
            if manifest.pipeline == self.pipeline {
                let table = manifest.checkpoint.table.clone();
                manifest.sweep(&self.live_dir(&table))?;
                self.lock().entry(table).or_default().live = Some(manifest);
            }
        }
        Ok(())
    }

    fn begin_load(&self, manifest: Manifest) -> Result<()> {
        let table = manifest.checkpoint.table.clone();
        let live = self.live_dir(&table);
        let mut tables = self.lock();
        let versions = tables.entry(table.clone()).or_default();
        if versions.live.is_none() && live.exists() {
            return Err(Error::new(
                "destination_table_exists",
                format!(
                    "the folder `{}` exists already, and this pipeline did not make it",
                    self.shown.join(folder_name(&table)).display()
                ),
            )
            .hint("choose another directory, or move the folder away"));
        }
        let dir = self.loading_dir(&table);
        remove_dir(&dir)?;
        fs::create_dir_all(&dir)?;
        manifest.save(&dir)?;
        versions.loading = Some(manifest);
        Ok(())
    }

    fn publish(&self, table: &TableName) -> Result<()> {
        let mut tables = self.lock();
        let versions = tables.entry(table.clone()).or_default();
        let Some(mut manifest) = versions.loading.take() else {
            return Ok(());
        };
        manifest.checkpoint.phase = Phase::Live;
        if let Some(old) = versions.live.take() {
            manifest.usage.extend(old.usage);
        }
        manifest.save(&self.loading_dir(table))?;
        failpoint::hit("destination.before_swap")?;
        self.swap(table)?;
        versions.live = Some(manifest);
        Ok(())
    }

    /// Puts the finished load in the visible place; may be cut short anywhere and called again.
    fn swap(&self, table: &TableName) -> Result<()> {
        let (live, loading) = (self.live_dir(table), self.loading_dir(table));
        let replaced = self
            .directory
            .join(".plinth")
            .join(format!("replaced-{}", folder_name(table)));
        if live.exists() {
            remove_dir(&replaced)?;
            fs::rename(&live, &replaced)?;
        }
        fs::rename(&loading, &live)?;
        sync_dir(&self.directory)?;
        remove_dir(&replaced)
    }

    /// Parts and manifests of visible tables stay; the lock, the loads and the claim on the folders go.
    fn forget(&self) -> Result<()> {
        let mut tables = self.lock();
        for (table, versions) in tables.drain() {
            remove_dir(&self.loading_dir(&table))?;
            if let Some(mut manifest) = versions.live {
                manifest.pipeline = String::new();
                manifest.usage.clear();
                manifest.save(&self.live_dir(&table))?;
            }
        }
        let lock = self.directory.join(".plinth").join(format!("{}.lock", self.pipeline));
        Ok(fs::remove_file(lock)?)
    }
}

/// Takes the lock, and refuses a lease older than one that has held it.
fn lock(path: &Path, epoch: i64) -> Result<Flock<fs::File>> {
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)?;
    let mut lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| {
        Error::transient("locked", "another process writes to this folder for the same pipeline")
            .hint("the pipeline carries on as soon as that process has ended")
    })?;
    let mut seen = String::new();
    lock.read_to_string(&mut seen)?;
    if seen.trim().parse::<i64>().is_ok_and(|seen| seen > epoch) {
        return Err(Error::fenced());
    }
    lock.rewind()?;
    lock.set_len(0)?;
    lock.write_all(epoch.to_string().as_bytes())?;
    lock.sync_all()?;
    Ok(lock)
}
