//! The one place where the parts that vary are chosen: log, bus, content store, engines.

#[cfg(feature = "full")]
mod full;

use std::sync::Arc;

#[cfg(feature = "full")]
pub use full::{bus as nats, options as nats_options, visit};

use anyhow::Result;
use hydra_actors::ports::{Ports, Reporter};
use hydra_bus::{Bus, LocalBus};
use hydra_connectors::adapters::{PlaceholderAuthor, StudioPainter, StudioScorer, StudioSpeaker};
use hydra_connectors::calendar::CronCalendar;
use hydra_events::clock::SystemClock;
use hydra_events::content::FolderStore;
use hydra_events::log::{Checkpoints, SqliteLog};
use hydra_events::{Clock, EventLog};

use crate::config::{BusPlace, LogPlace};
use crate::data_folder::DataFolder;

/// What Hydra stands on.
pub struct Backends {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What is remembered beside it.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The same bus, where it takes commands from other processes.
    #[cfg(feature = "full")]
    pub nats: Option<Arc<hydra_bus::nats::NatsBus>>,
    /// Files by their hash.
    pub content: FolderStore,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

impl Backends {
    /// Opens them for writing. The caller holds the folder.
    pub async fn open(folder: &DataFolder) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (log, checkpoints): (Arc<dyn EventLog>, Arc<dyn Checkpoints>) = match &folder.config().log {
            LogPlace::Folder => {
                let log = Arc::new(SqliteLog::open(&folder.log_url(), Arc::clone(&clock))?);
                (log.clone(), log)
            }
            #[cfg(feature = "full")]
            LogPlace::Postgres(url) => full::log(url, Arc::clone(&clock)).await?,
        };
        let content = content(folder)?;
        let local = || async { anyhow::Ok(Arc::new(LocalBus::starting_at(log.head().await?))) };
        Ok(match &folder.config().bus {
            BusPlace::Local => Self {
                bus: local().await?,
                #[cfg(feature = "full")]
                nats: None,
                log,
                checkpoints,
                content,
                clock,
            },
            #[cfg(feature = "full")]
            BusPlace::Nats(place) => {
                let bus = full::bus(place, log.id()).await?;
                Self { bus: bus.clone(), nats: Some(bus), log, checkpoints, content, clock }
            }
        })
    }
}

/// Files by their hash.
pub fn content(folder: &DataFolder) -> Result<FolderStore> {
    Ok(FolderStore::try_open(&folder.content())?)
}

/// The world as the built-in studio offers it.
pub async fn studio(content: &FolderStore, clock: &Arc<dyn Clock>, reporter: Arc<dyn Reporter>) -> Ports {
    Ports {
        content: Arc::new(content.clone()),
        clock: Arc::clone(clock),
        painter: Arc::new(StudioPainter),
        scorer: Arc::new(StudioScorer),
        speaker: Arc::new(StudioSpeaker::detect().await),
        author: Arc::new(PlaceholderAuthor),
        reporter,
        calendar: Arc::new(CronCalendar),
    }
}

/// The log and what is remembered beside it, for reading beside whoever writes them.
pub async fn log_for_reading(folder: &DataFolder) -> Result<(Arc<dyn EventLog>, Arc<dyn Checkpoints>)> {
    Ok(match &folder.config().log {
        LogPlace::Folder => {
            let log = Arc::new(SqliteLog::open_reader(&folder.log_url())?);
            (log.clone(), log)
        }
        #[cfg(feature = "full")]
        LogPlace::Postgres(url) => full::log_for_reading(url).await?,
    })
}
