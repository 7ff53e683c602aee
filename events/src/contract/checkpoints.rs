//! What is kept beside the log: snapshots, inbox positions, parked deliveries.

use super::LogBackend;
use super::sample::stream;
use crate::log::{Checkpoints, Parked, Snapshot};

/// A stream has one snapshot, the last that was saved, byte for byte.
pub async fn the_latest_snapshot_is_kept_over_a_reopen<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    assert_eq!(log.snapshot(&stream("a")).await.unwrap(), None);
    let snapshot = |version: u64, data: Vec<u8>| Snapshot {
        version,
        code: format!("code {version}"),
        hash: [version as u8; 32],
        data,
    };
    let (old, new) = (snapshot(3, vec![1]), snapshot(4, (0..=255).collect()));
    let empty = snapshot(1, Vec::new());
    log.save_snapshot(&stream("a"), old.clone()).await.unwrap();
    assert_eq!(log.snapshot(&stream("a")).await.unwrap(), Some(old));
    log.save_snapshot(&stream("a"), new.clone()).await.unwrap();
    log.save_snapshot(&stream("b"), empty.clone()).await.unwrap();
    drop(log);
    let log = backend.open_at_noon().await;
    assert_eq!(log.snapshot(&stream("a")).await.unwrap(), Some(new));
    assert_eq!(log.snapshot(&stream("b")).await.unwrap(), Some(empty));
    assert_eq!(log.snapshot(&stream("c")).await.unwrap(), None);
}

/// Each actor has a position of its own, which starts at 0.
pub async fn inbox_positions_are_kept_by_actor_over_a_reopen<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    assert_eq!(log.inbox("artist").await.unwrap(), 0);
    for position in [1, 5, 1 << 40] {
        log.save_inbox("artist", position, Vec::new()).await.unwrap();
        assert_eq!(log.inbox("artist").await.unwrap(), position);
    }
    log.save_inbox("curator", 7, Vec::new()).await.unwrap();
    drop(log);
    let log = backend.open_at_noon().await;
    assert_eq!(log.inbox("artist").await.unwrap(), 1 << 40);
    assert_eq!(log.inbox("curator").await.unwrap(), 7);
    assert_eq!(log.inbox("voice").await.unwrap(), 0);
}

/// What was parked is listed in log order for its actor alone, keeping twice is harmless, and one is forgotten
/// without the others.
pub async fn parked_deliveries_are_kept_in_log_order_until_unparked<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let parked = |source: &str, target: &str, position: u64| Parked {
        source: stream(source),
        target: stream(target),
        position,
        reason: format!("„{source}“ could not tell {target}"),
    };
    let [first, second, third, fourth] =
        [parked("z", "t", 2), parked("a", "t", 9), parked("a", "u", 9), parked("m", "t", 10)];
    log.save_inbox("artist", 10, vec![fourth.clone(), third.clone()]).await.unwrap();
    log.save_inbox("artist", 11, vec![second.clone(), first.clone(), third.clone()]).await.unwrap();
    log.save_inbox("curator", 3, vec![first.clone()]).await.unwrap();
    drop(log);
    let log = backend.open_at_noon().await;
    let all = [first.clone(), second.clone(), third.clone(), fourth.clone()];
    assert_eq!(log.parked("artist").await.unwrap(), all);
    assert_eq!(log.inbox("artist").await.unwrap(), 11);
    log.unpark("artist", &second).await.unwrap();
    log.unpark("artist", &second).await.unwrap();
    log.unpark("voice", &first).await.unwrap();
    assert_eq!(log.parked("artist").await.unwrap(), [first.clone(), third, fourth]);
    assert_eq!(log.parked("curator").await.unwrap(), [first]);
    assert!(log.parked("voice").await.unwrap().is_empty());
}
