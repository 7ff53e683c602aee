//! Every clause of the contract, on a real NATS server, which `HYDRA_TEST_NATS` names.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "nats/server.rs"]
mod server;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_bus::contract::Backend;
use hydra_bus::{Bus, NatsBus};
use hydra_events::Id;
use server::Place;

const FEED_EVENTS: usize = 64;
const INVITATIONS: usize = 20;

struct Nats(Place);

#[async_trait]
impl Backend for Nats {
    /// Called again, the place is emptied first.
    async fn open(&self) -> Arc<dyn Bus> {
        self.0.clean().await;
        let mut options = self.0.options(Id::derive("contract", &[]));
        options.limits.feed_events = FEED_EVENTS;
        options.limits.invitations = INVITATIONS;
        Arc::new(NatsBus::connect(options).await.unwrap())
    }

    fn feed_events_max(&self) -> usize {
        FEED_EVENTS
    }

    fn invitations_max(&self) -> usize {
        INVITATIONS
    }
}

macro_rules! tried {
    ($clause:path) => {{
        let Some(place) = server::place().await else { return Ok(()) };
        let backend = Nats(place);
        let outcome = tokio::time::timeout(server::PATIENCE, $clause(&backend)).await;
        backend.0.clean().await;
        outcome.unwrap()
    }};
}

hydra_bus::bus_contract!(tried);
