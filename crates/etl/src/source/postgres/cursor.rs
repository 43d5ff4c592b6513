//! Cursor columns, and the watermark below which nothing new can appear.
//!
//! A row's cursor value is chosen when its statement runs, and the row becomes visible when its transaction commits,
//! which may be much later. So the largest visible value is no safe place to go on from. What is safe depends on the type:
//!
//! - `timestamptz` filled from `now()` or a later clock: no value below the start of the oldest running transaction (the
//!   *floor*) can still appear, so the watermark is the smaller of the largest value and the floor.
//! - `timestamp`, `date`: the same with the local clock unknown, so the largest value less the age of the oldest
//!   running transaction.
//! - numbers from a sequence: a value is safe once every transaction has ended that was writing to the table when the value
//!   was the largest (seen by the lock each writer holds on the table).
//!
//! Starts of other users' transactions are seen with the role `pg_read_all_stats` (or for the same user). Without it
//! the floor is one minute ago: transactions that last longer can then be missed.

use std::collections::HashMap;
use std::time::Duration;

use crate::checkpoint::Watermark;
use crate::error::{Error, Place, Result};
use crate::session::{Session, brief};
use crate::table::{Table, TableName, quote_identifier, quote_literal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// `timestamptz`: comparable with the server's clock.
    Instant,
    /// `timestamp`, `date`: a clock in an unknown zone.
    LocalTime,
    /// Numbers and everything else that grows.
    Sequence,
}

#[derive(Debug)]
pub(super) struct Cursor {
    relation: String,
    column: String,
    nature: Nature,
    /// The cursor column is a date, which holds its value for a whole day.
    is_date: bool,
    /// A largest value, and the transactions that were writing to the table at that moment.
    candidate: Option<Candidate>,
    stable: Option<Watermark>,
}

#[derive(Debug)]
struct Candidate {
    value: String,
    writers: Vec<String>,
}

/// What was known of running transactions before the snapshot was fixed.
#[derive(Debug)]
pub(super) struct Horizon {
    /// Start of the oldest running transaction.
    floor: String,
    /// Its age, as an interval.
    age: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Wait until those have ended that write to a table now, so that the first watermark is safe.
    ForWriters,
    /// Take what is safe already.
    No,
}

/// Our own sessions only read; all others may be about to write.
const HORIZON: &str = "
with seen as (
  select min(a.xact_start) as oldest,
         coalesce(bool_or(a.usesysid is distinct from r.oid
                          and not (r.rolsuper or pg_has_role(r.oid, 'pg_read_all_stats', 'usage'))), false) as blind
    from pg_stat_activity a, pg_roles r
   where r.rolname = current_user and a.datname = current_database() and a.pid <> pg_backend_pid()
     and a.backend_type = 'client backend' and a.application_name !~ '^plinth etl source '),
prepared as (select min(prepared) - interval '1 minute' as oldest from pg_prepared_xacts where database = current_database()),
clock as (select clock_timestamp() as now)
select least(now, seen.oldest, prepared.oldest, case when blind then now - interval '1 minute' end)::text,
       (now - least(now, seen.oldest, prepared.oldest, case when blind then now - interval '1 minute' end))::text
  from clock, seen, prepared";

/// Transactions that hold a writer's lock on the table or one of its partitions.
const WRITERS: &str = "
select distinct l.virtualtransaction::text
  from pg_locks l
 where l.locktype = 'relation' and l.pid is distinct from pg_backend_pid()
   and l.database = (select oid from pg_database where datname = current_database())
   and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
   and l.relation in (select $1::text::regclass union all select relid from pg_partition_tree($1::text::regclass))";

const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Looks at the running transactions; to be called on a connection outside any transaction, right before its snapshot.
pub(super) async fn before_snapshot(
    session: &Session,
    cursors: &mut HashMap<TableName, Cursor>,
    wait: Wait,
) -> Result<Horizon> {
    for cursor in cursors.values_mut().filter(|cursor| cursor.nature == Nature::Sequence) {
        cursor.settle(session, wait).await?;
    }
    let row = brief(session.query_one(HORIZON, &[])).await?;
    Ok(Horizon {
        floor: row.get(0),
        age: row.get(1),
    })
}

