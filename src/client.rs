//! A Hydra elsewhere, seen from here: its log and its desk over the bus, and views of its log made here for as long as
//! they are wanted.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_actors::desk::RemoteDesk;
use hydra_bus::nats::NatsBus;
use hydra_bus::{Bus, RemoteLog};
use hydra_events::EventLog;
use hydra_projections::{Projector, Stores, Views};

use crate::backends;
use crate::commands::Setting;
use crate::config::{BusPlace, NatsPlace};
use crate::exit::BadInput;

/// A Hydra elsewhere.
pub struct Client {
    /// The bus between.
    pub bus: Arc<NatsBus>,
    /// Its log.
    pub log: Arc<RemoteLog>,
    /// Whom to send commands to.
    pub desk: RemoteDesk,
    projector: Projector,
    views: Scratch,
}

/// A folder for this process alone, removed when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, folder = %self.0.display(), "a scratch folder is left");
        }
    }
}

impl Client {
    /// Reaches the Hydra on the NATS server at `url`, or on the configured one where it is empty.
    pub async fn open(setting: &Setting, url: &str) -> Result<Self> {
        let bus = backends::nats(&place(&setting.data.config().bus, url)?, None).await?;
        let log = RemoteLog::open(bus.clone()).await;
        let log = Arc::new(log.context("no Hydra answers there: is `hydra up` running on that bus?")?);
        let views = Scratch(setting.data.root().join(format!("client-{}", std::process::id())));
        std::fs::create_dir_all(&views.0).with_context(|| views.0.display().to_string())?;
        let projector = Projector::start(log.clone(), Stores::embedded(&views.0.join("views.db"))?).await;
        Ok(Self { desk: RemoteDesk::new(bus.clone()), bus, log, projector, views })
    }

    /// The views, once they have seen all of the log as it is now.
    pub async fn views_at_head(&self) -> Result<Views> {
        let head = self.log.head().await?;
        self.projector.until(head).await?;
        Ok(self.projector.views())
    }

    /// Leaves; what was asked for goes on.
    pub async fn close(self) -> Result<()> {
        let stopped = self.projector.stop().await;
        self.bus.close().await;
        drop(self.views);
        Ok(stopped?)
    }
}

/// The configured bus at another address, or one that only its address is known of.
fn place(configured: &BusPlace, url: &str) -> Result<NatsPlace> {
    match (configured, url) {
        (BusPlace::Nats(place), "") => Ok(place.clone()),
        (BusPlace::Nats(place), url) => Ok(NatsPlace { url: url.to_owned(), ..place.clone() }),
        (BusPlace::Local, "") => {
            let reason = "--server needs the URL of a NATS server, such as nats://127.0.0.1:4222, or a --config file \
                          that names one under [bus]";
            Err(BadInput(reason.to_owned()).into())
        }
        (BusPlace::Local, url) => Ok(NatsPlace::at(url)),
    }
}
