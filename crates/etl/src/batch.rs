//! Rows on their way from source to destination: batches, and the bounded channel between the two.
//!
//! The channel counts bytes, not batches, so that wide rows cannot fill the memory. It must not know who reads or writes.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::error::{Error, Result};

/// Whole tuples of PostgreSQL's binary COPY format, without header and trailer.
#[derive(Debug, Clone)]
pub struct TupleBlock {
    pub bytes: Bytes,
    pub rows: u64,
}

#[derive(Debug, Clone)]
pub enum Rows {
    Tuples(TupleBlock),
    Arrow(RecordBatch),
}

#[derive(Debug, Clone)]
pub struct Batch {
    pub rows: Rows,
    /// Bytes that the source sent for these rows: what is measured and billed, whatever the form in memory.
    pub read_bytes: u64,
}

impl Batch {
    /// A block as it came from the source.
    #[must_use]
    pub fn tuples(block: TupleBlock) -> Self {
        Self {
            read_bytes: block.bytes.len() as u64,
            rows: Rows::Tuples(block),
        }
    }

    #[must_use]
    pub fn row_count(&self) -> u64 {
        match &self.rows {
            Rows::Tuples(block) => block.rows,
            Rows::Arrow(batch) => batch.num_rows() as u64,
        }
    }

    /// Bytes held in memory.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        match &self.rows {
            Rows::Tuples(block) => block.bytes.len(),
            Rows::Arrow(batch) => batch.get_array_memory_size(),
        }
    }
}

enum Item {
    Batch(Batch, OwnedSemaphorePermit),
    End,
}

/// A channel that holds at most about `limit_bytes`; one larger batch passes alone.
#[must_use]
pub fn channel(limit_bytes: usize) -> (BatchSender, BatchReceiver) {
    let limit = u32::try_from(limit_bytes).unwrap_or(u32::MAX).max(1);
    let (sender, receiver) = mpsc::channel(64);
    let budget = Arc::new(Semaphore::new(limit as usize));
    (
        BatchSender { sender, budget, limit },
        BatchReceiver {
            receiver,
            ended: false,
            held: None,
        },
    )
}

#[derive(Debug)]
pub struct BatchSender {
    sender: mpsc::Sender<Item>,
    budget: Arc<Semaphore>,
    limit: u32,
}

impl BatchSender {
    /// Waits until the channel has room for the batch.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub async fn send(&self, batch: Batch) -> Result<()> {
        let weight = u32::try_from(batch.size_bytes())
            .unwrap_or(u32::MAX)
            .clamp(1, self.limit);
        let permit = Arc::clone(&self.budget).acquire_many_owned(weight).await;
        let permit = permit.map_err(|_| receiver_gone())?;
        self.sender
            .send(Item::Batch(batch, permit))
            .await
            .map_err(|_| receiver_gone())
    }

    /// Says that all rows were sent. Without it the receiver takes the end of the channel for a failure.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub async fn finish(self) -> Result<()> {
        self.sender.send(Item::End).await.map_err(|_| receiver_gone())
    }
}

fn receiver_gone() -> Error {
    Error::transient("interrupted", "the destination stopped taking rows")
}

#[derive(Debug)]
pub struct BatchReceiver {
    receiver: mpsc::Receiver<Item>,
    ended: bool,
    /// The newest batch's share of the budget: given back when the next one is asked for.
    held: Option<OwnedSemaphorePermit>,
}

impl BatchReceiver {
    /// The next batch, or `None` after the last.
    ///
    /// # Errors
    /// When the sender vanished before it had sent all rows.
    pub async fn next(&mut self) -> Result<Option<Batch>> {
        self.held = None;
        if self.ended {
            return Ok(None);
        }
        let item = self.receiver.recv().await;
        self.accept(item)
    }

    /// As [`Self::next`], for a thread that may block.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn next_blocking(&mut self) -> Result<Option<Batch>> {
        self.held = None;
        if self.ended {
            return Ok(None);
        }
        let item = self.receiver.blocking_recv();
        self.accept(item)
    }

    fn accept(&mut self, item: Option<Item>) -> Result<Option<Batch>> {
        match item {
            Some(Item::Batch(batch, permit)) => {
                self.held = Some(permit);
                Ok(Some(batch))
            }
            Some(Item::End) => {
                self.ended = true;
                Ok(None)
            }
            None => Err(Error::transient("interrupted", "the source stopped sending rows")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(len: usize) -> Batch {
        Batch::tuples(TupleBlock {
            bytes: vec![0; len].into(),
            rows: 1,
        })
    }

    #[tokio::test]
    async fn a_vanished_sender_is_an_error_and_not_an_end() {
        let (sender, mut receiver) = channel(100);
        sender.send(block(10)).await.unwrap();
        drop(sender);
        assert!(receiver.next().await.unwrap().is_some());
        assert_eq!(receiver.next().await.unwrap_err().code, "interrupted");
    }

    #[tokio::test]
    async fn the_channel_is_full_by_bytes() {
        let (sender, mut receiver) = channel(100);
        sender.send(block(90)).await.unwrap();
        let mut second = Box::pin(sender.send(block(50)));
        assert!(futures::poll!(&mut second).is_pending());
        assert!(receiver.next().await.unwrap().is_some());
        assert!(
            futures::poll!(&mut second).is_pending(),
            "the first batch is still in use"
        );
        let (sent, _) = tokio::join!(second, receiver.next());
        sent.unwrap();
    }

    #[tokio::test]
    async fn a_batch_larger_than_the_channel_passes_alone() {
        let (sender, mut receiver) = channel(100);
        sender.send(block(5000)).await.unwrap();
        sender.finish().await.unwrap();
        assert_eq!(receiver.next().await.unwrap().unwrap().size_bytes(), 5000);
        assert!(receiver.next().await.unwrap().is_none());
    }
}
