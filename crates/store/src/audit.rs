//! The hash chain that makes an org's event log tamper-evident.
//!
//! `hash(n) = SHA-256(hash(n - 1) || field(1) || field(2) ...)`, with 32 zero bytes before the first event. The fields
//! are, in order: org (16 bytes), seq (8, big-endian), kind, subject (16), subject name, operation, before, after, actor,
//! request id, transaction id, time (microseconds since 1970, 8, big-endian), salt (16; none in events of before there was
//! one). Each is preceded by one byte that is 1 when
//! the field is there and 0 when it is null, and by its length in 8 bytes, big-endian. JSON is hashed in `PostgreSQL`'s text form of
//! `jsonb`, which is the same for equal values.

use std::ops::ControlFlow;

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
        /// What nobody is shown: without it the hash tells nothing of the fields that a reader may not see.
        pub salt: Option<Uuid>,
    }
}

impl Link {
    /// The length of its states.
    pub fn bytes(&self) -> usize {
        [&self.before, &self.after].into_iter().flatten().map(String::len).sum()
    }

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
        if let Some(salt) = &self.salt {
            field(Some(salt.as_bytes()));
        }
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

row! {
    /// Where the log ends, as its head says and as its rows say, in one look.
    struct Ends {
        head_seq: i64,
        head_hash: Option<Vec<u8>>,
        last_seq: i64,
    }
}

/// How far the chain has been followed.
struct Chain {
    seq: i64,
    hash: Vec<u8>,
    broken: bool,
}

impl Chain {
    fn follow(&mut self, event: Recorded) -> ControlFlow<()> {
        let seq = self.seq + 1;
        if event.seq != seq || event.hash != event.link.hash(seq, &self.hash) {
            self.broken = true;
            return ControlFlow::Break(());
        }
        (self.seq, self.hash) = (seq, event.hash);
        ControlFlow::Continue(())
    }
}

/// Recomputes the chain of the scope's org from its first event to the end that the log has when this begins. No more
/// than one event is held at a time, and no transaction lasts longer than a page.
///
/// Whoever can write to the log and to its head can also make a shorter or another log that is whole in itself: keep
/// the `hash` of an event elsewhere now and then, and compare it with that event's later.
///
/// # Errors
/// [`crate::StoreError`] when the database is gone.
pub async fn verify(store: &Store, scope: &Scope) -> Result<Verdict> {
    let ends: Vec<Ends> = store.once(scope, sql!("event/ends"), &[&scope.org.0]).await?;
    let Some(ends) = ends.into_iter().next() else {
        return Ok(Verdict::Intact { events: 0 });
    };
    let last = ends.last_seq.max(ends.head_seq);
    let mut chain = Chain {
        seq: 0,
        hash: GENESIS.to_vec(),
        broken: false,
    };
    while chain.seq < last && !chain.broken {
        let from = chain.seq;
        let mut tx = store.begin(scope).await?;
        tx.each(sql!("event/chain"), &[&scope.org.0, &from, &last], |event| {
            chain.follow(event)
        })
        .await?;
        tx.rollback().await?;
        if chain.seq == from {
            break;
        }
    }
    // Rows behind the head, and a head behind the rows, are as wrong as a gap between them.
    let whole = ends.last_seq == ends.head_seq && ends.head_hash.is_none_or(|hash| hash == chain.hash);
    Ok(match (chain.broken || chain.seq < last, whole) {
        (true, _) => Verdict::Broken { seq: chain.seq + 1 },
        (false, true) => Verdict::Intact { events: chain.seq },
        (false, false) => Verdict::Broken {
            seq: ends.last_seq.min(ends.head_seq) + i64::from(ends.last_seq != ends.head_seq),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(salt: Option<Uuid>) -> Link {
        Link {
            org_id: Uuid::from_u128(1),
            kind: "pipeline".to_owned(),
            subject_id: Uuid::from_u128(2),
            subject_name: "orders".to_owned(),
            operation: "update".to_owned(),
            before: None,
            after: Some(r#"{"a": 1}"#.to_owned()),
            actor: r#"{"type": "system"}"#.to_owned(),
            request_id: None,
            xid: "77".to_owned(),
            at: Timestamp::from_second(1_800_000_000).unwrap(),
            salt,
        }
    }

    fn hex(hash: [u8; 32]) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A hash that somebody has kept elsewhere stays good over all versions.
    #[test]
    fn the_bytes_that_are_hashed_never_change() {
        assert_eq!(
            hex(link(None).hash(3, &GENESIS)),
            "1b8b50f9712fa87c9cf5756b939fa34385906526db0fe509b21a6ed2fd991089"
        );
        assert_eq!(
            hex(link(Some(Uuid::from_u128(4))).hash(3, &GENESIS)),
            "c252787d953c3cbf3c7c564935b6deefc1c3723002780ed59586997a4649e437"
        );
    }
}
