//! CSV in PostgreSQL's dialect: comma, double quotes, a header line; an empty field is null, `""` is the empty text.
//!
//! Own parser, because the difference between the two is lost in the usual ones.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use crate::error::{Error, Place, Result};
use crate::source::ReadOptions;
use crate::table::{Kind, Table};

/// A batch is handed over when its text has grown to this.
const BATCH_BYTES: usize = 1024 * 1024;

/// The records of one file.
pub(super) struct Records {
    input: BufReader<File>,
    header: Vec<String>,
    line: u64,
    buffer: Vec<u8>,
}

/// One field: null, or text.
pub(super) type FieldText = Option<String>;

impl Records {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let input = BufReader::with_capacity(256 * 1024, File::open(path)?);
        let mut records = Self {
            input,
            header: Vec::new(),
            line: 0,
            buffer: Vec::new(),
        };
        if records.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            records.input.consume(3);
        }
        let mut fields = Vec::new();
        if !records.read(&mut fields)? {
            return Err(Error::new(
                "no_header",
                "the file is empty: a CSV file begins with a line of column names",
            ));
        }
        records.header = fields.into_iter().map(Option::unwrap_or_default).collect();
        records.check_header()?;
        Ok(records)
    }

    fn check_header(&self) -> Result<()> {
        for (at, name) in self.header.iter().enumerate() {
            if name.is_empty() || self.header[..at].contains(name) {
                return Err(
                    Error::new("no_header", format!("column {} has no name of its own", at + 1))
                        .hint("the first line of a CSV file names its columns, each differently"),
                );
            }
        }
        Ok(())
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The next record; `false` at the end.
    pub(super) fn next(&mut self, fields: &mut Vec<FieldText>) -> Result<bool> {
        loop {
            if !self.read(fields)? {
                return Ok(false);
            }
            if fields.len() == self.header.len() {
                return Ok(true);
            }
            if fields.len() == 1 && fields[0].is_none() {
                continue;
            }
            let (has, wants) = (fields.len(), self.header.len());
            return Err(Error::corrupt(format!(
                "line {}: {has} fields instead of {wants}",
                self.line
            )));
        }
    }

    fn read(&mut self, fields: &mut Vec<FieldText>) -> Result<bool> {
        fields.clear();
        self.buffer.clear();
        // A record goes on while a quote is open.
        let mut quotes = 0;
        loop {
            let before = self.buffer.len();
            if self.input.read_until(b'\n', &mut self.buffer)? == 0 {
                break;
            }
            self.line += 1;
            quotes += self.buffer[before..].iter().filter(|byte| **byte == b'"').count();
            if quotes % 2 == 0 {
                break;
            }
        }
        if self.buffer.is_empty() {
            return Ok(false);
        }
        let line = self.line;
        let text = std::str::from_utf8(&self.buffer).map_err(|_| {
            Error::new("invalid_text", format!("line {line}: not UTF-8")).hint("convert the file to UTF-8")
        })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        split(text.strip_suffix('\r').unwrap_or(text), fields).at(format_args!("line {line}"))?;
        Ok(true)
    }
}

fn split(mut rest: &str, fields: &mut Vec<FieldText>) -> Result<()> {
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = unquote(quoted)?;
                fields.push(Some(value));
                after
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                fields.push((end > 0).then(|| rest[..end].to_owned()));
                &rest[end..]
            }
        };
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(()),
            None => return Err(Error::corrupt("text follows a closing quote")),
        }
    }
}

fn unquote(mut rest: &str) -> Result<(String, &str)> {
    let mut value = String::new();
    loop {
        let end = rest.find('"').ok_or_else(|| Error::corrupt("a quote is not closed"))?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Ok((value, rest)),
        }
    }
}

pub(super) fn read(
    path: &Path,
    table: &Table,
    options: ReadOptions,
    mut send: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let mut records = Records::open(path)?;
    let order = order(records.header(), table)?;
    let mut builders: Vec<StringBuilder> = table.columns.iter().map(|_| StringBuilder::new()).collect();
    let (mut rows, mut bytes, mut fields) = (0, 0, Vec::new());
    while records.next(&mut fields)? {
        for (builder, at) in builders.iter_mut().zip(&order) {
            bytes += fields[*at].as_ref().map_or(0, String::len);
            builder.append_option(fields[*at].as_deref());
        }
        rows += 1;
        if rows >= options.batch_rows || bytes >= BATCH_BYTES {
            send(batch(table, options, &mut builders, rows)?)?;
            (rows, bytes) = (0, 0);
        }
    }
    if rows > 0 {
        send(batch(table, options, &mut builders, rows)?)?;
    }
    Ok(())
}

/// Where each column of the table stands in the file.
fn order(header: &[String], table: &Table) -> Result<Vec<usize>> {
    if header.len() != table.columns.len() {
        return Err(Error::new(
            "schema_changed",
            "the files of one table have different columns",
        ));
    }
    let place = |name: &str| header.iter().position(|other| other == name);
    let missing = |name: &str| Error::new("schema_changed", format!("the file lacks the column `{name}`"));
    table
        .columns
        .iter()
        .map(|column| place(&column.name).ok_or_else(|| missing(&column.name)))
        .collect()
}

fn batch(table: &Table, options: ReadOptions, builders: &mut [StringBuilder], rows: usize) -> Result<RecordBatch> {
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let columns = table.columns.iter().zip(builders).map(|(column, builder)| {
        let text: ArrayRef = Arc::new(builder.finish());
        match column.kind_in(options.layout) {
            Kind::Text => Ok(text),
            kind => parse(&text, kind, &strict).at(format_args!("column `{}`", column.name)),
        }
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let counted = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(
        table.arrow_schema(options.layout).into(),
        columns,
        &counted,
    )?)
}

fn parse(text: &ArrayRef, kind: Kind, strict: &CastOptions<'_>) -> Result<ArrayRef> {
    if kind != Kind::TimestampTz {
        return Ok(cast_with_options(text, &kind.data_type(), strict)?);
    }
    // Arrow reads text only into zones that are written as an offset.
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()));
    let parsed = cast_with_options(text, &utc, strict)?;
    Ok(Arc::new(
        parsed
            .as_primitive::<TimestampMicrosecondType>()
            .clone()
            .with_timezone("UTC"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str) -> Vec<FieldText> {
        let mut fields = Vec::new();
        split(line, &mut fields).unwrap();
        fields
    }

    #[test]
    fn null_and_empty_text_differ() {
        assert_eq!(
            fields(r#"a,,"","b ""c"", d""#),
            [
                Some("a".to_owned()),
                None,
                Some(String::new()),
                Some(r#"b "c", d"#.to_owned()),
            ]
        );
    }

    #[test]
    fn text_behind_a_closing_quote_is_refused() {
        assert!(split(r#""a"b"#, &mut Vec::new()).is_err());
    }
}
