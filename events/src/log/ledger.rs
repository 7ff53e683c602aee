//! What a writer knows without asking its store: where the log and its streams end, and which of them owe.
//!
//! The rules of an append stand here, once for every store: what is fresh, what is known, and what is a conflict.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::entry::Entry;
use super::records::{Head, records};
use super::{APPEND_EVENTS_MAX, LogError};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version};
use crate::stream::StreamName;

/// Appends that may wait for the writer before callers wait too.
pub(super) const QUEUE_APPENDS_MAX: usize = 1_024;

const BATCH_EVENTS_MAX: usize = 4_096;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
const HEADS_MAX: usize = 100_000;
const OWING_CHECKPOINT_EVENTS: u64 = 2_000;

/// The set of streams that owe, as the writer and whoever asks the log share it.
pub(super) type Owing = Arc<Mutex<BTreeSet<StreamName>>>;

/// Where an append waits for its answer.
pub(super) type Answer = oneshot::Sender<Result<Vec<Recorded>, LogError>>;

/// What an append became when it was checked against the heads.
pub(super) enum Checked {
    /// To be stored.
    Fresh(Vec<Recorded>),
    /// Recorded before.
    Known(Vec<Recorded>),
}

impl Checked {
    /// The records, stored now or before.
    pub(super) fn into_records(self) -> Vec<Recorded> {
        match self {
            Self::Fresh(events) | Self::Known(events) => events,
        }
    }
}

/// The results of the appends of one batch, so far.
pub(super) type Results = Vec<Result<Checked, LogError>>;

/// The end of the log: its last position, and the time recorded there.
#[derive(Clone, Copy, Default)]
pub(super) struct End {
    pub(super) position: Position,
    pub(super) time: Timestamp,
}

pub(super) struct Ledger {
    end: End,
    /// No event that is new gets an earlier time.
    now: Timestamp,
    heads: HashMap<StreamName, Head>,
    owing: Owing,
    owing_saved: Position,
}

impl Ledger {
    /// The ledger of a log that ends at `end` with the streams in `owing` owing.
    pub(super) fn new(end: End, owing: BTreeSet<StreamName>) -> Self {
        let owing = Arc::new(Mutex::new(owing));
        Self { end, now: end.time, heads: HashMap::new(), owing, owing_saved: end.position }
    }

    pub(super) fn end(&self) -> End {
        self.end
    }

    pub(super) fn owing(&self) -> Owing {
        Arc::clone(&self.owing)
    }

