//! The writer's thread: takes what is queued, checks it, commits it as one transaction, answers.
//!
//! Nothing waits for a timer: while one batch is being synced the next gathers in the queue.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::{APPEND_EVENTS_MAX, LogError};
use super::records::{Head, records};
use super::{row, store};
use crate::clock::{Clock, Timestamp};
use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version, chain};
use crate::stream::StreamName;

const BATCH_EVENTS_MAX: usize = 4_096;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
const HEADS_MAX: usize = 100_000;
const OWING_CHECKPOINT_EVENTS: u64 = 2_000;

type Answer = oneshot::Sender<Result<Vec<Recorded>, LogError>>;
type Work = Box<dyn FnOnce(&Connection) -> Result<(), LogError> + Send>;

pub(super) enum Request {
    Append {
        append: Box<Append>,
        reply: Answer,
    },
    CorrectOwing {
        stream: StreamName,
        version: Version,
        owes: bool,
        reply: oneshot::Sender<Result<(), LogError>>,
    },
    Write {
        work: Work,
        reply: oneshot::Sender<Result<(), LogError>>,
    },
}

pub(super) struct Writer {
    connection: Connection,
    clock: Arc<dyn Clock>,
    id: Id,
    heads: HashMap<StreamName, Head>,
    position: Position,
    last_time: Timestamp,
    owing: Arc<Mutex<BTreeSet<StreamName>>>,
    owing_saved: Position,
    committed: watch::Sender<Position>,
}

/// What an append became when it was checked against the heads.
enum Checked {
    Fresh(Vec<Recorded>),
    Known(Vec<Recorded>),
}

