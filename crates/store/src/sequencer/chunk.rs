//! Some events of the inbox as they are written to the log, in one message a statement.

use std::collections::{HashMap, HashSet};

use futures::future::join4;
use jiff::Timestamp;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{InboxRow, Statements};
use crate::audit::{GENESIS, Link};
use crate::error::Result;
use crate::event::Head;
use crate::row::FromRow;

/// See the module.
pub(super) struct Chunk {
    batch: Batch,
    /// What becomes of the heads of the orgs that have events in it.
    heads: HashMap<Uuid, (i64, Vec<u8>)>,
    inbox_ids: Vec<i64>,
}

impl Chunk {
    /// Gives the events, which are in order, the numbers behind those that the log has.
    pub async fn number(client: &Client, statements: &Statements, rows: Vec<InboxRow>) -> Result<Self> {
        let orgs: HashSet<Uuid> = rows.iter().map(|row| row.link.org_id).collect();
        let orgs: Vec<Uuid> = orgs.into_iter().collect();
        let heads = client.query(&statements.heads, &[&orgs]).await?;
        let mut heads: HashMap<Uuid, (i64, Vec<u8>)> = heads
            .iter()
            .map(|row| Head::from_row(row).map(|head| (head.org, (head.seq, head.hash))))
            .collect::<Result<_>>()?;
        let inbox_ids = rows.iter().map(|row| row.inbox_id).collect();
        let batch = Batch::number(rows, &mut heads);
        Ok(Self {
            batch,
            heads,
            inbox_ids,
        })
    }

    pub fn orgs(&self) -> impl Iterator<Item = Uuid> {
        self.heads.keys().copied()
    }

    /// Appends the events, moves the heads and clears the inbox, in one round trip.
    pub async fn write(&self, client: &Client, statements: &Statements) -> Result<()> {
        let (mut orgs, mut seqs, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for (org, (seq, hash)) in &self.heads {
            orgs.push(org);
            seqs.push(seq);
            hashes.push(hash);
        }
        let batch = &self.batch;
        let appended = batch.params();
        let advanced: [&(dyn ToSql + Sync); 3] = [&orgs, &seqs, &hashes];
        let counted: [&(dyn ToSql + Sync); 3] = [&batch.org, &batch.kind, &batch.operation];
        let cleared: [&(dyn ToSql + Sync); 1] = [&self.inbox_ids];
        let (append, advance, count, clear) = join4(
            client.execute(&statements.append, &appended),
            client.execute(&statements.advance, &advanced),
            client.execute(&statements.count, &counted),
            client.execute(&statements.clear, &cleared),
        )
        .await;
        for done in [append, advance, count, clear] {
            done?;
        }
        Ok(())
    }
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
    bytes: Vec<i32>,
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
        self.bytes.push(i32::try_from(link.bytes()).unwrap_or(i32::MAX));
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

    fn params(&self) -> [&(dyn ToSql + Sync); 15] {
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
            &self.bytes,
        ]
    }
}
