//! Parquet files. Types that [`Kind`] does not name go over as text.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Stored, column};
use crate::error::{Error, Place, Result};
use crate::source::ReadOptions;
use crate::table::{Column, Kind, Table};

pub(super) fn columns(directory: &Path, files: &[Stored]) -> Result<Vec<Column>> {
    let Some(file) = files.first() else {
        return Ok(Vec::new());
    };
    let reader = open(&directory.join(&file.path)).at(file.place())?;
    let fields = reader.schema().fields();
    Ok(fields
        .iter()
        .map(|field| {
            column(
                field.name(),
                &format!("parquet {}", field.data_type()),
                kind(field.data_type()),
            )
        })
        .collect())
}

/// Rows of all files, from their footers.
pub(super) fn rows(directory: &Path, files: &[Stored]) -> Result<Option<u64>> {
    let mut rows = 0;
    for file in files {
        let reader = open(&directory.join(&file.path)).at(file.place())?;
        rows += reader.metadata().file_metadata().num_rows().unsigned_abs();
    }
    Ok(Some(rows))
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    Ok(ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?)
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Boolean => Kind::Bool,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => Kind::Int2,
        DataType::Int32 | DataType::UInt16 => Kind::Int4,
        DataType::Int64 | DataType::UInt32 => Kind::Int8,
        DataType::UInt64 => Kind::Decimal {
            precision: 20,
            scale: 0,
        },
        DataType::Float16 | DataType::Float32 => Kind::Float4,
        DataType::Float64 => Kind::Float8,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
            if *scale >= 0 =>
        {
            Kind::Decimal {
                precision: *precision,
                scale: *scale,
            }
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Kind::Bytes,
        DataType::Date32 => Kind::Date,
        DataType::Date64 => Kind::Timestamp,
        DataType::Time32(_) | DataType::Time64(_) => Kind::Time,
        DataType::Timestamp(_, None) => Kind::Timestamp,
        DataType::Timestamp(_, Some(_)) => Kind::TimestampTz,
        DataType::Dictionary(_, values) => kind(values),
        _ => Kind::Text,
    }
}

pub(super) fn read(
    path: &Path,
    table: &Table,
    options: ReadOptions,
    mut send: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let reader = open(path)?;
    let schema = Arc::new(table.arrow_schema(options.layout));
    if reader.schema().fields().len() != table.columns.len() {
        return Err(Error::new(
            "schema_changed",
            "the files of one table have different columns",
        ));
    }
    for batch in reader.with_batch_size(options.batch_rows).build()? {
        let batch = batch?;
        let columns = table.columns.iter().map(|column| {
            let missing = || Error::new("schema_changed", format!("the file lacks the column `{}`", column.name));
            let values = batch.column_by_name(&column.name).ok_or_else(missing)?;
            convert(values, column.kind_in(options.layout)).map_err(|error| error.in_column(&table.name, &column.name))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let counted = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        send(RecordBatch::try_new_with_options(
            Arc::clone(&schema),
            columns,
            &counted,
        )?)?;
    }
    Ok(())
}

fn convert(values: &ArrayRef, kind: Kind) -> Result<ArrayRef> {
    let wanted = kind.data_type();
    if *values.data_type() == wanted {
        return Ok(Arc::clone(values));
    }
    if kind == Kind::Text && !is_text(values.data_type()) {
        return text(values);
    }
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let misfit = |what: String| Error::new("unrepresentable", what);
    let converted = cast_with_options(values, &wanted, &strict).map_err(|error| misfit(error.to_string()))?;
    if is_nanoseconds(values.data_type()) {
        let back = cast_with_options(&converted, values.data_type(), &strict)?;
        if back.as_ref() != values.as_ref() {
            return Err(misfit("a time is finer than a microsecond".to_owned()));
        }
    }
    Ok(converted)
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

const fn is_nanoseconds(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Timestamp(TimeUnit::Nanosecond, _) | DataType::Time64(TimeUnit::Nanosecond)
    )
}

/// As people write it: for nested values, and for those that no type holds.
fn text(values: &ArrayRef) -> Result<ArrayRef> {
    let format = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(values.as_ref(), &format)?;
    let mut builder = StringBuilder::new();
    for row in 0..values.len() {
        match values.is_null(row) {
            true => builder.append_null(),
            false => builder.append_value(formatter.value(row).try_to_string()?),
        }
    }
    Ok(Arc::new(builder.finish()))
}
