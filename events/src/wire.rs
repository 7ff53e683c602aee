//! From typed commands and events to wire names and JSON, and back.
//!
//! A vocabulary is an enum with one struct-like variant per command or event, serialised by serde as
//! `{"image_rendered":{…}}`. The tag is the name on the wire and the object is the payload, so encoding is one
//! pass and two slices.

use serde::{Serialize, de::DeserializeOwned};

use crate::record::EventType;

/// An enum of the commands or events of one entity.
pub trait Vocabulary:
    Serialize + DeserializeOwned + schemars::JsonSchema + Clone + PartialEq + Send + Sync
{
    /// Names whose schema has moved on from version 1.
    const VERSIONS: &'static [(&'static str, u16)] = &[];
}

/// Why a command or event could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A variant without fields was used, or a value JSON cannot hold.
    #[error("cannot be written as a named JSON object: {0}")]
    Unwritable(String),
    /// The name or its schema version is not known to this program.
    #[error("{0} is unknown to this version of hydra: a newer one wrote it")]
    Unknown(EventType),
    /// The payload does not fit its schema.
    #[error("payload of {kind} does not fit its schema: {source}")]
    Payload {
        /// The wire name it came under.
        kind: EventType,
        /// What serde found.
        source: serde_json::Error,
    },
    /// The payload has the shape of its schema, and in it a word this program does not know: a mistake, or a newer one
    /// wrote it.
    #[error("payload of {kind} does not fit its schema: {source}")]
    Word {
        /// The wire name it came under.
        kind: EventType,
        /// What serde found.
        source: serde_json::Error,
    },
}

/// The wire name and payload of `value` in `category`.
pub fn encode<V: Vocabulary>(category: &str, value: &V) -> Result<(EventType, Vec<u8>), WireError> {
    let mut json = serde_json::to_vec(value).map_err(|e| WireError::Unwritable(e.to_string()))?;
    let unwritable = |json: &[u8]| WireError::Unwritable(String::from_utf8_lossy(json).into_owned());
    // `{"name":` payload `}`
    let name_end = json.iter().skip(2).position(|b| *b == b'"').map(|at| at + 2);
    let Some(name_end) = name_end.filter(|_| json.starts_with(b"{\"")) else { return Err(unwritable(&json)) };
    let name = String::from_utf8_lossy(&json[2..name_end]).into_owned();
    json.pop();
    json.drain(..name_end + 2);
    Ok((EventType::new(category, &name, version_of::<V>(&name)), json))
}

/// The typed value of `payload` under `kind`, which must be at its newest schema version.
pub fn decode<V: Vocabulary>(kind: &EventType, payload: &[u8]) -> Result<V, WireError> {
    if kind.version() != version_of::<V>(kind.name()) {
        return Err(WireError::Unknown(kind.clone()));
    }
    let mut json = Vec::with_capacity(payload.len() + kind.name().len() + 5);
    json.extend_from_slice(b"{\"");
    json.extend_from_slice(kind.name().as_bytes());
    json.extend_from_slice(b"\":");
    json.extend_from_slice(payload);
    json.push(b'}');
    serde_json::from_slice(&json).map_err(|source| misfit(kind, source))
}

/// What serde tells only in words.
fn misfit(kind: &EventType, source: serde_json::Error) -> WireError {
    let (told, kind) = (source.to_string(), kind.clone());
    match told.strip_prefix("unknown variant `") {
        Some(rest) if rest.split('`').next() == Some(kind.name()) => WireError::Unknown(kind),
        Some(_) => WireError::Word { kind, source },
        None => WireError::Payload { kind, source },
    }
}

fn version_of<V: Vocabulary>(name: &str) -> u16 {
    V::VERSIONS.iter().find(|(known, _)| *known == name).map_or(1, |(_, version)| *version)
}
