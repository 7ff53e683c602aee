//! The embedded log: one SQLite file in WAL mode with synchronous FULL, written by one thread that commits
//! everything queued while the last commit was in flight as one transaction.

mod readers;
mod row;
mod store;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::entry::Entry;
use super::ledger::{Owing, QUEUE_APPENDS_MAX};
use super::{Checkpoints, EventLog, LogError, PAGE_EVENTS_MAX, Parked, Restore, Snapshot};
use crate::clock::Clock;
use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version};
use crate::stream::StreamName;
use readers::Readers;
use writer::{Request, Writer};

/// The embedded log.
pub struct SqliteLog {
    id: Id,
    requests: Option<mpsc::Sender<Request>>,
    readers: Readers,
    committed: watch::Receiver<Position>,
    owing: Owing,
    writer: Option<JoinHandle<()>>,
}

impl SqliteLog {
    /// Opens the log that `url` names (`sqlite:FILE`) for writing, making it if need be.
    ///
    /// A URL that asks for less than full syncing is refused, and what SQLite really does is read back.
    pub fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let path = path_of(url)?;
        let connection = store::open_for_writing(&path)?;
        let readers = Readers::new(path);
        let (head_sender, committed) = watch::channel(0);
        let writer = Writer::try_new(connection, clock, head_sender)?;
        let (id, owing) = (writer.id(), writer.owing());
        let (requests, queue) = mpsc::channel(QUEUE_APPENDS_MAX);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run(queue));
        let writer = Some(thread.map_err(store::failed)?);
        Ok(Self { id, requests: Some(requests), readers, committed, owing, writer })
    }

    /// Opens an existing log for reading beside its writer.
    pub fn open_reader(url: &str) -> Result<Self, LogError> {
        let path = path_of(url)?;
        let connection = store::open_for_reading(&path)?;
        let id = store::log_id(&connection)?;
        let owing = store::streams_owing(&connection)?.0;
        let (_, committed) = watch::channel(store::head(&connection)?);
        let readers = Readers::new(path);
        Ok(Self { id, requests: None, readers, committed, owing: Arc::new(Mutex::new(owing)), writer: None })
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, LogError> {
        let Some(requests) = &self.requests else {
            return Err(LogError::Open("this log was opened for reading only".into()));
        };
        let (reply, answer) = oneshot::channel();
        requests.send(request(reply)).await.map_err(|_| writer_ended())?;
        answer.await.map_err(|_| writer_ended())
    }
}

impl Drop for SqliteLog {
    /// Lets the writer finish what it has taken and save its checkpoint.
    fn drop(&mut self) {
        self.requests = None;
        if self.writer.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the log writer panicked");
        }
    }
}

fn path_of(url: &str) -> Result<PathBuf, LogError> {
    let refused = |why: &str| Err(LogError::Open(format!("log URL {url:?} refused: {why}")));
    let Some(rest) = url.strip_prefix("sqlite:") else {
        return refused("use sqlite:FILE");
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    for option in query.split('&').filter(|o| !o.is_empty()) {
        match option.to_ascii_lowercase().as_str() {
            "synchronous=full" | "synchronous=extra" | "journal_mode=wal" => {}
            lower if lower.starts_with("synchronous=") || lower.starts_with("journal_mode=") => {
                return refused(
                    "an acknowledged event must survive a power loss, so it is always WAL with synchronous=full",
                );
            }
            _ => return refused("the only options are synchronous=full and journal_mode=wal"),
        }
    }
    match path {
        "" | ":memory:" => refused("a log lives in a file"),
        path if path.starts_with("file:") => refused("use sqlite:FILE with a plain path"),
        path => Ok(Path::new(path).to_owned()),
    }
}

fn writer_ended() -> LogError {
    LogError::Open("the log writer has ended".into())
}

#[async_trait]
impl EventLog for SqliteLog {
    fn id(&self) -> Id {
        self.id
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        let entry = Entry::New(Box::new(append));
        self.ask(|reply| Request::Record { entry, reply }).await?
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        let limit = limit.min(PAGE_EVENTS_MAX);
        self.readers.with(move |connection| store::scan(connection, after, limit)).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let (stream, limit) = (stream.clone(), limit.min(PAGE_EVENTS_MAX));
        self.readers.with(move |connection| store::read_stream(connection, &stream, after, limit)).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.readers.with(store::head).await
    }

    fn committed(&self) -> watch::Receiver<Position> {
        self.committed.clone()
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        if self.requests.is_none() {
            return self.readers.with(|c| Ok(store::streams_owing(c)?.0.into_iter().collect())).await;
        }
        Ok(self.owing.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect())
    }

    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        let stream = stream.clone();
        self.ask(|reply| Request::CorrectOwing { stream, version, owes, reply }).await?
    }

    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        let (after, limit) = (after.cloned(), limit.min(PAGE_EVENTS_MAX));
        self.readers.with(move |connection| store::streams(connection, after.as_ref(), limit)).await
    }
}

#[async_trait]
impl Restore for SqliteLog {
    async fn restore(&self, records: Vec<Recorded>) -> Result<(), LogError> {
        let entry = Entry::Ready(records);
        self.ask(|reply| Request::Record { entry, reply }).await?.map(|_| ())
    }
}

#[async_trait]
impl Checkpoints for SqliteLog {
    async fn snapshot(&self, stream: &StreamName) -> Result<Option<Snapshot>, LogError> {
        let stream = stream.clone();
        self.readers.with(move |connection| store::snapshot(connection, &stream)).await
    }

    async fn save_snapshot(&self, stream: &StreamName, snapshot: Snapshot) -> Result<(), LogError> {
        let stream = stream.clone();
        self.write(move |connection| store::save_snapshot(connection, &stream, &snapshot)).await
    }

    async fn inbox(&self, actor: &str) -> Result<Position, LogError> {
        let actor = actor.to_owned();
        let query = "SELECT position FROM inbox WHERE actor = ?1";
        let read = move |c: &Connection| c.query_row(query, [&actor], |row| row.get::<_, i64>(0)).optional();
        Ok(self.readers.with(move |c| read(c).map_err(store::failed)).await?.unwrap_or(0) as Position)
    }

    async fn save_inbox(&self, actor: &str, position: Position, parked: Vec<Parked>) -> Result<(), LogError> {
        let actor = actor.to_owned();
        self.write(move |connection| store::save_inbox(connection, &actor, position, &parked)).await
    }

    async fn parked(&self, actor: &str) -> Result<Vec<Parked>, LogError> {
        let actor = actor.to_owned();
        self.readers.with(move |connection| store::parked(connection, &actor)).await
    }

    async fn unpark(&self, actor: &str, parked: &Parked) -> Result<(), LogError> {
        let (actor, parked) = (actor.to_owned(), parked.clone());
        self.write(move |connection| {
            let statement =
                "DELETE FROM parked WHERE actor = ?1 AND source = ?2 AND target = ?3 AND position = ?4";
            let (source, target) = (parked.source.as_str(), parked.target.as_str());
            let deleted =
                connection.execute(statement, params![actor, source, target, parked.position as i64]);
            deleted.map(|_| ()).map_err(store::failed)
        })
        .await
    }
}

impl SqliteLog {
    /// Runs a small write on the writer's connection, between two batches.
    async fn write(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), LogError> + Send + 'static,
    ) -> Result<(), LogError> {
        self.ask(|reply| Request::Write { work: Box::new(work), reply }).await?
    }
}
