//! Parquet files. Types that [`Kind`] does not name go over as text.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Field, TimeUnit, TimestampMicrosecondType};
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
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let values = cast_with_options(values, &in_utc(values.data_type()), &strict)?;
    let format = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(values.as_ref(), &format)?;
    let prefix = if is_bytes(values.data_type()) { "\\x" } else { "" };
    let mut builder = StringBuilder::new();
    for row in 0..values.len() {
        match (values.is_null(row), infinite(&values, row)) {
            (true, _) => builder.append_null(),
            (false, Some(infinity)) => builder.append_value(infinity),
            (false, None) => builder.append_value(format!("{prefix}{}", formatter.value(row).try_to_string()?)),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// The type with each time zone written as an offset, the one way that Arrow can print without a table of zones. The value
/// is the same: it is an instant whatever the zone.
fn in_utc(data_type: &DataType) -> DataType {
    let field = |field: &Arc<Field>| {
        let inner = in_utc(field.data_type());
        Arc::new(Field::clone(field).with_data_type(inner))
    };
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
        DataType::List(item) => DataType::List(field(item)),
        DataType::LargeList(item) => DataType::LargeList(field(item)),
        DataType::FixedSizeList(item, len) => DataType::FixedSizeList(field(item), *len),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(field).collect()),
        DataType::Map(entries, sorted) => DataType::Map(field(entries), *sorted),
        DataType::Dictionary(key, values) => DataType::Dictionary(key.clone(), Box::new(in_utc(values))),
        other => other.clone(),
    }
}

const fn is_bytes(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    )
}

/// As [`Kind`] holds PostgreSQL's.
fn infinite(values: &ArrayRef, row: usize) -> Option<&'static str> {
    let value = match values.data_type() {
        DataType::Date32 => match values.as_primitive::<Date32Type>().value(row) {
            i32::MAX => i64::MAX,
            i32::MIN => i64::MIN,
            _ => return None,
        },
        DataType::Timestamp(TimeUnit::Microsecond, _) => values.as_primitive::<TimestampMicrosecondType>().value(row),
        _ => return None,
    };
    match value {
        i64::MAX => Some("infinity"),
        i64::MIN => Some("-infinity"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, StructArray,
        Time64MicrosecondArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    };

    fn texts(values: &ArrayRef) -> Vec<Option<String>> {
        let text = convert(values, Kind::Text).unwrap();
        let text = text.as_string::<i32>();
        text.iter().map(|text| text.map(str::to_owned)).collect()
    }

    /// 2026-02-28 10:11:12.123456 UTC.
    const AT: i64 = 1_772_273_472_123_456;

    #[test]
    fn every_common_type_becomes_text() {
        let instants = TimestampMicrosecondArray::from(vec![Some(AT), None, Some(i64::MAX), Some(i64::MIN)]);
        let told = |zone: &str| {
            let at = format!("2026-02-28T10:11:12.123456{zone}");
            vec![
                Some(at),
                None,
                Some("infinity".to_owned()),
                Some("-infinity".to_owned()),
            ]
        };
        assert_eq!(texts(&(Arc::new(instants.clone()) as ArrayRef)), told(""));
        for zone in ["UTC", "Europe/Berlin", "+00:00", "+05:30"] {
            let zoned: ArrayRef = Arc::new(instants.clone().with_timezone(zone));
            assert_eq!(texts(&zoned), told("Z"), "{zone}");
        }
        let others: [(ArrayRef, &str); 7] = [
            (Arc::new(BooleanArray::from(vec![true])), "true"),
            (Arc::new(Int64Array::from(vec![-7])), "-7"),
            (Arc::new(Float64Array::from(vec![1.5])), "1.5"),
            (Arc::new(StringArray::from(vec!["a, b"])), "a, b"),
            (Arc::new(BinaryArray::from(vec![&[0, 255][..]])), "\\x00ff"),
            (Arc::new(Date32Array::from(vec![20_512])), "2026-02-28"),
            (Arc::new(Time64MicrosecondArray::from(vec![1_500_000])), "00:00:01.500"),
        ];
        for (values, told) in others {
            assert_eq!(texts(&values), [Some(told.to_owned())]);
        }
        let decimal = Decimal128Array::from(vec![1250])
            .with_precision_and_scale(12, 2)
            .unwrap();
        assert_eq!(texts(&(Arc::new(decimal) as ArrayRef)), [Some("12.50".to_owned())]);
    }

    #[test]
    fn a_zone_by_name_is_an_instant_wherever_it_stands() {
        let zoned: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![AT]).with_timezone("Europe/Berlin"));
        let typed = convert(&zoned, Kind::TimestampTz).unwrap();
        assert_eq!(typed.as_primitive::<TimestampMicrosecondType>().value(0), AT);
        let fine: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![AT * 1000]).with_timezone("Europe/Berlin"));
        let typed = convert(&fine, Kind::TimestampTz).unwrap();
        assert_eq!(typed.as_primitive::<TimestampMicrosecondType>().value(0), AT);
        let field = Arc::new(Field::new("at", zoned.data_type().clone(), true));
        let nested: ArrayRef = Arc::new(StructArray::from(vec![(field, zoned)]));
        assert_eq!(texts(&nested), [Some("{at: 2026-02-28T10:11:12.123456Z}".to_owned())]);
    }
}
