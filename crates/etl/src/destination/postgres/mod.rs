//! PostgreSQL as a destination: rows by binary COPY, the checkpoint in the same transaction.
//!
//! Its own records lie in the schema `_plinth`: `pipelines` (who may write), `tables` and `checkpoints` (how far each copy is,
//! by pipeline, table and chunk), `usage` (what was committed and not yet billed), and the tables that are being loaded.

mod fence;
mod load;
mod write;

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

pub use self::write::PostgresWriter;
use super::Owner;
use crate::checkpoint::{TableCheckpoint, Usage};
use crate::error::{Error, Result};
use crate::session::{Session, brief};
use crate::spec::PostgresSpec;
use crate::table::TableName;

/// This process's right to write, as the database knows it.
#[derive(Debug, Clone)]
struct Claim {
    pipeline: String,
    /// Grows with each process that opens the destination.
    run: i64,
}

#[derive(Debug)]
pub struct PostgresDestination {
    spec: PostgresSpec,
    session: Session,
    schema: Option<String>,
    claim: Claim,
}

const CHECKPOINTS: &str = "
select t.state, t.rows, t.bytes, t.changes, t.watermark,
       array(select c.chunk from _plinth.checkpoints c
              where c.pipeline = t.pipeline and c.source_table = t.source_table) as done
  from _plinth.tables t where t.pipeline = $1";

impl PostgresDestination {
    pub(super) async fn open(spec: &PostgresSpec, schema: Option<&str>, owner: Owner) -> Result<Self> {
        let application = format!("plinth etl destination {}", owner.pipeline);
        let mut session = Session::connect(spec, &application).await?;
        fence::prepare(&mut session).await?;
        let claim = fence::claim(&session, owner).await?;
        Ok(Self {
            spec: spec.clone(),
            session,
            schema: schema.map(str::to_owned),
            claim,
        })
    }

    pub(super) fn server(&self) -> String {
        self.session.server().to_owned()
    }

    pub(super) fn target(&self, table: &TableName) -> TableName {
        TableName::new(self.schema.as_ref().unwrap_or(&table.schema), &table.name)
    }

    pub(super) async fn checkpoints(&self) -> Result<HashMap<TableName, TableCheckpoint>> {
        let rows = brief(self.session.query(CHECKPOINTS, &[&self.claim.pipeline])).await?;
        let mut found = HashMap::new();
        for row in rows {
            let unreadable =
                |error: serde_json::Error| Error::corrupt(format!("the checkpoint cannot be read: {error}"));
            let mut checkpoint: TableCheckpoint = serde_json::from_value(row.get(0)).map_err(unreadable)?;
            checkpoint.rows = row.get::<_, i64>(1).unsigned_abs();
            checkpoint.bytes = row.get::<_, i64>(2).unsigned_abs();
            checkpoint.changes = row.get::<_, i64>(3).unsigned_abs();
            let watermark: Option<serde_json::Value> = row.get(4);
            checkpoint.watermark = watermark.map(serde_json::from_value).transpose().map_err(unreadable)?;
            checkpoint.done = row
                .get::<_, Vec<i32>>(5)
                .into_iter()
                .map(i32::unsigned_abs)
                .collect::<BTreeSet<_>>();
            found.insert(checkpoint.table.clone(), checkpoint);
        }
        Ok(found)
    }

    pub(super) async fn writer(&self) -> Result<PostgresWriter> {
        let session = Session::connect(&self.spec, &self.application()).await?;
        Ok(PostgresWriter::new(session, self.claim.clone()))
    }

    pub(super) async fn ledger(&self) -> Result<PostgresLedger> {
        let session = Session::connect(&self.spec, &self.application()).await?;
        Ok(PostgresLedger {
            session,
            claim: self.claim.clone(),
        })
    }

    fn application(&self) -> String {
        format!("plinth etl destination {}", self.claim.pipeline)
    }

    pub(super) async fn forget(&mut self) -> Result<()> {
        for checkpoint in self.checkpoints().await?.into_values() {
            let load = load_table(&self.claim.pipeline, &checkpoint.table);
            brief(
                self.session
                    .batch_execute(&format!("drop table if exists {}", load.sql())),
            )
            .await?;
        }
        for table in ["checkpoints", "tables", "usage", "pipelines"] {
            let sql = format!("delete from _plinth.{table} where pipeline = $1");
            brief(self.session.execute(&sql, &[&self.claim.pipeline])).await?;
        }
        Ok(())
    }
}

/// Usage records, over a connection of their own.
#[derive(Debug)]
pub struct PostgresLedger {
    session: Session,
    claim: Claim,
}

impl PostgresLedger {
    pub(super) async fn usage(&self) -> Result<Vec<Usage>> {
        let sql = "select id, source_table, rows, bytes, at::text from _plinth.usage
                    where pipeline = $1 and visible order by at, id limit 500";
        let rows = brief(self.session.query(sql, &[&self.claim.pipeline])).await?;
        rows.iter()
            .map(|row| {
                Ok(Usage {
                    id: row.get(0),
                    table: row.get::<_, String>(1).parse()?,
                    rows: row.get::<_, i64>(2).unsigned_abs(),
                    bytes: row.get::<_, i64>(3).unsigned_abs(),
                    at: row
                        .get::<_, &str>(4)
                        .parse()
                        .map_err(|_| Error::corrupt("a usage record's time cannot be read"))?,
                })
            })
            .collect()
    }

    pub(super) async fn acknowledge(&self, usage: &[Usage]) -> Result<()> {
        let ids: Vec<&str> = usage.iter().map(|usage| usage.id.as_str()).collect();
        let sql = "delete from _plinth.usage where pipeline = $1 and id = any($2)";
        brief(self.session.execute(sql, &[&self.claim.pipeline, &ids])).await?;
        Ok(())
    }
}

/// Where a table is loaded before anybody sees it.
fn load_table(pipeline: &str, table: &TableName) -> TableName {
    let hash = Sha256::digest(format!("{pipeline}/{table}"));
    TableName::new("_plinth", format!("load_{}", hex::encode(&hash[..10])))
}
