//! The log of another process, over the bus: for whoever has no database at hand.
//!
//! Everything it does is asked of the one process that writes the log. While nobody answers, every call ends with
//! [`LogError::Store`]: what became of an append is unknown then, and trying it again settles it.

mod serve;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::log::{Checkpoints, LogError, Parked, Snapshot};
use hydra_events::record::{Append, Position, Recorded, Version};
use hydra_events::{EventLog, Id, StreamName};
use tokio::sync::watch;

pub use serve::serve;

use crate::bus::{Bus, BusError};
use crate::desk::{Desk, QUESTION_BYTES_MAX};
use wire::{Question, Reply, pack, store, unpack};

/// How long the writer of another log has to say so. Where nobody is there, a server says that at once.
const OTHER_MAX: Duration = Duration::from_secs(1);

/// The log at the other end of a bus.
pub struct RemoteLog {
    bus: Arc<dyn Bus>,
    id: Id,
    seen: watch::Sender<Position>,
}

impl RemoteLog {
    /// The log whose writer answers on `bus`.
    ///
    /// # Errors
    /// [`LogError::Store`] while nobody answers.
    pub async fn open(bus: Arc<dyn Bus>) -> Result<Self, LogError> {
        let (seen, _) = watch::channel(0);
        let mut log = Self { bus, id: Id::derive("unknown", &[]), seen };
        let (id, head) = log.ask_head().await?;
        log.id = id;
        log.see(head);
        Ok(log)
    }

    async fn ask(&self, question: &Question) -> Result<Reply, LogError> {
        reply(&self.bus.ask(Desk::Log, pack(question)?).await.map_err(store)?)
    }

    async fn ask_head(&self) -> Result<(Id, Position), LogError> {
        let Reply::Head { log, head } = self.ask(&Question::Head).await? else { return Err(odd()) };
        Ok((log, head))
    }

    async fn done(&self, question: &Question) -> Result<(), LogError> {
        let Reply::Done = self.ask(question).await? else { return Err(odd()) };
        Ok(())
    }

    fn see(&self, position: Position) {
        self.seen.send_if_modified(|seen| {
            let is_new = position > *seen;
            *seen = position.max(*seen);
            is_new
        });
    }
}

/// The log whose writer answers on `bus`, where that is another one than `log`: two of them would throw away each
/// other's events and take each other's commands.
pub async fn other_log(bus: &dyn Bus, log: Id) -> Option<Id> {
    let asked = bus.ask(Desk::Log, pack(&Question::OtherThan(log)).ok()?);
    let answer = tokio::time::timeout(OTHER_MAX, asked).await.ok()?.ok()?;
    let Reply::Log(other) = reply(&answer).ok()? else { return None };
    Some(other)
}

fn reply(answer: &[u8]) -> Result<Reply, LogError> {
    let reply = unpack(answer)?;
    if let Reply::Failed(fault) = reply { Err(fault.into()) } else { Ok(reply) }
}

/// The reply belongs to another question.
fn odd() -> LogError {
    store("the log's writer speaks otherwise: is it another hydra?")
}

