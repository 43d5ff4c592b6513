//! Reading rows: one `copy ... to stdout` per chunk or change page, handed over as tuples or as Arrow.

use std::time::Duration;

use futures::StreamExt;

use super::PostgresReader;
use crate::batch::{Batch, BatchSender, Rows};
use crate::checkpoint::{Chunk, Range, Watermark};
use crate::error::{Error, Place, Result};
use crate::progress::Meter;
use crate::session::Session;
use crate::source::{ReadOptions, SourceTable};
use crate::table::{Column, Layout, Table, quote_identifier, quote_literal};
use crate::tuple::Framer;
use crate::tuple::decode::Decoder;

/// A block is handed over when it has grown to this.
const BLOCK_BYTES: usize = 256 * 1024;
/// A message is a row: so many of those that are there share one timer.
const MESSAGES_AT_ONCE: usize = 256;
/// Longest silence inside a copy before the source is given up.
const STALL: Duration = Duration::from_secs(300);

impl PostgresReader {
    pub(in crate::source) async fn read(
        &mut self,
        (source, watermark): (&SourceTable, Option<&Watermark>),
        chunk: &Chunk,
        options: ReadOptions,
        to: (BatchSender, &Meter),
    ) -> Result<()> {
        let (relation, mut conditions) = place(&source.table, &chunk.range);
        if options.below_watermark_only
            && let Some(cursor) = &source.cursor
        {
            conditions.push(below(cursor, watermark));
        }
        copy(&self.session, &source.table, (&relation, &conditions), options, to).await
    }
}

/// Relation and conditions of a chunk.
fn place(table: &Table, range: &Range) -> (String, Vec<String>) {
    match range {
        Range::Whole | Range::File { .. } => (table.name.sql(), Vec::new()),
        Range::Pages { relation, first, end } => {
            let mut conditions = vec![format!("ctid >= '({first},0)'::tid")];
            conditions.extend(end.map(|end| format!("ctid < '({end},0)'::tid")));
            // `only`: rows of inheriting tables have page numbers of their own.
            (format!("only {relation}"), conditions)
        }
    }
}

/// Rows that no change page will bring.
fn below(cursor: &str, watermark: Option<&Watermark>) -> String {
    let column = quote_identifier(cursor);
    match watermark {
        Some(mark) if mark.read_again => format!("({column} < {} or {column} is null)", quote_literal(&mark.value)),
        Some(mark) => format!("({column} <= {} or {column} is null)", quote_literal(&mark.value)),
        None => format!("{column} is null"),
    }
}

fn select(column: &Column, layout: Layout) -> String {
    let name = quote_identifier(&column.name);
    let text = match layout {
        Layout::Tuples => {
            return column
                .postgres_cast
                .as_ref()
                .map_or(name.clone(), |cast| format!("{name}::{cast}"));
        }
        Layout::Typed => column.kind == crate::table::Kind::Text && !column.textual,
        Layout::Text => !column.textual,
    };
    match text {
        true => format!("{name}::text"),
        false => name,
    }
}

/// Copies the rows out, in blocks of bounded size.
pub(super) async fn copy(
    session: &Session,
    table: &Table,
    (relation, conditions): (&str, &[String]),
    options: ReadOptions,
    (sender, meter): (BatchSender, &Meter),
) -> Result<()> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| select(column, options.layout))
        .collect();
    let mut sql = format!("copy (select {} from {relation}", columns.join(", "));
    if !conditions.is_empty() {
        sql.push_str(" where ");
        sql.push_str(&conditions.join(" and "));
    }
    sql.push_str(") to stdout (format binary)");
    let place = format!("table `{}`", table.name);
    let stream = session.copy_out(sql.as_str()).await.at(&place)?;
    let mut stream = std::pin::pin!(stream.ready_chunks(MESSAGES_AT_ONCE));
    let mut out = Out::new(table, options, sender, meter);
    loop {
        match tokio::time::timeout(STALL, stream.next()).await {
            Err(_) => return Err(stalled()).at(&place),
            Ok(None) => break,
            Ok(Some(messages)) => {
                for message in messages {
                    out.push(&message.at(&place)?).await.at(&place)?;
                }
            }
        }
    }
    out.finish().await.at(&place)
}

fn stalled() -> Error {
    Error::transient("timeout", "the source sent nothing for five minutes")
        .hint("look at the source for locks and load; the pipeline tries again by itself")
}

/// Cuts the stream, turns it into the layout that is wanted, and hands it over.
struct Out<'a> {
    framer: Framer,
    decoder: Option<Decoder>,
    pending_bytes: u64,
    batch_rows: usize,
    sender: BatchSender,
    meter: &'a Meter,
}

impl<'a> Out<'a> {
    fn new(table: &Table, options: ReadOptions, sender: BatchSender, meter: &'a Meter) -> Self {
        let decoder = (options.layout != Layout::Tuples).then(|| Decoder::new(table, options.layout));
        let framer = Framer::default();
        Self {
            framer,
            decoder,
            pending_bytes: 0,
            batch_rows: options.batch_rows,
            sender,
            meter,
        }
    }

    async fn push(&mut self, message: &[u8]) -> Result<()> {
        self.framer.push(message)?;
        if self.framer.ready_bytes() >= BLOCK_BYTES || self.framer.ready_rows() >= self.batch_rows as u64 {
            self.hand_over().await?;
        }
        Ok(())
    }

    async fn hand_over(&mut self) -> Result<()> {
        let block = self.framer.take();
        self.meter.add(block.rows, block.bytes.len() as u64);
        let Some(decoder) = &mut self.decoder else {
            return self.sender.send(Batch::tuples(block)).await;
        };
        self.pending_bytes += block.bytes.len() as u64;
        decoder.push(&block)?;
        let batch = Rows::Arrow(decoder.take()?);
        let read_bytes = std::mem::take(&mut self.pending_bytes);
        self.sender
            .send(Batch {
                rows: batch,
                read_bytes,
            })
            .await
    }

    async fn finish(mut self) -> Result<()> {
        self.framer.finish()?;
        if self.framer.ready_rows() > 0 {
            self.hand_over().await?;
        }
        self.sender.finish().await
    }
}
