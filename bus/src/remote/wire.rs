//! What is asked of the log's writer and what it replies, as MessagePack with named fields.

use std::borrow::Cow;
use std::sync::Arc;

use hydra_events::log::{LogError, Parked, Snapshot};
use hydra_events::record::{
    Append, Binary, Draft, EffectMark, EventType, Line, Meta, Position, Recorded, Version,
};
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Serialize, Deserialize)]
pub(super) enum Question {
    Head,
    OtherThan(Id),
    Append(Box<Order>),
    Scan { after: Position, limit: usize },
    ReadStream { stream: StreamName, after: Version, limit: usize },
    Owing { after: Option<StreamName> },
    CorrectOwing { stream: StreamName, version: Version, owes: bool },
    Streams { after: Option<StreamName>, limit: usize },
    Snapshot { stream: StreamName },
    SaveSnapshot { stream: StreamName, snapshot: Snapshot },
    Inbox { actor: String },
    SaveInbox { actor: String, position: Position, parked: Vec<Parked> },
    Parked { actor: String },
    Unpark { actor: String, parked: Parked },
}

/// What is replied. A page ends where `more` says whether there is more of what was asked for.
#[derive(Serialize, Deserialize)]
pub(super) enum Reply {
    Done,
    Head {
        log: Id,
        head: Position,
    },
    Log(Id),
    Recorded(Vec<Line>),
    /// It is recorded, and too large to be sent back at once.
    Appended,
    Page {
        records: Vec<Result<Line, Fault>>,
        more: bool,
    },
    Owing {
        streams: Vec<StreamName>,
        more: bool,
    },
    Streams {
        streams: Vec<(StreamName, Version)>,
        more: bool,
    },
    Snapshot(Option<Snapshot>),
    Position(Position),
    Parked(Vec<Parked>),
    Failed(Fault),
}

/// An append on its way.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    stream: StreamName,
    expected: Version,
    events: Vec<(EventType, Binary<Vec<u8>>, Option<EffectMark>)>,
    actor: String,
    code: String,
    owes: bool,
    command: (EventType, Binary<Vec<u8>>),
    meta: Meta,
}

impl From<Append> for Order {
    fn from(append: Append) -> Self {
        let event = |Draft { kind, payload, effect }| (kind, Binary(payload), effect);
        let Append { stream, expected, events, actor, code, owes, command: (kind, payload), meta } = append;
        let events = events.into_iter().map(event).collect();
        let (actor, code) = (actor.into_owned(), code.into_owned());
        Self { stream, expected, events, actor, code, owes, command: (kind, Binary(payload)), meta }
    }
}

impl From<Order> for Append {
    fn from(order: Order) -> Self {
        let event = |(kind, Binary(payload), effect)| Draft { kind, payload, effect };
        let Order { stream, expected, events, actor, code, owes, command: (kind, Binary(payload)), meta } =
            order;
        let events = events.into_iter().map(event).collect();
        let (actor, code) = (Cow::Owned(actor), Cow::Owned(code));
        Self { stream, expected, events, actor, code, owes, command: (kind, payload), meta }
    }
}

/// A [`LogError`] on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Fault {
    Conflict { stream: StreamName, expected: Version, actual: Version },
    Refused { stream: StreamName, reason: String },
    Damaged { position: Position, what: String },
    Open(String),
    Store(String),
}

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Conflict { stream, expected, actual } => Self::Conflict { stream, expected, actual },
            LogError::Refused { stream, reason } => Self::Refused { stream, reason },
            LogError::Damaged { position, what } => Self::Damaged { position, what },
            LogError::Open(reason) => Self::Open(reason),
            LogError::Store(error) => Self::Store(error.to_string()),
        }
    }
}

impl From<Fault> for LogError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict { stream, expected, actual } => Self::Conflict { stream, expected, actual },
            Fault::Refused { stream, reason } => Self::Refused { stream, reason },
            Fault::Damaged { position, what } => Self::Damaged { position, what },
            Fault::Open(reason) => Self::Open(reason),
            Fault::Store(reason) => store(reason),
        }
    }
}

/// The way to the log failed, or the log did.
pub(super) fn store(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LogError {
    LogError::Store(Arc::from(error.into()))
}

pub(super) fn lines(events: &[Recorded]) -> Vec<Line> {
    events.iter().map(Line::from).collect()
}

pub(super) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, LogError> {
    rmp_serde::to_vec_named(value).map_err(store)
}

pub(super) fn unpack<'a, T: Deserialize<'a>>(packed: &'a [u8]) -> Result<T, LogError> {
    rmp_serde::from_slice(packed).map_err(store)
}
