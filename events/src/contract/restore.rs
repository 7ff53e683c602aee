//! What `restore` promises: another log's records at their own places, byte for byte, or none of them.

use super::LogBackend;
use super::sample::{append, history, small, stream, whole};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::log::{EventLog, LogError, PAGE_EVENTS_MAX, Restore};
use crate::record::{EVENT_BYTES_MAX, Recorded};

/// Position, id, time and hash stay what they were; the log goes on after them, over a reopen too, with its own time.
pub async fn records_of_another_log_are_taken_as_they_are<B: LogBackend<Log: Restore>>(backend: &B) {
    let records = history(40);
    let log = backend.open_at_noon().await;
    let id = log.id();
    log.restore(Vec::new()).await.unwrap();
    for part in records.chunks(20) {
        log.restore(part.to_vec()).await.unwrap();
        assert_eq!(*log.committed().borrow(), part[part.len() - 1].position);
    }
    assert_eq!(whole(&log).await, records);
    assert_eq!(log.streams_owing().await.unwrap(), [stream("a"), stream("b")]);
    drop(log);
    let log = backend.open_at_noon().await;
    assert_eq!((whole(&log).await, log.id()), (records.clone(), id));
    assert_eq!(log.streams_owing().await.unwrap(), [stream("a"), stream("b")]);
    let next = log.append(small(&stream("b"), 14, "ours")).await.unwrap();
    assert_eq!((next[0].position, next[0].time), (41, Timestamp(43_200_000_000)));
    assert_eq!(log.streams_owing().await.unwrap(), [stream("a")]);
    let known = &records[38];
    let conflict = log.append(small(&known.stream, known.version - 1, "late")).await;
    assert!(matches!(conflict, Err(LogError::Conflict { actual, .. }) if actual == known.version));
}

/// Whoever does not know whether it was recorded tries it again, whole or from any place.
pub async fn what_was_restored_before_is_compared_and_not_doubled<B: LogBackend<Log: Restore>>(backend: &B) {
    let records = history(30);
    let log = backend.open_at_noon().await;
    for (from, to) in [(0, 20), (0, 20), (5, 9), (20, 30), (0, 30)] {
        let part = || log.restore(records[from..to].to_vec());
        let (first, beside) = tokio::join!(part(), part());
        first.unwrap();
        beside.unwrap();
    }
    assert_eq!(whole(&log).await, records);
}

/// Makes records unfit, whose first stands at position 11.
type Spoil = fn(&mut Vec<Recorded>);

/// A refusal names the position, and leaves the log as it was.
pub async fn records_that_do_not_fit_are_refused_as_a_whole<B: LogBackend<Log: Restore>>(backend: &B) {
    let records = history(30);
    let log = backend.open_at_noon().await;
    log.restore(records[..10].to_vec()).await.unwrap();
    let cases: [(&str, Spoil, u64); 8] = [
        ("a gap", |part| drop(part.drain(..2)), 13),
        ("a hole", |part| drop(part.remove(4)), 16),
        ("a flipped byte", |part| part[5].payload[0] ^= 1, 16),
        ("another hash", |part| part[9].hash[31] ^= 1, 20),
        ("another version", |part| part[0].version += 1, 11),
        ("an earlier time", |part| part[3].time = Timestamp(0), 14),
        ("a control character", |part| part[2].owner = "a\nb".into(), 13),
        ("a large event", |part| part[1].payload = vec![b' '; EVENT_BYTES_MAX], 12),
    ];
    for (what, spoil, position) in cases {
        let mut part = records[10..].to_vec();
        spoil(&mut part);
        assert_refused(what, log.restore(part).await, position);
        assert_eq!(whole(&log).await, records[..10], "{what}");
    }
    let mut other = records[..10].to_vec();
    other[6].id = Id::from([0; 16]);
    assert_refused("another event", log.restore(other).await, 7);
    assert_refused("an overlap", log.restore(records[5..15].to_vec()).await, 11);
    let many = vec![records[10].clone(); PAGE_EVENTS_MAX + 1];
    assert_refused("too many", log.restore(many).await, 11);
    log.restore(records[10..].to_vec()).await.unwrap();
    assert_eq!(whole(&log).await, records);
}

/// A log that has gone its own way keeps it.
pub async fn a_history_that_another_append_has_left_is_refused<B: LogBackend<Log: Restore>>(backend: &B) {
    let records = history(9);
    let log = backend.open_at_noon().await;
    log.restore(records[..6].to_vec()).await.unwrap();
    log.append(append(&stream("own"), 0, "own way", &["1", "2"])).await.unwrap();
    let before = whole(&log).await;
    assert_refused("what stands there", log.restore(records[6..8].to_vec()).await, 7);
    let mut moved = records[8].clone();
    moved.version -= 2;
    assert_refused("an earlier time", log.restore(vec![moved]).await, 9);
    assert_eq!(whole(&log).await, before);
}

fn assert_refused(what: &str, restored: Result<(), LogError>, position: u64) {
    let reason = match restored {
        Err(LogError::Refused { reason, .. }) => reason,
        other => panic!("{what}: {other:?}"),
    };
    assert!(reason.contains(&format!("position {position} ")), "{what}: {reason}");
}
