//! Commits: rows by binary COPY, or by key through a staging table, together with the checkpoint.

use std::pin::Pin;

use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::{CopyInSink, Transaction};

use super::load::to_json;
use super::{Claim, fence, load_table};
use crate::batch::{BatchReceiver, Rows};
use crate::checkpoint::Committed;
use crate::destination::{ChangeCommit, ChunkMode, Target, Visibility};
use crate::error::{Place, Result};
use crate::failpoint;
use crate::session::{Session, brief};
use crate::table::{Table, TableName, quote_identifier, quote_list};
use crate::tuple::{HEADER, TRAILER, encode};

/// One connection that writes rows.
#[derive(Debug)]
pub struct PostgresWriter {
    session: Session,
    claim: Claim,
}

impl PostgresWriter {
    pub(super) fn new(session: Session, claim: Claim) -> Self {
        Self { session, claim }
    }

    pub(in crate::destination) async fn write_chunk(
        &mut self,
        target: &Target<'_>,
        chunk: u32,
        mode: ChunkMode,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        let load = load_table(&self.claim.pipeline, &target.table.name);
        let at = format!("table `{}`", target.table.name);
        let tx = brief(self.session.transaction()).await?;
        let committed = match mode {
            ChunkMode::Append => copy(&tx, &load, target.table, rows).await.at(&at)?,
            ChunkMode::Replace => upsert(&tx, &load, target.table, rows).await.at(&at)?,
        };
        failpoint::hit("destination.before_checkpoint")?;
        fence::hold(&tx, &self.claim).await?;
        let sql =
            "insert into _plinth.checkpoints (pipeline, source_table, chunk, rows, bytes) values ($1, $2, $3, $4, $5)";
        let source = target.table.name.to_string();
        let (chunk_number, pipeline) = (chunk.cast_signed(), &self.claim.pipeline);
        let (count, bytes) = (committed.rows.cast_signed(), committed.bytes.cast_signed());
        brief(tx.execute(sql, &[pipeline, &source, &chunk_number, &count, &bytes])).await?;
        let sql =
            "update _plinth.tables set rows = rows + $3, bytes = bytes + $4 where pipeline = $1 and source_table = $2";
        brief(tx.execute(sql, &[pipeline, &source, &count, &bytes])).await?;
        let id = format!("{source}/{}/{chunk}", target.load_id);
        record_usage(&tx, &self.claim, (&source, &id, Visibility::Load), committed).await?;
        failpoint::hit("destination.before_commit")?;
        tx.commit().await?;
        failpoint::hit("destination.after_commit")?;
        Ok(committed)
    }

    pub(in crate::destination) async fn write_changes(
        &mut self,
        target: &Target<'_>,
        commit: &ChangeCommit,
        rows: BatchReceiver,
    ) -> Result<Committed> {
        let place = match commit.place {
            Visibility::Load => load_table(&self.claim.pipeline, &target.table.name),
            Visibility::Live => target.name.clone(),
        };
        let tx = brief(self.session.transaction()).await?;
        let committed = upsert(&tx, &place, target.table, rows)
            .await
            .at(format_args!("table `{}`", target.table.name))?;
        fence::hold(&tx, &self.claim).await?;
        let source = target.table.name.to_string();
        let watermark = commit.watermark.as_ref().map(to_json).transpose()?;
        let sql = "update _plinth.tables set watermark = $3, changes = $4, rows = rows + $5, bytes = bytes + $6
                    where pipeline = $1 and source_table = $2";
        let (number, pipeline) = (commit.number.cast_signed(), &self.claim.pipeline);
        let (count, bytes) = (committed.rows.cast_signed(), committed.bytes.cast_signed());
        brief(tx.execute(sql, &[pipeline, &source, &watermark, &number, &count, &bytes])).await?;
        let id = format!("{source}/{}/change-{number}", target.load_id);
        record_usage(&tx, &self.claim, (&source, &id, commit.place), committed).await?;
        failpoint::hit("destination.before_commit")?;
        tx.commit().await?;
        failpoint::hit("destination.after_commit")?;
        Ok(committed)
    }
}

