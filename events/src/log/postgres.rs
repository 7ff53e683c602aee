//! The log of the full backend: one schema of a Postgres database, written by one connection that stores everything
//! queued while the last statement was in flight with one statement.
//!
//! `postgres://USER@HOST:PORT/DATABASE?schema=SCHEMA`: the schema is `hydra` unless it is named, and is made if need
//! be. `sslmode`, `sslrootcert` and the other options of a Postgres URL are taken as they are. A password may stand in
//! the URL, in `PGPASSWORD` or in the password file. The connection must be one's own for as long as it lasts, so
//! no pooler that lends it by transaction may stand between. Postgres 13 is the oldest that will do.

mod batch;
mod lead;
mod next;
mod place;
mod recent;
mod row;
mod rows;
mod session;
mod store;
mod writer;

use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions, Postgres};
use tokio::sync::{mpsc, oneshot, watch};

use super::entry::Entry;
use super::ledger::{Owing, QUEUE_APPENDS_MAX};
use super::{Checkpoints, EventLog, LogError, PAGE_EVENTS_MAX, Parked, Restore, Snapshot};
use crate::clock::Clock;
use crate::id::Id;
use crate::record::{Append, Position, Recorded, Version};
use crate::stream::StreamName;
pub use place::Place;
use recent::Recent;
use writer::{Request, Told, Writer};

const READERS_MAX: u32 = 4;
const READER_WAIT_MAX: Duration = Duration::from_secs(10);

/// A reader was tried when it was given back. One that has rested longer is tried again before it is lent.
const READER_TRUSTED: Duration = Duration::from_millis(100);

/// The name by which the server shows the connections of readers.
const READER_NAME: &str = "hydra";

/// The log of the full backend.
pub struct PostgresLog {
    id: Id,
    /// What this process is called as the writer.
    name: String,
    requests: Option<mpsc::Sender<Request>>,
    readers: PgPool,
    committed: watch::Receiver<Position>,
    /// Whether the writer has found that the server cannot be reached.
    away: watch::Receiver<bool>,
    owing: Option<Owing>,
    /// What this process has stored a moment ago.
    recent: Recent,
    writer: Option<JoinHandle<()>>,
}

/// Nothing can be read now.
#[derive(Debug, thiserror::Error)]
#[error("its server cannot be reached")]
struct Unreachable;

/// What a writer tells whoever opened the log once it may write.
type Opened = oneshot::Sender<Result<(Id, String, Owing), LogError>>;

impl PostgresLog {
    /// Opens the log that `url` names for writing, making it if need be.
    ///
    /// While another process writes it, this waits as a standby, and takes over when that one is gone or has not been
    /// heard of for two seconds. A server that would lose acknowledged events in a power loss is refused.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let place = Place::try_new(url)?;
        let readers = readers(&place);
        let (head_sender, committed) = watch::channel(0);
        let (away_sender, away) = watch::channel(false);
        let (requests, queue) = mpsc::channel(QUEUE_APPENDS_MAX);
        let (opened, opening) = oneshot::channel();
        let (recent, told) = (Recent::default(), Told { committed: head_sender, away: away_sender });
        let kept = recent.clone();
        let work = move || write(place, clock, told, kept, queue, opened);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(work);
        let writer = Some(thread.map_err(store::failed)?);
        let (id, name, owing) = opening.await.map_err(|_| writer_ended())??;
        let requests = Some(requests);
        Ok(Self { id, name, requests, readers, committed, away, owing: Some(owing), recent, writer })
    }

    /// Opens an existing log for reading beside its writer.
    pub async fn open_reader(url: &str) -> Result<Self, LogError> {
        let place = Place::try_new(url)?;
        let cannot = |error| LogError::Open(format!("cannot read the log in {}: {error}", place.shown()));
        // Not one of the pool's, which would try again for a while where nobody listens.
        let mut connection = PgConnection::connect_with(&place.options(READER_NAME)).await.map_err(cannot)?;
        session::refuse_unknown(&mut connection, &place).await?;
        let id = store::log_id(&mut connection).await?;
        let (_, committed) = watch::channel(store::head(&mut connection).await?);
        connection.close().await.map_err(store::failed)?;
        let (readers, (_, away)) = (readers(&place), watch::channel(false));
        let recent = Recent::default();
        Ok(Self {
            id,
            name: READER_NAME.to_owned(),
            requests: None,
            readers,
            committed,
            away,
            owing: None,
            recent,
            writer: None,
        })
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, LogError> {
        let Some(requests) = &self.requests else {
            return Err(reading_only());
        };
        let (reply, answer) = oneshot::channel();
        requests.send(request(reply)).await.map_err(|_| writer_ended())?;
        answer.await.map_err(|_| writer_ended())
    }

    /// A connection for reading. While the server is away nobody waits for one.
    async fn reader(&self) -> Result<PoolConnection<Postgres>, LogError> {
        let mut away = self.away.clone();
        let told = async {
            if away.wait_for(|away| *away).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = told => Err(store::failed(Unreachable)),
            acquired = self.readers.acquire() => match acquired {
                Err(sqlx::Error::PoolTimedOut) => Err(store::failed(Unreachable)),
                acquired => acquired.map_err(store::failed),
            },
        }
    }

    /// A connection for what is kept beside the log. It never stands in the way of an append.
    async fn keeper(&self) -> Result<PoolConnection<Postgres>, LogError> {
        if self.requests.is_none() { Err(reading_only()) } else { self.reader().await }
    }
}

