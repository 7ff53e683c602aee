//! What reading promises: pages, in order, complete.

use super::LogBackend;
use super::sample::{append, small, stream, whole};
use crate::log::EventLog;
use crate::record::EventType;
use crate::stream::StreamName;

/// Pages of any size, one after the other, are the log.
pub async fn reading_by_position_is_paged_in_order<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    fill(&log).await;
    let everything = whole(&log).await;
    for size in [1, 7, 12, 1_000] {
        let mut pages = Vec::new();
        loop {
            let page = log.read(pages.len() as u64, size).await.unwrap();
            assert!(page.len() <= size);
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        assert_eq!(pages, everything);
    }
}

/// Pages of any size, one after the other, are the stream, without its neighbours.
pub async fn reading_a_stream_is_paged_in_order<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    fill(&log).await;
    let everything = whole(&log).await;
    for name in ["a", "b", "ab", "a_b"] {
        let own: Vec<_> = everything.iter().filter(|event| event.stream.id() == name).cloned().collect();
        let mut pages = Vec::new();
        while pages.len() < own.len() {
            let page = log.read_stream(&stream(name), pages.len() as u64, 2).await.unwrap();
            assert!((1..=2).contains(&page.len()));
            pages.extend(page);
        }
        assert_eq!((pages.len(), &pages), (6, &own));
    }
}

/// The listing is by the bytes of the name, so that every log pages alike.
pub async fn streams_are_listed_by_name_with_their_versions<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    for (id, events) in [("b", 2), ("A", 1), ("_", 3), ("a-", 1), ("a", 4), ("a0", 1), ("Z", 1)] {
        log.append(append(&stream(id), 0, id, &["{}"; 4][..events])).await.unwrap();
    }
    let sorted = [("A", 1), ("Z", 1), ("_", 3), ("a", 4), ("a-", 1), ("a0", 1), ("b", 2)];
    let sorted: Vec<_> = sorted.into_iter().map(|(id, version)| (stream(id), version)).collect();
    let mut pages: Vec<(StreamName, u64)> = Vec::new();
    while pages.len() < sorted.len() {
        let after = pages.last().map(|(name, _)| name.clone());
        let page = log.streams(after.as_ref(), 3).await.unwrap();
        assert!((1..=3).contains(&page.len()));
        pages.extend(page);
    }
    assert_eq!(pages, sorted);
    assert!(log.streams(Some(&stream("b")), 3).await.unwrap().is_empty());
}

/// There is nothing after the end, in an empty log, in a stream nobody wrote, or on an empty page.
pub async fn reading_past_the_end_finds_nothing<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    assert_eq!(log.head().await.unwrap(), 0);
    assert!(log.read(0, 10).await.unwrap().is_empty());
    assert!(log.streams(None, 10).await.unwrap().is_empty());
    fill(&log).await;
    for after in [log.head().await.unwrap(), 1 << 40, u64::MAX] {
        assert!(log.read(after, 10).await.unwrap().is_empty(), "something stands after {after}");
        assert!(log.read_stream(&stream("a"), after, 10).await.unwrap().is_empty());
    }
    assert!(log.read_stream(&stream("nobody"), 0, 10).await.unwrap().is_empty());
    assert!(log.read(0, 0).await.unwrap().is_empty());
}

/// What this program does not know, a newer one may have written: it is kept as it is, and does not stop a reader.
pub async fn an_unknown_type_is_kept_and_readable<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let mut unknown = append(&stream("a"), 0, "unknown", &["{\"new\":[1]}", "{}"]);
    unknown.events[0].kind = EventType::new("image", "image_dreamt", 9);
    unknown.command.0 = EventType::new("image", "dream_image", 3);
    let nowhere = StreamName::try_new("dream", "x").unwrap();
    let recorded = log.append(unknown.clone()).await.unwrap();
    log.append(small(&nowhere, 0, "nowhere")).await.unwrap();
    drop(log);
    let log = backend.open_at_noon().await;
    let events = whole(&log).await;
    assert_eq!(events[..2], recorded);
    assert_eq!((&events[0].kind, &events[0].payload), (&unknown.events[0].kind, &unknown.events[0].payload));
    let (command, _) = events[0].command().unwrap().unwrap();
    assert_eq!(command.kind, unknown.command.0);
    assert_eq!(log.streams(None, 10).await.unwrap(), [(nowhere, 1), (stream("a"), 2)]);
}

/// Four streams of six events each, interleaved.
async fn fill(log: &impl EventLog) {
    for version in [0, 2, 4] {
        for name in ["a", "b", "ab", "a_b"] {
            let command = format!("{name} {version}");
            log.append(append(&stream(name), version, &command, &["1", "2"])).await.unwrap();
        }
    }
}
