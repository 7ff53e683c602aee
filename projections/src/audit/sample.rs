//! Some rows of a view, chosen by a hash of their keys and folded from the log.
//!
//! The rows with the least hashes are kept, so that a choice is uniform over all rows the log speaks of, is made while
//! the log is read once, and says of any row in the store whether it belongs to it: also of one that should not be there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_events::record::Position;
use hydra_events::{EventLog, Id, Timestamp};

use crate::page::Page;
use crate::store::StoreError;
use crate::view::{Row, Table, View};

const BATCH: usize = 2_000;
/// Rows folded at once where all are compared: what they take of memory is bounded, and the log is read once for so many.
const STRETCH: usize = 50_000;

/// A row's place in the order in which rows are chosen.
type Mark = u128;
type Place = (&'static str, String);

/// Which rows of a view are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// All of them.
    All,
    /// So many, chosen at random by the seed.
    Some {
        /// How many.
        rows: usize,
        /// What another choice differs by.
        seed: u64,
    },
}

/// Rows that follow each other in the order of their marks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    from: Mark,
    limit: usize,
}

impl Sampling {
    pub(super) fn first(self) -> Stretch {
        let limit = match self {
            Self::All => STRETCH,
            Self::Some { rows, .. } => rows,
        };
        Stretch { from: 0, limit }
    }

    /// The rows that come after those of `sample`, where they are wanted too.
    pub(super) fn after(self, sample: &Sample<'_>) -> Option<Stretch> {
        match self {
            Self::All => Some(Stretch { from: sample.until?, limit: STRETCH }),
            Self::Some { .. } => None,
        }
    }

    fn mark(self, table: &str, key: &str) -> Mark {
        let seed = match self {
            Self::All => 0,
            Self::Some { seed, .. } => seed,
        };
        let id = Id::derive("audit", &[&seed.to_le_bytes(), table.as_bytes(), key.as_bytes()]);
        Mark::from_be_bytes(*id.as_bytes())
    }
}

/// The rows of one stretch as the log has them.
pub(super) struct Sample<'a> {
    log: &'a Arc<dyn EventLog>,
    view: &'static View,
    sampling: Sampling,
    /// The events that the store goes on without.
    without: &'a BTreeSet<Position>,
    from: Mark,
    /// The first mark that does not belong to it; none where all that follow do.
    until: Option<Mark>,
    position: Position,
    /// When the event at the position was.
    time: Option<Timestamp>,
    rows: BTreeMap<Place, Row>,
}

impl<'a> Sample<'a> {
    /// The rows of `stretch` as they are at `position`.
    pub(super) async fn fold(
        log: &'a Arc<dyn EventLog>,
        view: &'static View,
        sampling: Sampling,
        stretch: Stretch,
        without: &'a BTreeSet<Position>,
        position: Position,
    ) -> Result<Self, StoreError> {
        let (from, rows) = (stretch.from, BTreeMap::new());
        let mut sample =
            Self { log, view, sampling, without, from, until: None, position: 0, time: None, rows };
        while sample.position < position {
            sample.page(position).await?;
            // Not at every page: it costs as much as there are rows.
            if sample.rows.len() > stretch.limit.saturating_mul(2) {
                sample.keep(stretch.limit);
            }
        }
        sample.keep(stretch.limit);
        Ok(sample)
    }

    /// Brings the rows to `position`.
    pub(super) async fn advance(&mut self, position: Position) -> Result<(), StoreError> {
        while self.position < position {
            self.page(position).await?;
        }
        Ok(())
    }

    async fn page(&mut self, until: Position) -> Result<(), StoreError> {
        let limit = usize::try_from(until - self.position).unwrap_or(BATCH).min(BATCH);
        let Some(page) = Page::read(self.log.as_ref(), self.position, limit).await? else {
            let reason = format!("the view {} has seen more than the log holds", self.view.name);
            return Err(StoreError::Refused(reason));
        };
        let page = page.without(self.without);
        let mut batch = page.folded(self.view, self.position, page.end()).await?;
        self.time = batch.time.or(self.time);
        batch.retain(|table, key| self.has_mark(self.sampling.mark(table, key)));
        for written in batch.onto(self.view, &self.rows) {
            let place = (written.table.name, written.id);
            match written.row {
                Some(row) => self.rows.insert(place, row),
                None => self.rows.remove(&place),
            };
        }
        self.position = page.end();
        Ok(())
    }

    /// Forgets the rows with the highest marks, above `limit`; they and all that come after them belong to another one.
    fn keep(&mut self, limit: usize) {
        if self.rows.len() <= limit {
            return;
        }
        let sampling = self.sampling;
        let mark = |(table, key): &Place| sampling.mark(table, key);
        let mut marks: Vec<Mark> = self.rows.keys().map(mark).collect();
        let (_, until, _) = marks.select_nth_unstable(limit);
        let until = *until;
        self.rows.retain(|place, _| mark(place) < until);
        self.until = Some(until);
    }

    fn has_mark(&self, mark: Mark) -> bool {
        mark >= self.from && self.until.is_none_or(|until| mark < until)
    }

    /// Whether the row belongs to the sample, be it there or not.
    pub(super) fn has(&self, table: &Table, key: &str) -> bool {
        self.has_mark(self.sampling.mark(table.name, key))
    }

    /// Whether it goes on without just these events.
    pub(super) fn is_without(&self, positions: &BTreeSet<Position>) -> bool {
        self.without == positions
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// The row as it should be; none where there should be none.
    pub(super) fn row(&self, table: &Table, key: &str) -> Option<&Row> {
        self.rows.get(&(table.name, key.to_owned()))
    }

    /// The keys of the rows that should be there.
    pub(super) fn keys(&self, table: &Table) -> impl Iterator<Item = &str> {
        let name = table.name;
        self.rows.keys().filter(move |(table, _)| *table == name).map(|(_, key)| key.as_str())
    }
}
