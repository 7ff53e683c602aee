//! What a scene heading says: inside or outside, where, when.

use super::script::{Interior, TimeOfDay};
use crate::fountain::{HeadingPrefix, heading_prefix};

/// A heading taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) interior: Interior,
    pub(super) place: String,
    pub(super) when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Told(TimeOfDay),
    /// `CONTINUOUS`: as in the scene before.
    Same,
    /// `LATER`: some other time.
    Untold,
}

const TIMES: [(&str, TimeOfDay); 20] = [
    ("day", TimeOfDay::Day),
    ("daytime", TimeOfDay::Day),
    ("daylight", TimeOfDay::Day),
    ("morning", TimeOfDay::Day),
    ("noon", TimeOfDay::Day),
    ("midday", TimeOfDay::Day),
    ("afternoon", TimeOfDay::Day),
    ("night", TimeOfDay::Night),
    ("nighttime", TimeOfDay::Night),
    ("midnight", TimeOfDay::Night),
    ("dawn", TimeOfDay::Dawn),
    ("sunrise", TimeOfDay::Dawn),
    ("daybreak", TimeOfDay::Dawn),
    ("sunup", TimeOfDay::Dawn),
    ("dusk", TimeOfDay::Dusk),
    ("sunset", TimeOfDay::Dusk),
    ("sundown", TimeOfDay::Dusk),
    ("twilight", TimeOfDay::Dusk),
    ("nightfall", TimeOfDay::Dusk),
    ("evening", TimeOfDay::Dusk),
];

/// Reads a heading without scene number: `PREFIX. PLACE - TIME`, any part of which may be missing.
pub(super) fn read(heading: &str) -> Setting {
    let (interior, rest) = interior(heading);
    let parts = parts(rest);
    let timed = parts.iter().enumerate().skip(1).rev().find_map(|(at, part)| Some((at, when(part)?)));
    let (place, when) = match timed {
        Some((at, when)) => (parts[..at].join(" - "), when),
        None => time_behind_comma(&parts.join(" - ")),
    };
    let place = if place.is_empty() { heading.trim().to_owned() } else { place };
    Setting { interior, place, when }
}

fn interior(heading: &str) -> (Interior, &str) {
    let Some((prefix, rest)) = heading_prefix(heading) else {
        return (Interior::Unspecified, heading);
    };
    // `EXT./INT. CAR` begins with `EXT.`; the other half follows.
    let other = rest.strip_prefix('/').and_then(heading_prefix);
    match (prefix, other) {
        (_, Some((_, rest))) => (Interior::Both, rest),
        (HeadingPrefix::Interior, None) => (Interior::Interior, rest),
        (HeadingPrefix::Exterior | HeadingPrefix::Establishing, None) => (Interior::Exterior, rest),
        (HeadingPrefix::Both, None) => (Interior::Both, rest),
    }
}

/// The parts between dashes that stand alone.
fn parts(text: &str) -> Vec<String> {
    let is_dash = |word: &&str| word.chars().all(|letter| matches!(letter, '-' | '–' | '—'));
    let words: Vec<&str> = text.split_whitespace().collect();
    let parts = words.split(|word| is_dash(word)).map(|part| part.join(" "));
    parts.filter(|part| !part.is_empty()).collect()
}

fn when(part: &str) -> Option<When> {
    let lower = part.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let time = words.iter().find_map(|word| TIMES.iter().find(|(name, _)| name == word));
    if let Some((_, time)) = time {
        return Some(When::Told(*time));
    }
    match words.as_slice() {
        ["continuous" | "same" | "continuing"] | ["same", "time"] | ["moments" | "seconds", "later"] => {
            Some(When::Same)
        }
        ["later"] | [.., "later"] => Some(When::Untold),
        _ => None,
    }
}

/// `HARBOUR, NIGHT`: only a part behind the last comma that is nothing but a time.
fn time_behind_comma(text: &str) -> (String, When) {
    let split = text.rsplit_once(',').and_then(|(place, time)| {
        let when = when(time).filter(|_| time.split_whitespace().count() == 1)?;
        Some((place.trim().to_owned(), when))
    });
    split.unwrap_or_else(|| (text.to_owned(), When::Untold))
}
