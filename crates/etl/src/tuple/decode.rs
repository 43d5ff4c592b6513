//! From blocks of binary COPY tuples to Arrow batches.

use arrow::array::{
    ArrayBuilder, ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::{EPOCH_DAYS, EPOCH_MICROS, Fields, numeric};
use crate::batch::TupleBlock;
use crate::error::{Error, Result};
use crate::table::{Kind, Layout, Table, TableName};

/// Collects tuples into Arrow batches.
#[derive(Debug)]
pub struct Decoder {
    table: TableName,
    schema: SchemaRef,
    columns: Vec<ColumnDecoder>,
    rows: usize,
}

#[derive(Debug)]
struct ColumnDecoder {
    name: String,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Bool(BooleanBuilder),
    Int2(Int16Builder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Float8(Float64Builder),
    Decimal(Decimal128Builder, i8),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
}

impl Decoder {
    /// A decoder for the columns of `table`, read under `layout`.
    #[must_use]
    pub fn new(table: &Table, layout: Layout) -> Self {
        let columns = table.columns.iter().map(|column| ColumnDecoder {
            name: column.name.clone(),
            values: Values::new(column.kind_in(layout)),
        });
        Self {
            table: table.name.clone(),
            columns: columns.collect(),
            schema: table.arrow_schema(layout).into(),
            rows: 0,
        }
    }

    /// Takes the tuples of a block in.
    ///
    /// # Errors
    /// When a value breaks its format or has no place in the Arrow type.
    pub fn push(&mut self, block: &TupleBlock) -> Result<()> {
        let mut rest: &[u8] = &block.bytes;
        for _ in 0..block.rows {
            let mut fields = Fields::new(rest);
            for column in &mut self.columns {
                let field = fields.next_field()?;
                column
                    .values
                    .push(field)
                    .map_err(|error| error.in_column(&self.table, &column.name))?;
            }
            rest = fields.rest();
            self.rows += 1;
        }
        Ok(())
    }

    /// Rows collected since the last batch.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The collected rows as a batch.
    ///
    /// # Errors
    /// When Arrow refuses the columns, which would be a defect here.
    pub fn take(&mut self) -> Result<RecordBatch> {
        let rows = std::mem::take(&mut self.rows);
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(|column| column.values.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(
            self.schema.clone(),
            columns,
            &options,
        )?)
    }
}

/// The bytes of a fixed-size value.
fn fixed<const N: usize>(field: &[u8]) -> Result<[u8; N]> {
    field
        .try_into()
        .map_err(|_| Error::corrupt(format!("a value has {} bytes instead of {N}", field.len())))
}

fn out_of_range(what: &str) -> Error {
    Error::new(
        "unrepresentable",
        format!("a {what} lies beyond what Arrow can express"),
    )
    .hint("leave the table out, or cast the column to text in a view")
}

fn date(field: &[u8]) -> Result<i32> {
    match i32::from_be_bytes(fixed(field)?) {
        infinite @ (i32::MAX | i32::MIN) => Ok(infinite),
        days => days.checked_add(EPOCH_DAYS).ok_or_else(|| out_of_range("date")),
    }
}

fn timestamp(field: &[u8]) -> Result<i64> {
    match i64::from_be_bytes(fixed(field)?) {
        infinite @ (i64::MAX | i64::MIN) => Ok(infinite),
        micros => micros
            .checked_add(EPOCH_MICROS)
            .ok_or_else(|| out_of_range("timestamp")),
    }
}

impl Values {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Int2 => Self::Int2(Int16Builder::new()),
            Kind::Int4 => Self::Int4(Int32Builder::new()),
            Kind::Int8 => Self::Int8(Int64Builder::new()),
            Kind::Float4 => Self::Float4(Float32Builder::new()),
            Kind::Float8 => Self::Float8(Float64Builder::new()),
            Kind::Decimal { scale, .. } => {
                Self::Decimal(Decimal128Builder::new().with_data_type(kind.data_type()), scale)
            }
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Bytes => Self::Bytes(BinaryBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Time => Self::Time(Time64MicrosecondBuilder::new()),
            Kind::Timestamp | Kind::TimestampTz => {
                Self::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type()))
            }
        }
    }

    fn push(&mut self, field: Option<&[u8]>) -> Result<()> {
        let Some(field) = field else {
            self.push_null();
            return Ok(());
        };
        match self {
            Self::Bool(values) => values.append_value(fixed::<1>(field)?[0] != 0),
            Self::Int2(values) => values.append_value(i16::from_be_bytes(fixed(field)?)),
            Self::Int4(values) => values.append_value(i32::from_be_bytes(fixed(field)?)),
            Self::Int8(values) => values.append_value(i64::from_be_bytes(fixed(field)?)),
            Self::Float4(values) => values.append_value(f32::from_be_bytes(fixed(field)?)),
            Self::Float8(values) => values.append_value(f64::from_be_bytes(fixed(field)?)),
            Self::Decimal(values, scale) => values.append_value(numeric::to_decimal(field, *scale)?),
            Self::Text(values) => {
                let text = std::str::from_utf8(field).map_err(|_| Error::corrupt("text that is not UTF-8"))?;
                values.append_value(text);
            }
            Self::Bytes(values) => values.append_value(field),
            Self::Date(values) => values.append_value(date(field)?),
            Self::Time(values) => values.append_value(i64::from_be_bytes(fixed(field)?)),
            Self::Timestamp(values) => values.append_value(timestamp(field)?),
        }
        Ok(())
    }

    fn push_null(&mut self) {
        match self {
            Self::Bool(values) => values.append_null(),
            Self::Int2(values) => values.append_null(),
            Self::Int4(values) => values.append_null(),
            Self::Int8(values) => values.append_null(),
            Self::Float4(values) => values.append_null(),
            Self::Float8(values) => values.append_null(),
            Self::Decimal(values, _) => values.append_null(),
            Self::Text(values) => values.append_null(),
            Self::Bytes(values) => values.append_null(),
            Self::Date(values) => values.append_null(),
            Self::Time(values) => values.append_null(),
            Self::Timestamp(values) => values.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let builder: &mut dyn ArrayBuilder = match self {
            Self::Bool(values) => values,
            Self::Int2(values) => values,
            Self::Int4(values) => values,
            Self::Int8(values) => values,
            Self::Float4(values) => values,
            Self::Float8(values) => values,
            Self::Decimal(values, _) => values,
            Self::Text(values) => values,
            Self::Bytes(values) => values,
            Self::Date(values) => values,
            Self::Time(values) => values,
            Self::Timestamp(values) => values,
        };
        builder.finish()
    }
}
