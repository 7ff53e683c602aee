//! What an append promises: all or nothing, at the expected version, once.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::LogBackend;
use super::sample::{append, small, stream, unshare, whole};
use crate::id::Id;
use crate::log::{APPEND_EVENTS_MAX, EventLog, LogError};
use crate::record::{Append, EVENT_BYTES_MAX, Recorded};

/// The events of an append stand side by side, with ids derived from the command.
pub async fn an_append_takes_all_its_events_in_order<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    log.append(small(&stream("a"), 0, "first")).await.unwrap();
    let written = append(&stream("b"), 0, "second", &["1", "2", "3"]);
    let events = log.append(written.clone()).await.unwrap();
    for (index, (event, place)) in events.iter().zip(1..).enumerate() {
        assert_eq!((event.position, event.version), (place + 1, place));
        assert_eq!(event.id, Id::of_event(written.meta.command_id, index));
        assert_eq!(event.payload, written.events[index].payload);
    }
    assert_eq!(whole(&log).await[1..], events);
    assert_eq!((events.len(), log.head().await.unwrap()), (3, 4));
}

/// A stale version is a conflict that names the actual one, and the next append follows without a gap.
pub async fn a_stale_version_is_refused_and_leaves_no_gap<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    log.append(append(&stream("a"), 0, "first", &["1", "2"])).await.unwrap();
    for (expected, command) in [(0, "stale"), (1, "less stale")] {
        assert_conflict(log.append(small(&stream("a"), expected, command)).await, expected, 2);
    }
    let events = log.append(small(&stream("a"), 2, "fresh")).await.unwrap();
    assert_eq!((events[0].position, events[0].version), (3, 3));
    assert_eq!(whole(&log).await.len(), 3);
}

/// Nothing is recorded after a version that does not exist yet.
pub async fn a_version_ahead_of_the_stream_is_a_conflict<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    for expected in [1, 7, u64::MAX] {
        assert_conflict(log.append(small(&stream("a"), expected, "early")).await, expected, 0);
    }
    assert!(whole(&log).await.is_empty());
}

/// An append without events is refused, also where it would be a conflict.
pub async fn an_empty_append_is_refused<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    log.append(small(&stream("a"), 0, "first")).await.unwrap();
    for expected in [0, 1, 9] {
        assert_refused(log.append(append(&stream("a"), expected, "empty", &[])).await);
    }
    assert_eq!(whole(&log).await.len(), 1);
}

/// As many events as an append may hold are taken, one more is refused as a whole.
pub async fn an_append_of_too_many_events_is_refused<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    assert_refused(log.append(append(&stream("a"), 0, "many", &["1"; APPEND_EVENTS_MAX + 1])).await);
    assert_eq!(log.head().await.unwrap(), 0);
    let taken = log.append(append(&stream("a"), 0, "all", &["1"; APPEND_EVENTS_MAX])).await.unwrap();
    assert_eq!((taken.len(), whole(&log).await.len()), (APPEND_EVENTS_MAX, APPEND_EVENTS_MAX));
}

/// The limit holds to the byte, for the event with its headers and its command.
pub async fn an_event_over_the_limit_is_refused_and_one_at_it_is_taken<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let probe = log.append(small(&stream("p"), 0, "probe")).await.unwrap();
    let room = EVENT_BYTES_MAX - probe[0].size();
    let padded = |more: usize| format!("{{{}}}", " ".repeat(more));
    let (fitting, over) = (padded(room), padded(room + 1));
    assert_refused(log.append(append(&stream("a"), 0, "over1", &[&over])).await);
    // What is refused as a whole may be any of the events.
    let far_over = padded(EVENT_BYTES_MAX);
    assert_refused(log.append(append(&stream("a"), 0, "over2", &["{}", &far_over, "{}"])).await);
    let mut large_command = small(&stream("a"), 0, "over3");
    large_command.command.1 = far_over.into_bytes();
    assert_refused(log.append(large_command).await);
    let taken = log.append(append(&stream("a"), 0, "fit12", &[&fitting])).await.unwrap();
    assert_eq!(taken[0].size(), EVENT_BYTES_MAX);
    assert_eq!(whole(&log).await.len(), 2);
}

/// A command stands in the record as JSON, so nothing else is taken for one.
pub async fn a_command_that_is_not_json_is_refused<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    for wrong in [b"{".as_slice(), b"", b"\xff", b"{} {}"] {
        let mut append = small(&stream("a"), 0, "wrong");
        append.command.1 = wrong.to_vec();
        assert_refused(log.append(append).await);
    }
    assert!(whole(&log).await.is_empty());
}

/// After an unknown outcome the same append again answers with the same records: at once, when the stream has moved
/// on, and after a reopen.
pub async fn a_retried_append_returns_what_was_recorded<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let tried = append(&stream("a"), 0, "tried", &["1", "2"]);
    let recorded = log.append(tried.clone()).await.unwrap();
    assert_eq!(log.append(tried.clone()).await.unwrap(), recorded);
    log.append(small(&stream("a"), 2, "later")).await.unwrap();
    assert_eq!(log.append(tried.clone()).await.unwrap(), recorded);
    drop(log);
    let log = backend.open_at_noon().await;
    assert_eq!(log.append(tried).await.unwrap(), recorded);
    assert_eq!(whole(&log).await.len(), 3);
}

