//! A log seen as it might be: read in pages of any size, shorter than it is, with damaged records, or failing in between.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use hydra_events::log::LogError;
use hydra_events::record::{Append, Position, Recorded, Version};
use hydra_events::{EventLog, Id, StreamName};
use tokio::sync::watch;

pub struct Window {
    log: Arc<dyn EventLog>,
    pages: Vec<usize>,
    end: Position,
    damaged: BTreeSet<Position>,
    readable: Range<Position>,
    reads: AtomicUsize,
}

impl Window {
    /// All of `log`.
    pub fn on(log: &Arc<dyn EventLog>) -> Self {
        Self {
            log: Arc::clone(log),
            pages: vec![usize::MAX],
            end: Position::MAX,
            damaged: BTreeSet::new(),
            readable: 0..Position::MAX,
            reads: AtomicUsize::new(0),
        }
    }

    /// Read in pages of these sizes, from the first again after the last.
    pub fn in_pages(self, pages: Vec<usize>) -> Self {
        Self { pages, ..self }
    }

    /// As it was when `end` was its head.
    pub fn until(self, end: Position) -> Self {
        Self { end, ..self }
    }

    /// With these records damaged.
    pub fn damaged(self, positions: impl IntoIterator<Item = Position>) -> Self {
        Self { damaged: positions.into_iter().collect(), ..self }
    }

    /// That can only be read after positions in this range.
    pub fn readable(self, readable: Range<Position>) -> Self {
        Self { readable, ..self }
    }

    pub fn share(self) -> Arc<dyn EventLog> {
        Arc::new(self)
    }

    fn seen(&self, record: Result<Recorded, LogError>) -> Result<Recorded, LogError> {
        match record {
            Ok(event) if self.damaged.contains(&event.position) => {
                Err(LogError::Damaged { position: event.position, what: "for the test".into() })
            }
            Ok(_) | Err(_) => record,
        }
    }
}

#[async_trait]
impl EventLog for Window {
    fn id(&self) -> Id {
        self.log.id()
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        self.log.append(append).await
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        if !self.readable.contains(&after) {
            return Err(LogError::Store(Arc::new(std::io::Error::other("for the test"))));
        }
        let page = self.pages[self.reads.fetch_add(1, Ordering::SeqCst) % self.pages.len()];
        let left = usize::try_from(self.end.saturating_sub(after)).unwrap_or(usize::MAX);
        let records = self.log.scan(after, limit.min(page).min(left)).await?;
        Ok(records.into_iter().map(|record| self.seen(record)).collect())
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.log.read_stream(stream, after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(self.log.head().await?.min(self.end))
    }

    fn committed(&self) -> watch::Receiver<Position> {
        self.log.committed()
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        self.log.streams_owing().await
    }

    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        self.log.correct_owing(stream, version, owes).await
    }

    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        self.log.streams(after, limit).await
    }
}
