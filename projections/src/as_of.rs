//! The views as they were at some position: the log folded up to there, into a store that lasts as long as the answer.
//!
//! What an actor really saw then may be older: it is in its recorded recall.

use std::sync::Arc;

use hydra_events::clock::ManualClock;
use hydra_events::record::{Position, Recorded};
use hydra_events::{EventLog, Timestamp};

use crate::VIEWS;
use crate::page::{Page, Target};
use crate::store::sqlite::SqliteStore;
use crate::store::{Generation, StoreError, ViewStore};
use crate::stores::Stores;
use crate::views::Views;

const BATCH: usize = 2_000;

/// The views of `log` as they were when it ended at `position`, or as they are where it does not go so far. What lasts
/// for a while only is judged by the time of the last event.
pub async fn as_of(log: &Arc<dyn EventLog>, position: Position) -> Result<Views, StoreError> {
    let position = position.min(log.head().await?);
    let time = event_at(log, position).await?.map_or(Timestamp(0), |event| event.time);
    let clock = Arc::new(ManualClock::at(time));
    let store: Arc<dyn ViewStore> = Arc::new(SqliteStore::in_memory()?.judged_by(clock));
    let (generation, rate) = (Generation::Live, 0);
    for view in VIEWS {
        store.reset(view, generation, log.id()).await?;
    }
    let mut after = 0;
    while after < position {
        let limit = usize::try_from(position - after).unwrap_or(BATCH).min(BATCH);
        let Some(page) = Page::read(log.as_ref(), after, limit).await? else { break };
        for view in VIEWS {
            page.apply(Target { store: store.as_ref(), view, generation, after, rate }).await?;
        }
        after = page.end();
    }
    Ok(Views::over(Stores::all_in(store), log.id()))
}

/// The position of the last event of `log` that is not later than `time`; 0 before the first one.
pub async fn position_at(log: &Arc<dyn EventLog>, time: Timestamp) -> Result<Position, StoreError> {
    // Time never goes back in a log.
    let (mut known, mut beyond) = (0, log.head().await? + 1);
    while beyond - known > 1 {
        let middle = known + (beyond - known) / 2;
        match event_at(log, middle).await? {
            Some(event) if event.time <= time => known = middle,
            Some(_) | None => beyond = middle,
        }
    }
    Ok(known)
}

async fn event_at(log: &Arc<dyn EventLog>, position: Position) -> Result<Option<Recorded>, StoreError> {
    let Some(before) = position.checked_sub(1) else { return Ok(None) };
    Ok(log.read(before, 1).await?.pop())
}
