//! The relay and the reader over a real log: nothing lost, nothing twice, nothing out of order.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "relay/appends.rs"]
mod appends;
#[path = "relay/faulty.rs"]
mod faulty;

use std::sync::Arc;

use futures::FutureExt;
use hydra_bus::local::FEED_EVENTS_MAX;
use hydra_bus::{Bus, Delivery, Feed, LocalBus, Reader, ReaderError, RelayError, relay};
use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::{EventLog, Recorded};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use appends::{append, open};
use faulty::{Fault, FaultyBus, FaultyLog, Trouble};

/// A relay that runs until it is stopped.
struct Running {
    tasks: JoinSet<Result<(), RelayError>>,
    stop: CancellationToken,
}

fn start(log: Arc<dyn EventLog>, bus: Arc<dyn Bus>) -> Running {
    let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
    tasks.spawn(relay(log, bus, stop.clone()));
    Running { tasks, stop }
}

impl Running {
    async fn stop(mut self) {
        self.stop.cancel();
        self.ended().await.unwrap();
    }

    async fn ended(&mut self) -> Result<(), RelayError> {
        self.tasks.join_next().await.unwrap().unwrap()
    }
}

/// The next events of a feed must be those of `positions`, as the log has them.
async fn expect(feed: &mut dyn Feed, log: &dyn EventLog, positions: std::ops::RangeInclusive<Position>) {
    for position in positions {
        let event = match feed.next().await.unwrap() {
            Delivery::Event(event) => event,
            Delivery::Gap => panic!("a gap before {position}"),
        };
        assert_eq!(event.position, position);
        assert_eq!(vec![Arc::unwrap_or_clone(event)], log.read(position - 1, 1).await.unwrap());
    }
}

/// Reads up to `last`; fails unless every event comes once, in order.
async fn read_to(reader: &mut Reader, last: Position, max: usize) -> Vec<Arc<Recorded>> {
    let mut events = Vec::new();
    while reader.position() < last {
        let before = reader.position();
        let batch = reader.next(max).await.unwrap();
        assert!((1..=max).contains(&batch.len()), "{} events of at most {max}", batch.len());
        assert!(batch.iter().map(|event| event.position).eq(before + 1..=before + batch.len() as Position));
        events.extend(batch);
    }
    assert_eq!(reader.position(), last);
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_64_concurrent_appenders_arrive_once_and_in_order() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut feed = bus.follow().await.unwrap();
    let running = start(kept.log.clone(), bus);
    let mut appenders = JoinSet::new();
    for appender in 0..64 {
        let log = Arc::clone(&kept.log);
        appenders.spawn(async move {
            for turn in 0..5 {
                log.append(append(&format!("a{appender}"), 2 * turn, 2)).await.unwrap();
            }
        });
    }
    expect(feed.as_mut(), kept.log.as_ref(), 1..=640).await;
    appenders.join_all().await;
    assert_eq!(kept.log.head().await.unwrap(), 640);
    assert!(feed.next().now_or_never().is_none());
    running.stop().await;
}

#[tokio::test]
async fn a_relay_begins_after_what_the_bus_has() {
    let kept = open();
    kept.grow_to(10).await;
    let bus = Arc::new(LocalBus::starting_at(10));
    let mut feed = bus.follow().await.unwrap();
    let running = start(kept.log.clone(), bus);
    kept.grow_to(12).await;
    expect(feed.as_mut(), kept.log.as_ref(), 11..=12).await;
    running.stop().await;
}

#[tokio::test]
async fn a_relay_started_again_goes_on_without_loss_or_duplicate() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut feed = bus.follow().await.unwrap();
    let mut expected = 1;
    for last in [300, 301, 600, 900] {
        let running = start(kept.log.clone(), bus.clone());
        kept.grow_to(last - 50).await;
        expect(feed.as_mut(), kept.log.as_ref(), expected..=last - 50).await;
        running.stop().await;
        expected = last - 49;
        kept.grow_to(last).await;
    }
    let running = start(kept.log.clone(), bus);
    expect(feed.as_mut(), kept.log.as_ref(), expected..=900).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_publish_with_an_unknown_outcome_is_settled_without_loss_or_duplicate() {
    let kept = open();
    kept.grow_to(600).await;
    let faults = [Fault::Before, Fault::After, Fault::Halfway, Fault::Before, Fault::Halfway, Fault::After];
    let bus = Arc::new(FaultyBus::new(&faults, 0));
    let mut feed = bus.follow().await.unwrap();
    let running = start(kept.log.clone(), bus.clone());
    expect(feed.as_mut(), kept.log.as_ref(), 1..=600).await;
    running.stop().await;
    assert!(bus.faults.lock().unwrap().is_empty(), "less went wrong than was meant to");
}

