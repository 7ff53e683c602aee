//! Forms of a view beside each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::StoreBackend;
use super::probe::{EARLIER, Probe, VIEW, batch, events, log, right, story, table};
use crate::batch::Batch;
use crate::store::Generation::{Live, Next, Old};
use crate::store::{Applied, Which};
use hydra_events::Id;

const SWITCHES: u64 = 15;
const ROWS: usize = 300;

/// What is done in one generation shows in no other.
pub async fn generations_do_not_see_each_other(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &story[..10]).await;
    let next = Probe::fresh(&store, Next).await;
    next.take(0, &story).await;
    assert_eq!((live.position().await, live.tables().await), (10, right(&story[..10])));
    assert_eq!((next.position().await, next.tables().await), (60, right(&story)));
    Probe::fresh(&store, Next).await;
    assert_eq!(live.tables().await, right(&story[..10]));
    assert_eq!(next.position().await, 0);
}

/// Rows, quarantine and checkpoint change their place together.
pub async fn a_switch_puts_the_next_in_place_and_keeps_the_old(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let poison = events(&[json!("poison")]);
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &poison).await;
    for end in [20, 40, 60] {
        let before = (live.position().await, live.tables().await, live.quarantined().await);
        Probe::fresh(&store, Next).await.take(0, &story[..end]).await;
        store.switch(&VIEW).await.unwrap();
        assert_eq!((live.position().await, live.tables().await), (end as u64, right(&story[..end])));
        assert!(live.quarantined().await.is_empty());
        let old = Probe::found(&store, Old);
        assert_eq!((old.position().await, old.tables().await, old.quarantined().await), before);
        assert_eq!(Probe::found(&store, Next).checkpoint().await, None);
    }
}

/// Whoever was told that a view has seen a position never reads one that has not.
pub async fn the_next_one_waits_until_it_has_seen_as_much_as_the_live_one(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &story).await;
    let next = Probe::fresh(&store, Next).await;
    next.take(0, &story[..59]).await;
    assert_eq!(store.switch(&VIEW).await.unwrap(), Applied::Moved);
    assert_eq!((live.position().await, next.position().await), (60, 59));
    assert_eq!(Probe::found(&store, Old).checkpoint().await, None);
    next.take(59, &story).await;
    assert_eq!(store.switch(&VIEW).await.unwrap(), Applied::Done);
    assert_eq!((live.position().await, live.tables().await), (60, right(&story)));
}

/// Positions of another log, or of another version of the view, say nothing.
pub async fn the_next_one_replaces_one_of_another_log_or_version_at_once(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let another = Id::of_outside("contract", "another log");
    for (view, log_there) in [(&VIEW, another), (&EARLIER, log())] {
        store.reset(view, Live, log_there).await.unwrap();
        let far = Batch::fold(view, log_there, 0, &[], 1_000);
        assert_eq!(store.apply(view, Live, far).await.unwrap(), Applied::Done);
        Probe::fresh(&store, Next).await.take(0, &story[..30]).await;
        assert_eq!(store.switch(&VIEW).await.unwrap(), Applied::Done);
        assert_eq!(Probe::found(&store, Live).tables().await, right(&story[..30]));
    }
}

/// After going back, what the old generation has not seen follows on it.
pub async fn going_back_brings_the_old_one_with_its_checkpoint(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &story[..20]).await;
    Probe::fresh(&store, Next).await.take(0, &story).await;
    store.switch(&VIEW).await.unwrap();
    store.roll_back(&VIEW).await.unwrap();
    assert_eq!((live.position().await, live.tables().await), (20, right(&story[..20])));
    assert_eq!(Probe::found(&store, Old).checkpoint().await, None);
    live.take(20, &story).await;
    assert_eq!(live.tables().await, right(&story));
}

/// A switch to nothing is refused, and changes nothing.
pub async fn what_is_not_there_cannot_be_put_in_place(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &story).await;
    let errors = [store.switch(&VIEW).await.unwrap_err(), store.roll_back(&VIEW).await.unwrap_err()];
    for (error, which) in errors.iter().zip(["next", "old"]) {
        assert!(error.to_string().contains(which), "{error}");
    }
    assert_eq!((live.position().await, live.tables().await), (60, right(&story)));
}

