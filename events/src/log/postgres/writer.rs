//! The writer: takes what is queued, checks it, stores it with one statement, answers.
//!
//! Nothing waits for a timer: while one batch is in flight the next is gathered. When the connection is lost
//! in the middle, nobody knows whether the batch was stored. So a new connection takes the lock, which the old one
//! can only have left once it was over, forgets everything, and the same batch is checked again: what is there
//! already is known by its event ids.

mod recovery;

use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

use super::super::LogError;
use super::super::entry::Entry;
use super::super::ledger::{Answer, Checked, End, Ledger, Owing, Size, answer, fresh};
use super::batch::{Outcomes, learn_heads, store_batch};
use super::lead::{bounded, ensure_id, newest, wait_to_lead};
use super::next::{Batch, Next};
use super::place::{Place, writer_name};
use super::recent::Recent;
use super::rows::Rows;
use super::session::{LEASE_RENEWAL, Session, is_lost};
use super::store;
use crate::clock::Clock;
use crate::id::Id;
use crate::record::{Position, Recorded, Version};
use crate::stream::StreamName;

/// How long callers wait for a lost server before they are told to try again.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the end of a writer may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

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
}

/// Where the log is told of its writer.
pub(super) struct Told {
    pub(super) committed: watch::Sender<Position>,
    /// Whether the server has not been reached for longer than callers wait.
    pub(super) away: watch::Sender<bool>,
}

pub(super) struct Writer {
    place: Place,
    name: String,
    clock: Arc<dyn Clock>,
    id: Id,
    /// None between a lost connection and the next.
    session: Option<Session>,
    /// Since when there is none.
    lost: Option<Instant>,
    /// Why this writer writes no more.
    stopped: Option<String>,
    /// What is stored, and what is being stored or gathered besides.
    ledger: Ledger,
    /// Up to here everything is stored.
    stored: End,
    next: Next,
    /// Outcomes that are stored and not told yet.
    untold: Vec<(Answer, Outcome)>,
    recent: Recent,
    renewal: Interval,
    /// Dropped once nothing more can be recorded here, which whoever follows it is told by that.
    committed: Option<watch::Sender<Position>>,
    /// Whether the server has not been reached for longer than callers wait.
    away: watch::Sender<bool>,
}

/// What somebody who appended is told.
type Outcome = Result<Vec<Recorded>, LogError>;

/// Why a batch as a whole was not stored, as far as one knows.
enum Failure {
    /// The database refused it: nothing of it was stored.
    Refused(LogError),
    /// Nobody can say now, or it cannot be tried now.
    Unknown(LogError),
}

impl Writer {
    /// Becomes the one writer of the log, for as long as that takes.
    pub(super) async fn open(
        place: Place,
        clock: Arc<dyn Clock>,
        told: Told,
        recent: Recent,
    ) -> Result<Self, LogError> {
        let shown = place.shown();
        let opened = Self::lead(place, clock, told, recent).await;
        opened.map_err(|error| LogError::Open(format!("cannot open the log in {shown}: {error}")))
    }

