//! The servers of a household: the Postgres log, the NATS bus, the bucket, and views in Postgres, Redis,
//! Neo4j and Qdrant.

use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_bus::nats::{NatsBus, NatsLimits, NatsOptions, SignIn, Tls, TlsMode};
use hydra_events::content::{S3Options, S3Store};
use hydra_events::log::{Checkpoints, PostgresLog};
use hydra_events::{Clock, ContentStore, EventLog, Id};
use hydra_projections::{
    Neo4jOptions, Neo4jStore, PostgresStore, QdrantOptions, QdrantStore, RedisStore, ViewStore,
};

use crate::config::{self, NatsPlace, TlsChoice};

/// The log for writing; waits while another process writes it.
pub async fn log(url: &str, clock: Arc<dyn Clock>) -> Result<Arc<PostgresLog>> {
    Ok(Arc::new(PostgresLog::open(url, clock).await?))
}

/// The log for reading.
pub async fn log_for_reading(url: &str) -> Result<(Arc<dyn EventLog>, Arc<dyn Checkpoints>)> {
    let log = Arc::new(PostgresLog::open_reader(url).await?);
    Ok((log.clone(), log))
}

/// The content store in a bucket, which lets us in.
pub async fn content(options: &S3Options) -> Result<Arc<dyn ContentStore>> {
    let store = S3Store::try_new(options)?;
    let probed = store.probe().await;
    probed.context("the content store cannot be used: `hydra doctor` says what is missing")?;
    Ok(Arc::new(store))
}

/// A place for views in Redis.
pub fn redis_views(url: &str) -> Result<Arc<dyn ViewStore>> {
    Ok(Arc::new(RedisStore::try_new(url)?))
}

/// A place for views in Neo4j.
pub fn neo4j_views(options: &Neo4jOptions) -> Result<Arc<dyn ViewStore>> {
    Ok(Arc::new(Neo4jStore::try_new(options)?))
}

/// A place for views in Qdrant.
pub fn qdrant_views(options: &QdrantOptions) -> Result<Arc<dyn ViewStore>> {
    Ok(Arc::new(QdrantStore::try_new(options)?))
}

/// A place for views in Postgres.
pub fn views(url: &str) -> Result<Arc<dyn ViewStore>> {
    Ok(Arc::new(PostgresStore::try_new(url)?))
}

/// The bus, of the log with this id where this process has one.
pub async fn bus(place: &NatsPlace, log: Option<Id>) -> Result<Arc<NatsBus>> {
    let bus = NatsBus::connect(options(place, log)).await;
    Ok(Arc::new(bus.context("the bus that the configuration names was not opened")?))
}

/// How the bus is reached.
pub fn options(place: &NatsPlace, log: Option<Id>) -> NatsOptions {
    let NatsPlace { url, prefix, sign_in, tls, ca_file, client, events_bytes_max } = place.clone();
    let mut options = NatsOptions::new(url, log);
    if let Some(prefix) = prefix {
        options.prefix = prefix;
    }
    if let Some(bytes) = events_bytes_max {
        options.limits = limits(bytes);
    }
    options.sign_in = match sign_in {
        config::SignIn::Nobody => SignIn::Nobody,
        config::SignIn::User { user, password } => SignIn::User { user, password },
        config::SignIn::Credentials(file) => SignIn::Credentials(file),
    };
    let mode = match tls {
        TlsChoice::Offered => TlsMode::Offered,
        TlsChoice::Required => TlsMode::Required,
        TlsChoice::First => TlsMode::First,
    };
    options.tls = Tls { mode, roots: ca_file.into_iter().collect(), client };
    options
}

/// Where there is little room for events, nothing else gets more.
fn limits(events_bytes: u64) -> NatsLimits {
    let usual = NatsLimits::default();
    NatsLimits {
        events_bytes,
        incoming_bytes: usual.incoming_bytes.min(events_bytes),
        work_bytes: usual.work_bytes.min(events_bytes),
        dead_bytes: usual.dead_bytes.min(events_bytes),
        ..usual
    }
}