#[async_trait]
impl EventLog for RemoteLog {
    fn id(&self) -> Id {
        self.id
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        let (stream, expected, count) = (append.stream.clone(), append.expected, append.events.len());
        let question = pack(&Question::Append(Box::new(append.into())))?;
        if question.len() > QUESTION_BYTES_MAX {
            let reason = format!("{} bytes: up to {QUESTION_BYTES_MAX} pass the bus", question.len());
            return Err(LogError::Refused { stream, reason });
        }
        let reply = reply(&self.bus.ask(Desk::Log, question).await.map_err(store)?)?;
        let events: Vec<Recorded> = if let Reply::Recorded(lines) = reply {
            lines.into_iter().map(Recorded::from).collect()
        } else if let Reply::Appended = reply {
            self.read_stream(&stream, expected, count).await?
        } else {
            return Err(odd());
        };
        events.last().into_iter().for_each(|last| self.see(last.position));
        Ok(events)
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        let mut all: Vec<Result<Recorded, LogError>> = Vec::new();
        let mut after = after;
        loop {
            let limit = limit - all.len();
            let Reply::Page { records, more } = self.ask(&Question::Scan { after, limit }).await? else {
                return Err(odd());
            };
            let records =
                records.into_iter().map(|record| record.map(Recorded::from).map_err(LogError::from));
            all.extend(records);
            match all.last() {
                Some(Ok(Recorded { position, .. }) | Err(LogError::Damaged { position, .. })) if more => {
                    after = *position;
                }
                _ => return Ok(all),
            }
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let mut all: Vec<Recorded> = Vec::new();
        loop {
            let (after, limit) = (all.last().map_or(after, |event| event.version), limit - all.len());
            let question = Question::ReadStream { stream: stream.clone(), after, limit };
            let Reply::Page { records, more } = self.ask(&question).await? else { return Err(odd()) };
            for record in records {
                all.push(record.map_err(LogError::from)?.into());
            }
            if !more {
                return Ok(all);
            }
        }
    }

    async fn head(&self) -> Result<Position, LogError> {
        let (id, head) = self.ask_head().await?;
        if id != self.id {
            return Err(LogError::Open(format!("log {id} is at the other end of the bus, not {}", self.id)));
        }
        self.see(head);
        Ok(head)
    }

    /// What this process has heard of: nothing tells it of other appends but the bus's own feed.
    fn committed(&self) -> watch::Receiver<Position> {
        self.seen.subscribe()
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        let mut all: Vec<StreamName> = Vec::new();
        loop {
            let question = Question::Owing { after: all.last().cloned() };
            let Reply::Owing { streams, more } = self.ask(&question).await? else { return Err(odd()) };
            all.extend(streams);
            if !more {
                return Ok(all);
            }
        }
    }

    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        self.done(&Question::CorrectOwing { stream: stream.clone(), version, owes }).await
    }

    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        let mut all: Vec<(StreamName, Version)> = Vec::new();
        loop {
            let after = all.last().map(|(stream, _)| stream).or(after).cloned();
            let question = Question::Streams { after, limit: limit - all.len() };
            let Reply::Streams { streams, more } = self.ask(&question).await? else { return Err(odd()) };
            all.extend(streams);
            if !more || all.len() >= limit {
                return Ok(all);
            }
        }
    }
}

#[async_trait]
impl Checkpoints for RemoteLog {
    async fn snapshot(&self, stream: &StreamName) -> Result<Option<Snapshot>, LogError> {
        let Reply::Snapshot(snapshot) = self.ask(&Question::Snapshot { stream: stream.clone() }).await?
        else {
            return Err(odd());
        };
        Ok(snapshot)
    }

    /// One that is too large for the bus is not kept: the stream is folded from its events then.
    async fn save_snapshot(&self, stream: &StreamName, snapshot: Snapshot) -> Result<(), LogError> {
        let question = pack(&Question::SaveSnapshot { stream: stream.clone(), snapshot })?;
        match self.bus.ask(Desk::Log, question).await {
            Ok(answer) => reply(&answer).map(|_| ()),
            Err(BusError::Refused(reason)) => {
                tracing::debug!(reason, %stream, "a snapshot is not kept");
                Ok(())
            }
            Err(error) => Err(store(error)),
        }
    }

    async fn inbox(&self, actor: &str) -> Result<Position, LogError> {
        let Reply::Position(position) = self.ask(&Question::Inbox { actor: actor.to_owned() }).await? else {
            return Err(odd());
        };
        Ok(position)
    }

    async fn save_inbox(&self, actor: &str, position: Position, parked: Vec<Parked>) -> Result<(), LogError> {
        self.done(&Question::SaveInbox { actor: actor.to_owned(), position, parked }).await
    }

    async fn parked(&self, actor: &str) -> Result<Vec<Parked>, LogError> {
        let Reply::Parked(parked) = self.ask(&Question::Parked { actor: actor.to_owned() }).await? else {
            return Err(odd());
        };
        Ok(parked)
    }

    async fn unpark(&self, actor: &str, parked: &Parked) -> Result<(), LogError> {
        self.done(&Question::Unpark { actor: actor.to_owned(), parked: parked.clone() }).await
    }
}
