//! What the log as a whole promises: one dense order, in step with time, kept for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::task::JoinSet;

use super::LogBackend;
use super::sample::{append, small, stream, unshare, whole};
use super::writers::{EVENTS, WRITERS, write};
use crate::clock::{Clock, Timestamp};
use crate::log::EventLog;
use crate::record::Recorded;

const READERS: usize = 3;

/// While 64 writers append to streams of their own and to some they share, readers that only remember their last
/// position see what the whole log holds in the end.
pub async fn positions_are_dense_and_no_reader_misses_an_event<B: LogBackend>(backend: &B) {
    let log = Arc::new(backend.open_at_noon().await);
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for reader in 0..READERS {
        readers.spawn(follow(Arc::clone(&log), Arc::clone(&done), 1 + reader * 50));
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(Arc::clone(&log), writer));
    }
    writers.join_all().await;
    done.store(true, Ordering::SeqCst);
    let seen = readers.join_all().await;
    let everything = whole(&unshare(log)).await;
    assert_eq!(everything.len(), EVENTS);
    assert_eq!(seen.len(), READERS);
    for events in seen {
        assert!(events == everything, "a reader saw {} of {} events", events.len(), everything.len());
    }
}

async fn follow<L: EventLog>(log: Arc<L>, done: Arc<AtomicBool>, page: usize) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    loop {
        let finished = done.load(Ordering::SeqCst);
        let last = seen.last().map_or(0, |event| event.position);
        let new = log.read(last, page).await.unwrap();
        if new.is_empty() && finished {
            return seen;
        }
        seen.extend(new);
        tokio::task::yield_now().await;
    }
}

/// A clock that is set back, by hand or by a reboot, does not make a later event earlier; neither does a command
/// whose own time is ahead of the clock.
pub async fn times_never_decrease_when_the_clock_goes_back<B: LogBackend>(backend: &B) {
    let clock = Arc::new(SettableClock(AtomicI64::new(1_000)));
    let log = backend.open(clock.clone()).await;
    log.append(small(&stream("a"), 0, "at 1000")).await.unwrap();
    clock.0.store(500, Ordering::SeqCst);
    log.append(small(&stream("b"), 0, "at 500")).await.unwrap();
    let mut ahead = small(&stream("c"), 0, "at 2000");
    ahead.meta.time = Timestamp(2_000);
    log.append(ahead).await.unwrap();
    log.append(small(&stream("d"), 0, "at 500 again")).await.unwrap();
    drop(log);
    clock.0.store(5, Ordering::SeqCst);
    let log = backend.open(clock.clone()).await;
    log.append(small(&stream("e"), 0, "at 5")).await.unwrap();
    clock.0.store(3_000, Ordering::SeqCst);
    log.append(small(&stream("a"), 1, "at 3000")).await.unwrap();
    let times: Vec<i64> = whole(&log).await.iter().map(|event| event.time.0).collect();
    assert_eq!(times, [1_000, 1_000, 2_000, 2_000, 2_000, 3_000]);
}

struct SettableClock(AtomicI64);

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Nothing acknowledged is gone, and nothing is different, when the log is opened again.
pub async fn what_was_acknowledged_is_there_after_a_reopen<B: LogBackend>(backend: &B) {
    let mut acknowledged = Vec::new();
    for opening in 0..3 {
        let log = backend.open_at_noon().await;
        assert_eq!(log.head().await.unwrap(), acknowledged.len() as u64);
        for number in 0..5 {
            let name = format!("s{opening}_{number}");
            acknowledged.extend(log.append(append(&stream(&name), 0, &name, &["1", "2"])).await.unwrap());
        }
        assert_eq!(whole(&log).await, acknowledged);
    }
}

/// Each event is chained to the one before it in its stream, whichever process wrote that one.
pub async fn each_stream_is_one_hash_chain_also_over_a_reopen<B: LogBackend>(backend: &B) {
    for version in 0..4 {
        let log = backend.open_at_noon().await;
        for name in ["a", "b"] {
            log.append(small(&stream(name), version, &format!("{name} {version}"))).await.unwrap();
        }
    }
    let log = backend.open_at_noon().await;
    let events = whole(&log).await;
    let mut hashes: Vec<_> = events.iter().map(|event| event.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!((events.len(), hashes.len()), (8, 8));
}

/// Whoever waits for the committed position finds it there once an append was acknowledged.
pub async fn the_committed_position_is_not_behind_an_acknowledgement<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let committed = log.committed();
    for version in 0..5 {
        let events = log.append(small(&stream("a"), version, &format!("{version}"))).await.unwrap();
        assert_eq!(*committed.borrow(), events[0].position);
    }
    drop(log);
    assert_eq!(*backend.open_at_noon().await.committed().borrow(), 5);
}

/// The id tells one log from every other and does not change by opening it.
pub async fn the_id_of_a_log_stays_and_is_its_own<B: LogBackend>(backend: &B) {
    let id = backend.open_at_noon().await.id();
    assert_ne!(id.as_bytes(), &[0; 16]);
    assert_eq!(backend.open_at_noon().await.id(), id);
}
