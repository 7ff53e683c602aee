//! The log that views are built from: chapters as `hydra bench seed` makes them, once for all cells.

use std::sync::Arc;

use anyhow::{Result, ensure};
use hydra_events::EventLog;
use hydra_events::record::Position;
use hydra_projections::{Stores, caught_up};
use tokio::sync::OnceCell;

use crate::backends::{self, Access};
use crate::commands::bench::chapter::Chapters;
use crate::commands::bench::seed;
use crate::data_folder::DataFolder;

/// A log that is made when it is first wanted. Cheap to clone.
#[derive(Clone)]
pub struct Seed {
    chapters: Arc<Chapters>,
    events: u64,
    made: Arc<OnceCell<Seeded>>,
}

/// A log with the views as they are at its end, in the embedded store.
#[derive(Clone)]
pub struct Seeded {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Where it ends.
    pub head: Position,
    /// Every view.
    pub stores: Stores,
}

impl Seed {
    /// Of at least `events` events, where `chapters` are made.
    pub fn new(chapters: Chapters, events: u64) -> Self {
        // Nobody listens to what happens: a bus outside would only hold it up.
        #[cfg(feature = "full")]
        let chapters = Chapters { nats: None, ..chapters };
        Self { chapters: Arc::new(chapters), events, made: Arc::default() }
    }

    /// The log.
    pub async fn get(&self) -> Result<&Seeded> {
        self.made.get_or_try_init(|| Box::pin(self.make())).await
    }

    async fn make(&self) -> Result<Seeded> {
        let folder = DataFolder::with(&self.chapters.scratch.folder()?, self.chapters.config());
        seed::fill(&folder, "hydra bench rebuild", self.events).await?;
        let (log, _) = backends::log_for_reading(&folder).await?;
        let (head, stores) = (log.head().await?, backends::views(&folder, Access::Keeping)?);
        let views = caught_up(Arc::clone(&log), stores.clone()).await?;
        let behind = views.stands().await.into_values().find(|stand| stand.position != head);
        ensure!(behind.is_none(), "the views stopped before {head}: {behind:?}");
        Ok(Seeded { log, head, stores })
    }
}
