//! What the relay makes of a bus that keeps events: which it goes on with, which it fills anew, and which it
//! refuses.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "relay/appends.rs"]
mod appends;
#[path = "relay/keeping.rs"]
mod keeping;

use hydra_bus::{Delivery, Kept, RelayError, relay};
use hydra_events::record::Position;
use hydra_events::{EventLog, Id};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use appends::{Log, open};
use keeping::KeepingBus;

const HEAD: Position = 20;
const ROOM: u64 = 15;

/// What a bus keeps that has everything it should.
async fn good(log: &Log) -> Kept {
    let mut samples = Vec::new();
    for position in [6, HEAD] {
        samples.push((position, log.log.read(position - 1, 1).await.unwrap()[0].id));
    }
    Kept { log: Some(log.log.id()), published: HEAD, samples, room: ROOM, broken: None }
}

/// A bus that keeps what `change` makes of it, of a log that has one event more, must begin anew at `begun`,
/// or go on as it is; then it must be told of that event.
async fn check(begun: Option<Position>, change: impl FnOnce(&mut Kept)) {
    let log = open();
    log.grow_to(HEAD + 1).await;
    let mut kept = good(&log).await;
    change(&mut kept);
    let bus = KeepingBus::with(kept.clone());
    let mut feed = hydra_bus::Bus::follow(bus.as_ref()).await.unwrap();
    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(relay(log.log.clone(), bus.clone(), stop.clone()));
    while !matches!(feed.next().await.unwrap(), Delivery::Event(event) if event.position == HEAD + 1) {}
    assert_eq!(*bus.begun.lock().unwrap(), begun, "of {kept:?}");
    stop.cancel();
    running.join_next().await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_fits_the_log_is_gone_on_with() {
    check(None, |_| {}).await;
    check(None, |kept| kept.published = HEAD - 3).await;
    check(None, |kept| kept.samples.clear()).await;
}

#[tokio::test]
async fn what_does_not_fit_the_log_begins_anew_at_the_first_event_there_is_room_for() {
    let first = Some(HEAD + 2 - ROOM);
    let other = Id::derive("other", &[]);
    check(first, |kept| kept.log = Some(other)).await;
    check(first, |kept| kept.log = None).await;
    check(first, |kept| kept.broken = Some("it was emptied".to_owned())).await;
    check(first, |kept| kept.samples[0].1 = other).await;
    check(first, |kept| kept.samples[1].1 = other).await;
    check(first, |kept| kept.published = 3).await;
    check(Some(1), |kept| (kept.log, kept.room) = (None, 1_000)).await;
}

#[tokio::test]
async fn what_knows_more_than_the_log_is_refused_unless_it_is_another_logs() {
    let log = open();
    log.grow_to(HEAD).await;
    let mut ahead = good(&log).await;
    ahead.published = HEAD + 1;
    ahead.samples.push((HEAD + 1, Id::derive("lost", &[])));
    let bus = KeepingBus::with(ahead);
    let ended = relay(log.log.clone(), bus.clone(), CancellationToken::new()).await;
    assert!(matches!(ended, Err(RelayError::Ahead { published: 21, head: 20 })), "{ended:?}");
    assert_eq!(*bus.begun.lock().unwrap(), None);
    check(Some(HEAD + 2 - ROOM), |kept| (kept.log, kept.published) = (None, 500)).await;
}
