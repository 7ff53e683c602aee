//! The servers that a configuration names: whether they answer, and what has to be made there first.

use hydra_bus::nats::{NatsBus, Probed};

use super::Check;
use crate::backends::nats_options;
use crate::config::{BusPlace, NatsPlace};

/// What has to be made in Postgres for a Hydra that finds nothing there.
pub const MAKE_LOG: &str = "start the server, or make what is missing, as its owner: CREATE ROLE hydra LOGIN PASSWORD \
                            '…'; CREATE DATABASE hydra OWNER hydra; the schema and its tables are made by the first start";
const MAKE_BUS: &str = "start the server with JetStream (`nats-server -js`), or give Hydra's user `permissions: \
                        {publish: \">\", subscribe: \">\"}` in an account with `jetstream: enabled`";

/// Whether the bus could be used. Looking makes nothing there.
pub async fn bus(place: &BusPlace) -> Option<Check> {
    match place {
        BusPlace::Local => None,
        BusPlace::Nats(place) => Some(nats(place).await),
    }
}

async fn nats(place: &NatsPlace) -> Check {
    // The log plays no part in looking.
    match NatsBus::probe(nats_options(place, None)).await {
        Ok(Probed { version, missing }) if missing.is_empty() => {
            Check::ok("bus", format!("nats-server {version} with every stream"))
        }
        Ok(Probed { version, missing }) => {
            let missing = missing.join(", ");
            Check::ok("bus", format!("nats-server {version}; the first start makes {missing}"))
        }
        Err(error) => Check::fail("bus", error.to_string(), MAKE_BUS),
    }
}
