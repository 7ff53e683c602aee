//! Names: when two are the same, which known word is near a misspelt one, and how a script's
//! characters and a cast meet.

use unicode_normalization::UnicodeNormalization;

use super::Cast;

/// Something a person should look at; the chapter is made all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CastWarning {
    /// A character of the script has no profile and gets a default one.
    #[error("{name} has no profile and gets a default one{}", hint(.near))]
    NoProfile {
        /// The character's id in the script.
        id: String,
        /// The name as the script spells it.
        name: String,
        /// A profile of nearly that name, which the script does not use.
        near: Option<String>,
    },
    /// A profile that no character of the script uses.
    #[error("the profile of {name} is not used by the script{}", hint(.near))]
    Unused {
        /// The profile's name.
        name: String,
        /// A character of nearly that name, who has no profile.
        near: Option<String>,
    },
}

/// Compares a cast with the characters of a script, given as (id, name).
///
/// Warnings come in the order of the script, then in that of the cast.
#[must_use]
pub fn match_cast(cast: &Cast, script_names: &[(String, String)]) -> Vec<CastWarning> {
    let played = |name: &str| script_names.iter().any(|(_, known)| name_key(known) == name_key(name));
    let unused: Vec<_> = cast.profiles.iter().filter(|profile| !profile.names().any(played)).collect();
    let bare: Vec<_> = script_names.iter().filter(|(_, name)| cast.profile_for(name).is_none()).collect();
    let mut warnings = Vec::new();
    for (id, name) in &bare {
        let near = suggest(name, unused.iter().flat_map(|profile| profile.names()));
        warnings.push(CastWarning::NoProfile { id: id.clone(), name: name.clone(), near });
    }
    for profile in &unused {
        let near =
            profile.names().find_map(|known| suggest(known, bare.iter().map(|(_, name)| name.as_str())));
        warnings.push(CastWarning::Unused { name: profile.name.clone(), near });
    }
    warnings
}

fn hint(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!(", did you mean {near}?")).unwrap_or_default()
}

/// What two spellings of one name share: compatibility forms, case and spaces are taken out.
pub(crate) fn name_key(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).nfkc().collect()
}

/// The known word nearest to `word`, if it is near enough to have been meant; the first wins a tie.
pub(crate) fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let key: Vec<char> = name_key(word).chars().take(COMPARED_CHARS_MAX).collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let other: Vec<char> = name_key(candidate).chars().take(COMPARED_CHARS_MAX).collect();
        let steps = distance(&key, &other);
        let allowed = key.len().max(other.len()).div_ceil(3);
        if steps <= allowed && steps < other.len() && best.is_none_or(|(fewest, _)| steps < fewest) {
            best = Some((steps, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

const COMPARED_CHARS_MAX: usize = 40;

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, one step each.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut steps = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                steps = steps.min(before_last[j - 1] + 1);
            }
            row.push(steps);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}
