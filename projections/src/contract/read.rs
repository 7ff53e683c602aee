//! Finding rows.

use serde_json::{Value, json};

use super::StoreBackend;
use super::probe::{Probe, events, table};
use crate::store::{Generation, Which};
use crate::view::Row;

const LIVE: Generation = Generation::Live;

fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["id"].as_str()).collect()
}

async fn with(backend: &impl StoreBackend, changes: Value) -> Probe {
    let probe = Probe::fresh(&backend.open().await, LIVE).await;
    probe.take(0, &events(&[changes])).await;
    probe
}

/// By key and by every indexed column, exactly, as they are now.
pub async fn rows_are_found_by_key_and_by_column(backend: &impl StoreBackend) {
    let thing = |id: &str, cells: Value| json!({"table": "things", "id": id, "set": cells});
    let rows = json!([
        thing("a", json!({"text": "x", "number": 1, "moment": 1_700_000_000_000_001_i64})),
        thing("b", json!({"text": "x", "number": 2, "state": "done"})),
        thing("c", json!({"text": "X", "number": 1, "state": null})),
        thing("d", json!({"text": "it's \"x\" % _ *", "moment": 1_700_000_000_000_002_i64})),
        {"table": "marks", "id": "a"},
    ]);
    let probe = with(backend, rows).await;
    for (which, expected) in [
        (Which::Key("b".into()), vec!["b"]),
        (Which::Key("B".into()), vec![]),
        (Which::Is("text", "x".into()), vec!["a", "b"]),
        (Which::Is("text", "it's \"x\" % _ *".into()), vec!["d"]),
        (Which::Is("text", "".into()), vec![]),
        (Which::Is("number", 1.into()), vec!["a", "c"]),
        (Which::Is("state", "it's new".into()), vec!["a", "d"]),
        (Which::Is("moment", 1_700_000_000_000_002_i64.into()), vec!["d"]),
        (Which::All, vec!["a", "b", "c", "d"]),
    ] {
        assert_eq!(ids(&probe.things(which.clone()).await), expected, "{which:?}");
    }
    // What a column held before is not found there any more.
    let later = events(&[
        json!([]),
        json!([thing("a", json!({"text": "y"})), {"table": "things", "id": "b", "delete": true}]),
    ]);
    probe.take(1, &later).await;
    assert!(probe.things(Which::Is("text", "x".into())).await.is_empty());
    assert_eq!(ids(&probe.things(Which::Is("text", "y".into())).await), ["a"]);
}

/// The order of keys is that of their bytes, in pages of any size.
pub async fn rows_come_in_the_order_of_their_bytes_and_in_pages(backend: &impl StoreBackend) {
    let keys = ["-1", "A", "B", "_", "a", "a-b", "a/b", "a_b", "aa", "ab", "b", "ä", "灯"];
    let rows = keys.iter().rev().map(|key| json!({"table": "things", "id": key}));
    let probe = with(backend, rows.collect()).await;
    assert_eq!(ids(&probe.things(Which::All).await), keys);
    for limit in [1, 3, keys.len(), 100] {
        let (mut found, mut key) = (Vec::new(), String::new());
        loop {
            let page = probe.things(Which::After { key: key.clone(), limit }).await;
            assert!(page.len() <= limit);
            let Some(last) = ids(&page).last().map(|id| (*id).to_owned()) else { break };
            found.extend(ids(&page).into_iter().map(str::to_owned));
            key = last;
        }
        assert_eq!(found, keys, "in pages of {limit}");
    }
    assert_eq!(ids(&probe.things(Which::After { key: "aaa".into(), limit: 1 }).await), ["ab"]);
}

/// An empty view is no error.
pub async fn what_was_never_there_is_not_found(backend: &impl StoreBackend) {
    let probe = with(backend, json!([])).await;
    for which in [Which::All, Which::Key("a".into()), Which::After { key: String::new(), limit: 5 }] {
        assert!(probe.things(which).await.is_empty());
    }
    let marks = probe.store.rows(&super::probe::VIEW, LIVE, table("marks"), Which::All).await.unwrap();
    assert!(marks.rows.is_empty());
    assert!(probe.quarantined().await.is_empty());
}

/// A read says of which moment it is, whether or not it finds anything.
pub async fn a_read_says_how_far_the_view_was(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, super::probe::story());
    let probe = Probe::fresh(&store, LIVE).await;
    for (after, page) in (0..).step_by(20).zip(story.chunks(20)) {
        probe.take(after, page).await;
        let all = Which::After { key: String::new(), limit: 3 };
        for which in [Which::All, Which::Key("nothing".into()), Which::Is("number", 4.into()), all] {
            let found = store.rows(&super::probe::VIEW, LIVE, table("things"), which).await.unwrap();
            assert_eq!(Some(found.at), probe.checkpoint().await);
            assert_eq!(found.at.position, after + 20);
        }
    }
}
