//! What an audit finds in a store, and what a repair touches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_events::EventLog;
use hydra_events::record::Recorded;
use serde_json::{Value, json};

use super::StoreBackend;
use super::probe::{Probe, VIEW, batch, events, log, right, table};
use super::told::Told;
use crate::audit::{Audited, Drift, Repair, Sampling, audit};
use crate::batch::{Batch, Quarantined};
use crate::store::{Applied, Checkpoint, Generation, StoreError, ViewStore};
use crate::stores::Stores;
use crate::view::Row;

const LIVE: Generation = Generation::Live;
const ROWS: usize = 300;
/// Rows that are damaged.
const DAMAGED: usize = 100;

/// Rows of every kind, of which each is changed twice and every seventh goes.
fn history() -> Vec<Recorded> {
    let thing = |n: usize, mut change: Value| {
        change["table"] = json!("things");
        change["id"] = json!(format!("thing {n}"));
        json!([change])
    };
    let begun = (0..ROWS).map(|n| {
        thing(n, json!({"set": {"text": format!("text {n}"), "amount": n as f64 / 3.0}, "push": {"list": n}}))
    });
    let changed = (0..ROWS).map(|n| match n % 7 {
        0 => thing(n, json!({"delete": true})),
        _ => thing(
            n,
            json!({"add": {"number": n}, "push": {"list": {"n": n}}, "set": {"document": {"n": [n]}}}),
        ),
    });
    events(&begun.chain(changed).collect::<Vec<_>>())
}

/// A store with all of `events` in it.
async fn filled(store: &Arc<dyn ViewStore>, events: &[Recorded]) -> Probe {
    let probe = Probe::fresh(store, LIVE).await;
    probe.take(0, events).await;
    probe
}

async fn audited(
    store: &Arc<dyn ViewStore>,
    log: &Arc<dyn EventLog>,
    sampling: Sampling,
    repair: Repair,
) -> Result<(Audited, Vec<Drift>), StoreError> {
    let mut drifts = Vec::new();
    let stores = Stores::all_in(Arc::clone(store));
    let found = audit(log, &stores, &VIEW, sampling, repair, &mut |drift| drifts.push(drift)).await?;
    Ok((found, drifts))
}

/// Rows that are missing, other than they should be, or too many: what stands in each place afterwards.
async fn damage(store: &Arc<dyn ViewStore>, events: &[Recorded]) -> BTreeMap<String, Option<Row>> {
    let (end, things) = (events.len() as u64, table("things"));
    let mut damaged = BTreeMap::new();
    let rows = right(events).remove("things").unwrap();
    for (n, row) in rows.iter().enumerate().filter(|(n, _)| n % 2 == 0).take(DAMAGED) {
        let mut other = row.clone();
        let (key, is) = match n % 8 {
            0 => (format!("nothing {n}"), Some(other)),
            2 => (row["id"].as_str().unwrap().to_owned(), None),
            4 => {
                other.remove("amount");
                (row["id"].as_str().unwrap().to_owned(), Some(other))
            }
            _ => {
                other.insert("list".into(), json!([n]));
                (row["id"].as_str().unwrap().to_owned(), Some(other))
            }
        };
        let at = Checkpoint { log: log(), version: VIEW.version, position: end, rate: 0 };
        let mending = Batch::mending(at, None, things, &key, is.clone());
        assert_eq!(store.apply(&VIEW, LIVE, mending).await.unwrap(), Applied::Done);
        let is = is.map(|mut row| {
            row.insert("id".into(), key.as_str().into());
            row
        });
        damaged.insert(key, is);
    }
    assert_eq!(damaged.len(), DAMAGED);
    damaged
}

/// Each one, with both values, and no other; nothing is changed.
pub async fn damage_is_found_row_by_row(backend: &impl StoreBackend) {
    let (store, events) = (backend.open().await, history());
    let probe = filled(&store, &events).await;
    let damaged = damage(&store, &events).await;
    let before = probe.tables().await;
    let told = Told::all(&events);
    let (found, drifts) = audited(&store, &told, Sampling::All, Repair::Tell).await.unwrap();
    let is: BTreeMap<String, Option<Row>> =
        drifts.iter().map(|drift| (drift.key.clone(), drift.is.clone())).collect();
    assert_eq!(is, damaged);
    let right = right(&events);
    for Drift { key, should, mended, position, .. } in &drifts {
        let row = right["things"].iter().find(|row| row["id"] == **key);
        assert_eq!((should.as_ref(), *mended, *position), (row, false, events.len() as u64), "{key}");
    }
    assert_eq!((found.differing, found.mended), (DAMAGED as u64, 0));
    assert_eq!(probe.tables().await, before);
}

