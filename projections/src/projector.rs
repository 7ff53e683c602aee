//! Keeps the views: follows the log, folds in batches, says how far it has come.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hydra_events::EventLog;
use hydra_events::log::LogError;
use hydra_events::record::{Position, Recorded};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError};
use crate::{VIEWS, Views};

/// Events folded into one transaction.
const BATCH: usize = 1_000;
/// A committed position is only a hint: the log is asked this often in any case.
const POLL: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(500);

/// Keeps the views of one data folder.
pub struct Projector {
    views: Views,
    reached: watch::Receiver<Position>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Projector {
    /// Opens the store at `path` and keeps its views from now on. A view that is not of this log, or of another version,
    /// is filled from the start.
    pub async fn start(log: Arc<dyn EventLog>, path: &Path) -> Result<Self, StoreError> {
        let (store, after, _) = open(&log, path).await?;
        let (progress, reached) = watch::channel(after);
        let stop = CancellationToken::new();
        let until = stop.clone();
        #[expect(clippy::disallowed_methods, reason = "joined by stop")]
        let task = tokio::spawn(keep(log, path.to_owned(), store, progress, until));
        Ok(Self { views: Views::at(path)?, reached, stop, task })
    }

    /// The views, for asking.
    pub fn views(&self) -> Views {
        self.views.clone()
    }

    /// How far the views have come.
    pub fn reached(&self) -> watch::Receiver<Position> {
        self.reached.clone()
    }

    /// Waits until the views have seen `position`.
    pub async fn until(&self, position: Position) -> Result<(), StoreError> {
        let mut reached = self.reached.clone();
        reached.wait_for(|seen| *seen >= position).await.map(|_| ()).map_err(|_| StoreError::Ended)
    }

    /// Ends after the batch under way.
    pub async fn stop(self) -> Result<(), StoreError> {
        self.stop.cancel();
        self.task.await.map_err(|_| StoreError::Ended)
    }
}

/// The views as of now, for a command that only reads. Where `keeps` is false another process keeps them, and they are
/// only waited for; otherwise they are brought to the head first.
pub async fn caught_up(log: Arc<dyn EventLog>, path: &Path, keeps: bool) -> Result<Views, StoreError> {
    if keeps {
        let (mut store, mut after, head) = open(&log, path).await?;
        while after < head {
            (store, after) = step(&log, store, after).await?;
        }
    }
    Views::at(path)
}

/// The store at `path`, the position every view in it has seen, and the head of the log.
async fn open(log: &Arc<dyn EventLog>, path: &Path) -> Result<(Store, Position, Position), StoreError> {
    let store = Store::open(path)?;
    let head = log.head().await?;
    let mut after = head;
    for view in VIEWS {
        after = after.min(store.resume(view, log.id(), head)?);
    }
    Ok((store, after, head))
}

/// Keeps the views until `stop`. A store that fails is opened again, after a pause, where its checkpoints say.
async fn keep(
    log: Arc<dyn EventLog>,
    path: PathBuf,
    store: Store,
    progress: watch::Sender<Position>,
    stop: CancellationToken,
) {
    let mut committed = log.committed();
    let (mut after, mut store) = (*progress.borrow(), Some(store));
    loop {
        let wait = match advance(&log, &path, store.take(), after).await {
            Ok((open, reached)) => {
                let moved = reached > after;
                (store, after) = (Some(open), reached);
                progress.send_replace(after);
                if moved && !stop.is_cancelled() {
                    continue;
                }
                POLL
            }
            Err(error) => {
                tracing::error!(%error, "the views fall behind; their store is opened again");
                RETRY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            changed = committed.changed(), if store.is_some() => {
                if changed.is_err() {
                    tokio::time::sleep(RETRY).await;
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn advance(
    log: &Arc<dyn EventLog>,
    path: &Path,
    store: Option<Store>,
    after: Position,
) -> Result<(Store, Position), StoreError> {
    match store {
        Some(store) => step(log, store, after).await,
        None => open(log, path).await.map(|(store, after, _)| (store, after)),
    }
}

/// Folds the next events into every view.
async fn step(
    log: &Arc<dyn EventLog>,
    store: Store,
    after: Position,
) -> Result<(Store, Position), StoreError> {
    let records = log.scan(after, BATCH).await?;
    let reached = end_of(&records).unwrap_or(after);
    let mut events = Vec::new();
    for record in records {
        match record {
            Ok(event) => events.push(event),
            // `hydra verify` names it; the views go on without it.
            Err(error) => tracing::error!(%error, "a damaged record is left out of the views"),
        }
    }
    let id = log.id();
    let folded = tokio::task::spawn_blocking(move || {
        if !events.is_empty() {
            for view in VIEWS {
                store.apply(view, "", id, &events)?;
            }
        }
        Ok::<_, StoreError>(store)
    });
    let store = folded.await.map_err(|_| StoreError::Ended)??;
    Ok((store, reached))
}

/// Where a page of the log ends, damaged records included: a reader that stopped before them would never get on.
pub(crate) fn end_of(records: &[Result<Recorded, LogError>]) -> Option<Position> {
    let place = |record: &Result<Recorded, LogError>| match record {
        Ok(event) => Some(event.position),
        Err(LogError::Damaged { position, .. }) => Some(*position),
        Err(
            LogError::Conflict { .. } | LogError::Refused { .. } | LogError::Open(_) | LogError::Store(_),
        ) => None,
    };
    records.iter().rev().find_map(place)
}