    /// A copy of the set, to be stored.
    pub(super) fn owing_now(&self) -> BTreeSet<StreamName> {
        self.owing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a batch at `now`, or at the latest time that was given if that is later; returns where to fall back to.
    pub(super) fn begin(&mut self, now: Timestamp) -> End {
        self.now = self.now.max(now);
        self.end
    }

    /// What was recorded ends here now.
    pub(super) fn move_to(&mut self, end: End) {
        self.end = end;
        self.now = self.now.max(end.time);
    }

    /// After a failed batch nothing remembered of the streams can be trusted: another process may have written.
    pub(super) fn fall_back(&mut self, to: End) {
        self.end = to;
        self.heads.clear();
    }

    /// Takes over what the store says after a failure. Time does not go back even then.
    pub(super) fn look_again(&mut self, end: End, owing: BTreeSet<StreamName>) {
        self.heads.clear();
        self.move_to(end);
        *self.owing.lock().unwrap_or_else(PoisonError::into_inner) = owing;
    }

    /// Where `stream` ends, unless that is not known, or is behind `expected`: then its caller has read what another
    /// process wrote.
    pub(super) fn head(&self, stream: &StreamName, expected: Version) -> Option<Head> {
        self.heads.get(stream).copied().filter(|head| head.version >= expected)
    }

    /// Makes room for the heads of `streams` more streams: once too many are known, all are forgotten.
    pub(super) fn make_room(&mut self, streams: usize) {
        if self.heads.len() + streams > HEADS_MAX {
            self.heads.clear();
        }
    }

    pub(super) fn learn(&mut self, stream: StreamName, head: Head) {
        self.heads.insert(stream, head);
    }

    /// The records `append` leads to after `head`, with the ledger moved on; `None` when its place is taken, and the
    /// store has to say by whom (see [`settle`]).
    pub(super) fn check(&mut self, append: &Append, head: Head) -> Result<Option<Vec<Recorded>>, LogError> {
        let refused = |reason: String| LogError::Refused { stream: append.stream.clone(), reason };
        let count = append.events.len();
        if !(1..=APPEND_EVENTS_MAX).contains(&count) {
            return Err(refused(format!("{count} events, where 1 to {APPEND_EVENTS_MAX} are taken")));
        }
        if head.version < append.expected {
            return Err(conflict(append, head.version));
        }
        if head.version > append.expected {
            return Ok(None);
        }
        let events = records(append, self.end.position, self.now, head).map_err(refused)?;
        if let Some(last) = events.last() {
            self.move_to(End { position: last.position, time: last.time });
            self.learn(append.stream.clone(), Head { version: last.version, hash: last.hash });
        }
        Ok(Some(events))
    }

    /// Notes what the stored events said about what their streams owe; the last word on each counts.
    pub(super) fn note_owing(&self, results: &Results) {
        let mut owing = self.owing.lock().unwrap_or_else(PoisonError::into_inner);
        for event in fresh(results).flatten() {
            match event.owes {
                true => owing.insert(event.stream.clone()),
                false => owing.remove(&event.stream),
            };
        }
    }

    /// Corrects the set for `stream`; the caller has made sure that `head` is where it ends.
    pub(super) fn correct_owing(&self, stream: StreamName, owes: bool) {
        let mut owing = self.owing.lock().unwrap_or_else(PoisonError::into_inner);
        match owes {
            true => owing.insert(stream),
            false => owing.remove(&stream),
        };
    }

    /// Whether the set should be saved, so that the next start has little to fold.
    pub(super) fn owing_is_due(&self) -> bool {
        self.end.position.saturating_sub(self.owing_saved) >= OWING_CHECKPOINT_EVENTS
    }

    pub(super) fn owing_was_saved(&mut self) {
        self.owing_saved = self.end.position;
    }
}

/// The records of the appends in `results` that are to be stored.
pub(super) fn fresh(results: &Results) -> impl Iterator<Item = &[Recorded]> {
    results.iter().filter_map(|result| match result {
        Ok(Checked::Fresh(events)) => Some(events.as_slice()),
        Ok(Checked::Known(_)) | Err(_) => None,
    })
}

/// An append that finds its place taken was either recorded before, or lost a race. `found` is what the store has
/// after the expected version, `earlier` what became of the appends before it in the same batch.
pub(super) fn settle(
    append: &Append,
    actual: Version,
    mut found: Vec<Recorded>,
    earlier: &Results,
) -> Result<Vec<Recorded>, LogError> {
    // The first try may stand in the same batch.
    let beside =
        fresh(earlier).flatten().filter(|e| e.stream == append.stream && e.version > append.expected);
    found.extend(beside.cloned());
    found.truncate(append.events.len());
    let same = |(index, event): (usize, &Recorded)| event.id == Id::of_event(append.meta.command_id, index);
    let all = found.len() == append.events.len() && found.iter().enumerate().all(same);
    if all { Ok(found) } else { Err(conflict(append, actual)) }
}

fn conflict(append: &Append, actual: Version) -> LogError {
    LogError::Conflict { stream: append.stream.clone(), expected: append.expected, actual }
}

/// How much a batch holds so far.
#[derive(Default)]
pub(super) struct Size {
    events: usize,
    bytes: usize,
}

impl Size {
    pub(super) fn add(&mut self, entry: &Entry) {
        let (events, bytes) = entry.size();
        self.events += events;
        self.bytes += bytes;
    }

    pub(super) fn within_limits(&self) -> bool {
        self.events < BATCH_EVENTS_MAX && self.bytes < BATCH_BYTES_MAX
    }
}

/// Answers whoever waits, if anybody still does.
pub(super) fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::debug!("a caller went away before the log answered");
    }
}