/// And nothing else: what no audit looks at stays as it is.
pub async fn damage_is_mended_row_by_row(backend: &impl StoreBackend) {
    let (store, events) = (backend.open().await, history());
    let probe = filled(&store, &events).await;
    damage(&store, &events).await;
    let told = Told::all(&events);
    let some = Sampling::Some { rows: ROWS / 4, seed: 7 };
    let (first, _) = audited(&store, &told, some, Repair::Mend).await.unwrap();
    assert_eq!(first.mended, first.differing);
    let (rest, drifts) = audited(&store, &told, Sampling::All, Repair::Mend).await.unwrap();
    assert_eq!(first.mended + rest.mended, DAMAGED as u64);
    assert!(rest.mended > 0 && drifts.iter().all(|drift| drift.mended));
    assert_eq!(probe.tables().await, right(&events));
    assert_eq!(probe.position().await, events.len() as u64);
    let (after, _) = audited(&store, &told, Sampling::All, Repair::Tell).await.unwrap();
    assert_eq!(after.differing, 0);
}

/// A row that has moved on between two reads is no drift.
pub async fn nothing_is_found_in_what_is_right_while_it_is_being_filled(backend: &impl StoreBackend) {
    let (store, events) = (backend.open().await, history());
    let probe = Probe::fresh(&store, LIVE).await;
    let told = Told::all(&events);
    let filling = async {
        for (after, page) in events.chunks(5).enumerate() {
            let after = 5 * after as u64;
            assert_eq!(probe.apply(batch(after, page)).await, Applied::Done);
        }
    };
    let auditing = async {
        let mut seen = BTreeSet::new();
        while seen.last() != Some(&(events.len() as u64)) {
            let (found, drifts) = audited(&store, &told, Sampling::All, Repair::Mend).await.unwrap();
            assert_eq!(drifts, []);
            seen.insert(found.position);
        }
    };
    tokio::join!(filling, auditing);
    assert_eq!(probe.tables().await, right(&events));
}

/// Chosen over all rows, so that whoever comes by often enough sees each.
pub async fn a_sample_is_as_large_as_was_asked_and_another_one_each_time(backend: &impl StoreBackend) {
    let (store, events) = (backend.open().await, history());
    filled(&store, &events).await;
    let damaged = damage(&store, &events).await;
    let (told, mut seen) = (Told::all(&events), BTreeSet::new());
    for seed in 0..40 {
        let some = Sampling::Some { rows: 50, seed };
        let (found, drifts) = audited(&store, &told, some, Repair::Tell).await.unwrap();
        // Rows that are too many come on top.
        assert!((50..100).contains(&found.rows), "{} rows", found.rows);
        seen.extend(drifts.into_iter().map(|drift| drift.key));
    }
    assert!(seen.iter().all(|key| damaged.contains_key(key)));
    assert!(seen.len() > DAMAGED * 9 / 10, "only {} of {DAMAGED} were seen in 40 samples", seen.len());
}

/// What a store goes on without is not missed there.
pub async fn what_was_set_aside_is_no_drift(backend: &impl StoreBackend) {
    let (store, mut events) = (backend.open().await, history());
    let probe = Probe::fresh(&store, LIVE).await;
    let lost = events.split_off(90);
    probe.take(0, &events).await;
    // What the store does not take, and not only what nobody can read.
    let (position, stream) = (91, lost[0].stream.to_string());
    let reason = "the store does not take it".to_owned();
    let without = Batch::without(log(), 90, Quarantined { position, stream, reason });
    assert_eq!(probe.apply(without).await, Applied::Done);
    events.extend(lost);
    probe.take(91, &events).await;
    let (found, drifts) = audited(&store, &Told::all(&events), Sampling::All, Repair::Mend).await.unwrap();
    assert_eq!((found.position, drifts), (events.len() as u64, vec![]));
}

/// It is filled anew by whoever keeps it, and nothing can be said of it before.
pub async fn what_is_wiped_or_behind_is_not_compared(backend: &impl StoreBackend) {
    let (store, events) = (backend.open().await, history());
    let told = Told::all(&events);
    filled(&store, &events).await;
    backend.wipe().await;
    let wiped = audited(&store, &told, Sampling::All, Repair::Mend).await;
    assert!(matches!(wiped, Err(StoreError::Refused(_))), "{wiped:?}");
    let probe = Probe::fresh(&store, LIVE).await;
    probe.take(0, &events[..90]).await;
    let (behind, drifts) = audited(&store, &told, Sampling::All, Repair::Mend).await.unwrap();
    assert_eq!((behind.position, drifts), (90, vec![]));
}
