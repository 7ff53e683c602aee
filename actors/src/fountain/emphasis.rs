//! Emphasis: `*italic*`, `**bold**`, `_underline_`, nested and escaped as in Markdown.
//!
//! A mark opens only before a visible character and closes only behind one; an underscore inside a
//! word is a letter. Emphasis never crosses a line. What is not paired is shown as written.

use serde::Serialize;

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Span {
    /// The text, marks removed and escapes resolved.
    pub text: String,
    /// `**`.
    pub bold: bool,
    /// `*`.
    pub italic: bool,
    /// `_`.
    pub underline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Bold,
    Italic,
    Underline,
}

/// A piece of a line: text, or marks of which some may have been paired.
#[derive(Debug)]
enum Piece<'a> {
    Text(&'a str),
    Marks(Marks),
}

#[derive(Debug)]
struct Marks {
    letter: char,
    /// How many have found no partner; shown as written.
    unpaired: usize,
    can_open: bool,
    can_close: bool,
    /// What begins behind these marks, the innermost first.
    opened: Vec<Style>,
    /// How many styles end before these marks.
    closed: usize,
}

/// The places of opening marks that have not found all their partners.
#[derive(Debug, Default)]
struct Waiting {
    stars: Vec<usize>,
    lines: Vec<usize>,
}

/// The styles that hold at a place, with their number, since a style can hold twice.
#[derive(Debug, Default)]
struct Styles {
    stack: Vec<Style>,
    bold: usize,
    italic: usize,
    underline: usize,
}

/// Splits a text into spans of one style each, in order; joined they are the text as it is shown.
#[must_use]
pub fn emphasis(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            add(&mut spans, &Styles::default(), "\n");
        }
        let mut pieces = pieces(line);
        pair(&mut pieces);
        emit(&mut spans, &pieces);
    }
    spans
}

/// The text without emphasis marks and with escapes resolved, as it is spoken.
#[must_use]
pub fn plain(text: &str) -> String {
    if !text.contains(['*', '_', '\\']) {
        return text.to_owned();
    }
    emphasis(text).into_iter().map(|span| span.text).collect()
}

/// Writes spans with marks again; [`emphasis`] of the result is the same text in the same styles,
/// as long as no span begins or ends its style at a space or inside a word.
#[must_use]
pub fn marked(spans: &[Span]) -> String {
    let mut written = String::new();
    let mut open: Vec<Style> = Vec::new();
    for span in spans {
        let wanted = styles_of(span);
        let keep = open.iter().take_while(|style| wanted.contains(style)).count();
        while open.len() > keep {
            written.extend(open.pop().map(mark));
        }
        for style in wanted {
            if !open.contains(&style) {
                open.push(style);
                written.push_str(mark(style));
            }
        }
        for letter in span.text.chars() {
            if matches!(letter, '*' | '_' | '\\') {
                written.push('\\');
            }
            written.push(letter);
        }
    }
    written.extend(open.into_iter().rev().map(mark));
    written
}

fn styles_of(span: &Span) -> Vec<Style> {
    let styles = [(span.underline, Style::Underline), (span.bold, Style::Bold), (span.italic, Style::Italic)];
    styles.into_iter().filter_map(|(is_set, style)| is_set.then_some(style)).collect()
}

fn mark(style: Style) -> &'static str {
    match style {
        Style::Bold => "**",
        Style::Italic => "*",
        Style::Underline => "_",
    }
}

/// Cuts a line at marks and escapes.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut position = 0;
    while let Some(found) = line[position..].find(['*', '_', '\\']) {
        let at = position + found;
        pieces.push(Piece::Text(&line[position..at]));
        let rest = &line[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let is_escape = escaped.starts_with(['*', '_', '\\']);
            let shown = if is_escape { &escaped[..1] } else { &rest[..1] };
            pieces.push(Piece::Text(shown));
            position = at + if is_escape { 2 } else { 1 };
        } else {
            let letter = if rest.starts_with('*') { '*' } else { '_' };
            position = at + (rest.len() - rest.trim_start_matches(letter).len());
            pieces.push(Piece::Marks(marks(line, at, position, letter)));
        }
    }
    pieces.push(Piece::Text(&line[position..]));
    pieces
}

