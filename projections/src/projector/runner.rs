//! One store kept at the head of the log, with all the views that are in it.
//!
//! A view that an earlier or later program has made is asked as it is until the one of this program has been filled
//! beside it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hydra_events::EventLog;
use hydra_events::record::Position;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::resume::{Resumed, recognised, resume};
use super::{Stand, Stands};
use crate::page::{Page, Target};
use crate::store::{Applied, Generation, StoreError, ViewStore, reasons};
use crate::view::View;

/// Events folded into one batch.
const BATCH: usize = 1_000;
/// A committed position is only a hint: the log is asked this often in any case, and the store whether it is still
/// where it was.
const POLL: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(500);
/// How long a start waits for a store, so that one which hangs holds up no other.
const BEGIN_MAX: Duration = Duration::from_secs(5);
/// How often in a row a view that is only brought to the head may be somewhere else meanwhile.
const LOST_MAX: u32 = 100;
/// How long a batch under way may take to end when the projector does.
const GRACE: Duration = Duration::from_secs(5);

/// Fills one store.
pub(super) struct Runner {
    log: Arc<dyn EventLog>,
    store: Arc<dyn ViewStore>,
    views: Vec<Place>,
    stands: Arc<watch::Sender<Stands>>,
    /// When the store was last asked whether the views are where they were left.
    looked: Instant,
}

/// A view and where it stands; `None` when the store has to be asked.
#[derive(Clone, Copy)]
struct Place {
    view: &'static View,
    at: Option<Resumed>,
}

impl Place {
    /// The position that whoever asks the view finds it at; none while that is not known or of another version.
    fn seen(&self) -> Option<Position> {
        self.at.filter(|at| at.generation == Generation::Live).map(|at| at.position)
    }
}

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// There may be more to do.
    Moved,
    /// Everything is at the head.
    Idle,
    /// A view is not where it was left.
    Lost,
}

impl Runner {
    pub(super) fn new(
        log: Arc<dyn EventLog>,
        store: Arc<dyn ViewStore>,
        views: Vec<&'static View>,
        stands: Arc<watch::Sender<Stands>>,
    ) -> Self {
        let views = views.into_iter().map(|view| Place { view, at: None }).collect();
        Self { log, store, views, stands, looked: Instant::now() }
    }

    /// Finds out where the views are, unless that takes long.
    pub(super) async fn begin(&mut self) {
        let found = match tokio::time::timeout(BEGIN_MAX, self.resume()).await {
            Ok(found) => found,
            Err(elapsed) => Err(StoreError::Server { store: self.store.shown(), source: elapsed.into() }),
        };
        self.tell(found.err().as_ref());
    }

    /// Brings the views to `head`.
    pub(super) async fn catch_up(&mut self, head: Position) -> Result<(), StoreError> {
        let mut lost = 0;
        while self.views.iter().any(|place| place.seen().is_none_or(|seen| seen < head)) {
            match self.step().await? {
                Step::Moved => lost = 0,
                Step::Idle => break,
                Step::Lost if lost < LOST_MAX => lost += 1,
                Step::Lost => {
                    let reason = format!("{} is changed by somebody else all the time", self.store.shown());
                    return Err(StoreError::Refused(reason));
                }
            }
        }
        Ok(())
    }

