//! A reader of every event, in order, without a hole: from the bus's feed where that is contiguous, from the
//! log where it is not. Every inbox reads through one.
//!
//! The bus may lose what it likes, or be away: then events come from the log, at the latest a
//! second late.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::{EventLog, Recorded};
use tokio::time::timeout;

use crate::bus::{Bus, BusError, Delivery, Feed};
use crate::page;

/// Most events of one batch.
pub const BATCH_EVENTS_MAX: usize = 1_000;

const POLL: Duration = Duration::from_secs(1);

/// Why the reader has no next events. Calling it again is always safe.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReaderError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The bus is closed: the process is about to end.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// Reads every event after a position.
pub struct Reader {
    log: Arc<dyn EventLog>,
    bus: Arc<dyn Bus>,
    after: Position,
    place: Place,
    /// Absent before the first read, and while the bus is away.
    feed: Option<Box<dyn Feed>>,
}

/// Where the next event is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the log, up to its head.
    Log,
    /// In the feed: nothing is known to be missing between the last event read and what it will deliver.
    Feed,
}

impl Reader {
    /// A reader of everything after position `after`.
    pub fn new(log: Arc<dyn EventLog>, bus: Arc<dyn Bus>, after: Position) -> Self {
        Self { log, bus, after, place: Place::Log, feed: None }
    }

    /// The position of the last event it has returned.
    pub fn position(&self) -> Position {
        self.after
    }

    /// Waits for the next events: 1 to `max` (at most [`BATCH_EVENTS_MAX`]), without a hole after the last
    /// one returned. Dropping the future loses nothing.
    pub async fn next(&mut self, max: usize) -> Result<Vec<Arc<Recorded>>, ReaderError> {
        let max = max.clamp(1, BATCH_EVENTS_MAX);
        loop {
            let events = match self.place {
                Place::Log => self.read_log(max).await?,
                Place::Feed => self.read_feed(max).await?,
            };
            if let Some(last) = events.last() {
                self.after = last.position;
                return Ok(events);
            }
        }
    }

    async fn read_log(&mut self, max: usize) -> Result<Vec<Arc<Recorded>>, ReaderError> {
        if self.feed.is_none() {
            // Before the log is read, so that nothing falls in between.
            self.feed = self.follow().await?;
        }
        let events = page::read(self.log.as_ref(), self.after, max).await?;
        if events.is_empty() {
            self.place = Place::Feed;
        }
        Ok(events)
    }

    async fn follow(&mut self) -> Result<Option<Box<dyn Feed>>, ReaderError> {
        match self.bus.follow().await {
            Ok(feed) => Ok(Some(feed)),
            Err(BusError::Unavailable(error)) => {
                tracing::warn!(%error, "no feed: events come from the log alone");
                Ok(None)
            }
            Err(error @ (BusError::Closed | BusError::Refused(_) | BusError::OutOfOrder { .. })) => {
                Err(error.into())
            }
        }
    }

    async fn read_feed(&mut self, max: usize) -> Result<Vec<Arc<Recorded>>, ReaderError> {
        match timeout(POLL, delivery(self.feed.as_mut())).await {
            Ok(first) => self.batch(first, max),
            Err(_) => {
                if self.feed.is_none() || self.log.head().await? > self.after {
                    self.place = Place::Log;
                }
                Ok(Vec::new())
            }
        }
    }

    /// What follows without a hole among `first` and whatever the feed has ready. Never waits: a future
    /// dropped here would lose what was taken.
    fn batch(
        &mut self,
        first: Result<Delivery, BusError>,
        max: usize,
    ) -> Result<Vec<Arc<Recorded>>, ReaderError> {
        let mut events: Vec<Arc<Recorded>> = Vec::new();
        let mut after = self.after;
        let mut next = Some(first);
        while let Some(delivery) = next.take() {
            match delivery {
                Ok(Delivery::Event(event)) if event.position <= after => {}
                Ok(Delivery::Event(event)) if event.position == after + 1 => {
                    after = event.position;
                    events.push(event);
                }
                Ok(Delivery::Event(_) | Delivery::Gap) => {
                    self.place = Place::Log;
                    break;
                }
                Err(error) => {
                    self.lose_feed(error, &events)?;
                    break;
                }
            }
            if events.len() < max {
                next = self.feed.as_mut().and_then(|feed| feed.next().now_or_never());
            }
        }
        Ok(events)
    }

    /// Goes on without the feed. With nothing to return, the next try waits for the poll, so that a feed that
    /// always fails at once is not asked without end.
    fn lose_feed(&mut self, error: BusError, events: &[Arc<Recorded>]) -> Result<(), ReaderError> {
        self.feed = None;
        if !events.is_empty() {
            self.place = Place::Log;
            return Ok(());
        }
        match error {
            BusError::Unavailable(error) => {
                tracing::warn!(%error, "the feed was lost: events come from the log meanwhile");
                Ok(())
            }
            BusError::Closed | BusError::Refused(_) | BusError::OutOfOrder { .. } => Err(error.into()),
        }
    }
}

/// What the feed delivers next; without one, nothing ever.
async fn delivery(feed: Option<&mut Box<dyn Feed>>) -> Result<Delivery, BusError> {
    match feed {
        Some(feed) => feed.next().await,
        None => future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use async_trait::async_trait;
    use hydra_events::clock::SystemClock;
    use hydra_events::log::SqliteLog;

    use super::*;
    use crate::LocalBus;
    use crate::contract::event;

    /// A feed that delivers what it was given, then waits for ever.
    struct Script(VecDeque<Result<Delivery, BusError>>);

    #[async_trait]
    impl Feed for Script {
        async fn next(&mut self) -> Result<Delivery, BusError> {
            match self.0.pop_front() {
                Some(delivery) => delivery,
                None => future::pending().await,
            }
        }
    }

    const GAP: Position = 0;

    fn delivery(position: Position) -> Result<Delivery, BusError> {
        Ok(if position == GAP { Delivery::Gap } else { Delivery::Event(event(position)) })
    }

    /// A reader that has read up to 10 gets `deliveries` from its feed: it must return `expected` and go on
    /// in `place`.
    async fn check(deliveries: &[Position], max: usize, expected: &[Position], place: Place) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("log.db").display());
        let log = Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap());
        let mut reader = Reader::new(log, Arc::new(LocalBus::starting_at(0)), 10);
        reader.place = Place::Feed;
        reader.feed = Some(Box::new(Script(deliveries[1..].iter().copied().map(delivery).collect())));
        let events = reader.batch(delivery(deliveries[0]), max).unwrap();
        let positions: Vec<Position> = events.iter().map(|event| event.position).collect();
        assert_eq!((positions.as_slice(), reader.place), (expected, place), "of {deliveries:?}");
    }

    #[tokio::test]
    async fn a_batch_takes_from_the_feed_what_follows_and_leaves_the_rest_to_the_log() {
        check(&[11], 9, &[11], Place::Feed).await;
        check(&[11, 12, 13], 9, &[11, 12, 13], Place::Feed).await;
        check(&[11, 12, 13], 2, &[11, 12], Place::Feed).await;
        check(&[8, 9, 10, 11], 9, &[11], Place::Feed).await;
        check(&[11, 11, 10, 12], 9, &[11, 12], Place::Feed).await;
        check(&[10], 9, &[], Place::Feed).await;
        check(&[12, 13], 9, &[], Place::Log).await;
        check(&[11, 13, 14], 9, &[11], Place::Log).await;
        check(&[GAP, 11], 9, &[], Place::Log).await;
        check(&[11, GAP, 12], 9, &[11], Place::Log).await;
    }
}
