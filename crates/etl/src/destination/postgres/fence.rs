//! Who may write: one process per pipeline, the newest.
//!
//! Every commit holds a share lock on the pipeline's row and compares the run. A new process updates that row, so it
//! waits for commits under way and sees them all, and whatever an older process tries later is refused.

use tokio_postgres::Transaction;

use super::Claim;
use crate::destination::Owner;
use crate::error::{Error, Result};
use crate::session::{Session, brief};

const RECORDS: &str = "
create schema if not exists _plinth;
create table if not exists _plinth.pipelines (
  pipeline text primary key,
  epoch bigint not null,
  run bigint not null,
  opened_at timestamptz not null default now());
create table if not exists _plinth.tables (
  pipeline text not null,
  source_table text not null,
  target_schema text not null,
  target_table text not null,
  state jsonb not null,
  published boolean not null default false,
  watermark jsonb,
  changes bigint not null default 0,
  rows bigint not null default 0,
  bytes bigint not null default 0,
  primary key (pipeline, source_table));
create table if not exists _plinth.checkpoints (
  pipeline text not null,
  source_table text not null,
  chunk integer not null,
  rows bigint not null,
  bytes bigint not null,
  committed_at timestamptz not null default now(),
  primary key (pipeline, source_table, chunk));
create table if not exists _plinth.usage (
  pipeline text not null,
  id text not null,
  source_table text not null,
  rows bigint not null,
  bytes bigint not null,
  -- Rows of a load are billed when it is published, not when it is thrown away.
  visible boolean not null,
  at timestamptz not null default now(),
  primary key (pipeline, id));";

const CLAIM: &str = "
insert into _plinth.pipelines as p (pipeline, epoch, run) values ($1, $2, 1)
on conflict (pipeline) do update set epoch = excluded.epoch, run = p.run + 1, opened_at = now()
 where p.epoch <= excluded.epoch
returning run";

/// Makes the tables of records where they are missing.
pub(super) async fn prepare(session: &mut Session) -> Result<()> {
    let known = brief(session.query_one("select to_regclass('_plinth.usage') is not null", &[])).await?;
    if known.get(0) {
        return Ok(());
    }
    let tx = brief(session.transaction()).await?;
    // `if not exists` alone lets two processes collide in the catalog.
    brief(tx.batch_execute("select pg_advisory_xact_lock(7317408150211)")).await?;
    brief(tx.batch_execute(RECORDS))
        .await
        .map_err(|error| match error.code {
            "permission_denied" => error.hint("the user needs the right to create schemas in the destination database"),
            _ => error,
        })?;
    brief(tx.commit()).await
}

/// Takes the pipeline over.
pub(super) async fn claim(session: &Session, owner: Owner) -> Result<Claim> {
    // A process that stands still inside a transaction would make us wait for its locks. Those in other databases of the
    // server hold none of ours.
    let evict = "select pg_terminate_backend(pid) from pg_stat_activity
                  where application_name = $1 and usename = current_user and pid <> pg_backend_pid()
                    and datname = current_database()
                    and exists (select from _plinth.pipelines where pipeline = $2 and epoch <= $3)";
    let application = format!("plinth etl destination {}", owner.pipeline);
    let shown: String = application.chars().take(63).collect();
    brief(session.query(evict, &[&shown, &owner.pipeline, &owner.epoch])).await?;
    match brief(session.query_opt(CLAIM, &[&owner.pipeline, &owner.epoch])).await? {
        Some(row) => Ok(Claim {
            pipeline: owner.pipeline,
            run: row.get(0),
        }),
        None => Err(Error::fenced()),
    }
}

/// Holds the right to write until the transaction ends. The last thing before checkpoint and commit.
pub(super) async fn hold(tx: &Transaction<'_>, claim: &Claim) -> Result<()> {
    let sql = "select run from _plinth.pipelines where pipeline = $1 for share";
    match brief(tx.query_opt(sql, &[&claim.pipeline])).await? {
        Some(row) if row.get::<_, i64>(0) == claim.run => Ok(()),
        _ => Err(Error::fenced()),
    }
}