/// Whoever is killed while building goes on where it was.
pub async fn what_is_being_built_goes_on_after_a_reopen(backend: &impl StoreBackend) {
    let story = story();
    Probe::fresh(&backend.open().await, Next).await.take(0, &story[..30]).await;
    let store = backend.open().await;
    let next = Probe::found(&store, Next);
    assert_eq!(next.position().await, 30);
    next.take(30, &story).await;
    // A view that is built for the first time replaces nothing.
    store.switch(&VIEW).await.unwrap();
    assert_eq!(Probe::found(&backend.open().await, Live).tables().await, right(&story));
}

/// Removing a generation twice is harmless.
pub async fn what_was_discarded_is_gone(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &story).await;
    Probe::fresh(&store, Next).await.take(0, &story).await;
    store.switch(&VIEW).await.unwrap();
    for generation in [Old, Old, Next] {
        store.discard(&VIEW, generation).await.unwrap();
        assert_eq!(Probe::found(&store, generation).checkpoint().await, None);
    }
    assert!(store.roll_back(&VIEW).await.is_err());
    assert_eq!(live.tables().await, right(&story));
}

/// Rows that all say the same number.
fn numbered(number: u64) -> Value {
    let row = |n: usize| json!({"table": "things", "id": format!("{n:04}"), "set": {"number": number, "text": "same"}});
    (0..ROWS).map(row).collect()
}

/// A reader finds the one generation or the other, whole, and never an error.
pub async fn no_read_fails_while_generations_are_switched(backend: &impl StoreBackend) {
    let (store, reader) = (backend.open().await, backend.open().await);
    let live = Probe::fresh(&store, Live).await;
    live.take(0, &events(&[numbered(0)])).await;
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let reading = async move {
        let mut reads = 0_u64;
        while !ended.load(Ordering::SeqCst) || reads < SWITCHES {
            for which in [Which::All, Which::Is("text", "same".into())] {
                let rows = reader.rows(&VIEW, Live, table("things"), which).await.unwrap().rows;
                assert_eq!(rows.len(), ROWS, "a read during a switch found too little");
                assert!(
                    rows.iter().all(|row| row["number"] == rows[0]["number"]),
                    "a read found two generations"
                );
            }
            reads += 1;
        }
    };
    let switching = async {
        for number in 1..=SWITCHES {
            Probe::fresh(&store, Next).await.take(0, &events(&[numbered(number)])).await;
            store.switch(&VIEW).await.unwrap();
            store.discard(&VIEW, Old).await.unwrap();
        }
        over.store(true, Ordering::SeqCst);
    };
    tokio::join!(reading, switching);
    assert_eq!(live.things(Which::Key("0007".into())).await[0]["number"], SWITCHES);
}

/// A switch beside a batch that is being applied leaves no mixture.
pub async fn a_batch_never_begins_in_one_generation_and_ends_in_another(backend: &impl StoreBackend) {
    let (store, filler, story) = (backend.open().await, backend.open().await, story());
    Probe::fresh(&store, Live).await;
    let filling = async {
        let (mut after, mut moved) = (0, 0_u32);
        while after < 60 && moved < 1_000 {
            let page = &story[..(after as usize + 1).min(60)];
            match filler.apply(&VIEW, Live, batch(after, page)).await {
                Ok(Applied::Done) => after += 1,
                Ok(Applied::Moved) | Err(_) => {
                    moved += 1;
                    let found = filler.checkpoint(&VIEW, Live).await.unwrap();
                    after = found.map_or(after, |found| found.position);
                }
            }
        }
        assert_eq!(after, 60, "the view never got to the end");
    };
    let switching = async {
        for end in [5, 15, 25, 35] {
            store.reset(&VIEW, Next, log()).await.unwrap();
            let applied = store.apply(&VIEW, Next, batch(0, &story[..end])).await.unwrap();
            assert_eq!(applied, Applied::Done);
            // Where the live one is further, there is nothing to switch.
            store.switch(&VIEW).await.unwrap();
        }
    };
    tokio::join!(filling, switching);
    // Whatever was switched last, what follows on its checkpoint is right.
    let live = Probe::found(&store, Live);
    let position = live.position().await;
    if position < 60 {
        live.take(position, &story).await;
    }
    assert_eq!(live.tables().await, right(&story));
}
