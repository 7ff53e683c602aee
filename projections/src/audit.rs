//! Whether a store still holds what the log says: rows chosen at random are folded from the log once more and compared
//! with what is there.
//!
//! Whoever fills the views goes on meanwhile: a row is compared with the fold up to the very position its store had come
//! to when it was read. What can go wrong: the view is wiped, replaced or brought back from a backup meanwhile, which
//! ends the audit of that view; the projector sees to it.

mod sample;

use std::collections::BTreeSet;
use std::sync::Arc;

use hydra_events::clock::SystemClock;
use hydra_events::record::Position;
use hydra_events::{Clock, EventLog};
use serde::Serialize;

use crate::batch::Batch;
use crate::projector::recognised;
use crate::store::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which};
use crate::stores::Stores;
use crate::view::{Row, Table, View};

use sample::Sample;
pub use sample::Sampling;

const LIVE: Generation = Generation::Live;
/// Rows read at once.
const PAGE: usize = 500;
/// How often the mending of a row is tried while the view is moving on.
const MENDS_MAX: u32 = 100;

/// What is done about a row that differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repair {
    /// It is told.
    #[default]
    Tell,
    /// It is told, and replaced by what it should be. No other row is touched.
    Mend,
}

/// A row that is not what the log says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// The view.
    pub view: &'static str,
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub key: String,
    /// The position the view had seen.
    pub position: Position,
    /// The row that is there; none where it is missing.
    pub is: Option<Row>,
    /// The row that should be there; none where there should be none.
    pub should: Option<Row>,
    /// Whether it was mended.
    pub mended: bool,
}

/// What the audit of one view came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audited {
    /// The view.
    pub view: &'static str,
    /// The position it had seen at the end.
    pub position: Position,
    /// The rows that were folded once more.
    pub rows: u64,
    /// How many of them differed, were missing or were too many.
    pub differing: u64,
    /// How many of those were mended.
    pub mended: u64,
}

/// Compares `view` with the log. `tell` hears of every row that differs.
///
/// # Errors
/// The store or the log failed, or the view is not one of this log and program, or was replaced meanwhile.
pub async fn audit(
    log: &Arc<dyn EventLog>,
    stores: &Stores,
    view: &'static View,
    sampling: Sampling,
    repair: Repair,
    tell: &mut (dyn FnMut(Drift) + Send + Sync),
) -> Result<Audited, StoreError> {
    let store = stores.of(view).as_ref();
    let found = Audited { view: view.name, ..Audited::default() };
    let mut auditor = Auditor { log, store, view, repair, tell, found };
    let mut stretch = Some(sampling.first());
    while let Some(next) = stretch {
        let begin = auditor.checkpoint().await?.position;
        let without = auditor.set_aside().await?;
        let mut sample = Sample::fold(log, view, sampling, next, &without, begin).await?;
        for table in view.tables {
            auditor.table(&mut sample, table).await?;
        }
        auditor.found.position = sample.position();
        stretch = sampling.after(&sample);
    }
    Ok(auditor.found)
}

struct Auditor<'a> {
    log: &'a Arc<dyn EventLog>,
    store: &'a dyn ViewStore,
    view: &'static View,
    repair: Repair,
    tell: &'a mut (dyn FnMut(Drift) + Send + Sync),
    found: Audited,
}

impl Auditor<'_> {
    async fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        let Self { log, store, view, .. } = self;
        let found = store.checkpoint(view, LIVE).await?;
        found.filter(|found| recognised(found, view, log.id())).ok_or_else(|| self.replaced())
    }

    /// The events that the view goes on without: what they mean is not to be expected of it.
    async fn set_aside(&self) -> Result<BTreeSet<Position>, StoreError> {
        let quarantined = self.store.quarantined(self.view, LIVE).await?;
        Ok(quarantined.into_iter().map(|event| event.position).collect())
    }

    /// The view cannot be compared as it is.
    fn replaced(&self) -> StoreError {
        let (view, store) = (self.view.name, self.store.shown());
        StoreError::Refused(format!("the view {view} in {store} is being filled: audit it when that is done"))
    }

    /// Compares the rows of one table with those in `sample`.
    async fn table(&mut self, sample: &mut Sample<'_>, table: &'static Table) -> Result<(), StoreError> {
        let mut seen = BTreeSet::new();
        let mut after = Some(String::new());
        while let Some(key) = after {
            let (_, page) = self.rows(sample, table, Which::After { key, limit: PAGE }).await?;
            after = page.last().and_then(key_of).map(str::to_owned);
            for row in page {
                let Some(key) = key_of(&row).filter(|key| sample.has(table, key)).map(str::to_owned) else {
                    continue;
                };
                self.found.rows += 1;
                if sample.row(table, &key) != Some(&row) {
                    self.look(sample, table, &key).await?;
                }
                seen.insert(key);
            }
        }
        let missing: Vec<String> =
            sample.keys(table).filter(|key| !seen.contains(*key)).map(str::to_owned).collect();
        for key in missing {
            self.found.rows += 1;
            self.look(sample, table, &key).await?;
        }
        Ok(())
    }

    /// Rows, with `sample` brought to the position they are of.
    async fn rows(
        &self,
        sample: &mut Sample<'_>,
        table: &'static Table,
        which: Which,
    ) -> Result<(Checkpoint, Vec<Row>), StoreError> {
        let Found { at, rows } = self.store.rows(self.view, LIVE, table, which).await?;
        if !recognised(&at, self.view, self.log.id()) || at.position < sample.position() {
            return Err(self.replaced());
        }
        sample.advance(at.position).await?;
        Ok((at, rows))
    }

    /// Compares one row, which may have changed since it was read with others, and mends it where that is wanted.
    async fn look(
        &mut self,
        sample: &mut Sample<'_>,
        table: &'static Table,
        key: &str,
    ) -> Result<(), StoreError> {
        let mut told = None;
        for _ in 0..MENDS_MAX {
            let (at, rows) = self.rows(sample, table, Which::Key(key.to_owned())).await?;
            let (is, should) = (rows.into_iter().next(), sample.row(table, key).cloned());
            if is == should || is_over(table, is.as_ref(), should.as_ref()) {
                break;
            }
            if !sample.is_without(&self.set_aside().await?) {
                return Err(self.replaced());
            }
            let position = at.position;
            let (view, table_name) = (self.view.name, table.name);
            let drift = told.get_or_insert(Drift {
                view,
                table: table_name,
                key: key.to_owned(),
                position,
                is,
                should: should.clone(),
                mended: false,
            });
            let mending = match self.repair {
                Repair::Tell => break,
                Repair::Mend => Batch::mending(at, sample.time(), table, key, should),
            };
            if self.store.apply(self.view, LIVE, mending).await? == Applied::Done {
                drift.mended = true;
                break;
            }
        }
        if let Some(drift) = told {
            self.found.differing += 1;
            self.found.mended += u64::from(drift.mended);
            (self.tell)(drift);
        }
        Ok(())
    }
}

/// Whether a row is missing because it was to last for a while only.
fn is_over(table: &Table, is: Option<&Row>, should: Option<&Row>) -> bool {
    is.is_none() && should.is_some_and(|row| table.is_over(row, SystemClock.now()))
}

fn key_of(row: &Row) -> Option<&str> {
    row.get("id")?.as_str()
}
