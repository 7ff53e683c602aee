//! A tape: a piece of the log in one file, to be carried to another machine and put into a log there.
//!
//! ```text
//! "hydra-tape", format as u16
//! section*    kind u8, stored length u32, length u32, checksum 32 bytes, then the stored bytes
//! ```
//!
//! Numbers are little-endian. A section's bytes are a zstd frame over MessagePack with named fields. Its checksum is
//! BLAKE3 over the checksum before it, its head and its stored bytes, so each vouches for all before it and the last
//! for the whole tape. First comes a [`Header`], then in log order events, many in a section, each after the content
//! it names if the tape carries content, then an end that says how much there was.
//!
//! Both ends of a tape are the ends of whole appends, so that no decision is carried in half. Reading and writing hold
//! one section at a time, and of each stream its last hash.
//!
//! What can go wrong when a tape is read: it is none, it is of a newer format, it was cut off, a byte has changed, or
//! what it carries is not a piece of one history. Each error names the place.

mod line;
mod order;
mod read;
mod section;
#[cfg(all(test, feature = "contract"))]
mod tests;
mod write;

use std::io;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::content::ContentHash;
use crate::id::Id;
use crate::record::{Position, Recorded};

pub use read::Reader;
pub use section::FORMAT;
pub use write::Writer;

/// What a tape says of itself before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The log it was taken from.
    pub log: Id,
    /// Position of its first event.
    pub from: Position,
    /// Position of its last event.
    pub to: Position,
    /// The event before the first, where there is one: what a log must have that this tape continues.
    pub before: Option<Mark>,
    /// When it was made.
    pub made: Timestamp,
    /// Hash of the source of the Hydra that made it.
    pub code: String,
    /// Whether the files that its events name are on it.
    pub carries: Carries,
}

/// An event by what cannot be mistaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its id.
    pub id: Id,
    /// Its hash, written as that of a blob is.
    pub hash: ContentHash,
}

impl Mark {
    /// The mark of an event.
    pub fn of(event: &Recorded) -> Self {
        Self { id: event.id, hash: ContentHash::from(event.hash) }
    }
}

/// What a tape carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// Events alone: what they name stays in the content store they came from.
    Events,
    /// Events, and the files they name as far as the content store had them.
    Content,
}

/// How much a tape holds, which is known at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its events.
    pub events: u64,
    /// The files on it.
    pub blobs: u64,
    /// The checksum of the whole tape.
    pub checksum: ContentHash,
}

/// What comes next on a tape.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// The next events.
    Events(Vec<Recorded>),
    /// A piece of a file that later events name.
    Piece(Piece),
}

/// A piece of a file. The pieces of one follow one another without a gap, and nothing comes between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub size: u64,
    /// Where in it the piece begins.
    pub at: u64,
    /// The piece.
    pub bytes: Vec<u8>,
}

impl Piece {
    /// Whether the file ends with it. The reader has checked the file's hash then.
    pub fn is_last(&self) -> bool {
        self.at + self.bytes.len() as u64 >= self.size
    }
}

/// Why a tape cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// It begins with something else.
    #[error("this is no tape: a tape begins with \"hydra-tape\"")]
    NotATape,
    /// It is of a format that came later.
    #[error("the tape is of format {found}, this hydra reads format {FORMAT}: use a newer hydra")]
    Newer {
        /// The format.
        found: u16,
    },
    /// It ends before its end.
    #[error("the tape was cut off: it ends at byte {at}, after position {after}")]
    CutOff {
        /// Where it ends.
        at: u64,
        /// The last position that was read whole; 0 for none.
        after: Position,
    },
    /// It is not as it was written.
    #[error("the tape is damaged at byte {at}, after position {after}: {what}")]
    Damaged {
        /// Where the section begins that is not as it was written.
        at: u64,
        /// The last position that was read whole; 0 for none.
        after: Position,
        /// What does not fit.
        what: String,
    },
    /// The events are no piece of one history.
    #[error("position {position} cannot stand on the tape: {what}")]
    Disorder {
        /// The event.
        position: Position,
        /// What does not fit.
        what: String,
    },
    /// The file could not be read or written.
    #[error("the tape cannot be read or written: {0}")]
    Io(io::Error),
}