impl Writer {
    pub(super) fn try_new(
        connection: Connection,
        clock: Arc<dyn Clock>,
        committed: watch::Sender<Position>,
    ) -> Result<Self, LogError> {
        let id = ensure_id(&connection, clock.as_ref())?;
        let (position, last_time, owing) = newest(&connection)?;
        committed.send_replace(position);
        let owing = Arc::new(Mutex::new(owing));
        let heads = HashMap::new();
        let owing_saved = position;
        Ok(Self { connection, clock, id, heads, position, last_time, owing, owing_saved, committed })
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn owing(&self) -> Arc<Mutex<BTreeSet<StreamName>>> {
        Arc::clone(&self.owing)
    }

    /// Works until every sender is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(first) = queue.blocking_recv() {
            let mut batch = Vec::new();
            let mut size = Size::default();
            let mut next = Some(first);
            while let Some(request) = next.take() {
                match request {
                    Request::Append { append, reply } => {
                        size.add(&append);
                        batch.push((*append, reply));
                    }
                    Request::CorrectOwing { stream, version, owes, reply } => {
                        answer(reply, self.correct_owing(stream, version, owes));
                    }
                    Request::Write { work, reply } => answer(reply, work(&self.connection)),
                }
                if size.within_limits() {
                    next = queue.try_recv().ok();
                }
            }
            self.commit(batch);
        }
        self.save_owing();
        // One file is enough for a backup of a log nobody writes.
        if let Err(error) = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the write-ahead log was not folded into the log");
        }
    }

    fn commit(&mut self, batch: Vec<(Append, Answer)>) {
        if batch.is_empty() {
            return;
        }
        let appends: Vec<&Append> = batch.iter().map(|(append, _)| append).collect();
        match self.commit_together(&appends) {
            Ok(results) => {
                for ((_, reply), result) in batch.into_iter().zip(results) {
                    answer(reply, result);
                }
            }
            // One of them broke the transaction: each gets its own, so that only the guilty fail.
            Err(_) => {
                for (append, reply) in batch {
                    let alone = self.commit_together(&[&append]);
                    answer(reply, alone.and_then(|mut results| results.pop().unwrap_or(Ok(Vec::new()))));
                }
            }
        }
        if self.position - self.owing_saved >= OWING_CHECKPOINT_EVENTS {
            self.save_owing();
        }
    }

    fn commit_together(
        &mut self,
        appends: &[&Append],
    ) -> Result<Vec<Result<Vec<Recorded>, LogError>>, LogError> {
        let before = (self.position, self.last_time);
        self.last_time = self.last_time.max(self.clock.now());
        let mut results = Vec::with_capacity(appends.len());
        for append in appends {
            let checked = self.check(append, &results);
            results.push(checked);
        }
        let fresh = || {
            results.iter().filter_map(|r| match r {
                Ok(Checked::Fresh(events)) => Some(events.iter()),
                Ok(Checked::Known(_)) | Err(_) => None,
            })
        };
        if let Err(error) = self.insert(fresh().flatten()) {
            (self.position, self.last_time) = before;
            self.look_again();
            return Err(store::failed(error));
        }
        self.note_owing(fresh());
        self.committed.send_replace(self.position);
        let unwrap = |checked| match checked {
            Checked::Fresh(events) | Checked::Known(events) => events,
        };
        Ok(results.into_iter().map(|result| result.map(unwrap)).collect())
    }

    fn insert<'a>(&self, events: impl Iterator<Item = &'a Recorded>) -> rusqlite::Result<()> {
        let mut events = events.peekable();
        if events.peek().is_none() {
            return Ok(());
        }
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = transaction.prepare_cached(row::INSERT)?;
        for event in events {
            row::insert(&mut statement, event)?;
        }
        drop(statement);
        transaction.commit()
    }

    fn note_owing<'a>(&self, appends: impl Iterator<Item = std::slice::Iter<'a, Recorded>>) {
        let mut owing = self.owing.lock().unwrap_or_else(PoisonError::into_inner);
        for event in appends.filter_map(Iterator::last) {
            match event.owes {
                true => owing.insert(event.stream.clone()),
                false => owing.remove(&event.stream),
            };
        }
    }

    /// The records `append` leads to, with the heads moved on; or why it cannot be taken. `earlier` is what became
    /// of the appends before it in the same batch.
    fn check(&mut self, append: &Append, earlier: &[Result<Checked, LogError>]) -> Result<Checked, LogError> {
        let stream = &append.stream;
        let refused = |reason: String| LogError::Refused { stream: stream.clone(), reason };
        if !(1..=APPEND_EVENTS_MAX).contains(&append.events.len()) {
            return Err(refused(format!(
                "{} events, where 1 to {APPEND_EVENTS_MAX} are taken",
                append.events.len()
            )));
        }
        let head = self.head_of(stream)?;
        if head.version != append.expected {
            return self.settle(append, head.version, earlier).map(Checked::Known);
        }
        let events = records(append, self.position, self.last_time, head).map_err(refused)?;
        let Some(last) = events.last() else { return Ok(Checked::Known(events)) };
        self.position = last.position;
        self.last_time = last.time;
        if self.heads.len() >= HEADS_MAX {
            self.heads.clear();
        }
        self.heads.insert(stream.clone(), Head { version: last.version, hash: last.hash });
        Ok(Checked::Fresh(events))
    }

    /// An append that finds its place taken was either recorded before, or lost a race.
    fn settle(
        &self,
        append: &Append,
        actual: Version,
        earlier: &[Result<Checked, LogError>],
    ) -> Result<Vec<Recorded>, LogError> {
        let Append { stream, expected, .. } = append;
        let conflict = || LogError::Conflict { stream: stream.clone(), expected: *expected, actual };
        if actual < *expected {
            return Err(conflict());
        }
        let mut found = store::read_stream(&self.connection, stream, *expected, append.events.len())?;
        // The first try may stand in the same batch.
        let fresh = earlier.iter().flatten().flat_map(|checked| match checked {
            Checked::Fresh(events) => events.as_slice(),
            Checked::Known(_) => &[],
        });
        found.extend(fresh.filter(|e| e.stream == *stream && e.version > *expected).cloned());
        found.truncate(append.events.len());
        let same =
            |(index, event): (usize, &Recorded)| event.id == Id::of_event(append.meta.command_id, index);
        let all = found.len() == append.events.len() && found.iter().enumerate().all(same);
        if all { Ok(found) } else { Err(conflict()) }
    }

    fn head_of(&self, stream: &StreamName) -> Result<Head, LogError> {
        if let Some(head) = self.heads.get(stream) {
            return Ok(*head);
        }
        let query = "SELECT version, hash FROM events WHERE stream = ?1 ORDER BY version DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(query).map_err(store::failed)?;
        let mut rows = statement.query([stream.as_str()]).map_err(store::failed)?;
        let Some(row) = rows.next().map_err(store::failed)? else {
            return Ok(Head { version: 0, hash: chain::GENESIS });
        };
        let hash: Vec<u8> = row.get(1).map_err(store::failed)?;
        let version = row.get::<_, i64>(0).map_err(store::failed)? as Version;
        Ok(Head { version, hash: hash.try_into().unwrap_or(chain::GENESIS) })
    }

    /// After a failed transaction nothing remembered can be trusted: another process may have written.
    fn look_again(&mut self) {
        self.heads.clear();
        match newest(&self.connection) {
            Ok((position, time, owing)) => {
                self.position = position;
                self.last_time = self.last_time.max(time);
                *self.owing.lock().unwrap_or_else(PoisonError::into_inner) = owing;
            }
            // Then the next append finds its position taken, and this is tried once more.
            Err(error) => tracing::warn!(%error, "the head of the log could not be read"),
        }
    }

    fn correct_owing(&mut self, stream: StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        if self.head_of(&stream)?.version == version {
            let mut owing = self.owing.lock().unwrap_or_else(PoisonError::into_inner);
            match owes {
                true => owing.insert(stream),
                false => owing.remove(&stream),
            };
            drop(owing);
            self.save_owing();
        }
        Ok(())
    }

    fn save_owing(&mut self) {
        let owing = self.owing.lock().unwrap_or_else(PoisonError::into_inner);
        match store::save_owing(&self.connection, &owing, self.position) {
            Ok(()) => self.owing_saved = self.position,
            // Only a longer fold at the next start is lost.
            Err(error) => tracing::warn!(%error, "the set of owing streams was not saved"),
        }
    }
}

