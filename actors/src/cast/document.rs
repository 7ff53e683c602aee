//! YAML and JSON as a tree whose every node knows its place.
//!
//! Types are not decided here: a scalar is text, and whether it was quoted. Anchors, aliases, tags and a
//! second document are refused, depth and size are bounded, and a key written twice is a problem, so
//! that no input means more than it shows.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::CastProblem;

const DEPTH_MAX: usize = 16;

/// A place in the text: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    /// Written without quotes: a word or a number.
    Plain(String),
    Quoted(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// Reads one document of at most `bytes_max` bytes.
pub(crate) fn parse(text: &str, file: &str, bytes_max: usize) -> Result<Node, CastProblem> {
    let fail = |(place, message): Failure| CastProblem {
        file: file.to_owned(),
        line: place.line,
        column: place.column,
        message,
    };
    if text.len() > bytes_max {
        let message = format!("the file has {} bytes, at most {bytes_max} are allowed", text.len());
        return Err(fail((START, message)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match json_as_yaml(text, file).map_err(fail)? {
        Some(json) => build(&json).map_err(fail),
        None => build(text).map_err(fail),
    }
}

type Failure = (Place, String);

const START: Place = Place { line: 1, column: 1 };

/// JSON in a shape a YAML reader takes at the same places, or `None` when the text is no JSON.
///
/// YAML allows no tabs as indentation and no escapes of half characters; JSON has both.
fn json_as_yaml(text: &str, file: &str) -> Result<Option<String>, Failure> {
    let named_json = file.to_ascii_lowercase().ends_with(".json");
    if !named_json && !text.trim_start().starts_with(['{', '[']) {
        return Ok(None);
    }
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Ok(Some(join_surrogates(&text.replace('\t', " ")))),
        Err(error) if named_json => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            Err((place, format!("this is no JSON: {error}")))
        }
        Err(_) => Ok(None),
    }
}

/// Writes `\ud83d\ude00` as the one character it stands for.
fn join_surrogates(json: &str) -> String {
    let mut joined = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        joined.push_str(before);
        let (piece, length) = match surrogate_pair(escape) {
            Some(character) => (character.to_string(), 12),
            // `at` is a backslash in valid JSON, so an ASCII character follows it
            None => (escape.chars().take(2).collect(), escape.chars().take(2).map(char::len_utf8).sum()),
        };
        joined.push_str(&piece);
        rest = &escape[length..];
    }
    joined.push_str(rest);
    joined
}

fn surrogate_pair(escape: &str) -> Option<char> {
    let unit = |from: usize| {
        let digits = escape.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    char::decode_utf16([unit(0)?, unit(6)?]).next()?.ok().filter(|c| u32::from(*c) > 0xffff)
}

/// A list or map that is still open, with the key that waits for its value.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<Entry>, Option<(String, Place)>),
}

fn build(text: &str) -> Result<Node, Failure> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let mark = error.marker();
            let place = Place { line: mark.line().max(1), column: mark.col() + 1 };
            (place, format!("this is no YAML: {}", error.info()))
        })?;
        let place = place_of(span);
        match event {
            Event::SequenceStart(anchor, tag) => {
                refuse_marks(place, anchor, tag.is_some())?;
                open.push(Open::List(place, Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                refuse_marks(place, anchor, tag.is_some())?;
                open.push(Open::Map(place, Vec::new(), None));
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse_marks(place, anchor, tag.is_some())?;
                put(&mut open, &mut root, Node { place, value: scalar(text.into_owned(), style) })?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = open.pop() {
                    put(&mut open, &mut root, close(done))?;
                }
            }
            Event::Alias(_) => return Err((place, "aliases (`*name`) are not used here".to_owned())),
            Event::DocumentStart(_) if root.is_some() => {
                return Err((place, "a second document begins here, one is allowed".to_owned()));
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        if open.len() > DEPTH_MAX {
            return Err((place, format!("nested more than {DEPTH_MAX} deep")));
        }
    }
    root.ok_or_else(|| (START, "the file is empty".to_owned()))
}

fn place_of(span: Span) -> Place {
    Place { line: span.start.line().max(1), column: span.start.col() + 1 }
}

fn refuse_marks(place: Place, anchor: usize, tagged: bool) -> Result<(), Failure> {
    match (anchor, tagged) {
        (0, false) => Ok(()),
        (_, true) => Err((place, "tags (`!name`) are not used here".to_owned())),
        (_, false) => Err((place, "anchors (`&name`) are not used here".to_owned())),
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    match style {
        ScalarStyle::Plain if matches!(text.as_str(), "" | "~" | "null") => Value::Null,
        ScalarStyle::Plain => Value::Plain(text),
        ScalarStyle::SingleQuoted
        | ScalarStyle::DoubleQuoted
        | ScalarStyle::Literal
        | ScalarStyle::Folded => Value::Quoted(text),
    }
}

fn close(open: Open) -> Node {
    match open {
        Open::List(place, items) => Node { place, value: Value::List(items) },
        Open::Map(place, entries, _) => Node { place, value: Value::Map(entries) },
    }
}

fn put(open: &mut [Open], root: &mut Option<Node>, node: Node) -> Result<(), Failure> {
    match open.last_mut() {
        None => *root = Some(node),
        Some(Open::List(_, items)) => items.push(node),
        Some(Open::Map(_, entries, waiting)) => match waiting.take() {
            Some((key, place)) => entries.push(Entry { key, place, node }),
            None => *waiting = Some(key_of(node, entries)?),
        },
    }
    Ok(())
}

fn key_of(node: Node, entries: &[Entry]) -> Result<(String, Place), Failure> {
    let (Value::Plain(key) | Value::Quoted(key)) = node.value else {
        return Err((node.place, "a key must be a word or a quoted text".to_owned()));
    };
    if entries.len() >= KEYS_MAX {
        return Err((node.place, format!("more than {KEYS_MAX} keys in one map")));
    }
    match entries.iter().find(|entry| entry.key == key) {
        Some(first) => {
            let message = format!("`{key}` is written twice, first on line {}", first.place.line);
            Err((node.place, message))
        }
        None => Ok((key, node.place)),
    }
}

/// Bounds the search for keys written twice.
const KEYS_MAX: usize = 1000;