fn marks(line: &str, start: usize, end: usize, letter: char) -> Marks {
    let before = line[..start].chars().next_back();
    let after = line[end..].chars().next();
    let visible = |letter: Option<char>| letter.is_some_and(|letter| !letter.is_whitespace());
    let in_word = |letter: Option<char>| letter == Some('_') || letter.is_some_and(char::is_alphanumeric);
    let word_bound = letter == '_';
    Marks {
        letter,
        unpaired: end - start,
        can_open: visible(after) && !(word_bound && in_word(before)),
        can_close: visible(before) && !(word_bound && in_word(after)),
        opened: Vec::new(),
        closed: 0,
    }
}

/// Pairs closing marks with the nearest opening ones of the same letter.
///
/// Every opener is pushed and taken off at most once, so this is linear.
fn pair(pieces: &mut [Piece<'_>]) {
    let mut waiting = Waiting::default();
    for at in 0..pieces.len() {
        let (before, from_here) = pieces.split_at_mut(at);
        let Some(Piece::Marks(closer)) = from_here.first_mut() else {
            continue;
        };
        while closer.can_close && closer.unpaired > 0 {
            let Some(nearest) = waiting.nearest(closer.letter) else {
                break;
            };
            let Piece::Marks(opener) = &mut before[nearest] else {
                break;
            };
            close(opener, closer);
            if opener.unpaired == 0 {
                waiting.of(closer.letter).pop();
            }
        }
        if closer.can_open && closer.unpaired > 0 {
            waiting.of(closer.letter).push(at);
        }
    }
}

impl Waiting {
    fn of(&mut self, letter: char) -> &mut Vec<usize> {
        if letter == '*' { &mut self.stars } else { &mut self.lines }
    }

    /// The last opener of a letter; those behind it can no longer be closed and are dropped.
    fn nearest(&mut self, letter: char) -> Option<usize> {
        let found = *self.of(letter).last()?;
        let other = if letter == '*' { &mut self.lines } else { &mut self.stars };
        while other.last().is_some_and(|at| *at > found) {
            other.pop();
        }
        Some(found)
    }
}

fn close(opener: &mut Marks, closer: &mut Marks) {
    let (style, used) = match (opener.letter, opener.unpaired.min(closer.unpaired)) {
        ('_', _) => (Style::Underline, 1),
        (_, 1) => (Style::Italic, 1),
        (_, _) => (Style::Bold, 2),
    };
    opener.unpaired -= used;
    closer.unpaired -= used;
    opener.opened.push(style);
    closer.closed += 1;
}

fn emit(spans: &mut Vec<Span>, pieces: &[Piece<'_>]) {
    let mut styles = Styles::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) => add(spans, &styles, text),
            Piece::Marks(marks) => {
                for _ in 0..marks.closed {
                    styles.end();
                }
                add(spans, &styles, &marks.letter.to_string().repeat(marks.unpaired));
                for style in marks.opened.iter().rev() {
                    styles.begin(*style);
                }
            }
        }
    }
}

impl Styles {
    fn begin(&mut self, style: Style) {
        self.stack.push(style);
        *self.count(style) += 1;
    }

    fn end(&mut self) {
        if let Some(style) = self.stack.pop() {
            *self.count(style) -= 1;
        }
    }

    fn count(&mut self, style: Style) -> &mut usize {
        match style {
            Style::Bold => &mut self.bold,
            Style::Italic => &mut self.italic,
            Style::Underline => &mut self.underline,
        }
    }
}

fn add(spans: &mut Vec<Span>, styles: &Styles, text: &str) {
    let style = (styles.bold > 0, styles.italic > 0, styles.underline > 0);
    let (bold, italic, underline) = style;
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if (last.bold, last.italic, last.underline) == style => last.text.push_str(text),
        Some(_) | None => spans.push(Span { text: text.to_owned(), bold, italic, underline }),
    }
}
