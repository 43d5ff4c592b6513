//! The life of a full copy: a table apart from all readers, its key, and the swap.

use super::{PostgresDestination, fence, load_table};
use crate::checkpoint::{Phase, TableCheckpoint};
use crate::destination::Target;
use crate::error::{Error, Place, Result};
use crate::failpoint;
use crate::session::brief;
use crate::table::{Table, TableName, quote_identifier, quote_list};

const REMEMBER: &str = "
insert into _plinth.tables as tables (pipeline, source_table, target_schema, target_table, state, watermark, changes, rows, bytes)
values ($1, $2, $3, $4, $5, $6, $7, 0, 0)
on conflict (pipeline, source_table) do update
   set published = tables.published and (tables.target_schema, tables.target_table) = (excluded.target_schema, excluded.target_table),
       target_schema = excluded.target_schema, target_table = excluded.target_table, state = excluded.state,
       watermark = excluded.watermark, changes = excluded.changes, rows = 0, bytes = 0";

impl PostgresDestination {
    pub(in crate::destination) async fn begin_load(
        &mut self,
        table: &Table,
        checkpoint: &TableCheckpoint,
    ) -> Result<()> {
        self.check_owner(&checkpoint.target, &checkpoint.table).await?;
        let load = load_table(&self.claim.pipeline, &checkpoint.table);
        let state = to_json(checkpoint)?;
        let watermark = checkpoint.watermark.as_ref().map(to_json).transpose()?;
        let source = checkpoint.table.to_string();
        let tx = brief(self.session.transaction()).await?;
        fence::hold(&tx, &self.claim).await?;
        let create = format!(
            "drop table if exists {0}; create table {0} ({1})",
            load.sql(),
            columns(table)
        );
        brief(tx.batch_execute(&create))
            .await
            .at(format_args!("table `{}`", checkpoint.table))?;
        let pipeline = &self.claim.pipeline;
        let target = &checkpoint.target;
        let changes = checkpoint.changes.cast_signed();
        brief(tx.execute(
            REMEMBER,
            &[
                pipeline,
                &source,
                &target.schema,
                &target.name,
                &state,
                &watermark,
                &changes,
            ],
        ))
        .await?;
        let sql = "delete from _plinth.checkpoints where pipeline = $1 and source_table = $2";
        brief(tx.execute(sql, &[pipeline, &source])).await?;
        let sql = "delete from _plinth.usage where pipeline = $1 and source_table = $2 and not visible";
        brief(tx.execute(sql, &[pipeline, &source])).await?;
        brief(tx.commit()).await
    }

    /// Never writes over a table that this pipeline did not make.
    async fn check_owner(&self, target: &TableName, source: &TableName) -> Result<()> {
        let sql = "select to_regclass($1) is not null, exists (
                     select from _plinth.tables where pipeline = $2 and source_table = $3
                        and target_schema = $4 and target_table = $5 and published),
                     (select source_table from _plinth.tables where pipeline = $2 and source_table <> $3
                        and target_schema = $4 and target_table = $5)";
        let row = brief(self.session.query_one(
            sql,
            &[
                &target.sql(),
                &self.claim.pipeline,
                &source.to_string(),
                &target.schema,
                &target.name,
            ],
        ))
        .await?;
        if let Some(other) = row.get::<_, Option<String>>(2) {
            return Err(Error::new(
                "table_name_collision",
                format!("`{source}` and `{other}` would both become `{target}`"),
            )
            .hint("leave `destination.schema` out, or copy them with two pipelines"));
        }
        if row.get::<_, bool>(0) && !row.get::<_, bool>(1) {
            return Err(Error::new(
                "destination_table_exists",
                format!("the destination has a table `{target}` already, and this pipeline did not make it"),
            )
            .hint("choose another `destination.schema`, or drop or rename the table"));
        }
        Ok(())
    }

    pub(in crate::destination) async fn index_load(&self, target: &Target<'_>) -> Result<()> {
        let load = load_table(&self.claim.pipeline, &target.table.name);
        let sql = "select exists (select from pg_constraint where conrelid = $1::text::regclass and contype = 'p')";
        if target.table.key.is_empty() || brief(self.session.query_one(sql, &[&load.sql()])).await?.get(0) {
            return Ok(());
        }
        let key = quote_list(target.table.key.iter().map(String::as_str));
        // Not bounded in time: a large table's index takes as long as it takes.
        let add = format!("alter table {} add primary key ({key})", load.sql());
        self.session
            .batch_execute(&add)
            .await
            .at(format_args!("key of table `{}`", target.table.name))
    }

    pub(in crate::destination) async fn publish(&mut self, target: &Target<'_>) -> Result<()> {
        self.index_load(target).await?;
        let load = load_table(&self.claim.pipeline, &target.table.name);
        let analyze = format!("analyze {}", load.sql());
        self.session.batch_execute(&analyze).await?;
        // Somebody may have made a table of that name since the load began.
        self.check_owner(target.name, &target.table.name).await?;
        let source = target.table.name.to_string();
        let tx = brief(self.session.transaction()).await?;
        fence::hold(&tx, &self.claim).await?;
        let (schema, name) = (
            quote_identifier(&target.name.schema),
            quote_identifier(&target.name.name),
        );
        let swap = format!(
            "create schema if not exists {schema}; drop table if exists {target};
             alter table {load} set schema {schema}; alter table {schema}.{loaded} rename to {name};",
            target = target.name.sql(),
            load = load.sql(),
            loaded = quote_identifier(&load.name),
        );
        brief(tx.batch_execute(&swap))
            .await
            .at(format_args!("table `{}`", target.name))?;
        let sql = "update _plinth.tables set published = true, state = jsonb_set(state, '{phase}', $3)
                    where pipeline = $1 and source_table = $2";
        brief(tx.execute(sql, &[&self.claim.pipeline, &source, &to_json(&Phase::Live)?])).await?;
        let sql = "update _plinth.usage set visible = true, at = now()
                    where pipeline = $1 and source_table = $2 and not visible";
        brief(tx.execute(sql, &[&self.claim.pipeline, &source])).await?;
        failpoint::hit("destination.before_swap")?;
        brief(tx.commit()).await
    }
}

fn columns(table: &Table) -> String {
    let column = |column: &crate::table::Column| format!("{} {}", quote_identifier(&column.name), column.postgres_type);
    table.columns.iter().map(column).collect::<Vec<_>>().join(", ")
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Error::corrupt(error.to_string()))
}
