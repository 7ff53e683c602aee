//! Rows that do not last: when they are shown, and what an event finds of them.

use std::sync::Arc;

use hydra_events::Timestamp;
use hydra_events::clock::{Clock, SystemClock};
use hydra_events::record::Recorded;
use hydra_events::wire::WireError;
use serde_json::{Value, json};

use super::StoreBackend;
use super::probe::{events, log};
use super::told::Told;
use crate::audit::{Repair, Sampling, audit};
use crate::batch::Batch;
use crate::store::{Applied, Generation, ViewStore, Which};
use crate::stores::Stores;
use crate::view::Kind::{Json, Text, Time};
use crate::view::{Lasts, Row, Table, View, ViewOp};

const LIVE: Generation = Generation::Live;
const MINUTE: i64 = 60_000_000;

static VIEW: View = View { name: "probe_lasting", version: 1, tables: &[NOTES], edges: None, apply };

const NOTES: Table = Table {
    name: "notes",
    columns: &[("text", Text), ("list", Json), ("at", Time)],
    indexes: &["text"],
    lasts: Lasts::For { micros: 60 * MINUTE, since: "at" },
};

/// A payload is a list of `{"id", "text"?, "push"?}`, or of `{"id", "delete": true}`.
fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let kind = event.kind.clone();
    let changes: Vec<Value> =
        serde_json::from_slice(&event.payload).map_err(|source| WireError::Payload { kind, source })?;
    Ok(changes.iter().map(|change| operation(event, change)).collect())
}

fn operation(event: &Recorded, change: &Value) -> ViewOp {
    let id = change["id"].as_str().unwrap_or_default();
    if change["delete"] == true {
        return ViewOp::delete("notes", id);
    }
    let mut op = ViewOp::put("notes", id).set("at", event.time.0);
    if let Some(text) = change["text"].as_str() {
        op = op.set("text", text);
    }
    if !change["push"].is_null() {
        op = op.push("list", change["push"].clone());
    }
    op
}

/// Events, each so many minutes ago.
fn told(story: &[(i64, Value)]) -> Vec<Recorded> {
    let now = SystemClock.now();
    let payloads: Vec<Value> = story.iter().map(|(_, payload)| payload.clone()).collect();
    let mut events = events(&payloads);
    for (event, (ago, _)) in events.iter_mut().zip(story) {
        event.time = Timestamp(now.0 - ago * MINUTE);
    }
    events
}

/// Fills the view anew, in batches of `size`.
async fn filled(store: &Arc<dyn ViewStore>, events: &[Recorded], size: usize) {
    store.reset(&VIEW, LIVE, log()).await.unwrap();
    for page in events.chunks(size) {
        let (first, last) = (page[0].position, page[page.len() - 1].position);
        let batch = Batch::fold(&VIEW, log(), first - 1, page, last);
        assert_eq!(store.apply(&VIEW, LIVE, batch).await.unwrap(), Applied::Done);
    }
}

async fn notes(store: &Arc<dyn ViewStore>, which: Which) -> Vec<Row> {
    store.rows(&VIEW, LIVE, &VIEW.tables[0], which).await.unwrap().rows
}

/// A row that is over is not expected of a store, and none that is not is missing.
pub async fn what_is_over_is_no_drift(backend: &impl StoreBackend) {
    let store = backend.open().await;
    let note = |id: &str| json!([{"id": id, "text": id}]);
    let story = told(&[(180, note("a")), (90, note("b")), (30, note("c")), (5, note("d"))]);
    filled(&store, &story, story.len()).await;
    let (log, stores) = (Told::all(&story), Stores::all_in(Arc::clone(&store)));
    let mut drifts = Vec::new();
    let mut tell = |drift| drifts.push(drift);
    let found = audit(&log, &stores, &VIEW, Sampling::All, Repair::Tell, &mut tell).await.unwrap();
    assert_eq!((found.differing, drifts), (0, vec![]));
}

/// However a row is asked for, and whether it was over when it was written or since.
pub async fn what_is_over_is_not_shown(backend: &impl StoreBackend) {
    let store = backend.open().await;
    let note = |id: &str, text: &str| json!([{"id": id, "text": text}]);
    let story = told(&[
        (180, note("a", "x")),
        (90, note("b", "x")),
        (30, note("c", "x")),
        (20, note("e", "y")),
        (5, note("d", "y")),
    ]);
    for size in [1, story.len()] {
        filled(&store, &story, size).await;
        for (which, expected) in [
            (Which::All, vec!["c", "d", "e"]),
            (Which::Key("b".into()), vec![]),
            (Which::Key("c".into()), vec!["c"]),
            (Which::Is("text", "x".into()), vec!["c"]),
            (Which::Is("text", "y".into()), vec!["d", "e"]),
            (Which::After { key: String::new(), limit: 1 }, vec!["c"]),
            (Which::After { key: "c".into(), limit: 5 }, vec!["d", "e"]),
        ] {
            let rows = notes(&store, which.clone()).await;
            let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
            assert_eq!(ids, expected, "{which:?} in batches of {size}");
        }
    }
}

/// What an event finds does not depend on when it is folded: it is judged by the time of the event.
pub async fn a_row_that_is_over_begins_anew_whatever_the_batches(backend: &impl StoreBackend) {
    let store = backend.open().await;
    let push = |id: &str, what: i64| json!({"id": id, "push": what});
    let story = told(&[
        (200, json!([push("kept", 1), push("over", 1)])),
        (150, json!([push("kept", 2)])),
        (100, json!([push("kept", 3)])),
        (70, json!([push("just", 1)])),
        (50, json!([push("kept", 4), push("over", 2)])),
        (40, json!([push("gone", 1), push("again", 1)])),
        (30, json!([{"id": "gone", "delete": true}, {"id": "again", "delete": true}])),
        (20, json!([push("again", 2)])),
        (10, json!([push("just", 2)])),
    ]);
    let (two, all) = (json!([2]), json!([1, 2, 3, 4]));
    let expected = [("again", &two), ("just", &two), ("kept", &all), ("over", &two)];
    for size in [1, 2, 4, story.len()] {
        filled(&store, &story, size).await;
        let rows = notes(&store, Which::All).await;
        let found: Vec<_> = rows.iter().map(|row| (row["id"].as_str().unwrap(), &row["list"])).collect();
        assert_eq!(found, expected, "in batches of {size}");
    }
}
