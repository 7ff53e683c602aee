//! What is probably not as the writer meant it.

use serde::Serialize;

use super::place::Cursor;

/// How many problems of one text are listed; one more says that there are others.
pub const PROBLEMS_MAX: usize = 200;

/// How bad a problem is, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably a slip; nothing is lost.
    Warning,
    /// No chapter can be made of this.
    Error,
}

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The line, from 1.
    pub line: u32,
    /// The column, in characters from 1.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Collects warnings while a text is parsed; places are bytes until the end.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<(usize, String)>,
    unlisted: usize,
}

impl Findings {
    pub(super) fn warn(&mut self, offset: usize, message: impl Into<String>) {
        if self.found.len() < PROBLEMS_MAX {
            self.found.push((offset, message.into()));
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn into_problems(mut self, text: &str) -> Vec<Problem> {
        self.found.sort_by_key(|(offset, _)| *offset);
        let mut cursor = Cursor::new(text);
        let mut problems = Vec::with_capacity(self.found.len());
        for (offset, message) in self.found {
            let (line, column) = cursor.at(offset);
            problems.push(Problem { severity: Severity::Warning, line, column, message });
        }
        if self.unlisted > 0 {
            let (line, column) = cursor.at(text.len());
            let message = format!("{} more problems are not listed: mend the first ones", self.unlisted);
            problems.push(Problem { severity: Severity::Warning, line, column, message });
        }
        problems
    }
}
