//! What a record may hold: its size, and the texts that become headers, columns and lines of a terminal.

use super::{EVENT_BYTES_MAX, EffectMark, EventType, Recorded};

/// Bytes of the fields that always take the same room: four ids, the hash, position, version and time, the attempt,
/// and one each for visibility, codec and whether the stream owes.
const FIXED_BYTES: usize = 4 * 16 + 32 + 3 * 8 + 4 + 3;

/// Why a record is not taken.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    /// It is too large.
    #[error(
        "{kind} has {size} bytes, over the limit of {EVENT_BYTES_MAX}: keep its content in the content store"
    )]
    TooLarge {
        /// Its wire name.
        kind: EventType,
        /// Its size.
        size: usize,
    },
    /// One of its texts could break a header or a line.
    #[error("the {field} of {kind} holds the control character {found:?}: use visible characters and blanks")]
    ControlCharacter {
        /// Its wire name.
        kind: EventType,
        /// The field.
        field: &'static str,
        /// The character.
        found: char,
    },
}

impl Recorded {
    /// The size that counts against [`EVENT_BYTES_MAX`]: every stored byte.
    pub fn size(&self) -> usize {
        let texts: usize = self.texts().map(|(_, text)| text.len()).sum();
        let role = self.effect.as_ref().map_or(0, |mark| mark.role.as_str().len());
        let command = self.command.as_ref().map_or(0, Vec::len);
        let names = self.stream.as_str().len() + self.kind.as_str().len();
        FIXED_BYTES + names + texts + role + self.payload.len() + command
    }

    /// Whether a log may take it.
    ///
    /// # Errors
    /// When it is too large, or one of its texts holds a control character.
    pub fn check(&self) -> Result<(), Unfit> {
        let kind = || self.kind.clone();
        for (field, text) in self.texts() {
            if let Some(found) = text.chars().find(|letter| letter.is_control()) {
                return Err(Unfit::ControlCharacter { kind: kind(), field, found });
            }
        }
        match self.size() {
            size if size > EVENT_BYTES_MAX => Err(Unfit::TooLarge { kind: kind(), size }),
            _ => Ok(()),
        }
    }

    /// The free texts beside the payload.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let effect = self.effect.as_ref().map(|EffectMark { effect, .. }| ("effect", effect.as_str()));
        let always = [
            ("actor", self.actor.as_ref()),
            ("code hash", self.code.as_ref()),
            ("principal", self.principal.as_ref()),
            ("owner", self.owner.as_ref()),
        ];
        always.into_iter().chain(self.trace.as_deref().map(|trace| ("trace", trace))).chain(effect)
    }
}
