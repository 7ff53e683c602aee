//! Text as bare words: what a reader sees, with the disguises taken off and each word's place kept.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Byte where it begins in the text.
    pub at: usize,
    /// Lower-case letters and digits.
    pub plain: String,
    /// With digits and signs read as letters, when it has both those and letters.
    pub leet: Option<String>,
    /// What separates it from the word before.
    pub gap: Gap,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// One sign that writers of disguises put inside words, such as `s-e-x`.
    Sign,
    /// One space.
    Space,
    /// Anything else, or the beginning of the text.
    Wide,
}

/// A character of the folded text with the place of the one it came from.
type Placed = (usize, char);

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let folded: Vec<Placed> = text.char_indices().flat_map(|(at, c)| folded(at, c)).collect();
    let mut words = Vec::new();
    let mut gap = Vec::new();
    let mut word: Vec<Placed> = Vec::new();
    for (i, &(at, c)) in folded.iter().enumerate() {
        if c.is_alphanumeric() || is_sign_for_letter(c) && beside_letter(&folded, i) {
            word.push((at, c));
            continue;
        }
        if !word.is_empty() {
            words.extend(finished(&std::mem::take(&mut word), &std::mem::take(&mut gap)));
        }
        gap.push(c);
    }
    words.extend(finished(&word, &gap));
    words
}

/// Words that only show when pieces are put together: `s.e.x`, `s e x`, `po-rn`. With the place of the first piece.
pub(super) fn joined(words: &[Word]) -> Vec<(usize, String)> {
    let mut joined = Vec::new();
    for start in 0..words.len() {
        let mut whole = words[start].plain.clone();
        let mut letters_only = is_letter(&words[start]);
        for (i, word) in words.iter().enumerate().skip(start + 1).take(JOINED_PIECES_MAX) {
            letters_only = letters_only && is_letter(word);
            let joins = match word.gap {
                Gap::Sign => true,
                Gap::Space => letters_only,
                Gap::Wide => false,
            };
            if !joins {
                break;
            }
            whole.push_str(&word.plain);
            if begins_word(words, start) && ends_word(words, i) {
                joined.push((words[start].at, whole.clone()));
            }
        }
    }
    joined
}

const JOINED_PIECES_MAX: usize = 15;

/// Digits and signs read as the letters they resemble; `l` and `i` become one letter.
pub(super) fn fold_leet(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' | 'l' => 'i',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            '8' => 'b',
            other => other,
        })
        .collect()
}

fn folded(at: usize, c: char) -> Vec<Placed> {
    let shown = std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c));
    shown.flat_map(char::to_lowercase).map(|c| (at, latin_twin(c))).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Letters of other scripts that look like a Latin one.
fn latin_twin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'е' | 'ε' => 'e',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'с' => 'c',
        'х' | 'χ' => 'x',
        'у' => 'y',
        'і' | 'ι' => 'i',
        'ѕ' => 's',
        'к' | 'κ' => 'k',
        'т' | 'τ' => 't',
        'н' => 'h',
        'ν' => 'v',
        other => other,
    }
}

fn is_sign_for_letter(c: char) -> bool {
    matches!(c, '@' | '$' | '!' | '|' | '€' | '+')
}

/// Whether a sign stands in a word and not at its end: `$ex`, `p!ck`, but not `help!`.
fn beside_letter(folded: &[Placed], i: usize) -> bool {
    folded.get(i + 1).is_some_and(|(_, next)| next.is_alphanumeric())
}

fn finished(word: &[Placed], gap: &[char]) -> Option<Word> {
    let (at, _) = *word.first()?;
    let written: String = word.iter().map(|(_, c)| c).collect();
    let disguised = written.chars().any(|c| c.is_ascii_digit() || is_sign_for_letter(c));
    let leet = (disguised && written.chars().any(char::is_alphabetic)).then(|| fold_leet(&written));
    let gap = match gap {
        [' '] => Gap::Space,
        ['-' | '_' | '.' | '*' | '/' | '~' | '·' | '\'' | '’'] => Gap::Sign,
        _ => Gap::Wide,
    };
    Some(Word { at, plain: written, leet, gap })
}

fn is_letter(word: &Word) -> bool {
    word.plain.chars().count() == 1 && word.plain.chars().all(char::is_alphabetic)
}

/// Whether nothing is joined on before the piece at `start`.
fn begins_word(words: &[Word], start: usize) -> bool {
    words[start].gap != Gap::Sign
}

/// Whether nothing is joined on after the piece at `end`.
fn ends_word(words: &[Word], end: usize) -> bool {
    words.get(end + 1).is_none_or(|next| next.gap != Gap::Sign)
}