impl Cursor {
    pub(super) async fn new(session: &Session, table: &Table, column: &str) -> Result<Self> {
        let Some(found) = table.column(column) else {
            return Err(Error::new(
                "no_such_column",
                format!("table `{}` has no column `{column}`", table.name),
            )
            .hint("choose a cursor among the table's columns"));
        };
        let base = brief(session.query_one(
            "select case when t.typtype = 'd' then format_type(t.typbasetype, null) else format_type(t.oid, null) end
               from pg_attribute a join pg_type t on t.oid = a.atttypid
              where a.attrelid = $1::text::regclass and a.attname = $2",
            &[&table.name.sql(), &found.name],
        ))
        .await?;
        let base: String = base.get(0);
        let nature = match base.as_str() {
            "timestamp with time zone" => Nature::Instant,
            "timestamp without time zone" | "date" => Nature::LocalTime,
            _ => Nature::Sequence,
        };
        Ok(Self {
            relation: table.name.sql(),
            column: quote_identifier(column),
            nature,
            is_date: base == "date",
            candidate: None,
            stable: None,
        })
    }

    /// The cursor's name as SQL wants it.
    pub(super) fn column(&self) -> &str {
        &self.column
    }

    async fn writers(&self, session: &Session) -> Result<Vec<String>> {
        let rows = brief(session.query(WRITERS, &[&self.relation])).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Makes the candidate stable once its writers are gone, and takes the next one.
    async fn settle(&mut self, session: &Session, wait: Wait) -> Result<()> {
        let deadline = tokio::time::Instant::now() + LONGEST_WAIT;
        if self.candidate.is_none() {
            let sql = format!("select max({})::text from {}", self.column, self.relation);
            let value: Option<String> = brief(session.query_one(&sql, &[])).await?.get(0);
            let Some(value) = value else { return Ok(()) };
            let writers = self.writers(session).await?;
            self.candidate = Some(Candidate { value, writers });
        }
        while let Some(candidate) = self.candidate.take() {
            let running = self.writers(session).await?;
            if !candidate.writers.iter().any(|writer| running.contains(writer)) {
                self.stable = Some(Watermark {
                    value: candidate.value,
                    read_again: false,
                });
                return Ok(());
            }
            self.candidate = Some(candidate);
            if wait == Wait::No {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                return Err(Error::transient(
                    "long_transaction",
                    format!("a transaction has been writing to {} for minutes", self.relation),
                )
                .hint("end the transaction, or wait for it: the copy starts when it is over"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// The watermark as of the session's snapshot, which was fixed after `horizon` was taken.
    pub(super) async fn advance(&mut self, session: &Session, horizon: &Horizon) -> Result<Option<Watermark>> {
        let (column, relation) = (&self.column, &self.relation);
        let sql = match self.nature {
            Nature::Sequence => return Ok(self.stable.clone()),
            Nature::Instant => format!(
                "select least(max({column}), {floor}::timestamptz)::text, coalesce(max({column}) >= {floor}::timestamptz, true)
                   from {relation}",
                floor = quote_literal(&horizon.floor)
            ),
            Nature::LocalTime => format!(
                "select (max({column}) filter (where isfinite({column})) - {age}::interval {day})::text, {again} from {relation}",
                age = quote_literal(&horizon.age),
                again = self.is_date || horizon.age != "00:00:00",
                day = if self.is_date { "- interval '1 day'" } else { "" },
            ),
        };
        let row = brief(session.query_one(&sql, &[]))
            .await
            .at(format_args!("cursor of {relation}"))?;
        Ok(row.get::<_, Option<String>>(0).map(|value| Watermark {
            value,
            read_again: row.get(1),
        }))
    }
}