/// A caller that gives up waiting and tries again may overtake its first try; both get the same answer.
pub async fn a_retry_beside_the_first_try_returns_the_same_events<B: LogBackend>(backend: &B) {
    let log = Arc::new(backend.open_at_noon().await);
    for round in 0..20 {
        let name = format!("a{round}");
        let tried = append(&stream(&name), 0, &name, &["1", "2"]);
        let answers = all_at_once(&log, vec![tried; 4]).await;
        let first = answers[0].as_ref().unwrap();
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == first));
    }
    assert_eq!(whole(log.as_ref()).await.len(), 40);
}

/// Only the same command is known again; another one, or a part of one, at a taken version has lost a race.
pub async fn another_command_at_a_taken_version_is_a_conflict<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    log.append(append(&stream("a"), 0, "first", &["1", "2"])).await.unwrap();
    assert_conflict(log.append(append(&stream("a"), 0, "other", &["1", "2"])).await, 0, 2);
    assert_conflict(log.append(append(&stream("a"), 0, "first", &["1", "2", "3"])).await, 0, 2);
    assert_conflict(log.append(append(&stream("a"), 1, "first", &["2"])).await, 1, 2);
    let elsewhere = log.append(append(&stream("b"), 0, "other", &["1"])).await.unwrap();
    assert_eq!(elsewhere[0].position, 3);
    assert_eq!(whole(&log).await.len(), 3);
}

/// After a reopen, streams that are begun again stand beside new ones: what is there already is known or lost, and
/// everything else is recorded.
pub async fn streams_begun_again_do_not_hurt_those_beside_them<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let first = log.append(append(&stream("a"), 0, "first", &["1", "2"])).await.unwrap();
    log.append(small(&stream("b"), 0, "first of b")).await.unwrap();
    drop(log);
    let log = Arc::new(backend.open_at_noon().await);
    let mut group = Vec::new();
    for round in 0..20 {
        group.push(small(&stream(&format!("new{round}")), 0, &format!("new {round}")));
        group.push(append(&stream("a"), 0, "first", &["1", "2"]));
        group.push(small(&stream("b"), 0, &format!("other {round}")));
        group.push(small(&stream("a"), 2 + round, &format!("later {round}")));
    }
    let answers = all_at_once(&log, group).await;
    for four in answers.chunks(4) {
        assert_eq!(four[0].as_ref().unwrap().len(), 1);
        assert_eq!(four[1].as_ref().unwrap(), &first);
        assert!(matches!(four[2], Err(LogError::Conflict { expected: 0, actual: 1, .. })), "{:?}", four[2]);
    }
    // In whatever order they arrive, those that follow each other in a stream are recorded at most once each.
    let later = answers.iter().skip(3).step_by(4).filter(|answer| answer.is_ok()).count();
    assert!(later >= 1);
    assert_eq!(whole(log.as_ref()).await.len(), 3 + 20 + later);
}

/// Of many appends at one version exactly one is recorded, and every other learns that it has lost.
pub async fn one_of_many_rivals_wins<B: LogBackend>(backend: &B) {
    let log = Arc::new(backend.open_at_noon().await);
    let rivals = (0..32).map(|rival| small(&stream("a"), 0, &format!("rival {rival}"))).collect();
    let (won, lost): (Vec<_>, Vec<_>) =
        all_at_once(&log, rivals).await.into_iter().partition(|answer| answer.is_ok());
    assert_eq!((won.len(), lost.len()), (1, 31));
    for answer in lost {
        assert_conflict(answer, 0, 1);
    }
    assert_eq!(whole(&unshare(log)).await.len(), 1);
}

/// Appends that arrive together stand or fall each for itself.
pub async fn a_bad_append_in_a_group_does_not_hurt_its_neighbours<B: LogBackend>(backend: &B) {
    let log = Arc::new(backend.open_at_noon().await);
    log.append(small(&stream("taken"), 0, "taken")).await.unwrap();
    let large = format!("{{{}}}", " ".repeat(EVENT_BYTES_MAX));
    let mut group = Vec::new();
    for number in 0..40 {
        let name = format!("good{number}");
        group.push(append(&stream(&name), 0, &name, &["1", "2"]));
        let mut no_command = small(&stream(&name), 2, "no command");
        no_command.command.1.clear();
        group.push(no_command);
        group.push(append(&stream(&format!("empty{number}")), 0, "empty", &[]));
        group.push(append(&stream(&format!("large{number}")), 0, "large", &["{}", &large]));
        group.push(small(&stream("taken"), 0, &name));
    }
    for (answer, kind) in all_at_once(&log, group).await.iter().zip((0..5).cycle()) {
        assert_eq!(answer.is_ok(), kind == 0, "append of kind {kind}: {answer:?}");
    }
    assert_eq!(whole(&unshare(log)).await.len(), 81);
}

async fn all_at_once<L: EventLog + 'static>(
    log: &Arc<L>,
    appends: Vec<Append>,
) -> Vec<Result<Vec<Recorded>, LogError>> {
    let mut tasks = JoinSet::new();
    for (index, append) in appends.into_iter().enumerate() {
        let log = Arc::clone(log);
        tasks.spawn(async move { (index, log.append(append).await) });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn assert_conflict(answer: Result<Vec<Recorded>, LogError>, at: u64, version: u64) {
    let Err(LogError::Conflict { expected, actual, .. }) = answer else {
        panic!("no conflict: {answer:?}");
    };
    assert_eq!((expected, actual), (at, version));
}

fn assert_refused(answer: Result<Vec<Recorded>, LogError>) {
    assert!(matches!(answer, Err(LogError::Refused { .. })), "not refused: {answer:?}");
}
