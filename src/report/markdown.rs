//! Markdown that stays what it is, whatever titles, names and reasons contain.

use hydra_events::Timestamp;

/// Rows shown of a list that could be long.
pub(super) const ROWS_MAX: usize = 100;
/// Characters shown of a text that could be long.
const TEXT_CHARS_MAX: usize = 300;

/// `text` as plain text on one line, also in a table.
pub(super) fn plain(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let mut escaped = String::new();
    for c in line.chars().take(TEXT_CHARS_MAX) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '>' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    if line.chars().nth(TEXT_CHARS_MAX).is_some() {
        escaped.push('…');
    }
    escaped
}

/// A name of ours, such as a stream's, as code.
pub(super) fn code(name: impl std::fmt::Display) -> String {
    format!("`{}`", name.to_string().replace(['`', '|', '\n', '\r'], "?"))
}

/// A heading and what stands under it; nothing where there is nothing.
pub(super) fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("## {title}\n\n{body}") }
}

/// A list; what is beyond the limit is counted.
pub(super) fn list(items: &[String]) -> String {
    let mut list: String = items.iter().take(ROWS_MAX).map(|item| format!("- {item}\n")).collect();
    if items.len() > ROWS_MAX {
        list.push_str(&format!("- … and {} more: see `provenance.json`\n", items.len() - ROWS_MAX));
    }
    list
}

/// A table whose cells are Markdown already. Columns behind the first are numbers, on the right.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    let marks: Vec<String> =
        (0..header.len()).map(|at| if at == 0 { "---" } else { "---:" }.to_owned()).collect();
    let mut table = line(&header) + &line(&marks);
    rows.iter().for_each(|row| table.push_str(&line(row)));
    table
}

/// A moment, in microseconds since 1970, to the second.
pub(super) fn moment(micros: i64) -> String {
    let told = Timestamp(micros).to_string();
    let seconds = told.split('.').next().unwrap_or(&told);
    format!("{} UTC", seconds.replace('T', " "))
}

/// A duration for people: `1 h 02 min`, `3 min 20 s`, `4.2 s`.
pub(super) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..=59 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
