//! What tables, columns and keys a PostgreSQL database has, and how each column's type is carried over.
//!
//! Reads the catalog only, never the tables.

use std::collections::HashMap;

use tokio_postgres::{Client, Row};

use super::types;
use crate::error::{Error, Result};
use crate::session::brief;
use crate::spec::TableSpec;
use crate::table::{Column, Table, TableKind, TableName};

/// All tables, or those that are named. Partitions are a part of their parent and do not appear by themselves.
const TABLES: &str = "
select c.oid, n.nspname::text, c.relname::text, c.relkind::text,
       (select case when bool_or(l.reltuples < 0 and pg_relation_size(l.oid) > 0) then null
                    else sum(case when l.relpages > 0
                             then l.reltuples / l.relpages * (pg_relation_size(l.oid) / current_setting('block_size')::int)
                             else 0 end)::int8 end
          from pg_class l
         where l.oid = any(case when c.relkind = 'p'
                     then array(select relid from pg_partition_tree(c.oid) where isleaf) else array[c.oid::regclass] end)
           and l.relkind in ('r', 'm')) as rows_estimate
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where (($1::text[] is null and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
         and n.nspname not in ('pg_catalog', 'information_schema', '_plinth')
         and n.nspname !~ '^pg_(toast|temp)'
         and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select'))
     or ($1 is not null and c.relkind in ('r', 'p', 'v', 'm', 'f')
         and (n.nspname, c.relname) in (select * from unnest($1, $2::text[]))))
 order by n.nspname, c.relname";

/// Columns with domains resolved to what they stand for.
const COLUMNS: &str = "
with recursive resolved as (
  select a.attrelid, a.attnum, a.atttypid as typid, a.atttypmod as typmod
    from pg_attribute a where a.attrelid = any($1) and a.attnum > 0 and not a.attisdropped
  union all
  select r.attrelid, r.attnum, t.typbasetype, case when t.typtypmod >= 0 then t.typtypmod else r.typmod end
    from resolved r join pg_type t on t.oid = r.typid where t.typtype = 'd')
select a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       t.typname::text, t.typtype::text, (tn.nspname = 'pg_catalog') as builtin, r.typmod,
       format_type(t.oid, r.typmod),
       e.typname::text, coalesce(e.typtype = 'b' and en.nspname = 'pg_catalog', false) as builtin_element
  from resolved r
  join pg_attribute a on a.attrelid = r.attrelid and a.attnum = r.attnum
  join pg_type t on t.oid = r.typid and t.typtype <> 'd'
  join pg_namespace tn on tn.oid = t.typnamespace
  left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
  left join pg_namespace en on en.oid = e.typnamespace
 order by a.attrelid, a.attnum";

/// The primary key, else the narrowest unique index on columns that are never null.
const KEYS: &str = "
select distinct on (i.indrelid) i.indrelid,
       array(select a.attname::text
               from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) with ordinality k(attnum, place)
               join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.place)
  from pg_index i
 where i.indrelid = any($1) and i.indisunique and i.indisvalid and i.indimmediate
   and i.indpred is null and i.indexprs is null
   and not exists (select from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) k(attnum)
                     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where not a.attnotnull)
 order by i.indrelid, i.indisprimary desc, i.indnkeyatts, i.indexrelid";

/// Everything that the connection may read: tables, views and the like.
pub(super) async fn discover(client: &Client) -> Result<Vec<Table>> {
    load(client, None).await
}

/// The tables that `wanted` names, in its order, or all ordinary tables.
pub(super) async fn tables(client: &Client, wanted: Option<&[TableSpec]>) -> Result<Vec<Table>> {
    let Some(wanted) = wanted else {
        let mut tables = load(client, None).await?;
        tables.retain(|table| matches!(table.kind, TableKind::Table | TableKind::PartitionedTable));
        return Ok(tables);
    };
    let names = wanted
        .iter()
        .map(|spec| spec.name.parse())
        .collect::<std::result::Result<Vec<TableName>, _>>()?;
    let mut found: HashMap<TableName, Table> = load(client, Some(&names))
        .await?
        .into_iter()
        .map(|table| (table.name.clone(), table))
        .collect();
    names
        .iter()
        .map(|name| found.remove(name).ok_or_else(|| missing(name, &names)))
        .collect()
}

