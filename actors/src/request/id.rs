//! Ids and titles: an id names a stream, a folder and a token of a subject, so it is refused unless it is
//! harmless in all three; a title is anything, and gets an id made of it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest id.
pub const ID_CHARS_MAX: usize = 100;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdProblem {
    /// Nothing there.
    #[error("an id is empty, it has 1 to {ID_CHARS_MAX} letters, digits, `_` or `-`")]
    Empty,
    /// More characters than fit.
    #[error("an id has {0} characters, at most {ID_CHARS_MAX} are allowed")]
    TooLong(usize),
    /// A character that would leave a folder or break a subject.
    #[error("the id {id:?} holds {found:?}, only ASCII letters, digits, `_` and `-` are allowed")]
    Character {
        /// The refused id, at most a hundred characters of it.
        id: String,
        /// The first character that does not fit.
        found: char,
    },
}

/// Checks an id: 1 to 100 ASCII letters, digits, `_` and `-`.
///
/// # Errors
/// The first rule that is broken.
pub fn check_id(id: &str) -> Result<(), IdProblem> {
    if id.is_empty() {
        return Err(IdProblem::Empty);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if let Some(found) = id.chars().find(|c| !fits(*c)) {
        return Err(IdProblem::Character { id: id.chars().take(ID_CHARS_MAX).collect(), found });
    }
    match id.len() {
        length if length > ID_CHARS_MAX => Err(IdProblem::TooLong(length)),
        _ => Ok(()),
    }
}

/// An id made of a title, or `None` when the title has neither letter nor digit.
///
/// `The Old Harbour!` becomes `the_old_harbour`. Where letters are lost (another script, or more than fit),
/// eight hexadecimal digits of the title's BLAKE3 hash keep two titles apart. A slug of a slug is itself.
#[must_use]
pub fn slug(title: &str) -> Option<String> {
    if check_id(title).is_ok() && title.bytes().all(|b| !b.is_ascii_uppercase()) && is_tidy(title) {
        return Some(title.to_owned());
    }
    let mut slug = String::new();
    let mut lost = false;
    for c in title.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match ascii_of(c) {
            Some(letters) => slug.push_str(letters),
            None if c.is_ascii_alphanumeric() || c == '-' => slug.push(c),
            None => {
                lost |= c.is_alphanumeric();
                separate(&mut slug);
            }
        }
    }
    let slug = slug.trim_matches(['_', '-']);
    if slug.is_empty() && !lost {
        return None;
    }
    if lost || slug.len() > ID_CHARS_MAX {
        return Some(with_hash(slug, title));
    }
    Some(slug.to_owned())
}

fn is_tidy(id: &str) -> bool {
    id.trim_matches(['_', '-']) == id && id.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// What a letter without a decomposition is usually written as; apostrophes vanish.
fn ascii_of(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ß' => "ss",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        '\'' | '’' => "",
        _ => return None,
    })
}

fn separate(slug: &mut String) {
    if !slug.is_empty() && !slug.ends_with('_') {
        slug.push('_');
    }
}

fn with_hash(slug: &str, title: &str) -> String {
    const HASH_CHARS: usize = 8;
    let hash = blake3::hash(title.nfc().collect::<String>().as_bytes()).to_hex();
    let kept: String = slug.chars().take(ID_CHARS_MAX - HASH_CHARS - 1).collect();
    let stem = if kept.is_empty() { "t" } else { kept.trim_matches(['_', '-']) };
    format!("{stem}_{}", &hash[..HASH_CHARS])
}
