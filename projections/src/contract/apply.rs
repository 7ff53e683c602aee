//! Batches: what they come to, and when they are taken.

use std::sync::Arc;

use serde_json::{Value, json};

use super::StoreBackend;
use super::probe::{Probe, VIEW, batch, events, log, right, row, story};
use crate::batch::{Batch, Quarantined};
use crate::store::{Applied, Generation, Which};
use hydra_events::Id;

const LIVE: Generation = Generation::Live;

fn things(changes: &[Value]) -> Value {
    let named = changes.iter().map(|change| {
        let mut change = change.clone();
        change["table"] = "things".into();
        change
    });
    named.collect()
}

/// However the events are cut into batches, the rows are those of a fold without a store.
pub async fn rows_are_what_the_events_come_to_whatever_the_batches(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let right = right(&story);
    assert!(right.values().all(|rows| rows.len() > 2), "the story leaves too little: {right:?}");
    for size in [1, 2, 7, 23, story.len()] {
        let probe = Probe::fresh(&store, LIVE).await;
        for page in story.chunks(size) {
            probe.take(page[0].position - 1, page).await;
        }
        assert_eq!(probe.tables().await, right, "in batches of {size}");
        assert_eq!(probe.position().await, story.len() as u64);
    }
}

/// Changes of one row in one batch count in the order of their events.
pub async fn the_last_write_of_a_cell_in_a_batch_wins(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let events = events(&[
        things(&[json!({"id": "a", "set": {"text": "first", "number": 5}, "push": {"list": 1}})]),
        things(&[json!({"id": "a", "set": {"text": "second"}, "add": {"number": 2}, "push": {"list": [2]}})]),
        things(&[json!({"id": "a", "set": {"text": "last", "state": "old"}})]),
    ]);
    probe.take(0, &events).await;
    let expected = json!({"id": "a", "text": "last", "state": "old", "number": 7, "list": [1, [2]]});
    assert_eq!(probe.things(Which::All).await, [row(expected)]);
}

/// Nothing of a deleted row is left in one that comes after it, in the same batch or a later one.
pub async fn a_row_that_was_deleted_begins_anew(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let events = events(&[
        things(&[
            json!({"id": "a", "set": {"text": "old", "state": "old"}, "add": {"number": 5}, "push": {"list": 1}}),
        ]),
        things(&[
            json!({"id": "a", "delete": true}),
            json!({"id": "a", "add": {"number": 1}, "push": {"list": 2}}),
        ]),
        things(&[json!({"id": "b", "set": {"text": "gone"}}), json!({"id": "b", "delete": true})]),
    ]);
    probe.take(0, &events[..1]).await;
    probe.take(1, &events).await;
    let expected = json!({"id": "a", "state": "it's new", "number": 1, "list": [2]});
    assert_eq!(probe.things(Which::All).await, [row(expected)]);
}

/// A sum beyond the largest or below the smallest number is no error.
pub async fn a_number_that_cannot_grow_further_stays_at_its_limit(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let grown = things(&[
        json!({"id": "large", "add": {"number": i64::MAX}}),
        json!({"id": "small", "add": {"number": i64::MIN}}),
    ]);
    // In two batches, and twice in one of them.
    let events = events(&[grown.clone(), grown.clone(), grown]);
    probe.take(0, &events[..1]).await;
    probe.take(1, &events).await;
    let numbers: Vec<_> =
        probe.things(Which::All).await.iter().map(|thing| thing["number"].as_i64()).collect();
    assert_eq!(numbers, [Some(i64::MAX), Some(i64::MIN)]);
}

/// No value, however odd, is refused or changed beyond its normal form.
pub async fn every_value_comes_back_in_its_normal_form(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let long = "灯台".repeat(20_000);
    let events = events(&[things(&[
        json!({"id": "it's \"quoted\" \\ {} $1 %s\n", "set": {"text": "'; DROP TABLE things; --", "number": i64::MIN}}),
        json!({"id": "nul", "set": {"text": "a\u{0}b", "document": {"\u{0}": "\u{0}", "deep": [[[{"n": null}]]]}}}),
        json!({"id": "numbers", "set": {"number": i64::MAX, "amount": 0.1, "document": [0.1, 5.0, 1e16, 1e300, -0.0, u64::MAX]}}),
        json!({"id": "small", "set": {"amount": 5e-324, "document": 5e-324, "moment": -1}}),
        json!({"id": "large", "set": {"amount": 1.797_693_134_862_315_7e308, "moment": i64::MAX, "document": "text"}}),
        json!({"id": "moment", "set": {"moment": 1_700_000_000_123_457_i64, "document": true}}),
        json!({"id": "none", "set": {"text": null, "state": null, "number": null, "amount": null, "moment": null, "document": null, "list": null}}),
        json!({"id": "vector", "set": {"vector": "AACAPwAAgL8AAAAA"}}),
        json!({"id": "no vector", "set": {"text": "broken", "vector": "AACAP"}}),
        json!({"id": "empty", "set": {"text": "", "document": {}, "list": []}}),
        json!({"id": long.get(..300), "set": {"list": [long]}}),
    ])]);
    probe.take(0, &events).await;
    let right = right(&events);
    assert_eq!(right["things"].len(), 11);
    assert_eq!(probe.tables().await, right);
    // What was read is what it is changed from.
    let again =
        super::probe::events(&[json!([]), things(&[json!({"id": "numbers", "push": {"list": 1.5}})])]);
    probe.take(1, &again).await;
    let numbers = probe.things(Which::Key("numbers".into())).await;
    assert_eq!((numbers[0]["number"].as_i64(), &numbers[0]["list"]), (Some(i64::MAX), &json!([1.5])));
}

