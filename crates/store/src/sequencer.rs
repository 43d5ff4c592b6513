//! Gives each org's committed changes their place in its log: 1, 2, 3 ... without gaps.
//!
//! One leader a cell, by an advisory lock that lives and dies with the connection on which the work is done, so that
//! two leaders can never both commit.
//!
//! Transactions are put in the order of their last inbox row. That agrees with the order in which they could see each
//! other: one that waited for a row, or began, after another's commit wrote its last row after all rows of the other
//! one. It also needs no wait for transactions that are still open: what depends on them is not visible yet.
//!
//! However much a transaction wrote, no more of it is held than fits into a chunk. A step takes what the front of the
//! inbox holds, as far as it fits. A transaction that does not fit is written chunk by chunk, in one transaction of the
//! database.

mod chunk;

use std::collections::HashSet;

use futures::future::join4;
use indexmap::IndexMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use crate::audit::Link;
use crate::cell::Store;
use crate::error::Result;
use crate::row::{FromRow, column, row};
use crate::sql;
use chunk::Chunk;

/// Most events of a chunk.
const MOST_EVENTS: i64 = 2_000;
/// Most bytes of their states, as the inbox counts them; one event may be larger. Large enough that it costs more to write
/// than to ask for it, and far below the 1 GB that `PostgreSQL` takes in one message, also where texts are longer than
/// that: see migrations/cell/V21__salted_events.sql.
const MOST_BYTES: i64 = 8 * 1024 * 1024;
/// NOTIFY carries less than 8000 bytes: so many ids of 36 characters and a comma.
const HINTED_ORGS: usize = 200;

/// The right to number the events of a cell, for as long as its connection lives.
pub struct Leadership {
    client: Client,
    statements: Statements,
}

/// Prepared once: the leader runs them some hundred times a second.
struct Statements {
    window: Statement,
    heads: Statement,
    append: Statement,
    advance: Statement,
    count: Statement,
    clear: Statement,
    hint: Statement,
    /// For each chunk of a large transaction.
    chunk: Statement,
}

impl std::fmt::Debug for Leadership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leadership").finish_non_exhaustive()
    }
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    pub events: usize,
    /// Most bytes of states that it held at once, as text.
    pub peak: usize,
}

struct InboxRow {
    inbox_id: i64,
    link: Link,
}

impl FromRow for InboxRow {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        Ok(Self {
            inbox_id: column(row, "inbox_id")?,
            link: Link::from_row(row)?,
        })
    }
}

row! {
    /// A transaction in the inbox.
    struct Written {
        xid: String,
        events: i64,
        bytes: i64,
    }
}

/// The front of the inbox.
struct Window {
    rows: Vec<InboxRow>,
    /// There may be more behind it.
    more: bool,
}

/// Tries to become the cell's leader; `None` while another one is.
///
/// # Errors
/// [`crate::StoreError`] when the cell cannot be reached.
pub async fn lead(store: &Store, cell: &str) -> Result<Option<Leadership>> {
    let client = store.dedicated(cell).await?;
    let leads: bool = client.query_one(sql!("sequencer/lead"), &[]).await?.get("leads");
    if !leads {
        return Ok(None);
    }
    Ok(Some(Leadership {
        statements: Statements::prepare(&client).await?,
        client,
    }))
}

impl Statements {
    async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self {
            window: client.prepare(sql!("sequencer/window")).await?,
            heads: client.prepare(sql!("sequencer/heads")).await?,
            append: client.prepare(sql!("sequencer/append")).await?,
            advance: client.prepare(sql!("sequencer/advance")).await?,
            count: client.prepare(sql!("sequencer/count")).await?,
            clear: client.prepare(sql!("sequencer/clear")).await?,
            hint: client.prepare(sql!("sequencer/hint")).await?,
            chunk: client.prepare(sql!("sequencer/chunk")).await?,
        })
    }
}

impl Leadership {
    /// Moves what is committed from the inbox to the log; whole transactions only. A step that is dropped half-way
    /// leaves nothing half done.
    ///
    /// # Errors
    /// [`crate::StoreError`]: the leadership is over, take it anew with [`lead`].
    pub async fn step(&mut self) -> Result<Step> {
        let Window { rows, more } = self.window().await?;
        if rows.is_empty() && !more {
            return Ok(Step::default());
        }
        let peak = held(&rows);
        let torn = if more { self.torn(&rows).await? } else { HashSet::new() };
        let ordered = order(rows, &torn);
        if ordered.is_empty() {
            // The transaction at the front is larger than the window.
            return self.step_apart().await;
        }
        let events = ordered.len();
        self.append(ordered).await?;
        Ok(Step { events, peak })
    }

