//! A loaded stream: an entity's state, the book of its effects and the commands it has accepted, behind one face that
//! the host, `verify` and `replay` share.

mod accepted;
mod loaded;
mod pack;

use hydra_events::record::{Draft, EventType, Recorded};
use hydra_events::wire::WireError;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

pub use accepted::{Accepted, AcceptedCommand, Origin};
pub use loaded::Loaded;
pub use pack::{PackError, unpack};

use crate::book::{BookRejection, Entry};
use crate::decider::{Given, Need};

/// A command on its way to a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireCommand {
    /// Its wire name.
    pub kind: EventType,
    /// Its payload, as JSON.
    pub payload: Vec<u8>,
}

/// The domain says no.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq, Serialize, Deserialize)]
#[error("{reason}")]
pub struct Rejection {
    /// The name of the rule, such as `NotOwed`.
    pub rule: String,
    /// What it says to people.
    pub reason: String,
}

/// Why a command was not decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The domain says no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The command or an event of the stream cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl From<BookRejection> for DecideError {
    fn from(rejection: BookRejection) -> Self {
        Self::Rejected(rejected(&rejection))
    }
}

/// The erased form of an entity's rejection: the variant's name and its message.
pub fn rejected(error: &dyn std::error::Error) -> Rejection {
    let debug = format!("{error:?}");
    let rule = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    Rejection { rule, reason: error.to_string() }
}

/// An effect the stream owes and may be performed, now or later.
#[derive(Clone, Debug, PartialEq)]
pub struct Obligation {
    /// The effect's key.
    pub key: String,
    /// What it needs.
    pub need: Need,
    /// Its history.
    pub entry: Entry,
    /// What opened it.
    pub origin: Option<Origin>,
}

/// A stream that has been folded, whatever entity it is.
pub trait Aggregate: Send + Sync {
    /// Decides `command` and moves the state on to what then is fact; a rejection leaves it as it was.
    ///
    /// The caller appends what is returned, and drops the aggregate if that fails.
    fn decide(&mut self, command: &WireCommand, given: Given<'_>) -> Result<Vec<Draft>, DecideError>;

    /// Remembers what the log made of a decision of [`Aggregate::decide`].
    fn note(&mut self, events: &[Recorded]);

    /// Folds a recorded event in.
    fn evolve(&mut self, event: &Recorded) -> Result<(), WireError>;

    /// The events a command id led to before, if it was accepted.
    fn accepted(&self, command: Id) -> Option<&AcceptedCommand>;

    /// The effects that are owed and neither parked nor dropped.
    fn obligations(&self) -> Vec<Obligation>;

    /// The effects that are parked, with the number of attempts and the reason.
    fn parked(&self) -> Vec<(String, u32, String)>;

    /// The effect under `key` as MessagePack, for whoever performs it.
    fn work_order(&self, key: &str) -> Option<Vec<u8>>;

    /// The state, for people.
    fn state(&self) -> serde_json::Value;

    /// The whole aggregate as MessagePack with named fields.
    fn snapshot(&self) -> Option<Vec<u8>>;

    /// A copy to decide on without consequences.
    fn copy(&self) -> Box<dyn Aggregate>;

    /// Whether any effect is owed and neither parked nor dropped.
    fn owes(&self) -> bool;
}

/// The wire form of a typed command.
pub fn wire_command<C: hydra_events::wire::Vocabulary>(
    stream: &StreamName,
    command: &C,
) -> Result<WireCommand, WireError> {
    let (kind, payload) = hydra_events::wire::encode(stream.category(), command)?;
    Ok(WireCommand { kind, payload })
}
