//! How a text is split: along its headings, paragraphs and sentences, into passages of [`PASSAGE_CHARS_MIN`] to
//! [`PASSAGE_CHARS_MAX`] characters, each with the headings it stands under. What stands together stays together.
//!
//! Equal texts give equal passages. Whatever changes that is another [`SPLITTER`].

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};
use text_splitter::MarkdownSplitter;

use super::PASSAGES_MAX;
use crate::gate;

/// What splits, with its version.
pub const SPLITTER: &str = "markdown-400-1000-1";
/// What is shorter is joined with what follows, in characters, where that has room.
pub const PASSAGE_CHARS_MIN: usize = 400;
/// The longest passage, in characters: about what small embedding models take in at once.
pub const PASSAGE_CHARS_MAX: usize = 1_000;
/// The longest text of a document, in bytes.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;
/// The longest heading that is told with a passage, in characters.
const HEADING_CHARS_MAX: usize = 200;

/// What a passage says, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageText {
    /// The title of its document.
    pub title: String,
    /// The headings it stands under, from the largest on.
    pub headings: Vec<String>,
    /// The words, with their marks.
    pub text: String,
}

/// Why a text is not split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// It is too long.
    #[error("a text of {0} bytes; split it into documents of at most {TEXT_BYTES_MAX}")]
    TooLong(usize),
    /// It says nothing.
    #[error("nothing is said in it: no word outside headings")]
    Empty,
    /// It comes to more passages than are kept.
    #[error("{0} passages; split it into documents of at most {PASSAGES_MAX}")]
    TooMany(usize),
    /// The content gate refuses it.
    #[error("{0}")]
    Refused(#[from] gate::Refusal),
}

/// The passages of a text, plain or Markdown, in its order. One without a letter or digit is left out, and so are headings
/// by themselves, which what stands under them names.
///
/// # Errors
/// What would be right is in the problem.
pub fn split(title: &str, text: &str) -> Result<Vec<PassageText>, TextProblem> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(TextProblem::TooLong(text.len()));
    }
    gate::check(title)?;
    gate::check(text)?;
    let headings = headings(text);
    let (mut passed, mut above) = (headings.iter().peekable(), Vec::new());
    let mut passages = Vec::new();
    for (start, words) in MarkdownSplitter::new(PASSAGE_CHARS_MIN..=PASSAGE_CHARS_MAX).chunk_indices(text) {
        while let Some(heading) = passed.next_if(|heading| heading.start < start) {
            above.retain(|other: &&Heading| other.level < heading.level);
            above.push(heading);
        }
        // A passage that begins with a heading says it itself, and stands under those above that one.
        if let Some(own) = passed.peek().filter(|heading| heading.start == start) {
            above.retain(|other| other.level < own.level);
        }
        if has_words(start, words, &headings) {
            let headings = above.iter().map(|heading| heading.text.clone()).collect();
            passages.push(PassageText { title: title.to_owned(), headings, text: words.to_owned() });
        }
    }
    match passages.len() {
        0 => Err(TextProblem::Empty),
        count if count > PASSAGES_MAX => Err(TextProblem::TooMany(count)),
        _ => Ok(passages),
    }
}

/// Whether anything is said in the passage that begins at `start`, beside headings.
fn has_words(start: usize, passage: &str, headings: &[Heading]) -> bool {
    let is_in_heading = |at: usize| {
        let before = headings.partition_point(|heading| heading.start <= at);
        before > 0 && at < headings[before - 1].end
    };
    passage.char_indices().any(|(at, letter)| letter.is_alphanumeric() && !is_in_heading(start + at))
}

struct Heading {
    start: usize,
    end: usize,
    level: HeadingLevel,
    text: String,
}

