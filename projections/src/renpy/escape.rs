//! Text that nobody checked, written so that Ren'Py shows it and does nothing else with it.
//!
//! The engine reads a text three times: as a string literal (quotes, backslashes; runs of white space
//! collapse), as a template (`[x]`, and `%` in what is said), as marked-up text (`{b}`). The lenticular
//! bracket of newer versions is switched off in the options instead of being doubled, for the version in
//! Debian would show both.

use super::emphasis::{self, Mark, Piece};

/// Where a literal is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A say statement's text: all three readings.
    Said,
    /// A name or title shown by a screen: a Python string, template and marked-up text, but no `%`.
    Shown,
    /// A Python string that is never shown as marked-up text.
    Python,
}

/// What is said, as a literal with its quotes; Fountain's emphasis becomes text tags.
pub(super) fn said(text: &str) -> String {
    let text = if text.trim().is_empty() { "…" } else { text };
    let normal =
        text.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let mut out = Writer::new(Place::Said);
    for piece in emphasis::pieces(&normal) {
        match piece {
            Piece::Char(c) => out.push(c),
            Piece::Open(mark) => out.raw(tag(mark).0),
            Piece::Close(mark) => out.raw(tag(mark).1),
        }
    }
    out.finish()
}

/// A name or title as a Python literal that a screen may show.
pub(super) fn shown(text: &str) -> String {
    one_line(text, Place::Shown)
}

/// A Python literal that is not shown as marked-up text.
pub(super) fn python(text: &str) -> String {
    one_line(text, Place::Python)
}

/// Text for a comment: one line, nothing that could end it or turn its direction, not too long.
pub(super) fn comment(text: &str) -> String {
    let plain = |c: char| if c.is_whitespace() { ' ' } else { c };
    let kept = text.chars().map(plain).filter(|c| !c.is_control() && !is_invisible(*c));
    let line: String = kept.take(200).collect();
    line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn one_line(text: &str, place: Place) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = Writer::new(place);
    words.join(" ").chars().for_each(|c| out.push(c));
    out.finish()
}

fn tag(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Italic => ("{i}", "{/i}"),
        Mark::Bold => ("{b}", "{/b}"),
        Mark::Underline => ("{u}", "{/u}"),
    }
}

/// Characters that show nothing, or turn the direction of what follows: written by number, so that whoever
/// reads the script sees them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Builds a literal between double quotes.
struct Writer {
    place: Place,
    out: String,
    after_space: bool,
}

impl Writer {
    fn new(place: Place) -> Self {
        Writer { place, out: "\"".to_owned(), after_space: true }
    }

    fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn push(&mut self, c: char) {
        let was_after_space = std::mem::replace(&mut self.after_space, c == ' ');
        match (c, self.place) {
            ('\\' | '"', _) => self.out.extend(['\\', c]),
            ('[' | '{', Place::Said | Place::Shown) => self.out.extend([c, c]),
            ('%', Place::Said) => self.out.push_str("%%"),
            ('\n', _) => self.out.push_str("\\n"),
            ('\t', _) => (0..4).for_each(|_| self.push(' ')),
            // A backslash keeps a space that would collapse with the one before.
            (' ', Place::Said) if was_after_space => self.out.push_str("\\ "),
            (' ', _) => self.out.push(' '),
            (c, _) if c.is_control() => {}
            (c, _) if c.is_whitespace() || is_invisible(c) => {
                self.out.push_str(&format!("\\u{:04x}", c as u32))
            }
            (c, _) => self.out.push(c),
        }
    }

    fn finish(mut self) -> String {
        self.out.push('"');
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_only_text() {
        for (text, wanted) in [
            ("plain", r#""plain""#),
            ("[x] [[y]] [", r#""[[x] [[[[y]] [[""#),
            ("{b}bold{/b} {", r#""{{b}bold{{/b} {{""#),
            ("100% sure 50%", r#""100%% sure 50%%""#),
            (r#"say "hi" \ \n"#, r#""say \"hi\" \\ \\n""#),
            ("a  b", r#""a \ b""#),
            (" a", r#""\ a""#),
            ("a\tb", r#""a \ \ \ b""#),
            ("a\r\nb\u{2028}c", r#""a\nb\nc""#),
            ("a\u{a0}b\u{3000}c", r#""a\u00a0b\u3000c""#),
            ("a\u{202e}b\u{0}c\u{1b}d", r#""a\u202ebcd""#),
            ("Grüße 灯台 😀 【x｜y】", r#""Grüße 灯台 😀 【x｜y】""#),
            ("*a* [b]", r#""{i}a{/i} [[b]""#),
            ("{*a*}", r#""{{{i}a{/i}}""#),
            ("", "\"…\""),
            (" \n", "\"…\""),
        ] {
            assert_eq!(said(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn names_are_one_line_and_keep_their_percent_sign() {
        for (name, wanted) in [
            ("Keeper", r#""Keeper""#),
            ("100% [Bob] {i}", r#""100% [[Bob] {{i}""#),
            ("a\n\"b\" \\", r#""a \"b\" \\""#),
            ("*star*", r#""*star*""#),
        ] {
            assert_eq!(shown(name), wanted, "{name:?}");
        }
        assert_eq!(python("[x] {b} %s \"q\""), r#""[x] {b} %s \"q\"""#);
    }

    #[test]
    fn a_comment_cannot_end_itself() {
        assert_eq!(comment("INT. A\n$ import os\r\u{2028}x\u{202e}"), "INT. A $ import os x");
        assert!(comment(&"x".repeat(1_000)).len() <= 200);
    }
}
