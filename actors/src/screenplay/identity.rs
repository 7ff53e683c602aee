//! Names for scenes, characters and lines that survive editing elsewhere.
//!
//! A scene is named by its heading, a line by its scene, speaker and words, so that a recording or
//! picture made yesterday still belongs to the line it was made for.

use std::collections::{BTreeMap, BTreeSet};

/// The longest id, in characters (all of them ASCII).
pub const ID_CHARS_MAX: usize = 60;

/// Hex digits behind a slug that had to lose something.
const SUFFIX_DIGITS: usize = 8;
/// Room kept for `_` and the number of an occurrence, below 10,000.
const OCCURRENCE_CHARS: usize = 5;

/// A lower-case ASCII name of at most 55 characters out of `[a-z0-9_]`, the same for the same text.
///
/// Latin letters lose their accents. Where other letters had to go, or the end was cut off, a hash
/// of the whole text keeps different texts apart.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    let mut has_lost = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        match transliterated(letter) {
            Ascii::Letters(letters) => slug.push_str(letters),
            Ascii::Same(letter) => slug.push(letter),
            Ascii::Silent => {}
            Ascii::Gap => gap(&mut slug),
            Ascii::Lost => {
                has_lost = true;
                gap(&mut slug);
            }
        }
    }
    let kept = slug.trim_end_matches('_');
    let room = ID_CHARS_MAX - OCCURRENCE_CHARS;
    if !kept.is_empty() && !has_lost && kept.len() <= room {
        return kept.to_owned();
    }
    let hash = digest(&[&super::words(text).to_lowercase()]);
    let cut = kept.get(..kept.len().min(room - SUFFIX_DIGITS - 1)).unwrap_or_default().trim_end_matches('_');
    match cut {
        "" => format!("x{hash}"),
        cut => format!("{cut}_{}", &hash[..SUFFIX_DIGITS]),
    }
}

fn gap(slug: &mut String) {
    if !slug.is_empty() && !slug.ends_with('_') {
        slug.push('_');
    }
}

/// Hands out ids, each once.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: BTreeSet<String>,
    occurrences: BTreeMap<String, u32>,
}

impl Ids {
    /// The id of a scene with this slug: the slug itself, then with `_2`, `_3` and so on.
    pub(super) fn scene(&mut self, slug: &str) -> String {
        loop {
            let occurrence = self.next_occurrence(slug.to_owned());
            let id = if occurrence == 1 { slug.to_owned() } else { format!("{slug}_{occurrence}") };
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }

    /// The id of something said or told in a scene; `kind` is its first letter.
    pub(super) fn beat(&mut self, kind: char, scene: &str, speaker: &str, text: &str) -> String {
        loop {
            let same = format!("{kind}{}", digest(&[scene, speaker, text]));
            let occurrence = self.next_occurrence(same);
            let id = format!("{kind}{}", digest(&[scene, speaker, text, &occurrence.to_string()]));
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }

    fn next_occurrence(&mut self, of: String) -> u32 {
        let count = self.occurrences.entry(of).or_insert(0);
        *count += 1;
        *count
    }
}

/// 16 hex digits of BLAKE3 over the parts, each behind its length as eight little-endian bytes.
fn digest(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ascii {
    Same(char),
    Letters(&'static str),
    /// Neither letter nor gap: an apostrophe, a combining accent.
    Silent,
    Gap,
    /// A letter or digit of another script.
    Lost,
}

fn transliterated(letter: char) -> Ascii {
    let letters = match letter {
        'a'..='z' | '0'..='9' => return Ascii::Same(letter),
        '\'' | '’' | '\u{300}'..='\u{36f}' => return Ascii::Silent,
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŋ' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ if letter.is_alphanumeric() => return Ascii::Lost,
        _ => return Ascii::Gap,
    };
    Ascii::Letters(letters)
}
