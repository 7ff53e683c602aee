//! The one place where the parts that vary are chosen: log, bus, content store, views, engines.

use std::sync::Arc;

use anyhow::Result;
use hydra_actors::ports::{Ports, Reporter};
use hydra_bus::LocalBus;
use hydra_connectors::adapters::{PlaceholderAuthor, StudioPainter, StudioScorer, StudioSpeaker};
use hydra_connectors::calendar::CronCalendar;
use hydra_events::clock::SystemClock;
use hydra_events::content::FolderStore;
use hydra_events::log::SqliteLog;
use hydra_events::{Clock, EventLog};

use crate::data_folder::DataFolder;

/// The embedded backends: everything in one process over SQLite.
pub struct Backends {
    /// The log, and what is remembered beside it.
    pub log: Arc<SqliteLog>,
    /// The bus.
    pub bus: Arc<LocalBus>,
    /// Files by their hash.
    pub content: FolderStore,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

impl Backends {
    /// Opens the embedded backends for writing. The caller holds the folder.
    pub async fn open(folder: &DataFolder) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let log = Arc::new(SqliteLog::open(&folder.log_url(), Arc::clone(&clock))?);
        let bus = Arc::new(LocalBus::starting_at(log.head().await?));
        let content = FolderStore::try_open(&folder.content())?;
        Ok(Self { log, bus, content, clock })
    }

    /// The world as the built-in studio offers it.
    pub async fn studio(&self, reporter: Arc<dyn Reporter>) -> Ports {
        Ports {
            content: Arc::new(self.content.clone()),
            clock: Arc::clone(&self.clock),
            painter: Arc::new(StudioPainter),
            scorer: Arc::new(StudioScorer),
            speaker: Arc::new(StudioSpeaker::detect().await),
            author: Arc::new(PlaceholderAuthor),
            reporter,
            calendar: Arc::new(CronCalendar),
        }
    }
}
