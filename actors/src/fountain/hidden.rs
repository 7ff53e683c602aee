//! Finds notes and boneyard, which may stand anywhere, also mid-line and over several lines.
//!
//! The first opening mark wins. A mark that is not closed is text, with a warning. Every search
//! for a closing mark starts where the last one ended, so hostile input stays linear.

use std::ops::Range;

use super::element::{Element, Kind};
use super::lines::keeps_open;
use super::problem::Findings;

/// A part of the text that is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) range: Range<usize>,
    mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Note,
    Boneyard,
}

/// The next place of something behind a position that only grows.
#[derive(Debug)]
struct Next {
    find: fn(&str, usize) -> Option<usize>,
    found: Option<usize>,
}

impl Hidden {
    pub(super) fn into_element(self, text: &str) -> Element {
        let inner = text[self.range.start + 2..self.range.end - 2].trim().to_owned();
        let kind = match self.mark {
            Mark::Note => Kind::Note,
            Mark::Boneyard => Kind::Boneyard,
        };
        Element::new(kind, inner, self.range)
    }
}

impl Next {
    fn new(find: fn(&str, usize) -> Option<usize>) -> Self {
        Self { find, found: Some(0) }
    }

    fn after(&mut self, text: &str, position: usize) -> Option<usize> {
        if self.found.is_some_and(|found| found < position) {
            self.found = (self.find)(text, position);
        }
        self.found
    }
}

/// All notes and boneyards of a text, in order.
pub(super) fn scan(text: &str, start: usize, findings: &mut Findings) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    let mut boneyard_end = Next::new(|text, from| find(text, from, "*/"));
    let mut note_end = Next::new(|text, from| find(text, from, "]]"));
    let mut empty_line = Next::new(find_empty_line);
    let mut position = start;
    while let Some(found) = text[position..].find(['/', '[']) {
        let open = position + found;
        let inner = open + 2;
        position = open + 1;
        if text[open..].starts_with("/*") {
            position = inner;
            match boneyard_end.after(text, inner) {
                Some(end) => hidden.push(Hidden { range: open..end + 2, mark: Mark::Boneyard }),
                None => findings.warn(open, "`/*` is never closed and shown as text: add `*/`"),
            }
        } else if text[open..].starts_with("[[") {
            position = inner;
            match (note_end.after(text, inner), empty_line.after(text, inner)) {
                (Some(end), Some(empty)) if empty < end => findings.warn(open, BROKEN_NOTE),
                (Some(end), _) => hidden.push(Hidden { range: open..end + 2, mark: Mark::Note }),
                (None, _) => findings.warn(open, "`[[` is never closed and shown as text: add `]]`"),
            }
        }
        if let Some(last) = hidden.last() {
            position = position.max(last.range.end);
        }
    }
    hidden
}

const BROKEN_NOTE: &str = "`[[` is not closed before an empty line and shown as text: \
     add `]]`, or put two spaces on the empty line to keep the note together";

fn find(text: &str, from: usize, mark: &str) -> Option<usize> {
    text[from..].find(mark).map(|found| from + found)
}

/// Where the next line begins that ends a note: one without text and without two spaces.
fn find_empty_line(text: &str, from: usize) -> Option<usize> {
    let mut position = from;
    loop {
        let line_end = position + text[position..].find(['\n', '\r'])?;
        let next = line_end + if text[line_end..].starts_with("\r\n") { 2 } else { 1 };
        let next_end = text[next..].find(['\n', '\r']).map_or(text.len(), |found| next + found);
        let line = &text[next..next_end];
        if line.trim().is_empty() && !keeps_open(line) {
            return Some(next);
        }
        position = next_end;
    }
}
