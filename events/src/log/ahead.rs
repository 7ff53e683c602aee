//! The whole log, page by page, for whoever reads much of it: further pages are fetched while one is used.
//!
//! Positions are dense, so it is known where each page begins before the one in front of it has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{EventLog, LogError, PAGE_EVENTS_MAX};
use crate::record::{Position, Recorded};

/// Pages on their way at once, no more than a log has readers for.
const PAGES: u64 = 3;

/// What one scan returned.
type Page = Result<Vec<Result<Recorded, LogError>>, LogError>;

/// A reader of everything after a position.
pub struct Ahead {
    log: Arc<dyn EventLog>,
    /// Up to here everything was returned.
    after: Position,
    /// Pages were asked for up to here.
    asked: Position,
    /// How many pages may be on their way: one, until the log is known to be long.
    pages: u64,
    fetching: JoinSet<(Position, Page)>,
    /// Pages by the position they begin after.
    arrived: BTreeMap<Position, Page>,
}

impl Ahead {
    /// A reader of everything after `after`.
    pub fn new(log: Arc<dyn EventLog>, after: Position) -> Self {
        Self { log, after, asked: after, pages: 1, fetching: JoinSet::new(), arrived: BTreeMap::new() }
    }

    /// The next records, at most [`PAGE_EVENTS_MAX`], a damaged one as an error in its place; none at the head.
    ///
    /// # Errors
    /// When the log cannot be read. Asking again is safe.
    pub async fn scan(&mut self) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        let page = match self.page().await {
            Ok(page) => page,
            Err(error) => {
                self.begin_anew();
                return Err(error);
            }
        };
        let expected = self.after + PAGE_EVENTS_MAX as u64;
        self.after = page.last().and_then(position).unwrap_or(self.after);
        self.pages = PAGES;
        if self.after != expected {
            // The head, or a hole: what was asked for beyond it is not what follows.
            self.begin_anew();
        }
        Ok(page)
    }

    /// The next events, none at the head.
    ///
    /// # Errors
    /// When the log cannot be read, or one of the records is damaged.
    pub async fn read(&mut self) -> Result<Vec<Recorded>, LogError> {
        self.scan().await?.into_iter().collect()
    }

    async fn page(&mut self) -> Page {
        loop {
            if let Some(page) = self.arrived.remove(&self.after) {
                return page;
            }
            self.ask();
            match self.fetching.join_next().await {
                Some(Ok((begins, page))) => drop(self.arrived.insert(begins, page)),
                Some(Err(failed)) => return Err(LogError::Store(Arc::new(failed))),
                None => return self.log.scan(self.after, PAGE_EVENTS_MAX).await,
            }
        }
    }

    fn ask(&mut self) {
        while self.asked < self.after + self.pages * PAGE_EVENTS_MAX as u64 {
            let (log, begins) = (Arc::clone(&self.log), self.asked);
            self.fetching.spawn(async move { (begins, log.scan(begins, PAGE_EVENTS_MAX).await) });
            self.asked += PAGE_EVENTS_MAX as u64;
        }
    }

    fn begin_anew(&mut self) {
        (self.fetching, self.arrived) = (JoinSet::new(), BTreeMap::new());
        (self.asked, self.pages) = (self.after, 1);
    }
}

fn position(record: &Result<Recorded, LogError>) -> Option<Position> {
    match record {
        Ok(event) => Some(event.position),
        Err(LogError::Damaged { position, .. }) => Some(*position),
        Err(
            LogError::Conflict { .. } | LogError::Refused { .. } | LogError::Open(_) | LogError::Store(_),
        ) => None,
    }
}
