//! The record: what the log keeps of every event, and what an append hands it.
//!
//! The format cannot be mended later; `docs/decisions/0001-record.md` explains every field.

pub mod chain;
mod command;
mod limits;
mod line;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::Id;
use crate::stream::StreamName;

pub use command::{CommandRecord, Meta, OutcomeOf, Taker};
pub use limits::Unfit;
pub use line::{Binary, Line};

/// The largest event, with its headers and its command: larger things belong in the content store.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// A place in the whole log: 1, 2, 3, … without gaps; 0 is before the first event.
pub type Position = u64;

/// A place in one stream: 1, 2, 3, … without gaps; 0 is before the first event.
pub type Version = u64;

/// A wire name such as `image.image_rendered.v1`: category, name, schema version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct EventType(Arc<str>);

/// A text that is not a wire name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not a wire name: category.name.vN is, such as image.image_rendered.v1")]
pub struct NotAWireName(String);

impl EventType {
    /// The wire name of `name` at schema `version` in `category`.
    pub fn new(category: &str, name: &str, version: u16) -> Self {
        Self(format!("{category}.{name}.v{version}").into())
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The category it belongs to.
    pub fn category(&self) -> &str {
        self.parts().0
    }

    /// The name alone, such as `image_rendered`.
    pub fn name(&self) -> &str {
        self.parts().1
    }

    /// The version of its schema.
    pub fn version(&self) -> u16 {
        self.parts().2
    }

    fn parts(&self) -> (&str, &str, u16) {
        split_wire_name(&self.0).unwrap_or(("", "", 0))
    }
}

fn split_wire_name(text: &str) -> Option<(&str, &str, u16)> {
    let (category, rest) = text.split_once('.')?;
    let (name, version) = rest.rsplit_once(".v")?;
    let word = |w: &str| {
        !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let version: u16 = version.parse().ok()?;
    (word(category) && word(name) && version > 0).then_some((category, name, version))
}

impl FromStr for EventType {
    type Err = NotAWireName;

    fn from_str(text: &str) -> Result<Self, NotAWireName> {
        split_wire_name(text).map(|_| Self(text.into())).ok_or_else(|| NotAWireName(text.to_owned()))
    }
}

impl TryFrom<String> for EventType {
    type Error = NotAWireName;

    fn try_from(text: String) -> Result<Self, NotAWireName> {
        text.parse()
    }
}

impl From<EventType> for String {
    fn from(name: EventType) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How a payload is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Codec {
    /// UTF-8 JSON.
    Json = 1,
    /// MessagePack with named fields.
    MessagePack = 2,
}

impl Codec {
    /// The codec with this number in the log.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Json),
            2 => Some(Self::MessagePack),
            _ => None,
        }
    }
}

/// Who may see an event's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Visibility {
    /// Its owner alone.
    Private = 1,
    /// Everyone in the household.
    #[default]
    Household = 2,
    /// Anyone the owner publishes to.
    Public = 3,
}

impl Visibility {
    /// The visibility with this number in the log.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Private),
            2 => Some(Self::Household),
            3 => Some(Self::Public),
            _ => None,
        }
    }
}

/// What an event does to an effect its stream owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectRole {
    /// The stream owes the effect from here on.
    Open,
    /// A worker is about to try.
    Attempt,
    /// The attempt failed or was lost; another will follow.
    Postpone,
    /// Nothing more is tried until somebody says so.
    Park,
    /// A parked effect is owed again.
    Unpark,
    /// The stream no longer owes the effect.
    Close,
}

impl EffectRole {
    /// The word that stands in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Attempt => "attempt",
            Self::Postpone => "postpone",
            Self::Park => "park",
            Self::Unpark => "unpark",
            Self::Close => "close",
        }
    }
}

impl FromStr for EffectRole {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Open, Self::Attempt, Self::Postpone, Self::Park, Self::Unpark, Self::Close];
        all.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// Which effect an event is about. An event concerns one effect at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectMark {
    /// The effect's key, unique in its stream for ever.
    pub effect: String,
    /// What happens to it.
    pub role: EffectRole,
    /// The attempt this belongs to; 0 before the first.
    pub attempt: u32,
}

/// One event of an append.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its wire name.
    pub kind: EventType,
    /// Its payload, as JSON.
    pub payload: Vec<u8>,
    /// The effect it concerns.
    pub effect: Option<EffectMark>,
}

/// What one command led to, to be recorded as a whole or not at all.
#[derive(Clone, Debug)]
pub struct Append {
    /// The stream it goes to.
    pub stream: StreamName,
    /// The stream's version before it.
    pub expected: Version,
    /// The events, one at least.
    pub events: Vec<Draft>,
    /// The actor that decided.
    pub actor: Cow<'static, str>,
    /// Hash of the source that decided.
    pub code: Cow<'static, str>,
    /// Whether the stream owes an effect after these events.
    pub owes: bool,
    /// Wire name and payload of the command.
    pub command: (EventType, Vec<u8>),
    /// The command's circumstances.
    pub meta: Meta,
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Place in the log.
    pub position: Position,
    /// The stream.
    pub stream: StreamName,
    /// Place in the stream.
    pub version: Version,
    /// Wire name with schema version.
    pub kind: EventType,
    /// The event's id.
    pub id: Id,
    /// The command it answers.
    pub command_id: Id,
    /// The command everything began with.
    pub correlation_id: Id,
    /// What led to the command.
    pub causation_id: Id,
    /// When it was recorded; never decreases along the log.
    pub time: Timestamp,
    /// The actor that decided.
    pub actor: Arc<str>,
    /// Hash of the source that decided.
    pub code: Arc<str>,
    /// Who asked.
    pub principal: Arc<str>,
    /// Whose data it is.
    pub owner: Arc<str>,
    /// Who may see it.
    pub visibility: Visibility,
    /// W3C `traceparent`.
    pub trace: Option<String>,
    /// Whether the stream owes an effect after the append this belongs to.
    pub owes: bool,
    /// The effect it concerns.
    pub effect: Option<EffectMark>,
    /// How the payload is written.
    pub codec: Codec,
    /// The payload.
    pub payload: Vec<u8>,
    /// The [`CommandRecord`] as JSON, on the first event of an append.
    pub command: Option<Vec<u8>>,
    /// BLAKE3 over the stream's previous hash and every field above but the position.
    pub hash: [u8; 32],
}

impl Recorded {
    /// The command and its circumstances, on the first event of an append.
    pub fn command(&self) -> Result<Option<(CommandRecord, Meta)>, serde_json::Error> {
        let Some(bytes) = &self.command else { return Ok(None) };
        let record: CommandRecord = serde_json::from_slice(bytes)?;
        let meta = Meta {
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            time: record.time,
            principal: self.principal.as_ref().to_owned(),
            owner: self.owner.as_ref().to_owned(),
            visibility: self.visibility,
            trace: self.trace.clone(),
            policy: record.policy,
            outcome: record.outcome.clone(),
            next: record.next.clone(),
        };
        Ok(Some((record, meta)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_name_has_category_name_and_version() {
        let name: EventType = "image.image_rendered.v12".parse().unwrap();
        assert_eq!((name.category(), name.name(), name.version()), ("image", "image_rendered", 12));
        for wrong in
            ["image", "image.x", "image.x.v0", "image.X.v1", ".x.v1", "image..v1", "image.x.v-1", "a.b.c.v1"]
        {
            assert_eq!(wrong.parse::<EventType>(), Err(NotAWireName(wrong.to_owned())));
        }
    }
}