fn missing(name: &TableName, names: &[TableName]) -> Error {
    if names.iter().filter(|other| *other == name).count() > 1 {
        return Error::new("invalid_spec", format!("table `{name}` is named twice"));
    }
    Error::new("no_such_table", format!("table `{name}` does not exist in the source"))
        .hint("check the spelling, or take the table out of the pipeline; what was copied stays")
}

async fn load(client: &Client, names: Option<&[TableName]>) -> Result<Vec<Table>> {
    let schemas = names.map(|names| names.iter().map(|name| name.schema.as_str()).collect::<Vec<_>>());
    let relations = names.map(|names| names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>());
    let rows = brief(client.query(TABLES, &[&schemas, &relations])).await?;
    let oids: Vec<u32> = rows.iter().map(|row| row.get(0)).collect();
    let mut keys: HashMap<u32, Vec<String>> = brief(client.query(KEYS, &[&oids]))
        .await?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let mut columns: HashMap<u32, Vec<Column>> = HashMap::new();
    for row in brief(client.query(COLUMNS, &[&oids])).await? {
        columns.entry(row.get(0)).or_default().push(column(&row));
    }
    Ok(rows
        .iter()
        .map(|row| {
            let oid: u32 = row.get(0);
            table(
                row,
                columns.remove(&oid).unwrap_or_default(),
                keys.remove(&oid).unwrap_or_default(),
            )
        })
        .collect())
}

fn table(row: &Row, mut columns: Vec<Column>, key: Vec<String>) -> Table {
    for column in &mut columns {
        column.key = key.contains(&column.name);
    }
    let kind = match row.get(3) {
        "p" => TableKind::PartitionedTable,
        "v" => TableKind::View,
        "m" => TableKind::MaterializedView,
        "f" => TableKind::ForeignTable,
        _ => TableKind::Table,
    };
    Table {
        name: TableName::new(row.get::<_, String>(1), row.get::<_, String>(2)),
        identity: row.get::<_, u32>(0).to_string(),
        kind,
        cursor_candidates: cursor_candidates(&columns),
        columns,
        key,
        rows_estimate: row.get::<_, Option<i64>>(4).and_then(|rows| u64::try_from(rows).ok()),
    }
}

fn column(row: &Row) -> Column {
    let not_null: bool = row.get(3);
    let carried = types::carry(&types::SourceType {
        name: row.get(4),
        typtype: row.get(5),
        builtin: row.get(6),
        typmod: row.get(7),
        formatted: row.get(8),
        element: row.get(9),
        builtin_element: row.get(10),
    });
    Column {
        name: row.get(1),
        source_type: row.get(2),
        postgres_type: carried.postgres_type,
        postgres_cast: carried.postgres_cast,
        kind: carried.kind,
        textual: carried.textual,
        nullable: !not_null,
        key: false,
    }
}

/// Columns of a fitting type, those whose names speak of changes first.
fn cursor_candidates(columns: &[Column]) -> Vec<String> {
    let mut ranked: Vec<(u8, &str)> = columns
        .iter()
        .filter_map(|column| {
            let base = match column.source_type.as_str() {
                "timestamp with time zone" => 0,
                "timestamp without time zone" => 1,
                "bigint" | "integer" if !column.nullable => 3,
                _ => return None,
            };
            let named = if follows_changes(&column.name) { 0 } else { 4 };
            Some((base + named + 2 * u8::from(column.nullable), column.name.as_str()))
        })
        .collect();
    ranked.sort_by_key(|candidate| candidate.0);
    ranked.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Whether the name says that the column is set at every change.
pub(super) fn follows_changes(name: &str) -> bool {
    let name = name.to_lowercase();
    ["updated", "modified", "changed", "last_update", "mtime"]
        .iter()
        .any(|word| name.contains(word))
}