async fn record_usage(
    tx: &Transaction<'_>,
    claim: &Claim,
    (source, id, place): (&str, &str, Visibility),
    committed: Committed,
) -> Result<()> {
    if committed.rows == 0 {
        return Ok(());
    }
    let sql = "insert into _plinth.usage (pipeline, id, source_table, rows, bytes, visible)
               values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
    let visible = place == Visibility::Live;
    let (rows, bytes) = (committed.rows.cast_signed(), committed.bytes.cast_signed());
    brief(tx.execute(sql, &[&claim.pipeline, &id, &source, &rows, &bytes, &visible])).await?;
    Ok(())
}

/// Appends all rows.
async fn copy(tx: &Transaction<'_>, to: &TableName, table: &Table, mut rows: BatchReceiver) -> Result<Committed> {
    let columns = match table.columns.is_empty() {
        true => String::new(),
        false => format!(
            "({})",
            quote_list(table.columns.iter().map(|column| column.name.as_str()))
        ),
    };
    let sql = format!("copy {} {columns} from stdin (format binary)", to.sql());
    let sink: CopyInSink<Bytes> = tx.copy_in(sql.as_str()).await?;
    let mut sink = Box::pin(sink);
    sink.send(Bytes::from_static(&HEADER)).await?;
    let mut committed = Committed::default();
    while let Some(batch) = rows.next().await? {
        committed.rows += batch.row_count();
        committed.bytes += batch.read_bytes;
        let block = match batch.rows {
            Rows::Tuples(block) => block,
            Rows::Arrow(batch) => encode::tuples(&batch)?,
        };
        sink.send(block.bytes).await?;
    }
    sink.send(Bytes::from_static(&TRAILER)).await?;
    Pin::as_mut(&mut sink).finish().await?;
    Ok(committed)
}

/// Inserts new rows and replaces those that differ, by key. Rows that are there unchanged count as nothing.
async fn upsert(tx: &Transaction<'_>, to: &TableName, table: &Table, rows: BatchReceiver) -> Result<Committed> {
    let stage = TableName::new("pg_temp", format!("stage_{}", table.fingerprint()));
    let create = format!(
        "create temp table if not exists {} (like {}) on commit delete rows",
        quote_identifier(&stage.name),
        to.sql()
    );
    brief(tx.batch_execute(&create)).await?;
    let staged = copy(tx, &stage, table, rows).await?;
    let names = || table.columns.iter().map(|column| column.name.as_str());
    let all = quote_list(names());
    let record = |of: &str| {
        let fields: Vec<String> = names().map(|name| format!("{of}.{}", quote_identifier(name))).collect();
        format!("row({})::record", fields.join(", "))
    };
    let sets: Vec<String> = names()
        .filter(|name| !table.key.iter().any(|key| key == name))
        .map(|name| format!("{0} = excluded.{0}", quote_identifier(name)))
        .collect();
    let action = match sets.is_empty() {
        true => "do nothing".to_owned(),
        // `*<>` compares the stored bytes: `1.0` and `1.00` differ, and each type can be compared.
        false => format!(
            "do update set {} where {} operator(pg_catalog.*<>) {}",
            sets.join(", "),
            record("t"),
            record("excluded")
        ),
    };
    let key = quote_list(table.key.iter().map(String::as_str));
    let sql = format!(
        "insert into {} as t ({all}) select {all} from {} on conflict ({key}) {action}",
        to.sql(),
        stage.sql()
    );
    let changed = tx.execute(sql.as_str(), &[]).await?;
    let share = |whole: u64| (u128::from(whole) * u128::from(changed) / u128::from(staged.rows.max(1))) as u64;
    Ok(Committed {
        rows: changed,
        bytes: share(staged.bytes),
    })
}
