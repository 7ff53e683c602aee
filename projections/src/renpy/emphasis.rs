//! Fountain's emphasis (`*italic*`, `**bold**`, `***both***`, `_underline_`) as opening and closing marks.
//!
//! As fountain.io/syntax has it: marks nest, a backslash takes a mark's meaning away, a mark beside a space
//! on its inner side is a plain character (`*69 and *23`), and none reaches over the end of a line. An
//! underscore inside a word is a plain character too (`snake_case`).

/// One piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Char(char),
    Open(Mark),
    Close(Mark),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Italic,
    Bold,
    Underline,
}

/// A character, and whether a backslash made it plain.
#[derive(Debug, Clone, Copy)]
struct Letter {
    c: char,
    plain: bool,
}

/// Longer lines are shown with their marks: nobody writes them, and pairing costs their length squared.
const LINE_CHARS_MAX: usize = 20_000;

/// A text in pieces; every mark that opens also closes, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push(Piece::Char('\n'));
        }
        let letters = letters(line);
        if letters.len() > LINE_CHARS_MAX {
            out.extend(letters.iter().map(|letter| Piece::Char(letter.c)));
        } else {
            pair(&letters, 0, letters.len(), &mut out);
        }
    }
    out
}

fn letters(line: &str) -> Vec<Letter> {
    let mut out = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(|next| matches!(next, '*' | '_')) } else { None };
        out.push(Letter { c: escaped.unwrap_or(c), plain: escaped.is_some() });
    }
    out
}

/// Writes `letters[from..to]`, turning pairs of marks into tags. A pair ends at the first mark of its kind
/// that can close, so it holds no other pair of that kind, and this never goes deeper than four.
fn pair(letters: &[Letter], from: usize, to: usize, out: &mut Vec<Piece>) {
    let mut at = from;
    while at < to {
        let width = width_of_opening(letters, at, to);
        let Some(close) = closing(letters, at, to, width) else {
            let plain = if width == 0 { run(letters, at, to).max(1) } else { 1 };
            out.extend(letters[at..at + plain].iter().map(|letter| Piece::Char(letter.c)));
            at += plain;
            continue;
        };
        let marks = marks(letters[at].c, width);
        out.extend(marks.iter().map(|mark| Piece::Open(*mark)));
        pair(letters, at + width, close, out);
        out.extend(marks.iter().rev().map(|mark| Piece::Close(*mark)));
        at = close + width;
    }
}

fn marks(c: char, width: usize) -> &'static [Mark] {
    match (c, width) {
        ('_', _) => &[Mark::Underline],
        (_, 1) => &[Mark::Italic],
        (_, 2) => &[Mark::Bold],
        (_, _) => &[Mark::Bold, Mark::Italic],
    }
}

/// How many characters the mark that may open here has; 0 for none. Two underscores are none; of three stars, the first run that
/// closes tells which of the two is the inner one.
fn width_of_opening(letters: &[Letter], at: usize, to: usize) -> usize {
    let run = run(letters, at, to);
    let wide = if letters[at].c == '_' { run.min(1) } else { run.min(3) };
    if wide < 3 {
        return wide;
    }
    let mut next = at + 3;
    while next < to {
        match self::run(letters, next, to) {
            0 => next += 1,
            length if letters[next].c == '_' => next += length,
            length => return if length >= 3 { 3 } else { 3 - length },
        }
    }
    0
}

/// How many equal marks stand here.
fn run(letters: &[Letter], at: usize, to: usize) -> usize {
    let first = letters[at].c;
    if !matches!(first, '*' | '_') {
        return 0;
    }
    letters[at..to].iter().take_while(|letter| letter.c == first && !letter.plain).count()
}

/// Where the mark of `width` that opens at `at` closes.
fn closing(letters: &[Letter], at: usize, to: usize, width: usize) -> Option<usize> {
    let mark = letters[at].c;
    let inner = letters[..to].get(at + width)?;
    let inside_word = mark == '_' && at > 0 && letters[at - 1].c.is_alphanumeric();
    if width == 0 || inner.c.is_whitespace() || inside_word {
        return None;
    }
    let mut next = at + width;
    while next < to {
        let length = run(letters, next, to);
        if length == 0 {
            next += 1;
            continue;
        }
        let fits = letters[next].c == mark && (length == width || length == 3 && mark == '*');
        let place = next + length.saturating_sub(width);
        let after_word =
            mark == '_' && letters[..to].get(next + length).is_some_and(|l| l.c.is_alphanumeric());
        if fits && place > at + width && !letters[next - 1].c.is_whitespace() && !after_word {
            return Some(place);
        }
        next += length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tag = |mark| match mark {
            Mark::Italic => "i",
            Mark::Bold => "b",
            Mark::Underline => "u",
        };
        let write = |piece| match piece {
            Piece::Char(c) => c.to_string(),
            Piece::Open(mark) => format!("<{}>", tag(mark)),
            Piece::Close(mark) => format!("</{}>", tag(mark)),
        };
        pieces(text).into_iter().map(write).collect()
    }

    #[test]
    fn marks_become_tags_as_fountain_says() {
        for (text, wanted) in [
            ("*a* b", "<i>a</i> b"),
            ("**a** b", "<b>a</b> b"),
            ("***a*** b", "<b><i>a</i></b> b"),
            ("_a_ b", "<u>a</u> b"),
            ("_a *b* **c**_", "<u>a <i>b</i> <b>c</b></u>"),
            ("*a **b** c*", "<i>a <b>b</b> c</i>"),
            ("**a *b***", "<b>a <i>b</i></b>"),
            ("*a **b***", "<i>a <b>b</b></i>"),
            ("***a** b*", "<i><b>a</b> b</i>"),
            ("***a* b**", "<b><i>a</i> b</b>"),
            ("*69 and *23", "*69 and *23"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            (r"\*a\* and *b\*c*", "*a* and <i>b*c</i>"),
            ("snake_case_name", "snake_case_name"),
            ("*a\nb*", "*a\nb*"),
            ("*", "*"),
            ("****", "****"),
            ("**", "**"),
            ("_", "_"),
            ("__init__", "__init__"),
            ("*a _b* c_", "<i>a _b</i> c_"),
            ("*a*!*b*", "<i>a</i>!<i>b</i>"),
            (r"C:\new\", r"C:\new\"),
        ] {
            assert_eq!(shown(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_line_too_long_keeps_its_marks() {
        let long = format!("*{}*", "a".repeat(LINE_CHARS_MAX));
        assert_eq!(shown(&long), long);
    }
}
