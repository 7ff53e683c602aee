//! Identities that anyone can compute again.
//!
//! An id is the first 128 bits of BLAKE3 over a domain tag, a kind and the parts, each preceded by its length,
//! so that no two different lists of parts can ever read the same. See `docs/decisions/0002-identities.md`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const DOMAIN: &[u8] = b"hydra/id/v1";

/// A 128-bit identity, written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

impl Id {
    /// The identity of `parts` within `kind`.
    pub fn derive(kind: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [DOMAIN, kind.as_bytes()].iter().chain(parts) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }

    /// The id of the `index`-th event of a command.
    pub fn of_event(command: Id, index: usize) -> Self {
        Self::derive("event", &[&command.0, &(index as u64).to_le_bytes()])
    }

    /// The id of a command that `actor` sends to `target` because of `event`; `index` counts the commands of
    /// that type to that target.
    pub fn of_reaction(event: Id, actor: &str, target: &str, command: &str, index: usize) -> Self {
        let index = (index as u64).to_le_bytes();
        Self::derive("reaction", &[&event.0, actor.as_bytes(), target.as_bytes(), command.as_bytes(), &index])
    }

    /// The id of the command that reports how an attempt at an effect ended.
    pub fn of_outcome(stream: &str, effect: &str, attempt: u32, epoch: u64) -> Self {
        let parts: [&[u8]; 4] =
            [stream.as_bytes(), effect.as_bytes(), &attempt.to_le_bytes(), &epoch.to_le_bytes()];
        Self::derive("outcome", &parts)
    }

    /// The id of a command from outside that brought its own.
    pub fn of_outside(source: &str, own: &str) -> Self {
        Self::derive("outside", &[source.as_bytes(), own.as_bytes()])
    }

    /// The bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// An id from its bytes, `None` unless there are 16.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl From<[u8; 16]> for Id {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A text that is not an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an id: 32 lower-case hexadecimal digits are")]
pub struct NotAnId(String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match u128::from_str_radix(text, 16) {
            Ok(number) if hex => Ok(Self(number.to_be_bytes())),
            Ok(_) | Err(_) => Err(NotAnId(text.to_owned())),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9a-f]{32}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These values are part of every log ever written: a change here breaks them all.
    #[test]
    fn derivations_never_change() {
        let event = Id::derive("event", &[b"a", b"b"]);
        assert_eq!(event.to_string(), "b06de5c3c53367d4c9b3f773ce8bf105");
        assert_eq!(
            Id::of_outcome("image-x", "render-1", 1, 7).to_string(),
            "c2dc48494c4887601ed564e55978c181"
        );
        let reaction = Id::of_reaction(event, "artist", "image-x", "image.request_image.v1", 0);
        assert_eq!(reaction.to_string(), "1a6894d308bf08057899910906cc0b10");
        assert_eq!(Id::of_outside("n8n", "42").to_string(), "3482b9126dc14da68111757ac66b0ad0");
    }

    #[test]
    fn moving_a_byte_between_parts_changes_the_id() {
        assert_ne!(Id::derive("k", &[b"ab", b"c"]), Id::derive("k", &[b"a", b"bc"]));
        assert_ne!(Id::derive("k", &[b"a"]), Id::derive("k", &[b"a", b""]));
        assert_ne!(Id::derive("ka", &[b"b"]), Id::derive("k", &[b"ab"]));
    }

    #[test]
    fn an_id_reads_back_what_it_shows_and_nothing_else() {
        let id = Id::derive("k", &[]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "xyz", "+0000000000000000000000000000001", &id.to_string().to_uppercase()] {
            assert_eq!(wrong.parse::<Id>(), Err(NotAnId(wrong.to_owned())));
        }
    }
}