impl Drop for PostgresLog {
    /// Lets the writer finish what it has taken, save its checkpoint and give the log back.
    fn drop(&mut self) {
        self.requests = None;
        if self.writer.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the log writer panicked");
        }
    }
}

/// The thread of the writer, which has a runtime of its own: it goes on to the end when the caller's has ended, and
/// a busy caller does not keep it from renewing its lease.
fn write(
    place: Place,
    clock: Arc<dyn Clock>,
    told: Told,
    recent: Recent,
    queue: mpsc::Receiver<Request>,
    mut opened: Opened,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::ledger::answer(opened, Err(store::failed(error))),
    };
    runtime.block_on(async {
        let writer = tokio::select! {
            writer = Box::pin(Writer::open(place, clock, told, recent)) => writer,
            // Whoever opened the log has given up waiting.
            () = opened.closed() => return,
        };
        match writer {
            Ok(writer) => {
                super::ledger::answer(opened, Ok((writer.id(), writer.name().to_owned(), writer.owing())));
                writer.run(queue).await;
            }
            Err(error) => super::ledger::answer(opened, Err(error)),
        }
    });
}

fn readers(place: &Place) -> PgPool {
    let options = PgPoolOptions::new().max_connections(READERS_MAX).acquire_timeout(READER_WAIT_MAX);
    // Trying each one would double the round trips of a short read.
    let options = options.test_before_acquire(false).before_acquire(|connection, reader| {
        Box::pin(async move {
            if reader.idle_for >= READER_TRUSTED {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    options.connect_lazy_with(place.options(READER_NAME))
}

fn writer_ended() -> LogError {
    LogError::Open("the log writer has ended".into())
}

fn reading_only() -> LogError {
    LogError::Open("this log was opened for reading only".into())
}

#[async_trait]
impl EventLog for PostgresLog {
    fn id(&self) -> Id {
        self.id
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        let entry = Entry::New(Box::new(append));
        self.ask(|reply| Request::Record { entry, reply }).await?
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        let (limit, head) = (limit.min(PAGE_EVENTS_MAX), *self.committed.borrow());
        match self.recent.scan(after, limit, head) {
            Some(found) => Ok(found),
            None => store::scan(&mut *self.reader().await?, after, limit).await,
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        store::read_stream(&mut *self.reader().await?, stream, after, limit.min(PAGE_EVENTS_MAX)).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        store::head(&mut *self.reader().await?).await
    }

    fn committed(&self) -> watch::Receiver<Position> {
        self.committed.clone()
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        let Some(owing) = &self.owing else {
            let owing = store::streams_owing(&mut *self.reader().await?).await;
            return Ok(owing.map_err(store::failed)?.into_iter().collect());
        };
        Ok(owing.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect())
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
        store::streams(&mut *self.reader().await?, after, limit.min(PAGE_EVENTS_MAX)).await
    }
}

#[async_trait]
impl Restore for PostgresLog {
    async fn restore(&self, records: Vec<Recorded>) -> Result<(), LogError> {
        let entry = Entry::Ready(records);
        self.ask(|reply| Request::Record { entry, reply }).await?.map(|_| ())
    }
}

#[async_trait]
impl Checkpoints for PostgresLog {
    async fn snapshot(&self, stream: &StreamName) -> Result<Option<Snapshot>, LogError> {
        store::snapshot(&mut *self.reader().await?, stream).await
    }

    async fn save_snapshot(&self, stream: &StreamName, snapshot: Snapshot) -> Result<(), LogError> {
        store::save_snapshot(&mut *self.keeper().await?, stream, &snapshot).await
    }

    async fn inbox(&self, actor: &str) -> Result<Position, LogError> {
        store::inbox(&mut *self.reader().await?, actor).await
    }

    async fn save_inbox(&self, actor: &str, position: Position, parked: Vec<Parked>) -> Result<(), LogError> {
        store::save_inbox(&mut *self.keeper().await?, actor, position, &parked, &self.name).await
    }

    async fn parked(&self, actor: &str) -> Result<Vec<Parked>, LogError> {
        store::parked(&mut *self.reader().await?, actor).await
    }

    async fn unpark(&self, actor: &str, parked: &Parked) -> Result<(), LogError> {
        store::unpark(&mut *self.keeper().await?, actor, parked, &self.name).await
    }
}
