//! Gives each org's committed changes their place in its log: 1, 2, 3 ... without gaps.
//!
//! One leader a cell, by an advisory lock that lives and dies with the connection on which the work is done, so that
//! two leaders can never both commit.
//!
//! Transactions are put in the order of their last inbox row. That agrees with the order in which they could see each
//! other: one that waited for a row, or began, after another's commit wrote its last row after all rows of the other
//! one. It also needs no wait for transactions that are still open: what depends on them is not visible yet.

use std::collections::{HashMap, HashSet};

use futures::future::{join, join3, join4};
use indexmap::IndexMap;
use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use crate::audit::{GENESIS, Link};
use crate::cell::Store;
use crate::error::Result;
use crate::event::Head;
use crate::row::{FromRow, column};
use crate::sql;

const WINDOW: i64 = 2_000;
/// NOTIFY carries less than 8000 bytes: so many ids of 36 characters and a comma.
const HINTED_ORGS: usize = 200;

/// The right to number the events of a cell, for as long as its connection lives.
pub struct Leadership {
    client: Client,
    statements: Statements,
    window: i64,
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
}

impl std::fmt::Debug for Leadership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leadership")
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub events: usize,
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
        window: WINDOW,
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
        let rows = self.client.query(&self.statements.window, &[&self.window]).await?;
        if rows.is_empty() {
            return Ok(Step { events: 0 });
        }
        let full = i64::try_from(rows.len()).is_ok_and(|len| len == self.window);
        let rows = rows.iter().map(InboxRow::from_row).collect::<Result<Vec<_>>>()?;
        let torn = if full { self.torn(&rows).await? } else { HashSet::new() };
        let ordered = order(rows, &torn);
        if ordered.is_empty() {
            // One transaction is larger than the window.
            self.window *= 2;
            return Ok(Step { events: 1 });
        }
        self.window = WINDOW;
        let events = ordered.len();
        self.append(ordered).await?;
        Ok(Step { events })
    }

    /// Transactions of the window that have more rows behind it.
    async fn torn(&self, rows: &[InboxRow]) -> Result<HashSet<String>> {
        let xids: HashSet<&str> = rows.iter().map(|row| row.link.xid.as_str()).collect();
        let xids: Vec<&str> = xids.into_iter().collect();
        let last = rows.last().map_or(0, |row| row.inbox_id);
        let found = self.client.query(sql!("sequencer/torn"), &[&last, &xids]).await?;
        found.iter().map(|row| column(row, "xid")).collect()
    }

    async fn append(&self, rows: Vec<InboxRow>) -> Result<()> {
        let orgs: HashSet<Uuid> = rows.iter().map(|row| row.link.org_id).collect();
        let orgs: Vec<Uuid> = orgs.into_iter().collect();
        let heads = self.client.query(&self.statements.heads, &[&orgs]).await?;
        let mut heads: HashMap<Uuid, (i64, Vec<u8>)> = heads
            .iter()
            .map(|row| Head::from_row(row).map(|head| (head.org, (head.seq, head.hash))))
            .collect::<Result<_>>()?;
        let inbox_ids: Vec<i64> = rows.iter().map(|row| row.inbox_id).collect();
        let batch = Batch::number(rows, &mut heads);
        let hint = if orgs.len() > HINTED_ORGS {
            String::new()
        } else {
            orgs.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")
        };
        self.write(&batch, &heads, &inbox_ids, &hint).await
    }

    /// The transaction and the hint after it, in one round trip. Who waits for events waits for this. A statement that
    /// fails turns the commit into a rollback; the hint is then one that finds nothing.
    async fn write(
        &self,
        batch: &Batch,
        heads: &HashMap<Uuid, (i64, Vec<u8>)>,
        inbox_ids: &[i64],
        hint: &str,
    ) -> Result<()> {
        let (mut orgs, mut seqs, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for (org, (seq, hash)) in heads {
            orgs.push(org);
            seqs.push(seq);
            hashes.push(hash);
        }
        let (client, statements) = (&self.client, &self.statements);
        let appended = batch.params();
        let advanced: [&(dyn ToSql + Sync); 3] = [&orgs, &seqs, &hashes];
        let counted: [&(dyn ToSql + Sync); 3] = [&batch.org, &batch.kind, &batch.operation];
        let cleared: [&(dyn ToSql + Sync); 1] = [&inbox_ids];
        let hinted: [&(dyn ToSql + Sync); 1] = [&hint];
        let ((begin, append, advance, count), (clear, commit, hint)) = join(
            join4(
                client.batch_execute("begin"),
                client.execute(&statements.append, &appended),
                client.execute(&statements.advance, &advanced),
                client.execute(&statements.count, &counted),
            ),
            join3(
                client.execute(&statements.clear, &cleared),
                client.batch_execute("commit"),
                client.execute(&statements.hint, &hinted),
            ),
        )
        .await;
        begin?;
        for done in [append, advance, count, clear] {
            done?;
        }
        commit?;
        hint?;
        Ok(())
    }
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

/// Numbered events, column by column.
#[derive(Default)]
struct Batch {
    org: Vec<Uuid>,
    seq: Vec<i64>,
    kind: Vec<String>,
    subject: Vec<Uuid>,
    subject_name: Vec<String>,
    operation: Vec<String>,
    before: Vec<Option<String>>,
    after: Vec<Option<String>>,
    actor: Vec<String>,
    request_id: Vec<Option<String>>,
    xid: Vec<String>,
    at: Vec<Timestamp>,
    salt: Vec<Option<Uuid>>,
    hash: Vec<Vec<u8>>,
}

impl Batch {
    fn number(rows: Vec<InboxRow>, heads: &mut HashMap<Uuid, (i64, Vec<u8>)>) -> Self {
        let mut batch = Self::default();
        for InboxRow { link, .. } in rows {
            let (seq, hash) = heads.entry(link.org_id).or_insert_with(|| (0, GENESIS.to_vec()));
            *seq += 1;
            *hash = link.hash(*seq, hash).to_vec();
            batch.push(link, *seq, hash.clone());
        }
        batch
    }

    fn push(&mut self, link: Link, seq: i64, hash: Vec<u8>) {
        self.org.push(link.org_id);
        self.seq.push(seq);
        self.kind.push(link.kind);
        self.subject.push(link.subject_id);
        self.subject_name.push(link.subject_name);
        self.operation.push(link.operation);
        self.before.push(link.before);
        self.after.push(link.after);
        self.actor.push(link.actor);
        self.request_id.push(link.request_id);
        self.xid.push(link.xid);
        self.at.push(link.at);
        self.salt.push(link.salt);
        self.hash.push(hash);
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 14] {
        [
            &self.org,
            &self.seq,
            &self.kind,
            &self.subject,
            &self.subject_name,
            &self.operation,
            &self.before,
            &self.after,
            &self.actor,
            &self.request_id,
            &self.xid,
            &self.at,
            &self.salt,
            &self.hash,
        ]
    }
}
