//! The log: the one place where a fact becomes true.
//!
//! Every implementation passes `contract::log`, whose clauses are the guarantees of this trait.

mod columns;
mod entry;
mod filter;
mod ledger;
#[cfg(feature = "postgres")]
pub mod postgres;
mod records;
pub mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use filter::{Filter, FilterError};
#[cfg(feature = "postgres")]
pub use postgres::PostgresLog;
pub use sqlite::SqliteLog;

use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version};
use crate::stream::StreamName;

/// Most events one append may hold.
pub const APPEND_EVENTS_MAX: usize = 1_000;

/// Most events one read returns.
pub const PAGE_EVENTS_MAX: usize = 5_000;

/// Why the log could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The stream has moved on: load it again and decide again.
    #[error("{stream} is at version {actual}, not {expected}")]
    Conflict {
        /// The stream.
        stream: StreamName,
        /// The version the caller decided on.
        expected: Version,
        /// The version it has.
        actual: Version,
    },
    /// The append breaks a rule of the log and will never be taken.
    #[error("append to {stream} refused: {reason}")]
    Refused {
        /// The stream.
        stream: StreamName,
        /// What is wrong with it.
        reason: String,
    },
    /// A record cannot be read back.
    #[error("record {position} is damaged: {what}; `hydra verify` lists every damaged record")]
    Damaged {
        /// Where it stands.
        position: Position,
        /// What does not fit.
        what: String,
    },
    /// The store could not be opened as a log.
    #[error("{0}")]
    Open(String),
    /// The store failed; whether the append was recorded is unknown until it is tried again.
    #[error("log store: {0}")]
    Store(Arc<dyn std::error::Error + Send + Sync>),
}

/// How the message of [`LogError::Open`] begins where a log is yet to be made.
pub(crate) const ABSENT: &str = "there is no log yet";

impl LogError {
    /// Whether it is only that nobody has opened the log for writing yet.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Open(reason) if reason.starts_with(ABSENT))
    }
}

/// An append-only log of events with dense positions.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The log's own identity, renewed when it is restored from a backup.
    fn id(&self) -> Id;

    /// Records all events of `append` or none, and returns once they would survive a power loss.
    ///
    /// Trying again after an unknown outcome is safe: an append that is already there, known by its event ids,
    /// returns the recorded events.
    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError>;

    /// Up to `limit` records after position `after`, in order; a damaged one takes its place as an error.
    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError>;

    /// Up to `limit` events of `stream` after version `after`, in order.
    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError>;

    /// The position of the last event, 0 when there is none.
    async fn head(&self) -> Result<Position, LogError>;

    /// The last position this process has seen committed: a hint, to be backed by polling [`Self::head`]. It is closed
    /// once this process can record nothing more.
    fn committed(&self) -> watch::Receiver<Position>;

    /// The streams whose last append said that they owe an effect, in step with the head of the log.
    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError>;

    /// Replaces the recorded opinion on whether `stream` owes, unless it has moved past `version`.
    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError>;

    /// Up to `limit` streams after `after` by name, with their versions.
    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError>;

    /// Up to `limit` events after position `after`, in order. Fails on a damaged record.
    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
        self.scan(after, limit).await?.into_iter().collect()
    }
}

/// A log that takes records as another log has them: how a piece of history is carried from machine to machine.
///
/// What the records say is not decided again; that is for `hydra verify`.
#[async_trait]
pub trait Restore: EventLog {
    /// Puts `records` at their own positions with their own ids, times and hashes, all or none, and returns once they
    /// would survive a power loss. At most [`PAGE_EVENTS_MAX`] at once.
    ///
    /// The first must stand right after the log's last, and each must continue the hash chain of its stream. Records
    /// that are all there already are compared, so trying again after an unknown outcome is safe.
    ///
    /// # Errors
    /// [`LogError::Refused`], with the position, for records that leave a gap, contradict what is there, go back in
    /// time or do not fit their hashes.
    async fn restore(&self, records: Vec<Recorded>) -> Result<(), LogError>;
}

/// A folded state kept for speed. Never read as truth: it is dropped when `hash` is not the stream's hash at
/// `version`, or `code` is not the code that would fold it today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last version folded into it.
    pub version: Version,
    /// Hash of the source that folded it.
    pub code: String,
    /// The hash of the event at `version`.
    pub hash: [u8; 32],
    /// The state as MessagePack with named fields.
    pub data: Vec<u8>,
}

/// A delivery that was set aside: `target` could not take what the event at `position` of `source` meant to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The stream the event belongs to.
    pub source: StreamName,
    /// The stream that should have been told.
    pub target: StreamName,
    /// The event.
    pub position: Position,
    /// Why it was set aside.
    pub reason: String,
}

/// What the host and the inboxes remember beside the log, in the log's own database.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The latest snapshot of a stream.
    async fn snapshot(&self, stream: &StreamName) -> Result<Option<Snapshot>, LogError>;

    /// Keeps a snapshot, replacing an older one.
    async fn save_snapshot(&self, stream: &StreamName, snapshot: Snapshot) -> Result<(), LogError>;

    /// The position up to which `actor` has handled or parked everything.
    async fn inbox(&self, actor: &str) -> Result<Position, LogError>;

    /// Moves an actor's inbox position and adds what it parked, together.
    async fn save_inbox(&self, actor: &str, position: Position, parked: Vec<Parked>) -> Result<(), LogError>;

    /// What an actor has parked, in log order.
    async fn parked(&self, actor: &str) -> Result<Vec<Parked>, LogError>;

    /// Forgets a parked delivery, after it was retried or dropped.
    async fn unpark(&self, actor: &str, parked: &Parked) -> Result<(), LogError>;
}
