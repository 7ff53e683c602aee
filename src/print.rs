//! What goes to standard output and standard error. A closed pipe is an error that ends the command quietly.

use std::io::{self, Write};

use serde::Serialize;

/// A line on standard output.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable(text.as_ref()))
}

/// A value as one line of JSON on standard output.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")
}

/// A line of progress on standard error. That nobody reads it is no reason to stop.
pub fn progress(text: impl AsRef<str>) {
    if writeln!(io::stderr().lock(), "{}", printable(text.as_ref())).is_err() {
        tracing::debug!("standard error is closed");
    }
}

/// A table with aligned columns on standard output.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let header: Vec<String> = header.iter().map(|&h| h.to_owned()).collect();
    let width = |column: usize| {
        let cells = std::iter::once(&header).chain(rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    for row in std::iter::once(&header).chain(rows) {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// `text` without control characters, which a title or a prompt could smuggle into a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}
