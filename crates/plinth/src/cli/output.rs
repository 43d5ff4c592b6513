//! How results get onto the screen: tables for people, JSON and YAML for programs, color on a terminal.
//! Must not know what is printed.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde::Serialize;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    Yaml,
}

/// Colors, or none of them.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    pub const PLAIN: Self = Self { on: false };

    pub fn for_stdout(no_color: bool) -> Self {
        Self::new(no_color, io::stdout().is_terminal())
    }

    pub fn for_stderr(no_color: bool) -> Self {
        Self::new(no_color, io::stderr().is_terminal())
    }

    fn new(no_color: bool, terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            on: terminal && !no_color && !refused,
        }
    }

    pub fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    pub fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self.on {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// Prints `text` and a line's end.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Writes a remark to standard error. Nobody may be reading any more, which is no reason to stop.
pub fn remark(text: &str) {
    let mut out = io::stderr().lock();
    drop(writeln!(out, "{text}"));
}

/// The reader of our output went away (`| head`): no failure of ours.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints `value` for a program, or what `table` makes of it for a person.
pub fn show<T: Serialize>(format: Format, value: &T, table: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
    match format {
        Format::Table => print(table(value).trim_end()),
        Format::Json => print(&serde_json::to_string_pretty(value)?),
        Format::Yaml => print(serde_yaml_ng::to_string(value)?.trim_end()),
    }
}

/// Prints one of many values that come over time: JSON on one line, YAML as one document.
pub fn show_next<T: Serialize>(format: Format, value: &T, line: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
    match format {
        Format::Table => print(&line(value)),
        Format::Json => print(&serde_json::to_string(value)?),
        Format::Yaml => print(&format!("---\n{}", serde_yaml_ng::to_string(value)?.trim_end())),
    }
}

/// Columns without lines, as wide as their widest cell.
pub fn columns<H, R>(header: H, rows: R) -> String
where
    H: IntoIterator,
    H::Item: Into<String>,
    R: IntoIterator<Item = Vec<String>>,
{
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let header: Vec<String> = header.into_iter().map(Into::into).collect();
    if header.iter().any(|title| !title.is_empty()) {
        table.set_header(header);
    }
    for row in rows {
        let row: Vec<String> = row.iter().map(|cell| printable(cell)).collect();
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// Without the control characters that could move a terminal's cursor.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["orders", "completed"], ["a", "failed"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        insta::assert_snapshot!(columns(["NAME", "STATE"], rows), @r"
        NAME    STATE
        orders  completed
        a       failed
        ");
    }

    #[test]
    fn escape_sequences_in_data_do_not_reach_the_terminal() {
        let text = columns(["NAME"], [vec!["\x1b[2Jgone".to_owned()]]);
        assert!(!text.contains('\x1b'), "{text:?}");
    }
}
