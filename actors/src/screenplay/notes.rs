//! Collects problems of the story with their places; bounded, whatever the input.

use crate::fountain::{Element, PROBLEMS_MAX, Problem, Severity};

/// Where a problem is: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

impl From<&Element> for Place {
    fn from(element: &Element) -> Self {
        Self { line: element.line, column: element.column }
    }
}

/// How much of what was written a message repeats, in characters.
const EXCERPT_CHARS: usize = 60;

/// A text as messages show it: cut when it is long.
pub(super) fn excerpt(text: &str) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(EXCERPT_CHARS).collect();
    if letters.next().is_some() { start + "…" } else { start }
}

#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: Vec<Problem>,
    mild: usize,
}

impl Notes {
    /// Notes a problem; beyond [`PROBLEMS_MAX`] only errors are kept, of which there are few.
    pub(super) fn add(&mut self, severity: Severity, place: Place, message: String) {
        if severity < Severity::Error {
            self.mild += 1;
        }
        if severity == Severity::Error || self.mild <= PROBLEMS_MAX {
            self.problems.push(Problem { severity, line: place.line, column: place.column, message });
        }
    }

    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        let unlisted = self.mild.saturating_sub(PROBLEMS_MAX);
        if let Some(line) = self.problems.last().map(|problem| problem.line).filter(|_| unlisted > 0) {
            let message = format!("{unlisted} more remarks are not listed: mend the first ones");
            self.problems.push(Problem { severity: Severity::Info, line, column: 1, message });
        }
        self.problems
    }
}
