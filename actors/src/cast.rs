//! The characters file: who a name in the script is, how they look and how they sound.
//!
//! Text comes in as YAML (JSON is read too) and leaves as [`Cast`], a list of checked [`Profile`]s.
//! Reading is pure: whether referenced files exist is asked separately, by [`missing_references`].
//! What can go wrong is a list of [`CastProblem`]s, each with its line and column, so that a person
//! mends a file in one pass. A reference without provenance, or of a real person without a recorded
//! consent, refuses the whole file.

mod default;
pub(crate) mod document;
mod emotion;
mod files;
mod matching;
mod profile;
mod read;
pub(crate) mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod write;

pub use default::default_profile;
pub use emotion::{EMOTIONS, is_emotion};
pub use files::missing_references;
pub use matching::{CastWarning, match_cast};
pub(crate) use matching::{name_key, suggest};
pub use profile::{Consent, EmotionVoice, Looks, Profile, Reference, References, Style, Voice, VoiceSetting};
pub use rules::ProfileProblem;
pub(crate) use rules::{emotion as emotion_rule, name as name_rule, text as text_rule};
pub use write::write_yaml;

/// The largest characters file, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// The most characters one file may describe.
pub const CHARACTERS_MAX: usize = 200;

/// The characters of one file, in the file's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cast {
    /// One profile per character; names and aliases are unique over all of them.
    pub profiles: Vec<Profile>,
    /// The file the cast was read from, as it was given.
    pub file: String,
    references: Vec<PlacedReference>,
}

/// Something a person has to mend in a file, with the place where it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct CastProblem {
    /// The file, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Where a reference is written, kept for messages about its file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PlacedReference {
    file: String,
    line: usize,
    column: usize,
}

/// Reads a characters file.
///
/// `file` only names the source in messages. The text has one key, `characters:`, holding either a map
/// from name to profile or a list of profiles with a `name`.
///
/// # Errors
/// Every problem found, in the order of the text, at most a hundred.
pub fn parse(text: &str, file: &str) -> Result<Cast, Vec<CastProblem>> {
    let root = document::parse(text, file, FILE_BYTES_MAX).map_err(|problem| vec![problem])?;
    let mut reader = reader::Reader::new(file);
    let (profiles, references) = read::characters(&mut reader, &root);
    reader.finish(Cast { profiles, file: file.to_owned(), references })
}

impl Cast {
    /// The profile of a name or alias, whatever its case and spaces.
    #[must_use]
    pub fn profile_for(&self, name: &str) -> Option<&Profile> {
        let wanted = name_key(name);
        self.profiles.iter().find(|profile| profile.names().any(|known| name_key(known) == wanted))
    }
}