#[derive(Default)]
struct Size {
    events: usize,
    bytes: usize,
}

impl Size {
    fn add(&mut self, append: &Append) {
        self.events += append.events.len();
        self.bytes += append.events.iter().map(|e| e.payload.len()).sum::<usize>() + append.command.1.len();
    }

    fn within_limits(&self) -> bool {
        self.events < BATCH_EVENTS_MAX && self.bytes < BATCH_BYTES_MAX
    }
}

fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::debug!("a caller went away before the log answered");
    }
}

/// The last position, its time, and the streams that owe. What another process appends in between finds its way
/// into the set alone, which does no harm: the position is taken then, and this is read again.
fn newest(connection: &Connection) -> Result<(Position, Timestamp, BTreeSet<StreamName>), LogError> {
    let query = "SELECT position, time FROM events ORDER BY position DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as Position, Timestamp(row.get(1)?)));
    let last = connection.query_row(query, [], read).optional().map_err(store::failed)?;
    let (position, time) = last.unwrap_or_default();
    Ok((position, time, store::streams_owing(connection)?.0))
}

fn ensure_id(connection: &Connection, clock: &dyn Clock) -> Result<Id, LogError> {
    if let Ok(id) = store::log_id(connection) {
        return Ok(id);
    }
    let random: Vec<u8> =
        connection.query_row("SELECT randomblob(16)", [], |row| row.get(0)).map_err(store::failed)?;
    let id = Id::derive("log", &[&random, &clock.now().0.to_le_bytes()]);
    // Another process may have been first.
    let statement = "INSERT OR IGNORE INTO log (key, value) VALUES ('id', ?1)";
    connection.execute(statement, [id.as_bytes().as_slice()]).map_err(store::failed)?;
    store::log_id(connection)
}
