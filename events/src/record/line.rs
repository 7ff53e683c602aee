//! A record as MessagePack carries it from process to process and on a tape: named fields, the names being those of
//! the log's columns.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Codec, EffectMark, EventType, Position, Recorded, Version, Visibility};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::stream::StreamName;

/// Bytes as bytes, not as a list of numbers.
pub struct Binary<T>(pub T);

impl<T: AsRef<[u8]>> Serialize for Binary<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_ref())
    }
}

impl<'de, T: TryFrom<Vec<u8>>> Deserialize<'de> for Binary<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BinaryVisitor(PhantomData))
    }
}

struct BinaryVisitor<T>(PhantomData<T>);

impl<T: TryFrom<Vec<u8>>> Visitor<'_> for BinaryVisitor<T> {
    type Value = Binary<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("bytes of the right number")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Binary<T>, E> {
        self.visit_byte_buf(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Binary<T>, E> {
        let length = bytes.len();
        T::try_from(bytes).map(Binary).map_err(|_| E::invalid_length(length, &self))
    }
}

/// A record on its way.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    position: Position,
    stream: StreamName,
    version: Version,
    #[serde(rename = "type")]
    kind: EventType,
    id: Binary<[u8; 16]>,
    command_id: Binary<[u8; 16]>,
    correlation_id: Binary<[u8; 16]>,
    causation_id: Binary<[u8; 16]>,
    time: Timestamp,
    actor: Arc<str>,
    code: Arc<str>,
    principal: Arc<str>,
    owner: Arc<str>,
    visibility: Visibility,
    trace: Option<String>,
    owes: bool,
    effect: Option<EffectMark>,
    codec: Codec,
    data: Binary<Vec<u8>>,
    command: Option<Binary<Vec<u8>>>,
    hash: Binary<[u8; 32]>,
}

impl From<&Recorded> for Line {
    fn from(event: &Recorded) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            kind: event.kind.clone(),
            id: Binary(*event.id.as_bytes()),
            command_id: Binary(*event.command_id.as_bytes()),
            correlation_id: Binary(*event.correlation_id.as_bytes()),
            causation_id: Binary(*event.causation_id.as_bytes()),
            time: event.time,
            actor: Arc::clone(&event.actor),
            code: Arc::clone(&event.code),
            principal: Arc::clone(&event.principal),
            owner: Arc::clone(&event.owner),
            visibility: event.visibility,
            trace: event.trace.clone(),
            owes: event.owes,
            effect: event.effect.clone(),
            codec: event.codec,
            data: Binary(event.payload.clone()),
            command: event.command.clone().map(Binary),
            hash: Binary(event.hash),
        }
    }
}

impl From<Line> for Recorded {
    fn from(line: Line) -> Self {
        Self {
            position: line.position,
            stream: line.stream,
            version: line.version,
            kind: line.kind,
            id: Id::from(line.id.0),
            command_id: Id::from(line.command_id.0),
            correlation_id: Id::from(line.correlation_id.0),
            causation_id: Id::from(line.causation_id.0),
            time: line.time,
            actor: line.actor,
            code: line.code,
            principal: line.principal,
            owner: line.owner,
            visibility: line.visibility,
            trace: line.trace,
            owes: line.owes,
            effect: line.effect,
            codec: line.codec,
            payload: line.data.0,
            command: line.command.map(|command| command.0),
            hash: line.hash.0,
        }
    }
}
