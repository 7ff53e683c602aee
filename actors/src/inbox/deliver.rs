//! Delivering what a batch of events means: to each target in the order of the log, to many targets at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use hydra_events::log::LogError;
use hydra_events::record::Recorded;
use hydra_events::{Id, StreamName};

use crate::aggregate::WireCommand;
use crate::host::{Envelope, Host, HostError};

/// Targets told at once.
const TARGETS_AT_ONCE: usize = 64;

/// Source and target of a delivery: what comes after a delivery that fails waits with it.
pub(super) type Pair = (StreamName, StreamName);

/// A command an event means to a stream.
pub(super) struct Delivery {
    pub(super) event: Arc<Recorded>,
    pub(super) target: StreamName,
    pub(super) command: WireCommand,
    pub(super) id: Id,
}

impl Delivery {
    pub(super) fn pair(&self) -> Pair {
        (self.event.stream.clone(), self.target.clone())
    }
}

/// A delivery that has to be made again.
pub(super) struct Left {
    pub(super) delivery: Delivery,
    cause: Cause,
}

enum Cause {
    /// The store or this process failed: it says nothing about the delivery.
    Outage,
    /// It failed by itself.
    Failed(String),
    /// It waits behind another of its pair.
    Behind,
}

/// Delivers in order. Returns what has to be delivered again, in the order of the log.
pub(super) async fn deliver(host: &Host, deliveries: Vec<Delivery>) -> Vec<Left> {
    let mut targets: BTreeMap<StreamName, Vec<Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        targets.entry(delivery.target.clone()).or_default().push(delivery);
    }
    let told = targets.into_values().map(|deliveries| tell(host, deliveries));
    let left: Vec<Vec<Left>> = futures::stream::iter(told).buffer_unordered(TARGETS_AT_ONCE).collect().await;
    let mut left: Vec<Left> = left.into_iter().flatten().collect();
    left.sort_by_key(|left| left.delivery.event.position);
    left
}

/// The pairs of which a delivery failed by itself, and why.
pub(super) fn poisoned(left: &[Left]) -> BTreeMap<Pair, String> {
    let mut pairs = BTreeMap::new();
    for Left { delivery, cause } in left {
        match cause {
            Cause::Failed(reason) => _ = pairs.entry(delivery.pair()).or_insert_with(|| reason.clone()),
            Cause::Outage | Cause::Behind => {}
        }
    }
    pairs
}

/// Tells one target, one command after the other.
async fn tell(host: &Host, deliveries: Vec<Delivery>) -> Vec<Left> {
    let (mut left, mut waiting) = (Vec::new(), BTreeSet::new());
    let mut is_away = false;
    for delivery in deliveries {
        let source = delivery.event.stream.clone();
        if is_away || waiting.contains(&source) {
            left.push(Left { delivery, cause: Cause::Behind });
            continue;
        }
        let Some(cause) = failure(host, &delivery).await else { continue };
        is_away = matches!(cause, Cause::Outage);
        waiting.insert(source);
        left.push(Left { delivery, cause });
    }
    left
}

/// Why the delivery has to be made again; a rejection is an answer like any other.
async fn failure(host: &Host, delivery: &Delivery) -> Option<Cause> {
    let Delivery { event, target, command, id } = delivery;
    let envelope = Envelope::reaction_to(event, *id);
    let answer = match host.enqueue(target, command.clone(), envelope).await {
        Ok(pending) => pending.answer().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(_) => None,
        Err(HostError::Rejected(rejection)) => {
            tracing::debug!(%rejection, source = %event.stream, %target, "a reaction was rejected");
            None
        }
        Err(HostError::Log(LogError::Store(_)) | HostError::Away(_) | HostError::Stopping) => {
            Some(Cause::Outage)
        }
        Err(error) => Some(Cause::Failed(error.to_string())),
    }
}
