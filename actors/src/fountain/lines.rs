//! The lines of a text as they read once notes and boneyard are taken out.
//!
//! What a hidden part spans is joined: `He waves /* … */ and goes` is one line wherever it ends.

use std::borrow::Cow;
use std::ops::Range;

use super::hidden::Hidden;

/// A line, or a run of empty ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its visible text, untrimmed.
    pub(super) text: Cow<'a, str>,
    /// The bytes from its first to behind its last visible character.
    pub(super) source: Range<usize>,
    pub(super) content: Content,
    /// How many lines these are; over 1 only for empty ones.
    pub(super) count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Text,
    /// Without text, and not kept open by two spaces.
    Empty,
    /// Two or more spaces: empty, but dialogue and notes go on.
    KeepsOpen,
    /// Nothing but notes and boneyard.
    Hidden,
}

impl Line<'_> {
    pub(super) fn trimmed(&self) -> &str {
        self.text.trim()
    }
}

/// Whether a line without text holds the two spaces that keep dialogue or a note together.
pub(super) fn keeps_open(line: &str) -> bool {
    line.bytes().filter(|byte| *byte == b' ').count() >= 2
}

/// Splits a text into its visible lines.
pub(super) fn split<'a>(text: &'a str, start: usize, hidden: &[Hidden]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let mut hidden = hidden.iter().peekable();
    let mut position = start;
    while position < text.len() {
        let mut pieces = Vec::new();
        loop {
            let stop = hidden.peek().map_or(text.len(), |part| part.range.start);
            let line_end = text[position..stop].find(['\n', '\r']).map_or(stop, |found| position + found);
            pieces.push(position..line_end);
            position = line_end;
            match hidden.next_if(|part| part.range.start == line_end) {
                Some(part) => position = part.range.end,
                None => break,
            }
        }
        position += if text[position..].starts_with("\r\n") { 2 } else { 1 };
        push(&mut lines, line(text, &pieces));
    }
    lines
}

fn push<'a>(lines: &mut Vec<Line<'a>>, line: Line<'a>) {
    match lines.last_mut() {
        Some(last) if last.content == Content::Empty && line.content == Content::Empty => last.count += 1,
        Some(_) | None => lines.push(line),
    }
}

fn line<'a>(text: &'a str, pieces: &[Range<usize>]) -> Line<'a> {
    let visible = match pieces {
        [whole] => Cow::Borrowed(&text[whole.clone()]),
        // Spaces that only set a note apart from the text are no part of it.
        [first, .., last] => {
            let joined: String = pieces.iter().map(|piece| &text[piece.clone()]).collect();
            let from_start = if first.is_empty() { joined.trim_start() } else { &joined };
            let trimmed = if last.is_empty() { from_start.trim_end() } else { from_start };
            Cow::Owned(trimmed.to_owned())
        }
        [] => Cow::Borrowed(""),
    };
    let source = visible_range(text, pieces);
    let content = match source.is_empty() {
        false => Content::Text,
        true if pieces.len() > 1 => Content::Hidden,
        true if keeps_open(&visible) => Content::KeepsOpen,
        true => Content::Empty,
    };
    Line { text: visible, source, content, count: 1 }
}

fn visible_range(text: &str, pieces: &[Range<usize>]) -> Range<usize> {
    let shows = |piece: &&Range<usize>| !text[(*piece).clone()].trim().is_empty();
    let first = pieces.iter().find(shows);
    let last = pieces.iter().rfind(shows);
    let (Some(first), Some(last)) = (first, last) else {
        return 0..0;
    };
    let start = first.end - text[first.clone()].trim_start().len();
    let end = last.start + text[last.clone()].trim_end().len();
    start..end
}
