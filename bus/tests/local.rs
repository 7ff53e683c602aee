//! Every clause of the contract, on the bus of one process.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_bus::contract::Backend;
use hydra_bus::local::{FEED_EVENTS_MAX, INVITATIONS_MAX};
use hydra_bus::{Bus, LocalBus};

struct Local;

#[async_trait]
impl Backend for Local {
    async fn open(&self) -> Arc<dyn Bus> {
        Arc::new(LocalBus::starting_at(0))
    }

    fn feed_events_max(&self) -> usize {
        FEED_EVENTS_MAX
    }

    fn invitations_max(&self) -> usize {
        INVITATIONS_MAX
    }
}

macro_rules! tried {
    ($clause:path) => {
        $clause(&Local).await
    };
}

hydra_bus::bus_contract!(tried);