    /// Keeps the views until `stop`.
    pub(super) async fn run(&mut self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let given_up = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::pin!(given_up);
        loop {
            let stepped = tokio::select! {
                stepped = self.step() => stepped,
                () = &mut given_up => return,
            };
            self.tell(stepped.as_ref().err());
            let wait = match stepped {
                Ok(Step::Moved) if !stop.is_cancelled() => continue,
                Ok(Step::Moved | Step::Idle) => POLL,
                Ok(Step::Lost) | Err(_) => RETRY,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                changed = committed.changed(), if wait == POLL => {
                    if changed.is_err() {
                        tokio::time::sleep(RETRY).await;
                    }
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Folds the next events into every view that has not seen them.
    async fn step(&mut self) -> Result<Step, StoreError> {
        self.resume().await?;
        let begun = Instant::now();
        let after = self.views.iter().filter_map(|place| Some(place.at?.position)).min().unwrap_or(0);
        let page = Page::read(self.log.as_ref(), after, BATCH).await?;
        let Some(page) = page else { return self.at_the_end().await };
        for index in 0..self.views.len() {
            let Place { view, at } = self.views[index];
            let Some(at) = at.filter(|at| at.position < page.end()) else { continue };
            let Resumed { generation, position: after, rate } = at;
            let target = Target { store: self.store.as_ref(), view, generation, after, rate };
            if page.apply(target).await? == Applied::Moved {
                self.lose(index);
                return Ok(Step::Lost);
            }
            let rate = rate_of(page.end() - after, begun.elapsed());
            self.views[index].at = Some(Resumed { generation, position: page.end(), rate });
        }
        Ok(Step::Moved)
    }

    /// Asks where the views are that are not known.
    async fn resume(&mut self) -> Result<(), StoreError> {
        for place in self.views.iter_mut().filter(|place| place.at.is_none()) {
            place.at = Some(resume(self.log.as_ref(), self.store.as_ref(), place.view).await?);
        }
        Ok(())
    }

    /// Puts what was filled beside another version in its place; otherwise everything is done.
    async fn at_the_end(&mut self) -> Result<Step, StoreError> {
        let beside = |place: &Place| place.at.is_some_and(|at| at.generation == Generation::Next);
        let Some(index) = self.views.iter().position(beside) else { return self.look().await };
        let view = self.views[index].view;
        let switched = self.store.switch(view).await?;
        // One of this version may be there by now, and further; what is left over is of no use.
        let left = if switched == Applied::Done { Generation::Old } else { Generation::Next };
        self.store.discard(view, left).await?;
        self.views[index].at = None;
        tracing::info!(view = view.name, version = view.version, "the view is now the one of this program");
        Ok(Step::Moved)
    }

    /// Looks now and then whether the views are still where they were left: a store may have been wiped or brought back
    /// from a backup.
    async fn look(&mut self) -> Result<Step, StoreError> {
        if self.looked.elapsed() < POLL {
            return Ok(Step::Idle);
        }
        self.looked = Instant::now();
        for index in 0..self.views.len() {
            let place = self.views[index];
            let found = self.store.checkpoint(place.view, Generation::Live).await?;
            let found = found.filter(|found| recognised(found, place.view, self.log.id()));
            if found.map(|found| found.position) != place.seen() {
                self.lose(index);
                return Ok(Step::Lost);
            }
        }
        Ok(Step::Idle)
    }

    /// What is not known is asked.
    fn lose(&mut self, index: usize) {
        let place = &mut self.views[index];
        place.at = None;
        tracing::warn!(
            view = place.view.name,
            store = self.store.shown(),
            "the view is not where it was left"
        );
    }

    /// Says how the views stand.
    fn tell(&mut self, failed: Option<&StoreError>) {
        let (away, store) = (failed.map(|error| reasons(error)), self.store.shown());
        if let Some(reason) = &away {
            let told = |stand: &Stand| stand.store == store && stand.away == away;
            if !self.stands.borrow().values().any(told) {
                tracing::warn!(reason, store, "the views fall behind");
            }
            for place in &mut self.views {
                place.at = None;
            }
        }
        self.stands.send_modify(|stands| {
            for place in &self.views {
                let beside = place.at.filter(|at| at.generation == Generation::Next);
                let stand = Stand {
                    store: store.clone(),
                    // Whoever waits for a view that is lost waits until it is found or filled again.
                    position: place.seen().unwrap_or(0),
                    building: beside.map(|at| at.position),
                    rate: place.at.map_or(0, |at| at.rate),
                    away: away.clone(),
                };
                stands.insert(place.view.name, stand);
            }
        });
    }
}

/// Events a second.
pub(crate) fn rate_of(events: u64, took: Duration) -> u32 {
    let rate = events as f64 / took.as_secs_f64().max(1e-6);
    rate.min(f64::from(u32::MAX)) as u32
}
