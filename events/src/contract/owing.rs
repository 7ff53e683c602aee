//! What `streams_owing` promises: the recorded opinion on every stream, in step with the head.

use super::LogBackend;
use super::sample::{small, stream};
use crate::log::EventLog;
use crate::stream::StreamName;

/// Each acknowledged append moves the set at once, and only its last word counts.
pub async fn the_last_flag_of_a_stream_decides_whether_it_owes<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    assert!(owing(&log).await.is_empty());
    for (name, version, owes, now) in [
        ("b", 0, true, vec!["b"]),
        ("a", 0, true, vec!["a", "b"]),
        ("c", 0, false, vec!["a", "b"]),
        ("b", 1, false, vec!["a"]),
        ("b", 2, true, vec!["a", "b"]),
        ("a", 1, true, vec!["a", "b"]),
        ("a", 2, false, vec!["b"]),
    ] {
        flag(&log, name, version, owes).await;
        assert_eq!(owing(&log).await, names(&now));
    }
}

/// The set is the same after a reopen, however often.
pub async fn owing_streams_survive_a_reopen<B: LogBackend>(backend: &B) {
    for version in 0..3 {
        let log = backend.open_at_noon().await;
        flag(&log, "always", version, true).await;
        flag(&log, "sometimes", version, version == 1).await;
        flag(&log, "never", version, false).await;
        drop(log);
        let expected = if version == 1 { vec!["always", "sometimes"] } else { vec!["always"] };
        assert_eq!(owing(&backend.open_at_noon().await).await, names(&expected));
    }
}

/// A correction outlives the process that made it, and ends with the next append to its stream.
pub async fn a_correction_holds_until_a_later_append_also_over_a_reopen<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    flag(&log, "a", 0, true).await;
    flag(&log, "b", 0, false).await;
    log.correct_owing(&stream("a"), 1, false).await.unwrap();
    log.correct_owing(&stream("b"), 1, true).await.unwrap();
    assert_eq!(owing(&log).await, names(&["b"]));
    flag(&log, "c", 0, true).await;
    drop(log);
    let log = backend.open_at_noon().await;
    assert_eq!(owing(&log).await, names(&["b", "c"]));
    flag(&log, "a", 1, true).await;
    flag(&log, "b", 1, false).await;
    assert_eq!(owing(&log).await, names(&["a", "c"]));
    drop(log);
    assert_eq!(owing(&backend.open_at_noon().await).await, names(&["a", "c"]));
}

/// Whoever folded an older version has no say, and nobody has about a stream that does not exist.
pub async fn a_correction_of_a_stream_that_has_moved_on_is_ignored<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    flag(&log, "a", 0, false).await;
    flag(&log, "a", 1, true).await;
    flag(&log, "b", 0, false).await;
    for (name, version, owes) in
        [("a", 1, false), ("a", 3, false), ("b", 0, true), ("nobody", 0, true), ("nobody", 1, true)]
    {
        log.correct_owing(&stream(name), version, owes).await.unwrap();
        assert_eq!(owing(&log).await, names(&["a"]));
    }
    drop(log);
    assert_eq!(owing(&backend.open_at_noon().await).await, names(&["a"]));
}

async fn flag(log: &impl EventLog, name: &str, version: u64, owes: bool) {
    let mut append = small(&stream(name), version, &format!("{name} {version}"));
    append.owes = owes;
    log.append(append).await.unwrap();
}

async fn owing(log: &impl EventLog) -> Vec<StreamName> {
    let mut streams = log.streams_owing().await.unwrap();
    streams.sort();
    streams
}

fn names(ids: &[&str]) -> Vec<StreamName> {
    ids.iter().map(|id| stream(id)).collect()
}
