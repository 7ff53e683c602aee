//! The one place where the parts that vary are chosen: log, bus, content store, views, engines.

#[cfg(feature = "full")]
mod full;

#[cfg(feature = "full")]
use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(feature = "full")]
pub use full::{
    bus as nats, neo4j_views, options as nats_options, qdrant_views, redis_views, views as postgres_views,
};

use anyhow::Result;
use hydra_actors::ports::{Ports, Recall, Reporter};
use hydra_bus::{Bus, LocalBus};
use hydra_connectors::adapters::{
    PlaceholderAuthor, StudioEmbedder, StudioPainter, StudioScorer, StudioSpeaker,
};
use hydra_connectors::calendar::CronCalendar;
use hydra_events::clock::SystemClock;
use hydra_events::content::{FolderStore, Patient};
use hydra_events::log::{Checkpoints, Restore, SqliteLog};
use hydra_events::{Clock, ContentStore, EventLog};
#[cfg(feature = "full")]
use hydra_projections::ViewStore;
use hydra_projections::{Stores, VIEWS};

use crate::config::{BusPlace, ContentPlace, LogPlace, ViewPlace};
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
    /// Files by their hash. Whoever uses them waits while their server is away.
    pub content: Patient,
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
            LogPlace::Postgres(url) => {
                let log = full::log(url, Arc::clone(&clock)).await?;
                (log.clone(), log)
            }
        };
        let content = content(folder).await?;
        #[cfg(feature = "full")]
        let mut nats = None;
        let bus: Arc<dyn Bus> = match &folder.config().bus {
            BusPlace::Local => Arc::new(LocalBus::starting_at(log.head().await?)),
            #[cfg(feature = "full")]
            BusPlace::Nats(place) => nats.insert(full::bus(place, Some(log.id())).await?).clone(),
        };
        Ok(Self {
            log,
            checkpoints,
            bus,
            #[cfg(feature = "full")]
            nats,
            content,
            clock,
        })
    }
}

/// The world as the built-in studio offers it, with who reports on a chapter and who remembers those before.
pub async fn studio(
    content: &Patient,
    clock: &Arc<dyn Clock>,
    reporter: Arc<dyn Reporter>,
    recall: Arc<dyn Recall>,
) -> Ports {
    Ports {
        content: Arc::new(content.clone()),
        clock: Arc::clone(clock),
        painter: Arc::new(StudioPainter),
        scorer: Arc::new(StudioScorer),
        speaker: Arc::new(StudioSpeaker::detect().await),
        author: Arc::new(PlaceholderAuthor),
        embedder: Arc::new(StudioEmbedder),
        recall,
        reporter,
        calendar: Arc::new(CronCalendar),
    }
}

/// The content store, which can be used when this returns.
pub async fn content(folder: &DataFolder) -> Result<Patient> {
    let store: Arc<dyn ContentStore> = match &folder.config().content {
        ContentPlace::DataFolder => Arc::new(FolderStore::try_open(&folder.content())?),
        #[cfg(feature = "full")]
        ContentPlace::Folder(path) => Arc::new(FolderStore::try_open(path)?),
        #[cfg(feature = "full")]
        ContentPlace::S3(options) => full::content(options).await?,
    };
    Ok(Patient::new(store))
}

/// Whether this process fills the views of the data folder or reads beside the one that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It fills them, and holds them.
    Keeping,
    /// Another one fills them.
    Beside,
}

/// Where the views are. A server that is away shows only when it is asked.
pub fn views(folder: &DataFolder, access: Access) -> Result<Stores> {
    let path = folder.views();
    let stores = match access {
        Access::Keeping => Stores::embedded(&path)?,
        Access::Beside => Stores::beside(&path)?,
    };
    // Views in one place share its connections, and one reading of the log.
    #[cfg(feature = "full")]
    let mut servers: BTreeMap<&str, Arc<dyn ViewStore>> = BTreeMap::new();
    VIEWS.into_iter().try_fold(stores, |stores, view| match folder.config().memory.get(view.name) {
        None | Some(ViewPlace::Folder) => Ok(stores),
        #[cfg(feature = "full")]
        Some(ViewPlace::Postgres(url)) => {
            let server = match servers.get(url.as_str()) {
                Some(server) => Arc::clone(server),
                None => full::views(url)?,
            };
            servers.insert(url, Arc::clone(&server));
            Ok(stores.with(view, server))
        }
        #[cfg(feature = "full")]
        Some(ViewPlace::Redis(url)) => Ok(stores.with(view, full::redis_views(url)?)),
        #[cfg(feature = "full")]
        Some(ViewPlace::Neo4j(options)) => Ok(stores.with(view, full::neo4j_views(options)?)),
        #[cfg(feature = "full")]
        Some(ViewPlace::Qdrant(options)) => Ok(stores.with(view, full::qdrant_views(options)?)),
    })
}

/// The log alone, for putting into it what another one has. The caller holds the folder; where another process writes
/// the log, this waits until that one has ended.
pub async fn log_for_restoring(folder: &DataFolder) -> Result<Arc<dyn Restore>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(match &folder.config().log {
        LogPlace::Folder => Arc::new(SqliteLog::open(&folder.log_url(), clock)?),
        #[cfg(feature = "full")]
        LogPlace::Postgres(url) => full::log(url, clock).await?,
    })
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
