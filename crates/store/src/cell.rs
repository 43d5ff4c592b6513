//! The directory, the cells, and the way from an org to its cell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::Pool;
use indexmap::IndexMap;
use moka::future::Cache;
use plinth_model::Scope;
use plinth_model::id::OrgId;
use tokio::sync::Notify;

use crate::config::{CellName, Endpoint, StoreConfig};
use crate::error::{Result, StoreError};
use crate::row::FromRow;
use crate::tx::{DirectoryTx, Params, SystemTx, Tx};
use crate::{directory, migrate, pool};

#[derive(Debug)]
struct Cell {
    api: Pool,
    system: Pool,
    url: String,
    sql: Endpoint,
    /// Called when a transaction of this process has been committed.
    written: Arc<Notify>,
}

/// All databases of the control plane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    directory: Pool,
    cells: Arc<IndexMap<CellName, Cell>>,
    /// An org stays in its cell for long; a move invalidates this.
    places: Cache<OrgId, CellName>,
    bypasses: Arc<AtomicU64>,
}

impl Store {
    /// Opens the pools. Connections are made when they are first needed.
    ///
    /// # Errors
    /// [`StoreError`] when a URL cannot be read.
    pub fn open(config: &StoreConfig) -> Result<Self> {
        let size = config.pool_size;
        let role = |url: &str, role: &str| pool::open(url, role, &config.role_password(role), size);
        let mut cells = IndexMap::new();
        for cell in &config.cells {
            let (api, system) = (
                role(&cell.url, migrate::API_ROLE)?,
                role(&cell.url, migrate::SYSTEM_ROLE)?,
            );
            let url = migrate::url_as(
                &cell.url,
                migrate::SYSTEM_ROLE,
                &config.role_password(migrate::SYSTEM_ROLE),
            )?;
            cells.insert(
                CellName::from(cell.name.as_str()),
                Cell {
                    api,
                    system,
                    url,
                    sql: pool::endpoint(cell)?,
                    written: Arc::default(),
                },
            );
        }
        Ok(Self {
            directory: role(&config.directory_url, migrate::API_ROLE)?,
            cells: Arc::new(cells),
            places: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(60))
                .build(),
            bypasses: Arc::default(),
        })
    }

    pub fn cells(&self) -> impl Iterator<Item = &CellName> {
        self.cells.keys()
    }

    fn cell(&self, name: &str) -> Result<&Cell> {
        self.cells
            .get(name)
            .ok_or_else(|| StoreError::internal("cell", format!("`{name}` is not configured here")))
    }

    async fn cell_of(&self, org: OrgId) -> Result<&Cell> {
        let name = match self.places.get(&org).await {
            Some(name) => name,
            None => {
                let mut tx = self.directory().await?;
                let name = directory::cell_of(&mut tx, org).await?;
                let name = name.ok_or_else(|| StoreError::unknown_org(org))?;
                self.places.insert(org, name.clone()).await;
                name
            }
        };
        self.cell(&name)
    }

    /// A transaction in the scope's org.
    ///
    /// # Errors
    /// [`StoreError`]: `UnknownOrg`, or the org's cell cannot be reached.
    pub async fn begin(&self, scope: &Scope) -> Result<Tx> {
        let cell = self.cell_of(scope.org).await?;
        Tx::open(&cell.api, scope, Arc::clone(&cell.written)).await
    }

    /// One statement as a whole transaction in the scope's org: one round trip.
    pub(crate) async fn once<R: FromRow>(&self, scope: &Scope, statement: &str, params: Params<'_>) -> Result<Vec<R>> {
        self.begin(scope).await?.once(statement, params).await
    }

    /// As [`Store::once`], with no more rows than the policies of the org let the actor see.
    pub(crate) async fn read<R: FromRow>(&self, scope: &Scope, statement: &str, params: Params<'_>) -> Result<Vec<R>> {
        self.begin(scope).await?.read(statement, params).await
    }

    /// Where logins of the org reach the database of its cell.
    ///
    /// # Errors
    /// [`StoreError`]: `UnknownOrg`, or the directory cannot be reached.
    pub async fn endpoint(&self, org: OrgId) -> Result<Endpoint> {
        Ok(self.cell_of(org).await?.sql.clone())
    }

    /// Background work over all orgs of a cell: the only way around the scope, so it is counted and logged.
    ///
    /// # Errors
    /// [`StoreError`] when the cell is unknown or cannot be reached.
    pub async fn system(&self, cell: &str, reason: &'static str) -> Result<SystemTx> {
        self.bypasses.fetch_add(1, Ordering::Relaxed);
        tracing::trace!(cell, reason, "transaction over all orgs");
        let cell = self.cell(cell)?;
        SystemTx::open(&cell.system, reason, Arc::clone(&cell.written)).await
    }

    /// How many transactions over all orgs this process has begun.
    pub fn system_count(&self) -> u64 {
        self.bypasses.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`StoreError`] when the directory cannot be reached.
    pub async fn directory(&self) -> Result<DirectoryTx> {
        DirectoryTx::open(&self.directory).await
    }

    /// Notified when this process has committed something in the cell: there may be events to number.
    pub fn written(&self, cell: &str) -> Arc<Notify> {
        self.cell(cell)
            .map(|cell| Arc::clone(&cell.written))
            .unwrap_or_default()
    }

    /// A connection of its own to a cell, as `plinth_system`: for advisory locks and LISTEN.
    pub(crate) async fn dedicated(&self, cell: &str) -> Result<tokio_postgres::Client> {
        pool::connect(&self.cell(cell)?.url).await
    }

    pub(crate) fn dedicated_url(&self, cell: &str) -> Result<&str> {
        Ok(&self.cell(cell)?.url)
    }

    /// Whether the directory and each cell answer.
    ///
    /// # Errors
    /// [`StoreError`] of the first one that does not.
    pub async fn ping(&self) -> Result<()> {
        self.directory.get().await?.batch_execute("select").await?;
        for cell in self.cells.values() {
            cell.api.get().await?.batch_execute("select").await?;
        }
        Ok(())
    }
}
