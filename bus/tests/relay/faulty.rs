//! A real log and a real bus in front of which something goes wrong, as often as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hydra_bus::{Bus, BusError, DeadLetter, Feed, Invitation, Invitations, LocalBus};
use hydra_events::log::{LogError, SqliteLog};
use hydra_events::record::{Position, Version};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Append, EventLog, Id, Recorded, StreamName};
use tokio::sync::watch;

/// What becomes of a publish.
#[derive(Clone, Copy)]
pub enum Fault {
    /// It never reaches the bus.
    Before,
    /// It reaches the bus, and the answer is lost.
    After,
    /// Half of it reaches the bus.
    Halfway,
    /// Somebody else publishes the same just before.
    Overtaken,
}

pub struct FaultyBus {
    pub inner: LocalBus,
    pub faults: Mutex<VecDeque<Fault>>,
    pub follow_faults: Mutex<usize>,
}

impl FaultyBus {
    pub fn new(faults: &[Fault], follow_faults: usize) -> Self {
        let faults = Mutex::new(faults.iter().copied().collect());
        Self { inner: LocalBus::starting_at(0), faults, follow_faults: Mutex::new(follow_faults) }
    }
}

fn unplugged() -> Arc<dyn std::error::Error + Send + Sync> {
    Arc::new(std::io::Error::other("unplugged"))
}

#[async_trait]
impl Bus for FaultyBus {
    async fn publish(&self, events: &[Arc<Recorded>]) -> Result<(), BusError> {
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            None => return self.inner.publish(events).await,
            Some(Fault::Before) => {}
            Some(Fault::After) => self.inner.publish(events).await?,
            Some(Fault::Overtaken) => {
                self.inner.publish(events).await?;
                return self.inner.publish(events).await;
            }
            Some(Fault::Halfway) => self.inner.publish(&events[..events.len() / 2]).await?,
        }
        Err(BusError::Unavailable(unplugged()))
    }

    async fn published(&self) -> Result<Position, BusError> {
        self.inner.published().await
    }

    async fn follow(&self) -> Result<Box<dyn Feed>, BusError> {
        {
            let mut faults = self.follow_faults.lock().unwrap();
            if *faults > 0 {
                *faults -= 1;
                return Err(BusError::Unavailable(unplugged()));
            }
        }
        self.inner.follow().await
    }

    async fn invite(&self, invitation: Invitation) -> Result<(), BusError> {
        self.inner.invite(invitation).await
    }

    async fn invitations(&self, node: &str, kind: WorkKind) -> Result<Box<dyn Invitations>, BusError> {
        self.inner.invitations(node, kind).await
    }

    async fn bury(&self, letter: DeadLetter) -> Result<(), BusError> {
        self.inner.bury(letter).await
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, BusError> {
        self.inner.dead_letters().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

/// What is wrong with a log.
#[derive(Clone, Copy, PartialEq)]
pub enum Trouble {
    /// Nobody is told of a commit.
    Silent,
    /// So many reads fail.
    Failing(usize),
    /// The record at this position is damaged.
    Damaged(Position),
    /// The record at this position is missing.
    Missing(Position),
}

pub struct FaultyLog {
    pub inner: Arc<SqliteLog>,
    pub trouble: Mutex<Trouble>,
}

impl FaultyLog {
    pub fn new(inner: Arc<SqliteLog>, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self { inner, trouble: Mutex::new(trouble) })
    }

    fn fails(&self) -> bool {
        let mut trouble = self.trouble.lock().unwrap();
        match *trouble {
            Trouble::Failing(left) if left > 0 => {
                *trouble = Trouble::Failing(left - 1);
                true
            }
            Trouble::Failing(_) | Trouble::Silent | Trouble::Damaged(_) | Trouble::Missing(_) => false,
        }
    }
}

#[async_trait]
impl EventLog for FaultyLog {
    fn id(&self) -> Id {
        self.inner.id()
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        self.inner.append(append).await
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        if self.fails() {
            return Err(LogError::Store(unplugged()));
        }
        let mut records = self.inner.scan(after, limit).await?;
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Trouble::Damaged(position) => {
                let damage = LogError::Damaged { position, what: "the hash does not fit".into() };
                for record in &mut records {
                    if record.as_ref().is_ok_and(|event| event.position == position) {
                        *record = Err(damage.clone());
                    }
                }
            }
            Trouble::Missing(position) => {
                records.retain(|record| record.as_ref().is_ok_and(|event| event.position != position));
            }
            Trouble::Silent | Trouble::Failing(_) => {}
        }
        Ok(records)
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.inner.read_stream(stream, after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.inner.head().await
    }

    fn committed(&self) -> watch::Receiver<Position> {
        match *self.trouble.lock().unwrap() {
            Trouble::Silent => watch::channel(0).1,
            Trouble::Failing(_) | Trouble::Damaged(_) | Trouble::Missing(_) => self.inner.committed(),
        }
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        self.inner.streams_owing().await
    }

    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        self.inner.correct_owing(stream, version, owes).await
    }

    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        self.inner.streams(after, limit).await
    }
}