#[tokio::test(start_paused = true)]
async fn a_relay_overtaken_by_another_looks_again_and_goes_on() {
    let kept = open();
    let bus = Arc::new(FaultyBus::new(&[Fault::Overtaken, Fault::Overtaken], 0));
    let mut feed = bus.follow().await.unwrap();
    kept.grow_to(600).await;
    let running = start(kept.log.clone(), bus.clone());
    expect(feed.as_mut(), kept.log.as_ref(), 1..=600).await;
    assert!(bus.faults.lock().unwrap().is_empty());
    kept.grow_to(620).await;
    expect(feed.as_mut(), kept.log.as_ref(), 601..=620).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_outlasts_a_failing_store() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut feed = bus.follow().await.unwrap();
    kept.grow_to(5).await;
    let log = FaultyLog::new(kept.log.clone(), Trouble::Failing(20));
    let running = start(log.clone(), bus);
    expect(feed.as_mut(), kept.log.as_ref(), 1..=5).await;
    assert!(*log.trouble.lock().unwrap() == Trouble::Failing(0));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_append_nobody_hinted_at_is_found_by_polling() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut feed = bus.follow().await.unwrap();
    let running = start(FaultyLog::new(kept.log.clone(), Trouble::Silent), bus);
    for last in [3, 6] {
        kept.grow_to(last).await;
        expect(feed.as_mut(), kept.log.as_ref(), last - 2..=last).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_relay_never_skips_a_damaged_or_missing_record() {
    for trouble in [Trouble::Damaged(8), Trouble::Missing(8)] {
        let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
        kept.grow_to(10).await;
        let mut feed = bus.follow().await.unwrap();
        let mut running = start(FaultyLog::new(kept.log.clone(), trouble), bus.clone());
        let ended = running.ended().await;
        assert!(matches!(ended, Err(RelayError::Log(LogError::Damaged { position: 8, .. }))), "{ended:?}");
        expect(feed.as_mut(), kept.log.as_ref(), 1..=7).await;
        assert_eq!(bus.published().await.unwrap(), 7);
    }
}

#[tokio::test]
async fn a_bus_ahead_of_the_log_is_refused() {
    let kept = open();
    kept.grow_to(3).await;
    let mut running = start(kept.log.clone(), Arc::new(LocalBus::starting_at(4)));
    let ended = running.ended().await;
    assert!(matches!(ended, Err(RelayError::Ahead { published: 4, head: 3 })), "{ended:?}");
}

#[tokio::test]
async fn a_closed_bus_ends_the_relay() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    bus.close().await;
    let mut running = start(kept.log.clone(), bus);
    assert!(matches!(running.ended().await, Err(RelayError::Bus(hydra_bus::BusError::Closed))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_from_any_position_see_everything_once_in_batches_of_any_size() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let running = start(kept.log.clone(), bus.clone());
    kept.grow_to(150).await;
    let mut readers = JoinSet::new();
    for (after, max) in [(0, 1), (0, 7), (75, 1_000), (150, 3)] {
        let mut reader = Reader::new(kept.log.clone(), bus.clone(), after);
        readers.spawn(async move { read_to(&mut reader, 500, max).await });
    }
    kept.grow_to(500).await;
    for events in readers.join_all().await {
        assert_eq!(events.last().unwrap().as_ref(), &kept.log.read(499, 1).await.unwrap()[0]);
    }
    running.stop().await;
}

#[tokio::test]
async fn a_follower_that_lagged_recovers_through_the_log() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut witness = bus.follow().await.unwrap();
    let running = start(kept.log.clone(), bus.clone());
    let mut reader = Reader::new(kept.log.clone(), bus.clone(), 0);
    kept.grow_to(10).await;
    read_to(&mut reader, 10, 100).await;
    let last = 3 * FEED_EVENTS_MAX as Position;
    for step in (10..=last).step_by(200).chain([last]) {
        kept.grow_to(step).await;
        let mut seen = 0;
        while seen < step {
            if let Delivery::Event(event) = witness.next().await.unwrap() {
                seen = event.position;
            }
        }
    }
    let events = read_to(&mut reader, last, 1_000).await;
    assert_eq!(events.len() as Position, last - 10);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_goes_on_from_the_log_while_the_bus_is_away() {
    let kept = open();
    let bus = Arc::new(FaultyBus::new(&[], 3));
    let mut reader = Reader::new(kept.log.clone(), bus.clone(), 0);
    for last in [5, 9, 12, 20] {
        kept.grow_to(last).await;
        read_to(&mut reader, last, 100).await;
    }
    // Nothing was ever published: only the log can have told.
    assert_eq!(bus.published().await.unwrap(), 0);
}

#[tokio::test]
async fn a_reader_dropped_while_waiting_loses_nothing() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let running = start(kept.log.clone(), bus.clone());
    let mut reader = Reader::new(kept.log.clone(), bus.clone(), 0);
    for last in 1..=100 {
        kept.grow_to(last).await;
        for _ in 0..3 {
            let before = reader.position();
            if let Some(batch) = reader.next(10).now_or_never() {
                assert_eq!(batch.unwrap()[0].position, before + 1);
            }
            tokio::task::yield_now().await;
        }
        read_to(&mut reader, last, 10).await;
    }
    assert_eq!(reader.position(), 100);
    running.stop().await;
}

#[tokio::test]
async fn a_reader_returns_what_stands_before_a_damaged_record_and_then_the_damage() {
    for trouble in [Trouble::Damaged(8), Trouble::Missing(8)] {
        let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
        kept.grow_to(10).await;
        let mut reader = Reader::new(FaultyLog::new(kept.log.clone(), trouble), bus, 0);
        assert_eq!(reader.next(100).await.unwrap().len(), 7);
        for _ in 0..3 {
            let error = reader.next(100).await;
            assert!(
                matches!(error, Err(ReaderError::Log(LogError::Damaged { position: 8, .. }))),
                "{error:?}"
            );
        }
        assert_eq!(reader.position(), 7);
    }
}

#[tokio::test]
async fn closing_the_bus_ends_a_reader() {
    let (kept, bus) = (open(), Arc::new(LocalBus::starting_at(0)));
    let mut reader = Reader::new(kept.log.clone(), bus.clone(), 0);
    assert!(reader.next(1).now_or_never().is_none());
    bus.close().await;
    assert!(matches!(reader.next(1).await, Err(ReaderError::Bus(hydra_bus::BusError::Closed))));
}
