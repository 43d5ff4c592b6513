//! From rows to values, column by column.

use plinth_model::Actor;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

use crate::error::{Result, StoreError};

/// A value that a statement returns.
pub trait FromRow: Sized {
    /// # Errors
    /// [`StoreError`] when a column is missing or of another type: a defect of the statement.
    fn from_row(row: &Row) -> Result<Self>;
}

/// A column by its name.
pub fn column<T: FromSqlOwned>(row: &Row, name: &str) -> Result<T> {
    row.try_get(name).map_err(|error| StoreError::internal("column", error))
}

/// Who did something, as rows have it.
pub fn actor(value: Value) -> Result<Actor> {
    serde_json::from_value(value).map_err(|error| StoreError::internal("actor", error))
}

/// A struct whose fields are the statement's columns, by name.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type,)* }

        impl $crate::row::FromRow for $name {
            fn from_row(row: &tokio_postgres::Row) -> $crate::error::Result<Self> {
                Ok(Self { $($field: $crate::row::column(row, stringify!($field))?,)* })
            }
        }
    };
}
pub(crate) use row;
