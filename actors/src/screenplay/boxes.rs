//! Splits narration into boxes that can be read at a glance.

use std::ops::Range;

use crate::fountain::{Span, emphasis, marked};

/// The most characters of one box, as shown; only a single longer word may exceed it.
pub const BOX_CHARS_MAX: usize = 240;

/// Words whose period ends no sentence.
const ABBREVIATIONS: [&str; 14] =
    ["mr", "mrs", "ms", "dr", "st", "prof", "sgt", "lt", "capt", "col", "gen", "jr", "sr", "vs"];

/// The boxes of one paragraph: cut behind a sentence, else behind a comma, else between words.
pub(super) fn split(paragraph: &str) -> Vec<String> {
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let text = lines.join("\n").trim().to_owned();
    let spans = emphasis(&text);
    let shown: String = spans.iter().map(|span| span.text.as_str()).collect();
    if shown.trim().is_empty() {
        return Vec::new();
    }
    if shown.chars().count() <= BOX_CHARS_MAX {
        return vec![text];
    }
    slices(&spans, &cuts(&shown)).iter().map(|spans| marked(spans)).collect()
}

fn cuts(text: &str) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let mut start = text.len() - text.trim_start().len();
    while start < text.len() {
        let end = start + first_box(&text[start..]);
        let shown = text[start..end].trim_end();
        cuts.push(start..start + shown.len());
        start = text.len() - text[end..].trim_start().len();
    }
    cuts
}

/// The bytes of the first box of a text that begins with a visible character.
fn first_box(text: &str) -> usize {
    let Some((limit, _)) = text.char_indices().nth(BOX_CHARS_MAX) else {
        return text.len();
    };
    // One character more, to see whether a space follows.
    let window_end = text[limit..].chars().next().map_or(limit, |letter| limit + letter.len_utf8());
    let window = &text[..window_end];
    let spaces = || window.char_indices().filter(|(at, letter)| *at > 0 && letter.is_whitespace());
    let sentence = spaces().rfind(|(at, letter)| *letter == '\n' || ends_sentence(&window[..*at]));
    let clause = || spaces().rfind(|(at, _)| window[..*at].ends_with([',', ';', ':', '—', '–']));
    let best = sentence.or_else(clause).or_else(|| spaces().next_back());
    let next_space = || text[window_end..].find(char::is_whitespace).map(|found| window_end + found);
    best.map(|(at, _)| at).or_else(next_space).unwrap_or(text.len())
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    match text.strip_suffix('.') {
        Some(before) => {
            let word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
            !is_initial && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
        }
        None => text.ends_with(['!', '?', '…']),
    }
}

/// Cuts spans at ranges of their joined text; the ranges are in order and disjoint.
fn slices(spans: &[Span], ranges: &[Range<usize>]) -> Vec<Vec<Span>> {
    let mut slices = Vec::with_capacity(ranges.len());
    let mut spans = spans.iter().peekable();
    let mut span_start = 0;
    for range in ranges {
        let mut slice = Vec::new();
        while let Some(span) = spans.peek() {
            let span_end = span_start + span.text.len();
            let from = range.start.clamp(span_start, span_end);
            let to = range.end.clamp(span_start, span_end);
            if from < to {
                let text = span.text[from - span_start..to - span_start].to_owned();
                slice.push(Span { text, ..(*span).clone() });
            }
            if span_end > range.end {
                break;
            }
            span_start = span_end;
            spans.next();
        }
        slices.push(slice);
    }
    slices
}
