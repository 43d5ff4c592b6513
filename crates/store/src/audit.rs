//! The hash chain that makes an org's event log tamper-evident.
//!
//! `hash(n) = SHA-256(hash(n - 1) || field(1) || field(2) ...)`, with 32 zero bytes before the first event. The fields
//! are, in order: org (16 bytes), seq (8, big-endian), kind, subject (16), subject name, operation, before, after, actor,
//! request id, transaction id, time (microseconds since 1970, 8, big-endian). Each is preceded by one byte that is 1 when
//! the field is there and 0 when it is null, and by its length in 8 bytes, big-endian. JSON is hashed in `PostgreSQL`'s text form of
//! `jsonb`, which is the same for equal values.

use jiff::Timestamp;
use plinth_model::Scope;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cell::Store;
use crate::error::Result;
use crate::row::row;
use crate::sql;

/// The hash before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

row! {
    /// An event as the chain sees it: JSON as text.
    pub struct Link {
        pub org_id: Uuid,
        pub kind: String,
        pub subject_id: Uuid,
        pub subject_name: String,
        pub operation: String,
        pub before: Option<String>,
        pub after: Option<String>,
        pub actor: String,
        pub request_id: Option<String>,
        pub xid: String,
        pub at: Timestamp,
    }
}

impl Link {
    /// The hash of this event at place `seq`, after an event with the hash `previous`.
    pub fn hash(&self, seq: i64, previous: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(previous);
        let mut field = |bytes: Option<&[u8]>| {
            digest.update([u8::from(bytes.is_some())]);
            let bytes = bytes.unwrap_or_default();
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        field(Some(self.org_id.as_bytes()));
        field(Some(&seq.to_be_bytes()));
        field(Some(self.kind.as_bytes()));
        field(Some(self.subject_id.as_bytes()));
        field(Some(self.subject_name.as_bytes()));
        field(Some(self.operation.as_bytes()));
        field(self.before.as_deref().map(str::as_bytes));
        field(self.after.as_deref().map(str::as_bytes));
        field(Some(self.actor.as_bytes()));
        field(self.request_id.as_deref().map(str::as_bytes));
        field(Some(self.xid.as_bytes()));
        field(Some(&self.at.as_microsecond().to_be_bytes()));
        digest.finalize().into()
    }
}

struct Recorded {
    seq: i64,
    link: Link,
    hash: Vec<u8>,
}

impl crate::row::FromRow for Recorded {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self> {
        use crate::row::column;
        Ok(Self {
            seq: column(row, "seq")?,
            link: Link::from_row(row)?,
            hash: column(row, "hash")?,
        })
    }
}

/// What a check of an org's log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All events are there, in order, unchanged.
    Intact { events: i64 },
    /// The first place where the log is not what was written.
    Broken { seq: i64 },
}

/// Recomputes the chain of the scope's org from its first event.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone.
pub async fn verify(store: &Store, scope: &Scope) -> Result<Verdict> {
    let (mut seq, mut hash) = (0_i64, GENESIS.to_vec());
    loop {
        let page: Vec<Recorded> = store.once(scope, sql!("event/chain"), &[&scope.org.0, &seq]).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            let expected = event.link.hash(seq + 1, &hash);
            if event.seq != seq + 1 || event.hash != expected {
                return Ok(Verdict::Broken { seq: seq + 1 });
            }
            (seq, hash) = (event.seq, event.hash);
        }
    }
    let head = crate::event::head(store, scope).await?;
    Ok(if head == seq {
        Verdict::Intact { events: seq }
    } else {
        Verdict::Broken { seq: seq + 1 }
    })
}
