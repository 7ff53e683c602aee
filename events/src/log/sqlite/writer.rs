//! The writer's thread: takes what is queued, checks it, commits it as one transaction, answers.
//!
//! Nothing waits for a timer: while one batch is being synced the next gathers in the queue.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::LogError;
use super::super::entry::{Entry, check_ready, settle_ready};
use super::super::ledger::{Answer, Checked, End, Ledger, Owing, Results, Size, answer, fresh, settle};
use super::super::records::Head;
use super::{row, store};
use crate::clock::{Clock, Timestamp};
use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version, chain};
use crate::stream::StreamName;

type Work = Box<dyn FnOnce(&Connection) -> Result<(), LogError> + Send>;

pub(super) enum Request {
    Record {
        entry: Entry,
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
    ledger: Ledger,
    committed: watch::Sender<Position>,
}

impl Writer {
    pub(super) fn try_new(
        connection: Connection,
        clock: Arc<dyn Clock>,
        committed: watch::Sender<Position>,
    ) -> Result<Self, LogError> {
        let id = ensure_id(&connection, clock.as_ref())?;
        let (end, owing) = newest(&connection)?;
        committed.send_replace(end.position);
        Ok(Self { connection, clock, id, ledger: Ledger::new(end, owing), committed })
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn owing(&self) -> Owing {
        self.ledger.owing()
    }

    /// Works until every sender is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(first) = queue.blocking_recv() {
            let mut batch = Vec::new();
            let mut size = Size::default();
            let mut next = Some(first);
            while let Some(request) = next.take() {
                match request {
                    Request::Record { entry, reply } => {
                        size.add(&entry);
                        batch.push((entry, reply));
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

    fn commit(&mut self, batch: Vec<(Entry, Answer)>) {
        if batch.is_empty() {
            return;
        }
        let entries: Vec<&Entry> = batch.iter().map(|(entry, _)| entry).collect();
        match self.commit_together(&entries) {
            Ok(results) => {
                for ((_, reply), result) in batch.into_iter().zip(results) {
                    answer(reply, result);
                }
            }
            // One of them broke the transaction: each gets its own, so that only the guilty fail.
            Err(_) => {
                for (entry, reply) in batch {
                    let alone = self.commit_together(&[&entry]);
                    answer(reply, alone.and_then(|mut results| results.pop().unwrap_or(Ok(Vec::new()))));
                }
            }
        }
        if self.ledger.owing_is_due() {
            self.save_owing();
        }
    }

    fn commit_together(
        &mut self,
        entries: &[&Entry],
    ) -> Result<Vec<Result<Vec<Recorded>, LogError>>, LogError> {
        let before = self.ledger.begin(self.clock.now());
        let mut results = Results::with_capacity(entries.len());
        for entry in entries {
            let checked = match entry {
                Entry::New(append) => self.check(append, &results),
                Entry::Ready(records) => self.check_ready(records, &results),
            };
            results.push(checked);
        }
        if let Err(error) = self.insert(&results) {
            self.ledger.fall_back(before);
            self.look_again();
            return Err(store::failed(error));
        }
        self.ledger.note_owing(&results);
        self.committed.send_replace(self.ledger.end().position);
        Ok(results.into_iter().map(|result| result.map(Checked::into_records)).collect())
    }

    fn insert(&self, results: &Results) -> rusqlite::Result<()> {
        let mut events = fresh(results).flatten().peekable();
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

    /// What becomes of `append` after the `earlier` ones of the same batch.
    fn check(&mut self, append: &Append, earlier: &Results) -> Result<Checked, LogError> {
        let head = self.head_of(&append.stream)?;
        self.ledger.make_room(1);
        match self.ledger.check(append, head)? {
            Some(events) => Ok(Checked::Fresh(events)),
            None => {
                let Append { stream, expected, events, .. } = append;
                let found = store::read_stream(&self.connection, stream, *expected, events.len())?;
                settle(append, head.version, found, earlier).map(Checked::Known)
            }
        }
    }

    /// What becomes of `records` after the `earlier` entries of the same batch.
    fn check_ready(&mut self, records: &[Recorded], earlier: &Results) -> Result<Checked, LogError> {
        check_ready(records)?;
        if self.ledger.reaches(records) {
            let after = records.first().map_or(0, |first| first.position.saturating_sub(1));
            let found = store::scan(&self.connection, after, records.len())?;
            return settle_ready(records, found, earlier);
        }
        self.ledger.make_room(records.len());
        for record in records {
            let head = self.head_of(&record.stream)?;
            self.ledger.learn(record.stream.clone(), head);
        }
        self.ledger.take_ready(records)
    }

    fn head_of(&self, stream: &StreamName) -> Result<Head, LogError> {
        if let Some(head) = self.ledger.head(stream, 0) {
            return Ok(head);
        }
        let query = "SELECT version, hash FROM events WHERE stream = ?1 ORDER BY version DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(query).map_err(store::failed)?;
        let mut rows = statement.query([stream.as_str()]).map_err(store::failed)?;
        let Some(row) = rows.next().map_err(store::failed)? else {
            return Ok(Head::NONE);
        };
        let hash: Vec<u8> = row.get(1).map_err(store::failed)?;
        let version = row.get::<_, i64>(0).map_err(store::failed)? as Version;
        Ok(Head { version, hash: hash.try_into().unwrap_or(chain::GENESIS) })
    }

    fn look_again(&mut self) {
        match newest(&self.connection) {
            Ok((end, owing)) => self.ledger.look_again(end, owing),
            // Then the next append finds its position taken, and this is tried once more.
            Err(error) => tracing::warn!(%error, "the head of the log could not be read"),
        }
    }

    fn correct_owing(&mut self, stream: StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        if version > 0 && self.head_of(&stream)?.version == version {
            self.ledger.correct_owing(stream, owes);
            self.save_owing();
        }
        Ok(())
    }

    fn save_owing(&mut self) {
        match store::save_owing(&self.connection, &self.ledger.owing_now(), self.ledger.end().position) {
            Ok(()) => self.ledger.owing_was_saved(),
            // Only a longer fold at the next start is lost.
            Err(error) => tracing::warn!(%error, "the set of owing streams was not saved"),
        }
    }
}

/// Where the log ends, and the streams that owe. What another process appends in between finds its way
/// into the set alone, which does no harm: the position is taken then, and this is read again.
fn newest(connection: &Connection) -> Result<(End, BTreeSet<StreamName>), LogError> {
    let query = "SELECT position, time FROM events ORDER BY position DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(End { position: row.get::<_, i64>(0)? as Position, time: Timestamp(row.get(1)?) })
    };
    let last = connection.query_row(query, [], read).optional().map_err(store::failed)?;
    Ok((last.unwrap_or_default(), store::streams_owing(connection)?.0))
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
