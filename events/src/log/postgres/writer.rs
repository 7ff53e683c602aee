//! The writer: takes what is queued, checks it, stores it with one statement, answers.
//!
//! Nothing waits for a timer: while one batch is in flight the next gathers in the queue. When the connection is lost
//! in the middle, nobody knows whether the batch was stored. So a new connection takes the lock, which the old one
//! can only have left once it was over, forgets everything, and the same batch is checked again: what is there
//! already is known by its event ids.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

use super::super::LogError;
use super::super::entry::Entry;
use super::super::ledger::{Answer, Ledger, Owing, Size, answer};
use super::batch::{Outcomes, learn_heads, store_batch};
use super::lead::{RECONNECT_PAUSE, bounded, ensure_id, newest, wait_to_lead};
use super::place::{Place, writer_name};
use super::session::{LEASE_RENEWAL, Session, is_lost};
use super::store;
use crate::clock::Clock;
use crate::id::Id;
use crate::record::{Position, Version};
use crate::stream::StreamName;

/// How long callers wait for a lost server before they are told to try again.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long one try to become the writer again may take.
const LEAD_TIMEOUT: Duration = Duration::from_secs(10);

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
    ledger: Ledger,
    renewal: Interval,
    /// Dropped once nothing more can be recorded here, which whoever follows it is told by that.
    committed: Option<watch::Sender<Position>>,
    /// Whether the server has not been reached for longer than callers wait.
    away: watch::Sender<bool>,
}

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
        committed: watch::Sender<Position>,
        away: watch::Sender<bool>,
    ) -> Result<Self, LogError> {
        let shown = place.shown();
        let opened = Self::lead(place, clock, committed, away).await;
        opened.map_err(|error| LogError::Open(format!("cannot open the log in {shown}: {error}")))
    }

    async fn lead(
        place: Place,
        clock: Arc<dyn Clock>,
        committed: watch::Sender<Position>,
        away: watch::Sender<bool>,
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
            renewal,
            committed: Some(committed),
            away,
        })
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn owing(&self) -> Owing {
        self.ledger.owing()
    }

    /// Works until every sender is gone.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                // First, so that a holder under load is not taken for dead.
                biased;
                _ = self.renewal.tick() => self.renew().await,
                request = queue.recv() => match request {
                    Some(request) => self.work(request, &mut queue).await,
                    None => break,
                },
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

    async fn work(&mut self, first: Request, queue: &mut mpsc::Receiver<Request>) {
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
                    answer(reply, self.correct_owing(stream, version, owes).await);
                }
            }
            if size.within_limits() {
                next = queue.try_recv().ok();
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
        if self.ledger.owing_is_due() {
            self.save_owing().await;
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
            let before = self.ledger.begin(self.clock.now());
            let Some(session) = &mut self.session else { continue };
            match bounded(store_batch(session, &mut self.ledger, entries)).await {
                Ok(outcomes) => {
                    self.tell_committed(self.ledger.end().position);
                    return Ok(outcomes);
                }
                Err(error) => {
                    self.ledger.fall_back(before);
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

    fn tell_committed(&self, position: Position) {
        if let Some(committed) = &self.committed {
            committed.send_replace(position);
        }
    }

    fn lose(&mut self) {
        self.session = None;
        self.lost.get_or_insert(Instant::now());
    }

    /// Whether callers have been kept waiting for as long as they may.
    fn is_long_lost(&self) -> bool {
        self.lost.is_some_and(|lost| lost.elapsed() >= PATIENCE)
    }

    /// Makes sure that there is a connection which may write, and tries until `deadline` to get one.
    async fn regain(&mut self, deadline: Instant) -> Result<(), LogError> {
        while self.session.is_none() {
            if let Some(why) = &self.stopped {
                return Err(LogError::Open(why.clone()));
            }
            let led = timeout(LEAD_TIMEOUT, self.lead_again()).await;
            match led.unwrap_or_else(|elapsed| Err(store::failed(elapsed))) {
                Ok(session) => {
                    tracing::info!(log = self.place.shown(), "the log has a connection again");
                    (self.session, self.lost) = (Some(session), None);
                }
                Err(error @ LogError::Open(_)) => {
                    tracing::error!(log = self.place.shown(), %error, "the log's writer has stopped");
                    self.stopped = Some(error.to_string());
                    self.committed = None;
                    return Err(error);
                }
                Err(error) if Instant::now() >= deadline || self.is_long_lost() => {
                    return Err(not_acknowledged(&error));
                }
                Err(_) => tokio::time::sleep(RECONNECT_PAUSE).await,
            }
        }
        Ok(())
    }

    /// A new connection with the lock, after the last was lost.
    async fn lead_again(&mut self) -> Result<Session, LogError> {
        let connected = Session::connect(&self.place, &self.name).await;
        self.away.send_replace(connected.is_err() && self.is_long_lost());
        let mut session = connected?;
        session.end_former().await.map_err(store::failed)?;
        let leads = session.try_lead().await.map_err(store::failed)?;
        let holder = session.lease_holder().await.map_err(store::failed)?;
        if !leads {
            return Err(match holder {
                Some(holder) if holder != self.name => taken_over(&holder),
                // Whoever has it has not said so yet.
                Some(_) | None => {
                    store::failed(std::io::Error::other("another process holds the lock of the log"))
                }
            });
        }
        session.renew_lease().await.map_err(store::failed)?;
        let (end, owing) = newest(&mut session).await.map_err(store::failed)?;
        self.ledger.look_again(end, owing);
        self.tell_committed(end.position);
        Ok(session)
    }

    /// After the database refused a batch: somebody else may have written, or may write from now on.
    async fn look_again(&mut self) {
        let Some(session) = &mut self.session else { return };
        let looked = bounded(async {
            let leads = session.leads().await?;
            Ok((leads, newest(session).await?))
        });
        match looked.await {
            Ok((true, (end, owing))) => self.ledger.look_again(end, owing),
            // The lock is asked for again before anything else is written.
            Ok((false, _)) => self.lose(),
            Err(error) => {
                tracing::warn!(%error, "the head of the log could not be read");
                self.lose();
            }
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
        let (owing, position) = (self.ledger.owing_now(), self.ledger.end().position);
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

fn taken_over(holder: &str) -> LogError {
    LogError::Open(format!("{holder} has taken over the log: this process writes no more, start it again"))
}