    async fn lead(
        place: Place,
        clock: Arc<dyn Clock>,
        Told { committed, away }: Told,
        recent: Recent,
    ) -> Result<Self, LogError> {
        let name = writer_name();
        let mut session = wait_to_lead(&place, &name).await?;
        session.migrate().await?;
        session.renew_lease().await.map_err(store::failed)?;
        let id = ensure_id(&mut session, clock.as_ref()).await?;
        let (end, owing) = newest(&mut session).await.map_err(store::failed)?;
        committed.send_replace(end.position);
        let mut renewal = interval(LEASE_RENEWAL);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (ledger, session) = (Ledger::new(end, owing), Some(session));
        Ok(Self {
            place,
            name,
            clock,
            id,
            session,
            lost: None,
            stopped: None,
            ledger,
            stored: end,
            next: Next::default(),
            untold: Vec::new(),
            recent,
            renewal,
            committed: Some(committed),
            away,
        })
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn owing(&self) -> Owing {
        self.ledger.owing()
    }

    /// Works until every sender is gone.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while !self.next.is_over() {
            let Self { next, ledger, clock, renewal, .. } = &mut self;
            tokio::select! {
                // First, so that a holder under load is not taken for dead.
                biased;
                _ = renewal.tick() => {
                    self.tell();
                    self.renew().await;
                }
                () = next.filled(&mut queue, ledger, clock.as_ref()) => self.step(&mut queue).await,
            }
        }
        self.save_owing().await;
        let Some(session) = self.session.take() else { return };
        if !matches!(timeout(CLOSE_TIMEOUT, session.close()).await, Ok(Ok(()))) {
            tracing::debug!("the log's connection was gone before it was closed");
        }
    }

    async fn renew(&mut self) {
        let Some(session) = &mut self.session else {
            // A log that nobody appends to should be ours again before somebody does.
            let regained = self.regain(Instant::now()).await;
            return regained.unwrap_or_else(|error| tracing::debug!(%error, "the log has no connection"));
        };
        if let Err(error) = bounded(session.renew_lease()).await {
            tracing::warn!(%error, "the lease of the log was not renewed");
            self.lose();
        }
    }

    async fn step(&mut self, queue: &mut mpsc::Receiver<Request>) {
        if self.session.is_none() {
            self.doubt();
        }
        let batch = self.next.take_batch();
        if batch.entries.is_empty() {
            self.tell();
            self.work(queue).await;
        } else {
            self.store(batch, queue).await;
        }
        if self.ledger.owing_is_due() {
            self.tell();
            self.save_owing().await;
        }
    }

    /// Stores a batch that is checked, and gathers the next meanwhile.
    async fn store(&mut self, batch: Batch, queue: &mut mpsc::Receiver<Request>) {
        let Batch { entries, results, rows } = batch;
        let events: Vec<&Recorded> = fresh(&results).flatten().collect();
        let stored = self.send(&events, &rows, queue).await;
        // Where nothing was to be stored they wait still.
        self.tell();
        if let Err(error) = stored {
            tracing::warn!(%error, "a batch of the log was not stored, and is tried again");
            if is_lost(&error) {
                self.lose()
            } else {
                self.look_again().await
            }
            return self.next.put_back(entries);
        }
        if let Some(last) = events.last() {
            self.recent.add(events.iter().copied());
            self.note_stored(End { position: last.position, time: last.time });
        }
        self.ledger.note_owing(&results);
        let outcomes = results.into_iter().map(|result| result.map(Checked::into_records));
        self.untold.extend(entries.into_iter().map(|(_, reply)| reply).zip(outcomes));
        if self.next.is_empty() {
            self.tell();
        }
    }

    /// Sends `events`, tells those who wait for the batch before, and gathers until the server has answered.
    async fn send(
        &mut self,
        events: &[&Recorded],
        rows: &Rows,
        queue: &mut mpsc::Receiver<Request>,
    ) -> Result<(), sqlx::Error> {
        let Self { next, ledger, clock, session: Some(session), untold, .. } = self else {
            return Err(sqlx::Error::Io(std::io::ErrorKind::NotConnected.into()));
        };
        let mut storing = pin!(bounded(session.store(events, rows)));
        loop {
            tokio::select! {
                biased;
                stored = &mut storing => return stored,
                // Once the statement is on its way.
                () = ready(()), if !untold.is_empty() => tell(untold),
                () = next.gather(queue, ledger, clock.as_ref()), if next.has_room() => {}
            }
        }
    }

    fn tell(&mut self) {
        tell(&mut self.untold);
    }

    /// Checks by asking the store what cannot be decided without it, with what is queued behind it.
    async fn work(&mut self, queue: &mut mpsc::Receiver<Request>) {
        let mut batch = Vec::new();
        let mut size = Size::default();
        while size.within_limits()
            && let Some(request) = self.next.take_waiting().or_else(|| queue.try_recv().ok())
        {
            match request {
                Request::Record { entry, reply } => {
                    size.add(&entry);
                    batch.push((entry, reply));
                }
                Request::CorrectOwing { stream, version, owes, reply } => {
                    answer(reply, self.correct_owing(stream, version, owes).await);
                }
            }
        }
        if !batch.is_empty() {
            self.commit(batch).await;
        }
    }

    async fn commit(&mut self, batch: Vec<(Entry, Answer)>) {
        let entries: Vec<&Entry> = batch.iter().map(|(entry, _)| entry).collect();
        match self.commit_surely(&entries).await {
            Ok(outcomes) => {
                for ((_, reply), outcome) in batch.into_iter().zip(outcomes) {
                    answer(reply, outcome);
                }
            }
            // One of them broke the statement: each gets its own, so that only the guilty fail.
            Err(Failure::Refused(_)) => self.commit_singly(batch).await,
            Err(Failure::Unknown(error)) => answer_all(batch, &error),
        }
    }

    async fn commit_singly(&mut self, batch: Vec<(Entry, Answer)>) {
        let mut batch = batch.into_iter();
        while let Some((entry, reply)) = batch.next() {
            // Many of these take longer than a lease lasts.
            if timeout(Duration::ZERO, self.renewal.tick()).await.is_ok() {
                self.renew().await;
            }
            match self.commit_surely(&[&entry]).await {
                Ok(mut outcomes) => answer(reply, outcomes.pop().unwrap_or(Ok(Vec::new()))),
                Err(Failure::Refused(error)) => answer(reply, Err(error)),
                Err(Failure::Unknown(error)) => {
                    answer(reply, Err(error.clone()));
                    return answer_all(batch, &error);
                }
            }
        }
    }

    /// Stores a batch, over as many connections as it takes within a limit.
    async fn commit_surely(&mut self, entries: &[&Entry]) -> Result<Outcomes, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.regain(deadline).await.map_err(Failure::Unknown)?;
            self.ledger.begin(self.clock.now());
            let Some(session) = &mut self.session else { continue };
            match bounded(store_batch(session, &mut self.ledger, entries)).await {
                Ok(outcomes) => {
                    self.recent.add(outcomes.iter().flatten().flatten());
                    self.note_stored(self.ledger.end());
                    return Ok(outcomes);
                }
                Err(error) => {
                    if !is_lost(&error) {
                        tracing::warn!(%error, "the database refused a batch of the log");
                        self.look_again().await;
                        return Err(Failure::Refused(not_acknowledged(&error)));
                    }
                    tracing::warn!(%error, "the log lost its connection while it stored a batch");
                    self.lose();
                    if Instant::now() >= deadline {
                        return Err(Failure::Unknown(not_acknowledged(&error)));
                    }
                }
            }
        }
    }

    fn note_stored(&mut self, end: End) {
        self.stored = end;
        if let Some(committed) = &self.committed {
            committed.send_replace(end.position);
        }
    }

    async fn correct_owing(
        &mut self,
        stream: StreamName,
        version: Version,
        owes: bool,
    ) -> Result<(), LogError> {
        self.regain(Instant::now() + PATIENCE).await?;
        let Some(session) = &mut self.session else { return Ok(()) };
        let looked = bounded(learn_heads(session, &mut self.ledger, [(&stream, version)].into_iter())).await;
        looked.map_err(|error| not_acknowledged(&error))?;
        if version > 0 && self.ledger.head(&stream, version).is_some_and(|head| head.version == version) {
            self.ledger.correct_owing(stream, owes);
            self.save_owing().await;
        }
        Ok(())
    }

    async fn save_owing(&mut self) {
        let Some(session) = &mut self.session else { return };
        let (owing, position) = (self.ledger.owing_now(), self.stored.position);
        match bounded(store::save_owing(session.connection(), &owing, position)).await {
            Ok(()) => self.ledger.owing_was_saved(),
            // Only a longer fold at the next start is lost.
            Err(error) => {
                tracing::warn!(%error, "the set of owing streams was not saved");
                self.lose();
            }
        }
    }
}

fn tell(untold: &mut Vec<(Answer, Outcome)>) {
    for (reply, outcome) in untold.drain(..) {
        answer(reply, outcome);
    }
}

fn answer_all(batch: impl IntoIterator<Item = (Entry, Answer)>, error: &LogError) {
    for (_, reply) in batch {
        answer(reply, Err(error.clone()));
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not acknowledged by its server: {0}")]
struct NotAcknowledged(String);

fn not_acknowledged(cause: &dyn std::error::Error) -> LogError {
    store::failed(NotAcknowledged(cause.to_string()))
}
