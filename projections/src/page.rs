//! A stretch of the log on its way into a store.
//!
//! What can go wrong: a record is damaged, an event means nothing that can be read, or the store does not take a value.
//! Each time the view goes on without that one event.

use std::collections::BTreeSet;
use std::sync::Arc;

use hydra_events::log::LogError;
use hydra_events::record::{Position, Recorded};
use hydra_events::{EventLog, Id};

use crate::batch::{Batch, Quarantined};
use crate::store::{Applied, Generation, StoreError, ViewStore, reasons};
use crate::view::{View, text_without_nul};

/// Events of a log that follow each other.
pub(crate) struct Page {
    log: Id,
    events: Arc<Vec<Recorded>>,
    end: Position,
}

/// Where a page goes.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) store: &'a dyn ViewStore,
    pub(crate) view: &'static View,
    pub(crate) generation: Generation,
    /// The position it has seen.
    pub(crate) after: Position,
    /// How many events a second it took last.
    pub(crate) rate: u32,
}

impl Page {
    /// The next events of `log`, at most `limit`; `None` at its end.
    pub(crate) async fn read(
        log: &dyn EventLog,
        after: Position,
        limit: usize,
    ) -> Result<Option<Self>, StoreError> {
        let records = log.scan(after, limit).await?;
        let Some(end) = end_of(&records) else { return Ok(None) };
        Ok(Some(Self { log: log.id(), events: Arc::new(readable(records)), end }))
    }

    /// The same without the events at these positions.
    pub(crate) fn without(self, positions: &BTreeSet<Position>) -> Self {
        if positions.is_empty() {
            return self;
        }
        let wanted = |event: &&Recorded| !positions.contains(&event.position);
        let events = Arc::new(self.events.iter().filter(wanted).cloned().collect());
        Self { events, ..self }
    }

    /// The events that can be read.
    pub(crate) fn events(&self) -> &[Recorded] {
        &self.events
    }

    /// The position after which the next page begins.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// Writes what the page means for a view. What the store does not take is looked for by halves, and set aside.
    pub(crate) async fn apply(&self, target: Target<'_>) -> Result<Applied, StoreError> {
        let batch = self.folded(target.view, target.after, self.end).await?;
        self.apply_folded(target, batch).await
    }

    /// The same where all of it, which comes to `batch`, has been folded already.
    pub(crate) async fn apply_folded(&self, target: Target<'_>, batch: Batch) -> Result<Applied, StoreError> {
        let Target { store, view, generation, mut after, rate } = target;
        let (mut until, mut whole) = (self.end, Some(batch));
        while after < self.end {
            let mut batch = match whole.take() {
                Some(whole) => whole,
                None => self.folded(view, after, until).await?,
            };
            batch.rate = rate;
            let applied = match store.apply(view, generation, batch).await {
                Err(StoreError::Unfit { .. }) if until - after > 1 => {
                    until = after + (until - after) / 2;
                    continue;
                }
                Err(error @ StoreError::Unfit { .. }) => {
                    let without = Batch::without(self.log, after, self.set_aside(until, &error));
                    store.apply(view, generation, without).await?
                }
                applied => applied?,
            };
            if applied == Applied::Moved {
                return Ok(Applied::Moved);
            }
            (after, until) = (until, self.end);
        }
        Ok(Applied::Done)
    }

    /// What the events after `after`, up to `end`, mean for `view`.
    pub(crate) async fn folded(
        &self,
        view: &'static View,
        after: Position,
        end: Position,
    ) -> Result<Batch, StoreError> {
        let (log, events) = (self.log, Arc::clone(&self.events));
        let fold = move || Batch::fold(view, log, after, &events, end);
        tokio::task::spawn_blocking(fold).await.map_err(|_| StoreError::Ended)
    }

    /// The event at `position`, which the store refuses.
    fn set_aside(&self, position: Position, error: &StoreError) -> Quarantined {
        let reason = text_without_nul(reasons(error));
        let stream = self.events.iter().find(|event| event.position == position);
        let stream = stream.map(|event| event.stream.to_string()).unwrap_or_default();
        tracing::error!(reason, position, "an event is quarantined");
        Quarantined { position, stream, reason }
    }
}

fn readable(records: Vec<Result<Recorded, LogError>>) -> Vec<Recorded> {
    let mut events = Vec::with_capacity(records.len());
    for record in records {
        match record {
            Ok(event) => events.push(event),
            // `hydra verify` names it; the views go on without it.
            Err(error) => tracing::error!(%error, "a damaged record is left out of the views"),
        }
    }
    events
}

/// Where records of the log end, damaged ones included: a reader that stopped before them would never get on.
fn end_of(records: &[Result<Recorded, LogError>]) -> Option<Position> {
    let place = |record: &Result<Recorded, LogError>| match record {
        Ok(event) => Some(event.position),
        Err(LogError::Damaged { position, .. }) => Some(*position),
        Err(
            LogError::Conflict { .. } | LogError::Refused { .. } | LogError::Open(_) | LogError::Store(_),
        ) => None,
    };
    records.iter().rev().find_map(place)
}
