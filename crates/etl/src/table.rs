//! Tables and columns as source, destination and checkpoint share them, and the spelling of names.
//!
//! Must not know how a table is read or written.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A text that names no table.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not `schema.table`")]
pub struct TableNameError(String);

/// `schema.table`. As text, a part that holds a dot or a double quote is quoted, all others stand as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    pub schema: String,
    pub name: String,
}

impl TableName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// The name as SQL wants it.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.name))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |part: &str| match part.contains(['.', '"']) || part.is_empty() {
            true => quote_identifier(part),
            false => part.to_owned(),
        };
        write!(f, "{}.{}", part(&self.schema), part(&self.name))
    }
}

impl From<TableName> for String {
    fn from(name: TableName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for TableName {
    type Error = TableNameError;

    fn try_from(text: String) -> Result<Self, TableNameError> {
        text.parse()
    }
}

impl FromStr for TableName {
    type Err = TableNameError;

    fn from_str(text: &str) -> Result<Self, TableNameError> {
        let invalid = || TableNameError(text.to_owned());
        let (schema, rest) = part(text).ok_or_else(invalid)?;
        let Some(rest) = rest.strip_prefix('.') else {
            return match rest.is_empty() {
                true => Ok(Self::new("public", schema)),
                false => Err(invalid()),
            };
        };
        let (name, rest) = part(rest).ok_or_else(invalid)?;
        if schema.is_empty() || name.is_empty() || !rest.is_empty() {
            return Err(invalid());
        }
        Ok(Self { schema, name })
    }
}

/// Takes one part of a name off the front: quoted with `""` for a quote inside, or up to the next dot.
fn part(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, rest)),
        }
    }
}

/// `"name"`, safe in any SQL text.
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `'text'`, safe in any SQL text whatever `standard_conforming_strings` says.
#[must_use]
pub fn quote_literal(text: &str) -> String {
    match text.contains('\\') {
        true => format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// Names as a comma-separated list of quoted identifiers.
#[must_use]
pub fn quote_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote_identifier).collect::<Vec<_>>().join(", ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    Table,
    PartitionedTable,
    View,
    MaterializedView,
    ForeignTable,
    Files,
}

impl TableKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::PartitionedTable => "partitioned_table",
            Self::View => "view",
            Self::MaterializedView => "materialized_view",
            Self::ForeignTable => "foreign_table",
            Self::Files => "files",
        }
    }
}

/// A table of the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: TableName,
    /// Another one when the table was dropped and made again under its name; empty where there is no such thing.
    pub identity: String,
    pub kind: TableKind,
    pub columns: Vec<Column>,
    /// Columns that identify a row: the primary key, else a unique index without nulls, else none.
    pub key: Vec<String>,
    pub rows_estimate: Option<u64>,
    /// Columns that can drive incremental reading, best first.
    pub cursor_candidates: Vec<String>,
}

impl Table {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Changes when the shape of the copy would change, or when it is another table of the same name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.identity.len() as u64).to_be_bytes());
        hash.update(&self.identity);
        for column in &self.columns {
            for part in [&column.name, &column.source_type, &column.postgres_type] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        for key in &self.key {
            hash.update(key);
            hash.update([0]);
        }
        hex::encode(&hash.finalize()[..12])
    }

    /// The Arrow schema under `layout`.
    #[must_use]
    pub fn arrow_schema(&self, layout: Layout) -> Schema {
        let field = |column: &Column| {
            Field::new(&column.name, column.kind_in(layout).data_type(), true)
                .with_metadata([("plinth.source_type".to_owned(), column.source_type.clone())].into())
        };
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// The type as the source names it.
    pub source_type: String,
    /// The type in a PostgreSQL destination.
    pub postgres_type: String,
    /// Cast with which a PostgreSQL source reads the column for a PostgreSQL destination.
    pub postgres_cast: Option<String>,
    /// The Arrow type in a typed layout. [`Kind::Text`] stands for each type that Arrow cannot hold exactly.
    pub kind: Kind,
    /// The source's binary form of a value is its text already.
    pub textual: bool,
    pub nullable: bool,
    pub key: bool,
}

impl Column {
    /// The kind of the column's values under `layout`.
    #[must_use]
    pub const fn kind_in(&self, layout: Layout) -> Kind {
        match layout {
            Layout::Text => Kind::Text,
            Layout::Tuples | Layout::Typed => self.kind,
        }
    }
}

/// The form in which a destination wants its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Blocks of PostgreSQL's binary COPY tuples, passed on as they are; Arrow batches are taken as well.
    Tuples,
    /// Arrow batches with types.
    Typed,
    /// Arrow batches in which each column is exact text.
    Text,
}

/// The types of Arrow columns here.
///
/// Timestamps and dates hold PostgreSQL's `infinity` as the largest and `-infinity` as the smallest integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Decimal { precision: u8, scale: i8 },
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    TimestampTz,
}

impl Kind {
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int2 => DataType::Int16,
            Self::Int4 => DataType::Int32,
            Self::Int8 => DataType::Int64,
            Self::Float4 => DataType::Float32,
            Self::Float8 => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Text => DataType::Utf8,
            Self::Bytes => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// The PostgreSQL type that holds the kind.
    #[must_use]
    pub fn postgres_type(self) -> String {
        match self {
            Self::Bool => "boolean",
            Self::Int2 => "smallint",
            Self::Int4 => "integer",
            Self::Int8 => "bigint",
            Self::Float4 => "real",
            Self::Float8 => "double precision",
            Self::Decimal { precision, scale } => return format!("numeric({precision},{scale})"),
            Self::Text => "text",
            Self::Bytes => "bytea",
            Self::Date => "date",
            Self::Time => "time without time zone",
            Self::Timestamp => "timestamp without time zone",
            Self::TimestampTz => "timestamp with time zone",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_table_name_survives_its_text_form(schema in ".{1,12}", name in ".{1,12}") {
            let table = TableName::new(schema, name);
            prop_assert_eq!(table.to_string().parse::<TableName>().unwrap(), table);
        }
    }

    #[test]
    fn a_name_without_schema_is_in_public() {
        assert_eq!(
            "orders".parse::<TableName>().unwrap(),
            TableName::new("public", "orders")
        );
    }

    #[test]
    fn a_third_part_is_refused() {
        let error = "a.b.c".parse::<TableName>().unwrap_err();
        assert_eq!(error.to_string(), "`a.b.c` is not `schema.table`");
    }
}