/// A batch that was taken before, or leaves a gap, is not taken.
pub async fn a_batch_that_does_not_follow_changes_nothing(backend: &impl StoreBackend) {
    let (probe, story) = (Probe::fresh(&backend.open().await, LIVE).await, story());
    probe.take(0, &story[..20]).await;
    let before = probe.tables().await;
    for (after, page) in [(0, &story[..20]), (10, &story[..30]), (21, &story[..30]), (0, &story[..])] {
        assert_eq!(probe.apply(batch(after, page)).await, Applied::Moved, "after {after}");
        assert_eq!((probe.position().await, probe.tables().await), (20, before.clone()));
    }
    probe.take(20, &story).await;
    assert_eq!(probe.tables().await, right(&story));
}

/// Nor is one of another log or of another version of the view.
pub async fn a_batch_of_another_log_or_version_changes_nothing(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let probe = Probe::fresh(&store, LIVE).await;
    probe.take(0, &story[..20]).await;
    let before = probe.tables().await;
    let mut foreign = batch(20, &story);
    foreign.log = Id::of_outside("contract", "another log");
    assert_eq!(probe.apply(foreign).await, Applied::Moved);
    let earlier = Batch::fold(&super::probe::EARLIER, log(), 20, &[], 30);
    assert_eq!(store.apply(&super::probe::EARLIER, LIVE, earlier).await.unwrap(), Applied::Moved);
    assert_eq!((probe.position().await, probe.tables().await), (20, before));
}

/// Events that mean nothing, or are damaged, are not looked at again.
pub async fn a_batch_without_changes_moves_the_checkpoint(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let mut damaged = Batch::fold(&VIEW, log(), 0, &[], 7);
    damaged.rate = u32::MAX;
    assert_eq!(probe.apply(damaged).await, Applied::Done);
    let found = probe.checkpoint().await.unwrap();
    assert_eq!((found.position, found.rate, found.version, found.log), (7, u32::MAX, VIEW.version, log()));
}

/// An event that cannot be read is named, and holds up none of the others.
pub async fn a_poison_event_is_set_aside_and_the_rest_goes_on(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let thing = |id: &str| things(&[json!({"id": id, "set": {"text": id}})]);
    let events = events(&[thing("a"), json!("poison"), thing("b"), json!({"not": "a list"}), thing("c")]);
    probe.take(0, &events[..3]).await;
    probe.take(3, &events).await;
    let found = probe.quarantined().await;
    let places: Vec<_> = found.iter().map(|event| (event.position, event.stream.as_str())).collect();
    assert_eq!(places, [(2, events[1].stream.as_str()), (4, events[3].stream.as_str())]);
    assert!(found.iter().all(|Quarantined { reason, .. }| reason.contains("does not fit")));
    assert_eq!((probe.position().await, probe.things(Which::All).await.len()), (5, 3));
}

/// Whoever ends between two batches goes on after the first one.
pub async fn what_was_applied_is_there_after_a_reopen(backend: &impl StoreBackend) {
    let story = story();
    for (after, page) in (0..).step_by(15).zip(story.chunks(15)) {
        let store = backend.open().await;
        let probe = if after == 0 { Probe::fresh(&store, LIVE).await } else { Probe::found(&store, LIVE) };
        assert_eq!(probe.position().await, after);
        probe.take(after, page).await;
    }
    let probe = Probe::found(&backend.open().await, LIVE);
    assert_eq!((probe.position().await, probe.tables().await), (60, right(&story)));
}

/// Two who fill the same view do no harm: each batch is taken once.
pub async fn of_two_that_apply_the_same_batch_one_is_told_that_it_moved(backend: &impl StoreBackend) {
    let (one, other, story) = (backend.open().await, backend.open().await, Arc::new(story()));
    let probe = Probe::fresh(&one, LIVE).await;
    for (after, page) in (0..).step_by(10).zip(story.chunks(10)) {
        let first = one.apply(&VIEW, LIVE, batch(after, page));
        let second = other.apply(&VIEW, LIVE, batch(after, page));
        let (first, second) = tokio::join!(first, second);
        // A store may also refuse the one that came too early.
        let done = [first, second].into_iter().filter(|applied| matches!(applied, Ok(Applied::Done)));
        assert_eq!(done.count(), 1, "after {after}");
    }
    assert_eq!(probe.tables().await, right(&story));
}

/// There is no limit below what a batch may touch.
pub async fn a_batch_of_thousands_of_rows_is_taken(backend: &impl StoreBackend) {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    let changes: Vec<Value> = (0..3_000)
        .map(|n| json!({"id": format!("{n:04}"), "set": {"number": n}, "push": {"list": n}}))
        .collect();
    let events = events(&[things(&changes), things(&changes)]);
    probe.take(0, &events[..1]).await;
    probe.take(1, &events).await;
    let found = probe.things(Which::All).await;
    assert_eq!(found.len(), 3_000);
    assert_eq!((&found[2_999]["number"], &found[7]["list"]), (&json!(2_999), &json!([7, 7])));
}
