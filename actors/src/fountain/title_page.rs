//! The title page: `key: value` at the very beginning.
//!
//! The specification does not say how to tell a title page from a first line with a colon. Here a
//! customary key always opens one; another key only on the first line, when it is short, has no
//! punctuation, and is not uppercase with nothing behind the colon (`FADE IN:`).

use super::classify::{Within, forced_heading, heading_prefix, is_uppercase, marked};
use super::element::TitleField;
use super::lines::{Content, Line};

const CUSTOMARY: [&str; 18] = [
    "title",
    "credit",
    "author",
    "authors",
    "source",
    "draft date",
    "date",
    "contact",
    "contact info",
    "copyright",
    "notes",
    "revision",
    "draft",
    "episode",
    "series",
    "language",
    "format",
    "font",
];

/// The longest key that is not a customary one, in characters and in words.
const KEY_CHARS_MAX: usize = 32;
const KEY_WORDS_MAX: usize = 4;

/// Reads the title page; also tells at which line the body begins.
pub(super) fn read(lines: &[Line<'_>]) -> (Vec<TitleField>, usize) {
    let Some(first) = lines.iter().position(|line| line.content == Content::Text) else {
        return (Vec::new(), 0);
    };
    if !opens(lines, first) {
        return (Vec::new(), 0);
    }
    let mut fields: Vec<TitleField> = Vec::new();
    let mut at = first;
    while let Some(line) = lines.get(at) {
        match (line.content, is_indented(&line.text), fields.last_mut()) {
            (Content::Hidden, _, _) => {}
            (Content::Text, true, Some(field)) => {
                field.values.push(line.trimmed().to_owned());
                field.source.end = line.source.end;
            }
            (Content::Text, _, _) => match field(line) {
                Some(field) => fields.push(field),
                None => break,
            },
            (Content::Empty | Content::KeepsOpen, _, _) => break,
        }
        at += 1;
    }
    (fields, at)
}

fn opens(lines: &[Line<'_>], first: usize) -> bool {
    let line = &lines[first];
    let Some((key, value)) = key_and_value(line) else {
        return false;
    };
    if CUSTOMARY.contains(&key.to_lowercase().as_str()) {
        return true;
    }
    let leads = lines[..first].iter().all(|line| line.content == Content::Hidden);
    let has_value = !value.is_empty() || lines.get(first + 1).is_some_and(|next| is_indented(&next.text));
    leads && is_modest(key) && (has_value || !is_uppercase(key))
}

fn is_modest(key: &str) -> bool {
    let letters = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '/' | '&');
    key.chars().count() <= KEY_CHARS_MAX
        && key.split_whitespace().count() <= KEY_WORDS_MAX
        && key.chars().all(letters)
}

fn is_indented(line: &str) -> bool {
    let indent = &line[..line.len() - line.trim_start().len()];
    !line.trim().is_empty() && (indent.contains('\t') || indent.chars().count() >= 3)
}

fn field(line: &Line<'_>) -> Option<TitleField> {
    let (key, value) = key_and_value(line)?;
    let values = if value.is_empty() { Vec::new() } else { vec![value.to_owned()] };
    Some(TitleField { key: key.to_owned(), values, line: 0, source: line.source.clone() })
}

fn key_and_value<'a>(line: &'a Line<'_>) -> Option<(&'a str, &'a str)> {
    let text = line.trimmed();
    let is_other = is_indented(&line.text)
        || heading_prefix(text).is_some()
        || forced_heading(text).is_some()
        || marked(text, Within::Body).is_some()
        || text.starts_with(['@', '(']);
    let (key, value) = text.split_once(':')?;
    let key = key.trim_end();
    (!is_other && !key.is_empty()).then(|| (key, value.trim_start()))
}