/// The headings of a text, read as the splitter reads it.
fn headings(text: &str) -> Vec<Heading> {
    let (mut found, mut open) = (Vec::new(), None);
    for (event, range) in Parser::new_ext(text, Options::all()).into_offset_iter() {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { level, .. }), _) => {
                open = Some(Heading { start: range.start, end: range.end, level, text: String::new() });
            }
            (Event::End(TagEnd::Heading(_)), _) => found.extend(open.take()),
            (Event::Text(words) | Event::Code(words), Some(heading)) => {
                let room = HEADING_CHARS_MAX.saturating_sub(heading.text.chars().count());
                heading.text.extend(words.chars().take(room));
            }
            (Event::SoftBreak | Event::HardBreak, Some(heading)) => heading.text.push(' '),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: &str = "The island has no harbour.\n\n# The lighthouse\n\nIt was built in 1890.\n\n## The lamp\n\n\
                         The lamp burns whale oil.\n\n```\n# no heading\n```\n\n# The village\n\n***\n";

    fn told(text: &str) -> Vec<(String, String)> {
        let told = |passage: PassageText| (passage.headings.join(" / "), passage.text);
        split("World", text).unwrap_or_default().into_iter().map(told).collect()
    }

    fn long(word: &str) -> String {
        (0..300).map(|number| format!("{word} {number}. ")).collect()
    }

    #[test]
    fn a_short_text_is_one_passage() {
        let [(headings, text)] = &told(WORLD)[..] else { panic!("{:?}", told(WORLD)) };
        assert_eq!((headings.as_str(), text.as_str()), ("", WORLD.trim()));
    }

    #[test]
    fn a_passage_stands_under_its_headings() {
        let text = format!("# One\n\n{}\n\n## Two\n\n{}\n\n# Three\n\n{}", long("a"), long("b"), long("c"));
        let told = told(&text);
        let under = |word: &str| {
            let last = format!("{word} 299.");
            let of_word = told.iter().filter(|(_, text)| text.contains(&last));
            of_word.map(|(headings, _)| headings.as_str()).collect::<Vec<_>>()
        };
        assert_eq!((under("a"), under("b"), under("c")), (vec!["One"], vec!["One / Two"], vec!["Three"]));
        assert!(told.iter().all(|(_, text)| text.chars().count() <= PASSAGE_CHARS_MAX));
    }

    #[test]
    fn a_passage_that_begins_with_a_heading_stands_under_those_above_it() {
        let words = "The sea is calm. ".repeat(30);
        let told = told(&format!("# One\n\n{words}\n\n## Two\n\n{words}\n\n# Three\n\n{words}"));
        let begin =
            |(above, text): &(String, String)| (above.clone(), text.chars().take(6).collect::<String>());
        let begins: Vec<_> = told.iter().map(begin).collect();
        let expected = [("", "# One\n"), ("One", "## Two"), ("", "# Thre")];
        assert_eq!(begins, expected.map(|(above, text)| (above.to_owned(), text.to_owned())));
    }

    #[test]
    fn the_front_matter_of_a_note_is_no_heading() {
        let text = format!("---\ntitle: Ferry\ntags: [a]\n---\n\nThe\nmill {{#mill}}\n===\n\n{}", long("a"));
        let told = told(&text);
        assert!(told.iter().all(|(above, _)| ["", "The mill"].contains(&above.as_str())), "{told:?}");
    }

    #[test]
    fn nothing_is_lost_and_equal_texts_are_split_alike() {
        let text = format!("{}\n\n{}", long("ä"), "x".repeat(PASSAGE_CHARS_MAX * 3));
        let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        let all: String = told(&text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(letters(&all), letters(&text));
        assert_eq!(told(&text), told(&text));
    }

    #[test]
    fn what_cannot_be_split_is_named() {
        assert_eq!(split("World", "\n---\n"), Err(TextProblem::Empty));
        assert_eq!(split("World", "# One\n\n## Two\n"), Err(TextProblem::Empty));
        assert_eq!(split("World", ""), Err(TextProblem::Empty));
        let bytes = TEXT_BYTES_MAX + 1;
        assert_eq!(split("World", &"a".repeat(bytes)), Err(TextProblem::TooLong(bytes)));
        // No two of them fit into one passage.
        let many = format!("# a\n\n{}\n\n", "b".repeat(400)).repeat(PASSAGES_MAX + 1);
        assert_eq!(split("World", &many).err(), Some(TextProblem::TooMany(PASSAGES_MAX + 1)));
        assert!(matches!(split("World", "They are naked."), Err(TextProblem::Refused(_))));
        assert!(matches!(split("Nude", "They walk."), Err(TextProblem::Refused(_))));
    }

    /// Fails where a newer library splits otherwise: documents are split again only under another name.
    #[test]
    fn the_splitter_of_this_name_splits_so() {
        let paragraph = "The keeper trims the wick and looks at the sea. ".repeat(30);
        let text =
            format!("# One\n\n{paragraph}\n\n* a\n* {paragraph}\n\n## Two\n\nShort.\n\n## Three\n\nShort.");
        let lengths: Vec<_> = told(&text).into_iter().map(|(_, text)| text.chars().count()).collect();
        assert_eq!((SPLITTER, lengths), ("markdown-400-1000-1", vec![431, 431, 575, 3, 431, 431, 575, 32]));
    }
}
