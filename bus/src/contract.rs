//! The clauses every bus must pass: one function each, named for what it guarantees.
//!
//! No clause waits for time to pass. That something does *not* arrive is seen by what arrives after it.

mod closing;
mod desks;
mod feeds;
mod letters;
mod work;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::clock::Timestamp;
use hydra_events::record::{Codec, EventType, Position, Visibility};
use hydra_events::stream::NameError;
use hydra_events::{Id, Recorded, StreamName};

pub use closing::*;
pub use desks::*;
pub use feeds::*;
pub use letters::*;
pub use work::*;

use crate::bus::{Bus, BusError, Delivery, Feed};

/// What a clause ends with: it fails by panicking, or when the bus fails.
pub type Outcome = Result<(), BusError>;

/// Makes the buses the clauses are tried on.
#[async_trait]
pub trait Backend: Send + Sync {
    /// A new bus, on which nothing is published.
    async fn open(&self) -> Arc<dyn Bus>;

    /// How many events a follower may be behind.
    fn feed_events_max(&self) -> usize;

    /// How many invitations one node may have on offer in one kind of work.
    fn invitations_max(&self) -> usize;
}

/// An event for position `position`, the first of its stream.
pub fn event(position: Position) -> Arc<Recorded> {
    let id = |kind| Id::derive(kind, &[&position.to_le_bytes()]);
    Arc::new(Recorded {
        position,
        stream: stream(),
        version: position,
        kind: EventType::new("image", "image_rendered", 1),
        id: id("event"),
        command_id: id("command"),
        correlation_id: id("correlation"),
        causation_id: id("causation"),
        time: Timestamp(position as i64),
        actor: "artist".into(),
        code: "code".into(),
        principal: "somebody".into(),
        owner: "somebody".into(),
        visibility: Visibility::Household,
        trace: None,
        owes: false,
        effect: None,
        codec: Codec::Json,
        payload: format!("{{\"position\":{position}}}").into_bytes(),
        command: None,
        hash: [0; 32],
    })
}

fn stream() -> StreamName {
    let name: Result<StreamName, NameError> = StreamName::try_new("image", "contract");
    name.unwrap_or_else(|error| unreachable!("{error}"))
}

fn events(positions: impl IntoIterator<Item = Position>) -> Vec<Arc<Recorded>> {
    positions.into_iter().map(event).collect()
}

/// The next delivery must be the event of `position`, whole.
async fn expect_event(feed: &mut dyn Feed, position: Position) -> Outcome {
    assert_eq!(feed.next().await?, Delivery::Event(event(position)));
    Ok(())
}
