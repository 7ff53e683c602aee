//! The servers that a configuration names: whether they answer, and what has to be made there first.

use std::io::ErrorKind;

use hydra_bus::nats::{NatsBus, Probed};
use hydra_events::ContentStore;
use hydra_events::content::{ContentError, S3Options, S3Store};

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
