//! Where a view goes on, by what its store says of it.

use hydra_events::record::Position;
use hydra_events::{EventLog, Id};

use crate::store::{Checkpoint, Generation, StoreError, ViewStore};
use crate::view::View;

/// Where a view goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed {
    /// The form that is filled: the next one where the live one is of another version.
    pub(crate) generation: Generation,
    /// The position it has seen.
    pub(crate) position: Position,
    /// How many events a second it took last.
    pub(crate) rate: u32,
}

/// Where `view` goes on: after its checkpoint, or from the start when it is wiped or ahead of the log.
///
/// # Errors
/// It is the view of another log, which somebody else fills.
pub(super) async fn resume(
    log: &dyn EventLog,
    store: &dyn ViewStore,
    view: &'static View,
) -> Result<Resumed, StoreError> {
    // In this order: another process may be filling the store just now, and a view is never ahead of a later head.
    let found = store.checkpoint(view, Generation::Live).await?;
    let head = log.head().await?;
    if let Some(found) = found {
        refuse_foreign(store, view, &found, log.id(), head)?;
        if recognised(&found, view, log.id()) && found.position <= head {
            let Checkpoint { position, rate, .. } = found;
            return Ok(Resumed { generation: Generation::Live, position, rate });
        }
        if found.log == log.id() && found.version != view.version && found.position > 0 {
            return resume_next(log, store, view).await;
        }
    }
    anew(log.id(), head, store, view, Generation::Live).await
}

/// Where the form beside the live one goes on.
pub(crate) async fn resume_next(
    log: &dyn EventLog,
    store: &dyn ViewStore,
    view: &'static View,
) -> Result<Resumed, StoreError> {
    let generation = Generation::Next;
    let found = store.checkpoint(view, generation).await?;
    let head = log.head().await?;
    match found.filter(|found| recognised(found, view, log.id()) && found.position <= head) {
        Some(Checkpoint { position, rate, .. }) => Ok(Resumed { generation, position, rate }),
        None => anew(log.id(), head, store, view, generation).await,
    }
}

/// Refuses what another log has filled, where another Hydra may still do so. It is nobody's where nothing is in it, and a
/// log without events has no use for it.
pub(crate) fn refuse_foreign(
    store: &dyn ViewStore,
    view: &'static View,
    found: &Checkpoint,
    log: Id,
    head: Position,
) -> Result<(), StoreError> {
    if found.log == log || store.is_own() || (found.position == 0 && head > 0) {
        return Ok(());
    }
    Err(StoreError::Foreign { store: store.shown(), view: view.name, log: found.log })
}

async fn anew(
    log: Id,
    head: Position,
    store: &dyn ViewStore,
    view: &'static View,
    generation: Generation,
) -> Result<Resumed, StoreError> {
    if head > 0 {
        tracing::info!(
            view = view.name,
            store = store.shown(),
            "the view is filled from the start of the log"
        );
    }
    store.reset(view, generation, log).await?;
    Ok(Resumed { generation, position: 0, rate: 0 })
}

/// Whether what is there is of this log, and of the view as this program has it.
pub(crate) fn recognised(found: &Checkpoint, view: &View, log: Id) -> bool {
    found.log == log && found.version == view.version
}
