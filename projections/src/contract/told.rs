//! A log that is what it was told: for views whose events no actor would record.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::log::LogError;
use hydra_events::record::{Append, Position, Recorded, Version};
use hydra_events::{EventLog, Id, StreamName};
use tokio::sync::watch;

use super::probe;

/// The log of the probe's events.
pub struct Told(Vec<Recorded>);

impl Told {
    /// A log with `events` in it.
    pub fn all(events: &[Recorded]) -> Arc<dyn EventLog> {
        Arc::new(Self(events.to_vec()))
    }
}

fn refused<T>(what: &str) -> Result<T, LogError> {
    Err(LogError::Open(format!("{what} is not for a log that was told")))
}

#[async_trait]
impl EventLog for Told {
    fn id(&self) -> Id {
        probe::log()
    }

    async fn append(&self, _: Append) -> Result<Vec<Recorded>, LogError> {
        refused("an append")
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        let events = self.0.iter().filter(|event| event.position > after);
        Ok(events.take(limit).cloned().map(Ok).collect())
    }

    async fn read_stream(&self, _: &StreamName, _: Version, _: usize) -> Result<Vec<Recorded>, LogError> {
        refused("a stream")
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(self.0.last().map_or(0, |event| event.position))
    }

    fn committed(&self) -> watch::Receiver<Position> {
        watch::channel(self.0.len() as Position).1
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        Ok(Vec::new())
    }

    async fn correct_owing(&self, _: &StreamName, _: Version, _: bool) -> Result<(), LogError> {
        refused("a correction")
    }

    async fn streams(
        &self,
        _: Option<&StreamName>,
        _: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        Ok(Vec::new())
    }
}