    async fn window(&self) -> Result<Window> {
        let found = self
            .client
            .query(&self.statements.window, &[&MOST_EVENTS, &MOST_BYTES])
            .await?;
        let full = i64::try_from(found.len()).is_ok_and(|len| len == MOST_EVENTS);
        let mut window = Window {
            rows: Vec::with_capacity(found.len()),
            more: full,
        };
        for row in &found {
            if column(row, "fits")? {
                window.rows.push(InboxRow::from_row(row)?);
            } else {
                window.more = true;
            }
        }
        Ok(window)
    }

    /// Transactions of the window that have more rows behind it.
    async fn torn(&self, rows: &[InboxRow]) -> Result<HashSet<String>> {
        let xids: HashSet<&str> = rows.iter().map(|row| row.link.xid.as_str()).collect();
        let xids: Vec<&str> = xids.into_iter().collect();
        let last = rows.last().map_or(0, |row| row.inbox_id);
        let found = self.client.query(sql!("sequencer/torn"), &[&last, &xids]).await?;
        found.iter().map(|row| column(row, "xid")).collect()
    }

    /// The transaction and the hint after it, in one round trip. Who waits for events waits for this. A statement that
    /// fails turns the commit into a rollback; the hint is then one that finds nothing.
    async fn append(&self, rows: Vec<InboxRow>) -> Result<()> {
        let (client, statements) = (&self.client, &self.statements);
        let chunk = Chunk::number(client, statements, rows).await?;
        let hint = hint(&chunk.orgs().collect());
        let (begin, write, commit, hint) = join4(
            client.batch_execute("begin"),
            chunk.write(client, statements),
            client.batch_execute("commit"),
            client.execute(&statements.hint, &[&hint]),
        )
        .await;
        begin?;
        write?;
        commit?;
        hint?;
        Ok(())
    }

    /// A step when no transaction ends in the window: the database says which ones ended first. As many as fit into a
    /// chunk are taken, or one that does not, chunk by chunk.
    async fn step_apart(&mut self) -> Result<Step> {
        let found = self
            .client
            .query(sql!("sequencer/transactions"), &[&MOST_EVENTS])
            .await?;
        let found = found.iter().map(Written::from_row).collect::<Result<Vec<_>>>()?;
        let xids = first_that_fit(found);
        let statements = &self.statements;
        // Rolled back when it is dropped.
        let tx = self.client.transaction().await?;
        let (mut step, mut orgs, mut last) = (Step::default(), HashSet::new(), 0);
        loop {
            let params: [&(dyn ToSql + Sync); 4] = [&xids, &last, &MOST_EVENTS, &MOST_BYTES];
            let rows = tx.query(&statements.chunk, &params).await?;
            let rows = rows.iter().map(InboxRow::from_row).collect::<Result<Vec<_>>>()?;
            let Some(end) = rows.last() else { break };
            last = end.inbox_id;
            step.events += rows.len();
            step.peak = step.peak.max(held(&rows));
            let rows = order(rows, &HashSet::new());
            let chunk = Chunk::number(tx.client(), statements, rows).await?;
            // One more than are hinted at tells that there are too many.
            orgs.extend(chunk.orgs().take(HINTED_ORGS + 1));
            chunk.write(tx.client(), statements).await?;
        }
        tx.commit().await?;
        self.client.execute(&self.statements.hint, &[&hint(&orgs)]).await?;
        Ok(step)
    }
}

/// Bytes of states, as text.
fn held(rows: &[InboxRow]) -> usize {
    rows.iter().map(|row| row.link.bytes()).sum()
}

/// The transactions at the front that fit into a chunk together, else the first alone.
fn first_that_fit(found: Vec<Written>) -> Vec<String> {
    let (mut events, mut bytes, mut xids) = (0, 0, Vec::new());
    for transaction in found {
        events += transaction.events;
        bytes += transaction.bytes;
        if !xids.is_empty() && (events > MOST_EVENTS || bytes > MOST_BYTES) {
            break;
        }
        xids.push(transaction.xid);
    }
    xids
}

/// Which orgs grew, for who listens; empty for more than a message takes.
fn hint(orgs: &HashSet<Uuid>) -> String {
    if orgs.len() > HINTED_ORGS {
        return String::new();
    }
    orgs.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")
}

/// Whole transactions in the order of their last row, each with its rows in order.
fn order(rows: Vec<InboxRow>, torn: &HashSet<String>) -> Vec<InboxRow> {
    let mut transactions: IndexMap<String, Vec<InboxRow>> = IndexMap::new();
    for row in rows.into_iter().filter(|row| !torn.contains(&row.link.xid)) {
        transactions.entry(row.link.xid.clone()).or_default().push(row);
    }
    let mut transactions: Vec<Vec<InboxRow>> = transactions.into_values().collect();
    transactions.sort_by_key(|rows| rows.last().map(|row| row.inbox_id));
    transactions.into_iter().flatten().collect()
}
