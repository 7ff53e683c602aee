//! From a line as it is written to text that can be spoken safely.

use super::{SpeechError, TEXT_CHARS_MAX};

/// What a line comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Speakable {
    /// Text with at least one letter or digit.
    Words(String),
    /// Only punctuation: a pause.
    Nothing,
}

/// Checks and cleans a line. Emphasis marks are shown, never spoken, so they go; so do control characters,
/// which espeak-ng takes for commands, and its phoneme brackets `[[ ]]` are pulled apart.
pub(super) fn clean(text: &str) -> Result<Speakable, SpeechError> {
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(SpeechError::TextTooLong { chars });
    }
    if text.trim().is_empty() {
        return Err(SpeechError::EmptyText);
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Ok(Speakable::Nothing);
    }
    let mut words = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '\\' => {}
            '_' | '[' | ']' | '<' | '>' | '{' | '}' | '|' => words.push(' '),
            c if c.is_control() => words.push(' '),
            c => words.push(c),
        }
    }
    Ok(Speakable::Words(words.split_whitespace().collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, spoken: &str) {
        assert_eq!(clean(text).unwrap(), Speakable::Words(spoken.to_owned()), "{text:?}");
    }

    #[test]
    fn marks_and_commands_are_not_spoken() {
        check("**Never** say _that_ again!", "Never say that again!");
        check("[[fIS]] and \u{1}50s", "fIS and 50s");
        check("  two\n lines\t", "two lines");
        check("<speak>hi</speak>", "speak hi /speak");
        check("Ünïcode – 你好", "Ünïcode – 你好");
    }

    #[test]
    fn punctuation_alone_is_a_pause_and_no_text_an_error() {
        for pause in ["...", "?!", "* * *", "…", "😀"] {
            assert_eq!(clean(pause).unwrap(), Speakable::Nothing, "{pause:?}");
        }
        for empty in ["", "  \n\t"] {
            assert!(matches!(clean(empty), Err(SpeechError::EmptyText)), "{empty:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters_and_not_bytes() {
        assert!(clean(&"é".repeat(TEXT_CHARS_MAX)).is_ok());
        let over = clean(&"e".repeat(TEXT_CHARS_MAX + 1));
        assert!(matches!(over, Err(SpeechError::TextTooLong { chars }) if chars == TEXT_CHARS_MAX + 1));
    }
}
