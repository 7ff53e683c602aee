//! Keeps the views: one runner for each store follows the log, so that a store which is away holds up no other.

mod resume;
mod runner;

use std::collections::BTreeMap;
use std::sync::Arc;

use hydra_events::EventLog;
use hydra_events::record::Position;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Views;
use crate::store::{StoreError, ViewStore, reasons};
use crate::stores::Stores;
use crate::view::View;

pub(crate) use resume::{Resumed, recognised, refuse_foreign, resume_next};
use runner::Runner;
pub(crate) use runner::rate_of;

/// How a view stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// Where it is kept.
    pub store: String,
    /// The position it has seen; 0 while that is not known.
    pub position: Position,
    /// The position that what is being built beside it has seen.
    pub building: Option<Position>,
    /// How many events a second it took last.
    pub rate: u32,
    /// Why it is not kept at the moment.
    pub away: Option<String>,
}

/// How every view stands, by its name.
pub type Stands = BTreeMap<&'static str, Stand>;

/// Keeps the views of one log.
pub struct Projector {
    views: Views,
    reached: Reached,
    stop: CancellationToken,
    runners: JoinSet<()>,
}

impl Projector {
    /// Keeps the views in `stores` from now on. One that is wiped is filled from the start, one of another version beside
    /// what is there, and one whose store is away as soon as it is back. One of another log is left alone.
    pub async fn start(log: Arc<dyn EventLog>, stores: Stores) -> Self {
        let (stands, told) = watch::channel(Stands::new());
        let (stands, stop) = (Arc::new(stands), CancellationToken::new());
        let mut runners = JoinSet::new();
        for (store, views) in stores.groups() {
            let mut runner = Runner::new(Arc::clone(&log), store, views, Arc::clone(&stands));
            runner.begin().await;
            let until = stop.clone();
            runners.spawn(async move { runner.run(until).await });
        }
        Self { views: Views::over(stores, log.id()), reached: Reached { stands: told }, stop, runners }
    }

    /// The views, for asking.
    pub fn views(&self) -> Views {
        self.views.clone()
    }

    /// How far the views have come.
    pub fn reached(&self) -> Reached {
        self.reached.clone()
    }

    /// Waits until every view has seen `position`.
    pub async fn until(&self, position: Position) -> Result<(), StoreError> {
        self.reached.until(&crate::VIEWS, position).await
    }

    /// Ends after the batch under way.
    pub async fn stop(mut self) -> Result<(), StoreError> {
        self.stop.cancel();
        while let Some(ended) = self.runners.join_next().await {
            ended.map_err(|_| StoreError::Ended)?;
        }
        Ok(())
    }
}

/// How far the views have come, as their projector sees it. Cheap to clone.
#[derive(Clone)]
pub struct Reached {
    stands: watch::Receiver<Stands>,
}

impl Reached {
    /// Waits until each of `views` has seen `position`.
    pub async fn until(&self, views: &[&View], position: Position) -> Result<(), StoreError> {
        let mut stands = self.stands.clone();
        let known = |stands: &Stands| behind(stands, views, position).next().is_none();
        stands.wait_for(known).await.map(|_| ()).map_err(|_| StoreError::Ended)
    }

    /// The same for whoever would rather be told than wait for a store that is away.
    ///
    /// # Errors
    /// A view that has not come as far is in a store that is away.
    pub async fn unless_away(&self, views: &[&View], position: Position) -> Result<(), StoreError> {
        let mut stands = self.stands.clone();
        let known = |stands: &Stands| {
            let mut behind = behind(stands, views, position).peekable();
            behind.peek().is_none() || behind.any(|stand| stand.is_some_and(|stand| stand.away.is_some()))
        };
        let stands = stands.wait_for(known).await.map_err(|_| StoreError::Ended)?;
        let mut waited = behind(&stands, views, position).flatten();
        match waited.find_map(|stand| Some((stand.store.clone(), stand.away.clone()?))) {
            Some((store, reason)) => Err(StoreError::Server { store, source: reason.into() }),
            None => Ok(()),
        }
    }

    /// How every view stands.
    pub fn stands(&self) -> Stands {
        self.stands.borrow().clone()
    }
}

/// Those of `views` that have not seen `position`, as they stand; `None` for one of which nothing is known yet.
fn behind<'a>(
    stands: &'a Stands,
    views: &'a [&View],
    position: Position,
) -> impl Iterator<Item = Option<&'a Stand>> {
    let found = views.iter().map(move |view| stands.get(view.name));
    found.filter(move |stand| stand.is_none_or(|stand| stand.position < position))
}

/// The views as of now, for a command that only reads. They are brought to the head first; what is in a store that
/// fails at it cannot be asked.
///
/// # Errors
/// The log could not be read.
pub async fn caught_up(log: Arc<dyn EventLog>, stores: Stores) -> Result<Views, StoreError> {
    let (stands, _) = watch::channel(Stands::new());
    let (stands, head) = (Arc::new(stands), log.head().await?);
    let (id, mut absent) = (log.id(), BTreeMap::new());
    for (store, views) in stores.groups() {
        let names: Vec<_> = views.iter().map(|view| view.name).collect();
        let mut runner = Runner::new(Arc::clone(&log), store, views, Arc::clone(&stands));
        match runner.catch_up(head).await {
            Ok(()) => {}
            Err(error @ StoreError::Log(_)) => return Err(error),
            Err(error) => absent.extend(names.into_iter().map(|name| (name, reasons(&error)))),
        }
    }
    Ok(Views::over(stores, id).without(absent))
}

/// Brings `view` in `store` at least to `position`.
pub(crate) async fn bring_to(
    log: &Arc<dyn EventLog>,
    store: &Arc<dyn ViewStore>,
    view: &'static View,
    position: Position,
) -> Result<(), StoreError> {
    let (stands, _) = watch::channel(Stands::new());
    let mut runner = Runner::new(Arc::clone(log), Arc::clone(store), vec![view], Arc::new(stands));
    runner.catch_up(position).await
}
