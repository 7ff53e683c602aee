//! The content gate on texts: what no brief, prompt, profile or order may ask for.
//!
//! Hydra makes pictures of fictional characters for a general audience: nothing sexual, nobody undressed, no
//! extremes of gore, and nobody's likeness. Ordinary drama passes: fights, wounds, death, kisses. The gate is a
//! list of words (`gate/terms.txt`) matched as whole words after accents, case, look-alike letters, digits
//! for letters and separators are taken out. It is a first fence: it does not understand a text, and the
//! Curator looks at the pixels afterwards. It can refuse an innocent text; the answer names word and place.

mod fold;
mod terms;
#[cfg(test)]
mod tests;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use terms::Term;

/// The version of the list and the matching; recorded with what was checked, so that a later list explains
/// a different answer.
pub const VERSION: u32 = 1;

/// Why a term is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Minors in a sexual light.
    Minors,
    /// Sexual content.
    Sexual,
    /// Nudity.
    Nudity,
    /// Extremes of gore.
    Gore,
    /// The likeness or voice of a real person.
    Likeness,
}

/// The gate's no: which term, of which category, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("`{term}` is not made here ({category}), at byte {at}")]
pub struct Refusal {
    /// The listed term, as the list spells it.
    pub term: String,
    /// Why it is listed.
    pub category: Category,
    /// Where it begins in the checked text, in bytes.
    pub at: usize,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Minors => "minors in a sexual light",
            Self::Sexual => "sexual content",
            Self::Nudity => "nudity",
            Self::Gore => "extreme gore",
            Self::Likeness => "a real person's likeness",
        })
    }
}

/// Checks a text that will shape a picture or a voice.
///
/// # Errors
/// The first listed term of the text; of several that begin there, the one of the gravest category.
pub fn check(text: &str) -> Result<(), Refusal> {
    let words = fold::words(text);
    for start in 0..words.len() {
        if let Some(term) = terms::DENIED.iter().find(|term| begins_at(term, &words, start)) {
            let at = words[start].at;
            return Err(Refusal { term: term.phrase(), category: term.category, at });
        }
    }
    match fold::joined(&words).into_iter().find_map(|(at, word)| terms::single(&word).map(|term| (at, term)))
    {
        Some((at, term)) => Err(Refusal { term: term.phrase(), category: term.category, at }),
        None => Ok(()),
    }
}

/// Whether the term's words stand at `start`, and no allowed phrase covers them.
fn begins_at(term: &Term, words: &[fold::Word], start: usize) -> bool {
    term.matches(words, start) && !is_allowed(words, start, start + term.words.len())
}

/// Whether an allowed phrase covers the words from `start` to `end`.
fn is_allowed(words: &[fold::Word], start: usize, end: usize) -> bool {
    terms::ALLOWED.iter().any(|phrase| {
        let length = phrase.words.len();
        let earliest = end.saturating_sub(length);
        (earliest..=start).any(|from| from + length >= end && phrase.matches_plainly(words, from))
    })
}
