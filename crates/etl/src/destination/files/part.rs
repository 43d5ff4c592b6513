//! One part file: Arrow batches as Parquet, or as CSV in PostgreSQL's dialect.
//!
//! CSV: comma, double quotes, a header line; null is an empty field without quotes, the empty text is `""`.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{Error, Result};
use crate::spec::FileFormat;

/// A row group is closed at this size, so that memory stays bounded.
const ROW_GROUP_BYTES: usize = 16 * 1024 * 1024;

pub(super) enum PartWriter {
    Parquet(Box<ArrowWriter<fs::File>>),
    Csv(BufWriter<fs::File>),
    /// A table without columns: only its rows are counted.
    Count,
}

impl PartWriter {
    pub(super) fn create(path: &Path, format: FileFormat, schema: SchemaRef) -> Result<Self> {
        if schema.fields().is_empty() {
            return Ok(Self::Count);
        }
        let file = fs::File::create(path)?;
        Ok(match format {
            FileFormat::Parquet => {
                let level = ZstdLevel::try_new(1)?;
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .build();
                Self::Parquet(Box::new(ArrowWriter::try_new(file, schema, Some(properties))?))
            }
            FileFormat::Csv => {
                let mut writer = BufWriter::with_capacity(256 * 1024, file);
                let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                for (at, name) in names.iter().enumerate() {
                    write_field(&mut writer, at, Some(name))?;
                }
                writer.write_all(b"\n")?;
                Self::Csv(writer)
            }
        })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Count => {}
            Self::Parquet(writer) => {
                writer.write(batch)?;
                if writer.in_progress_size() > ROW_GROUP_BYTES {
                    writer.flush()?;
                }
            }
            Self::Csv(writer) => write_rows(writer, batch)?,
        }
        Ok(())
    }

    /// Makes the file durable and returns its size.
    pub(super) fn finish(self) -> Result<u64> {
        let file = match self {
            Self::Count => return Ok(0),
            Self::Parquet(writer) => writer.into_inner()?,
            Self::Csv(writer) => writer.into_inner().map_err(|error| Error::from(error.into_error()))?,
        };
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

fn write_rows(out: &mut impl Write, batch: &RecordBatch) -> Result<()> {
    let columns: Option<Vec<_>> = batch
        .columns()
        .iter()
        .map(|column| column.as_string_opt::<i32>())
        .collect();
    let columns = columns.ok_or_else(|| Error::corrupt("a CSV column is not text"))?;
    for row in 0..batch.num_rows() {
        for (at, column) in columns.iter().enumerate() {
            let value = (!column.is_null(row)).then(|| column.value(row));
            write_field(out, at, value)?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn write_field(out: &mut impl Write, at: usize, value: Option<&str>) -> Result<()> {
    if at > 0 {
        out.write_all(b",")?;
    }
    let Some(value) = value else { return Ok(()) };
    if !value.is_empty() && !value.contains([',', '"', '\n', '\r']) {
        return Ok(out.write_all(value.as_bytes())?);
    }
    out.write_all(b"\"")?;
    out.write_all(value.replace('"', "\"\"").as_bytes())?;
    Ok(out.write_all(b"\"")?)
}
