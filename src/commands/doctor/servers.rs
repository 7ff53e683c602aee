//! The servers that a configuration names: whether they answer, and what has to be made there first.

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::Result;
use hydra_bus::nats::{NatsBus, Probed};
use hydra_events::content::{ContentError, S3Options, S3Store};
use hydra_events::{ContentStore, Id};
use hydra_projections::store::Generation;
use hydra_projections::view::View;
use hydra_projections::{VIEWS, ViewStore};

use super::Check;
use crate::backends::{self, nats_options};
use crate::config::{BusPlace, NatsPlace, ViewPlace};
use crate::data_folder::DataFolder;

/// What has to be made in Postgres for a Hydra that finds nothing there.
pub const MAKE_LOG: &str = "start the server, or make what is missing, as its owner: CREATE ROLE hydra LOGIN PASSWORD \
                            '…'; CREATE DATABASE hydra OWNER hydra; the schema and its tables are made by the first start";
const MAKE_BUS: &str = "start the server with JetStream (`nats-server -js`), or give Hydra's user `permissions: \
                        {publish: \">\", subscribe: \">\"}` in an account with `jetstream: enabled`";
const MAKE_VIEWS: &str = "start the server, or mend the URL under [memory]; the user has to be allowed to make schemas: \
                          GRANT CREATE ON DATABASE hydra TO hydra";

const MAKE_KEYS: &str = "start the server, or mend the URL or the password_file under [memory.short_term]; the user has to be \
                         allowed to run scripts over its keys: ACL SETUSER hydra on >… ~hydra:* +@all -@dangerous";

const MAKE_GRAPH: &str = "start the server, or mend url, user and password_file under [memory]; the user has to be \
                          allowed to make constraints and indexes, as every user of the Community Edition is";

const MAKE_VECTORS: &str = "start the server, 1.19 or newer, or mend url and api_key_file under [memory.long_term]; the port is the \
                            one for gRPC, 6334, and a key has to be allowed to make collections and aliases";

/// Whether the servers answer that have views, and have them of this log. Looking makes nothing there.
pub async fn memory(data: &DataFolder) -> Vec<Check> {
    let memory = &data.config().memory;
    // Without a log, or where it is away, nothing can be said of whose the views are.
    let log = match data.has_log() {
        true => backends::log_for_reading(data).await.ok().map(|(log, _)| log.id()),
        false => None,
    };
    let mut checks = Vec::new();
    for view in VIEWS {
        let (store, remedy) = match memory.get(view.name) {
            None | Some(ViewPlace::Folder) => continue,
            Some(ViewPlace::Postgres(url)) => (backends::postgres_views(url), MAKE_VIEWS),
            Some(ViewPlace::Redis(url)) => (backends::redis_views(url), MAKE_KEYS),
            Some(ViewPlace::Neo4j(options)) => (backends::neo4j_views(options), MAKE_GRAPH),
            Some(ViewPlace::Qdrant(options)) => (backends::qdrant_views(options), MAKE_VECTORS),
        };
        checks.push(kept(view, store, remedy, log).await);
    }
    checks
}

async fn kept(
    view: &'static View,
    store: Result<Arc<dyn ViewStore>>,
    remedy: &str,
    log: Option<Id>,
) -> Check {
    let store = match store {
        Ok(store) => store,
        Err(error) => return Check::fail(view.name, format!("{error:#}"), remedy),
    };
    match store.checkpoint(view, Generation::Live).await {
        Ok(Some(found)) if found.position > 0 && log.is_some_and(|log| log != found.log) => {
            let (view, store) = (view.name, store.shown());
            let found = format!("{store} has the view of another log, {}, and is left alone", found.log);
            let remedy = format!(
                "name another place under [memory.{view}], or take it: `hydra rebuild {view} --take-over`"
            );
            Check::fail(view, found, remedy)
        }
        Ok(Some(found)) => {
            Check::ok(view.name, format!("{} has seen {} events", store.shown(), found.position))
        }
        Ok(None) => Check::ok(view.name, format!("{}; the first start makes the view", store.shown())),
        Err(error) => Check::fail(view.name, format!("{:#}", anyhow::Error::from(error)), remedy),
    }
}

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

/// Whether files can be kept in the bucket and read from it. One of a few bytes stays there.
pub async fn content(options: &S3Options) -> Check {
    let S3Options { bucket, prefix, .. } = options;
    let probed = match S3Store::try_new(options) {
        Ok(store) => store.probe().await,
        Err(error) => Err(error),
    };
    match probed {
        Ok(()) => Check::ok("content", format!("s3://{bucket}/{prefix} takes files and gives them back")),
        Err(error) => {
            let remedy = make_content(options, &error);
            Check::fail("content", format!("{:#}", anyhow::Error::from(error)), remedy)
        }
    }
}

/// What to do, as the owner of the server, about a bucket that cannot be used.
fn make_content(options: &S3Options, error: &ContentError) -> String {
    let S3Options { bucket, endpoint, key, .. } = options;
    let server = endpoint.as_deref().unwrap_or("https://s3.amazonaws.com");
    let kind = match error {
        ContentError::Away { source, .. } => source.kind(),
        ContentError::Io { .. }
        | ContentError::Missing(_)
        | ContentError::Damaged(_)
        | ContentError::TooLarge { .. }
        | ContentError::NotAHash(_) => ErrorKind::Other,
    };
    let alias = format!("mc alias set OWNER {server}");
    if kind == ErrorKind::NotFound {
        let other = format!("aws --endpoint-url {server} s3 mb s3://{bucket}");
        return format!("make the bucket: {alias}; mc mb OWNER/{bucket}; or {other}");
    }
    if kind == ErrorKind::PermissionDenied {
        return format!(
            "mend content.access_key and its secret, or let it in: {alias}; mc admin user add OWNER {id} SECRET; mc admin \
             policy attach OWNER readwrite --user {id}; it reads, writes, lists and deletes objects of {bucket}",
            id = key.id
        );
    }
    format!("start the server at {server}, or mend content.endpoint, content.region or content.ca_file")
}
