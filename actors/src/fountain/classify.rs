//! What a single line can be, judged by its own text; what stands around it is [`super::body`]'s.

/// How a scene heading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadingPrefix {
    /// `INT`.
    Interior,
    /// `EXT`.
    Exterior,
    /// `EST`, an establishing shot.
    Establishing,
    /// `INT./EXT`, `INT/EXT` or `I/E`.
    Both,
}

/// The longest first, so that `INT./EXT` is not taken for `INT`.
const PREFIXES: [(&str, HeadingPrefix); 6] = [
    ("INT./EXT", HeadingPrefix::Both),
    ("INT/EXT", HeadingPrefix::Both),
    ("I/E", HeadingPrefix::Both),
    ("INT", HeadingPrefix::Interior),
    ("EXT", HeadingPrefix::Exterior),
    ("EST", HeadingPrefix::Establishing),
];

/// What a line is that says so by its first character, with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marked<'a> {
    /// `!`, the text untrimmed.
    Action,
    Lyrics(&'a str),
    Transition(&'a str),
    Centered(&'a str),
    Section(u32, &'a str),
    Synopsis(&'a str),
    PageBreak,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Body,
    Dialogue,
}

/// A line read as the cue of a speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) text: String,
    pub(super) name: String,
    pub(super) extensions: Vec<String>,
    pub(super) caret: Caret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caret {
    Absent,
    Present,
}

/// Splits a heading into how it begins and the rest; any case, a dot or a space behind the prefix.
pub(crate) fn heading_prefix(line: &str) -> Option<(HeadingPrefix, &str)> {
    PREFIXES.iter().find_map(|(prefix, meaning)| {
        let head = line.get(..prefix.len())?;
        let rest = line.get(prefix.len()..)?;
        let fits = head.eq_ignore_ascii_case(prefix) && rest.starts_with(['.', ' ']);
        fits.then(|| (*meaning, &rest[1..]))
    })
}

/// The text of a forced heading: one period, then a letter or digit.
pub(super) fn forced_heading(line: &str) -> Option<&str> {
    line.strip_prefix('.').filter(|rest| rest.starts_with(char::is_alphanumeric))
}

/// Splits the scene number `#1A#` from the end of a heading.
pub(super) fn scene_number(heading: &str) -> (&str, Option<&str>) {
    let split = heading.strip_suffix('#').and_then(|open| open.rsplit_once('#'));
    match split {
        Some((text, number)) if is_scene_number(number) => (text.trim_end(), Some(number)),
        Some(_) | None => (heading, None),
    }
}

fn is_scene_number(number: &str) -> bool {
    !number.is_empty() && number.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '.'))
}

/// What a trimmed line says it is by its first character.
pub(super) fn marked(line: &str, within: Within) -> Option<Marked<'_>> {
    let first = line.chars().next()?;
    let rest = line[first.len_utf8()..].trim();
    match first {
        '!' => Some(Marked::Action),
        '~' => Some(Marked::Lyrics(rest)),
        '>' if rest.ends_with('<') => Some(Marked::Centered(rest[..rest.len() - 1].trim_end())),
        '>' if !rest.is_empty() => Some(Marked::Transition(rest)),
        '=' if line.len() >= 3 && line.bytes().all(|byte| byte == b'=') => Some(Marked::PageBreak),
        '=' if within == Within::Body || line.starts_with("= ") => Some(Marked::Synopsis(rest)),
        '#' => section(line, within),
        _ => None,
    }
}

fn section(line: &str, within: Within) -> Option<Marked<'_>> {
    let text = line.trim_start_matches('#');
    let depth = u32::try_from(line.len() - text.len()).unwrap_or(u32::MAX);
    let spoken = within == Within::Dialogue && !text.starts_with(' ');
    (!spoken).then(|| Marked::Section(depth, text.trim()))
}

/// At least one uppercase letter and no lowercase one.
pub(super) fn is_uppercase(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// Whether a line ends as a transition does; a space behind the colon is the writer's way to say no.
pub(super) fn is_transition(line: &str) -> bool {
    line.ends_with("TO:") && is_uppercase(line)
}

/// Whether a trimmed line is one pair of parentheses with something in it.
pub(super) fn is_parenthetical(line: &str) -> bool {
    line.starts_with('(') && opening_of_last_group(line) == Some(0) && line.len() > 2
}

/// Reads a trimmed line as a cue, by its own text alone.
pub(super) fn cue(line: &str) -> Option<Cue> {
    let (line, caret) = match line.strip_suffix('^') {
        Some(rest) => (rest.trim_end(), Caret::Present),
        None => (line, Caret::Absent),
    };
    let (text, forced) = match line.strip_prefix('@') {
        Some(rest) => (rest.trim_start(), true),
        None => (line, false),
    };
    let (name, extensions) = extensions(text);
    let named = if forced { name.chars().any(char::is_alphabetic) } else { is_uppercase(name) };
    named.then(|| Cue { text: text.to_owned(), name: name.to_owned(), extensions, caret })
}

/// Splits the groups in parentheses from the end of a cue.
fn extensions(cue: &str) -> (&str, Vec<String>) {
    let mut name = cue;
    let mut extensions = Vec::new();
    while let Some(open) = opening_of_last_group(name) {
        extensions.push(name[open + 1..name.len() - 1].trim().to_owned());
        name = name[..open].trim_end();
    }
    extensions.reverse();
    (name, extensions)
}

/// Where the group opens whose closing parenthesis ends the text.
fn opening_of_last_group(text: &str) -> Option<usize> {
    if !text.ends_with(')') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' if depth == 1 => return Some(at),
            b'(' => depth -= 1,
            _ => {}
        }
    }
    None
}
