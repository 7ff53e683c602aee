//! A view built anew beside the live one, compared with it, and put in its place in one step.
//!
//! Whoever keeps the views goes on doing so meanwhile. What is being built says itself how far it is, so that a rebuild
//! which was killed goes on where it was. What can go wrong: somebody else builds the same view at the same time; one of
//! the two ends with an error.

mod compare;

use std::sync::Arc;
use std::time::Instant;

use hydra_events::EventLog;
use hydra_events::record::Position;
use serde::Serialize;

use crate::batch::Batch;
use crate::page::{Page, Target};
use crate::projector::{Resumed, rate_of, recognised, refuse_foreign, resume_next};
use crate::store::{Applied, Generation, StoreError, ViewStore, view_named};
use crate::stores::Stores;
use crate::view::View;

use compare::Comparison;
pub use compare::Difference;

/// Events folded into one batch of a view that is built anew.
pub const REBUILD_PAGE: usize = 5_000;
/// How often the live form may be ahead again when the next one has just come to the end of the log.
const OVERTAKEN_MAX: u32 = 100;

/// How a view is built anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuild {
    /// Whether it is compared with what was there.
    pub compared: Compared,
    /// What becomes of what was there.
    pub replaced: Replaced,
    /// What becomes of the view of another log.
    pub others: Others,
}

/// Whether a view that is built anew is compared with the one it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compared {
    /// It replaces it unseen.
    #[default]
    Unseen,
    /// Row by row.
    RowByRow,
}

/// What becomes of the form of a view that is replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replaced {
    /// It goes.
    #[default]
    Discarded,
    /// It stays, so that one can go back to it.
    Kept,
}

/// What becomes of a view that another log fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// It is left alone.
    #[default]
    Respected,
    /// It is replaced, and whoever fills it has to look for another place.
    TakenOver,
}

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Building {
    /// The position it has come to.
    pub position: Position,
    /// Where the log ended when it began.
    pub head: Position,
    /// Events a second.
    pub rate: u32,
}

/// What a rebuild came to.
#[derive(Clone, Debug, Serialize)]
pub struct Rebuilt {
    /// The view.
    pub view: String,
    /// The events it was folded from.
    pub events: Position,
    /// What was there before, beside what should have been; none where that was not asked for or not of this log and
    /// version.
    #[serde(flatten)]
    pub difference: Option<Difference>,
}

/// A view that is being built.
struct Builder<'a> {
    log: &'a Arc<dyn EventLog>,
    store: &'a Arc<dyn ViewStore>,
    view: &'static View,
    tell: &'a (dyn Fn(Building) + Sync),
}

/// Builds the view called `name` anew from `log`. `tell` hears how far it is.
pub async fn rebuild(
    log: Arc<dyn EventLog>,
    stores: &Stores,
    name: &str,
    how: Rebuild,
    tell: &(dyn Fn(Building) + Sync),
) -> Result<Rebuilt, StoreError> {
    let view = view_named(name)?;
    let store = stores.of(view);
    let builder = Builder { log: &log, store, view, tell };
    let live = store.checkpoint(view, Generation::Live).await?;
    let head = log.head().await?;
    if let (Some(live), Others::Respected) = (&live, how.others) {
        refuse_foreign(store.as_ref(), view, live, log.id(), head)?;
    }
    let mut events = builder.build(Position::MAX).await?;
    let like = live.is_some_and(|live| recognised(&live, view, log.id()));
    let difference = match how.compared {
        Compared::RowByRow if like => Some(Comparison::of(&builder).await?),
        Compared::RowByRow | Compared::Unseen => None,
    };
    let mut overtaken = 0;
    while store.switch(view).await? == Applied::Moved {
        if overtaken == OVERTAKEN_MAX {
            let reason =
                format!("the view {name} that is there is always ahead of the log: nothing was replaced");
            return Err(StoreError::Refused(reason));
        }
        overtaken += 1;
        events = builder.build(Position::MAX).await?;
    }
    if how.replaced == Replaced::Discarded {
        store.discard(view, Generation::Old).await?;
    }
    Ok(Rebuilt { view: name.to_owned(), events, difference })
}

/// Goes back to what the view called `name` was before it was last built anew.
pub async fn roll_back(stores: &Stores, name: &str) -> Result<(), StoreError> {
    let view = view_named(name)?;
    stores.of(view).roll_back(view).await
}

impl Builder<'_> {
    /// Brings the next form to `until`, or to the end of the log, going on where an earlier rebuild was.
    async fn build(&self, until: Position) -> Result<Position, StoreError> {
        let Self { log, store, view, tell } = self;
        let head = log.head().await?;
        let Resumed { generation, position: mut after, mut rate } =
            resume_next(log.as_ref(), store.as_ref(), view).await?;
        let mut ahead = self.ahead(after, until).await?;
        while let Some((page, batch)) = ahead {
            let begun = Instant::now();
            let target = Target { store: store.as_ref(), view, generation, after, rate };
            // The log is read and folded while the store writes: neither has to wait for the other.
            let (applied, next) =
                tokio::join!(page.apply_folded(target, batch), self.ahead(page.end(), until));
            if applied? == Applied::Moved {
                let reason = format!("the view {} is being built by somebody else too", view.name);
                return Err(StoreError::Refused(reason));
            }
            rate = rate_of(page.end() - after, begun.elapsed());
            after = page.end();
            tell(Building { position: after, head, rate });
            ahead = next?;
        }
        Ok(after)
    }

    /// The next events after `after`, up to `until`, and what they mean; none where there are no more.
    async fn ahead(&self, after: Position, until: Position) -> Result<Option<(Page, Batch)>, StoreError> {
        let left = usize::try_from(until.saturating_sub(after)).unwrap_or(REBUILD_PAGE);
        let limit = left.min(REBUILD_PAGE);
        if limit == 0 {
            return Ok(None);
        }
        let Some(page) = Page::read(self.log.as_ref(), after, limit).await? else { return Ok(None) };
        let batch = page.folded(self.view, after, page.end()).await?;
        Ok(Some((page, batch)))
    }
}
