//! Finding known words in free text, by their beginnings.

/// Characters of one text that are read; a brief is words, not a book.
const TEXT_CHARS_MAX: usize = 4096;

/// Lower-case words of the first [`TEXT_CHARS_MAX`] characters of a text, in order.
pub(super) fn words(text: &str) -> Vec<String> {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    text[..end]
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// True if a word of the text begins with one of the stems; stems of up to three letters must be the whole word,
/// but for a plural `s`.
pub(super) fn mentions(words: &[String], stems: &[&str]) -> bool {
    words.iter().any(|word| stems.iter().any(|stem| matches(word, stem)))
}

/// True if the word is the stem or a form of it.
pub(super) fn matches(word: &str, stem: &str) -> bool {
    match word.strip_prefix(stem) {
        Some(rest) => stem.chars().count() > 3 || rest.is_empty() || rest == "s",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, stem: &str, expected: bool) {
        assert_eq!(mentions(&words(text), &[stem]), expected, "{stem} in {text}");
    }

    #[test]
    fn long_stems_match_beginnings_and_short_ones_whole_words() {
        check("The Lighthouses, again", "lighthouse", true);
        check("seaside", "sea", false);
        check("two seas", "sea", true);
        check("search", "sea", false);
        check("", "sea", false);
    }
}
