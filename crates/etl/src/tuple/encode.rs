//! From Arrow batches to blocks of binary COPY tuples.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;

use super::{EPOCH_DAYS, EPOCH_MICROS, numeric};
use crate::batch::TupleBlock;
use crate::error::{Error, Place, Result};

/// Writes each row of `batch` as a tuple.
///
/// # Errors
/// When a column has an Arrow type that [`crate::table::Kind`] does not name, or a value lies out of PostgreSQL's range.
pub fn tuples(batch: &RecordBatch) -> Result<TupleBlock> {
    let count = i16::try_from(batch.num_columns()).map_err(|_| Error::corrupt("too many columns"))?;
    let schema = batch.schema();
    let mut out = Vec::with_capacity(batch.get_array_memory_size() + batch.num_rows() * 8);
    for row in 0..batch.num_rows() {
        out.extend(count.to_be_bytes());
        for (at, column) in batch.columns().iter().enumerate() {
            push(&mut out, column, row).at(format_args!("column `{}`", schema.field(at).name()))?;
        }
    }
    Ok(TupleBlock {
        bytes: out.into(),
        rows: batch.num_rows() as u64,
    })
}

fn push(out: &mut Vec<u8>, column: &ArrayRef, row: usize) -> Result<()> {
    if column.is_null(row) {
        out.extend((-1i32).to_be_bytes());
        return Ok(());
    }
    match column.data_type() {
        DataType::Boolean => field(out, &[u8::from(column.as_boolean().value(row))]),
        DataType::Int16 => field(out, &column.as_primitive::<Int16Type>().value(row).to_be_bytes()),
        DataType::Int32 => field(out, &column.as_primitive::<Int32Type>().value(row).to_be_bytes()),
        DataType::Int64 => field(out, &column.as_primitive::<Int64Type>().value(row).to_be_bytes()),
        DataType::Float32 => field(out, &column.as_primitive::<Float32Type>().value(row).to_be_bytes()),
        DataType::Float64 => field(out, &column.as_primitive::<Float64Type>().value(row).to_be_bytes()),
        DataType::Decimal128(_, scale) => {
            let mut digits = Vec::with_capacity(32);
            numeric::push_decimal(&mut digits, column.as_primitive::<Decimal128Type>().value(row), *scale);
            field(out, &digits)
        }
        DataType::Utf8 => text(out, column.as_string::<i32>().value(row)),
        DataType::Binary => field(out, column.as_binary::<i32>().value(row)),
        DataType::Date32 => field(
            out,
            &date(column.as_primitive::<Date32Type>().value(row))?.to_be_bytes(),
        ),
        DataType::Time64(TimeUnit::Microsecond) => field(
            out,
            &column.as_primitive::<Time64MicrosecondType>().value(row).to_be_bytes(),
        ),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            field(out, &timestamp(micros)?.to_be_bytes())
        }
        other => Err(Error::new(
            "unsupported_type",
            format!("the type {other} cannot be written to PostgreSQL"),
        )),
    }
}

fn field(out: &mut Vec<u8>, value: &[u8]) -> Result<()> {
    let len = i32::try_from(value.len()).map_err(|_| Error::corrupt("a value is larger than 2 GiB"))?;
    out.extend(len.to_be_bytes());
    out.extend(value);
    Ok(())
}

fn text(out: &mut Vec<u8>, value: &str) -> Result<()> {
    if value.contains('\0') {
        return Err(
            Error::new("invalid_text", "text with a zero byte cannot be written to PostgreSQL")
                .hint("remove the zero bytes at the source"),
        );
    }
    field(out, value.as_bytes())
}

fn out_of_range(what: &str) -> Error {
    Error::new(
        "unrepresentable",
        format!("a {what} lies beyond what PostgreSQL can express"),
    )
}

fn date(days: i32) -> Result<i32> {
    match days {
        i32::MAX | i32::MIN => Ok(days),
        days => days.checked_sub(EPOCH_DAYS).ok_or_else(|| out_of_range("date")),
    }
}

fn timestamp(micros: i64) -> Result<i64> {
    match micros {
        i64::MAX | i64::MIN => Ok(micros),
        micros => micros
            .checked_sub(EPOCH_MICROS)
            .ok_or_else(|| out_of_range("timestamp")),
    }
}
