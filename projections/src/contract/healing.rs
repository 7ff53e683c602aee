//! What a store says of itself when it is not what it was.

use super::StoreBackend;
use super::probe::{EARLIER, Probe, VIEW, log, right, story, table};
use crate::batch::Batch;
use crate::store::{Applied, Checkpoint, Generation, Which};
use hydra_events::Id;

const LIVE: Generation = Generation::Live;

/// An empty place is told from a view without rows.
pub async fn a_store_that_was_never_filled_has_no_checkpoint(backend: &impl StoreBackend) {
    let store = backend.open().await;
    for generation in Generation::ALL {
        assert_eq!(store.checkpoint(&VIEW, generation).await.unwrap(), None);
        let read = store.rows(&VIEW, generation, table("things"), Which::All).await;
        assert!(read.is_err(), "a view that is not there was read");
    }
    let batch = Batch::fold(&VIEW, log(), 0, &story(), 60);
    assert_eq!(store.apply(&VIEW, LIVE, batch).await.unwrap(), Applied::Moved);
    assert!(!store.shown().is_empty());
}

/// A reset leaves nothing, and says of which log the view is now.
pub async fn a_reset_view_is_empty_at_the_start_of_its_log(backend: &impl StoreBackend) {
    let (store, another) = (backend.open().await, Id::of_outside("contract", "another log"));
    let probe = Probe::fresh(&store, LIVE).await;
    let mut story = story();
    story[3].payload = b"poison".to_vec();
    probe.take(0, &story).await;
    store.reset(&VIEW, LIVE, another).await.unwrap();
    let expected = Checkpoint { log: another, version: VIEW.version, position: 0, rate: 0 };
    assert_eq!(probe.checkpoint().await, Some(expected));
    assert!(probe.tables().await.values().all(Vec::is_empty));
    assert!(probe.quarantined().await.is_empty());
}

/// Who holds the store open learns that it was wiped, and can fill it again.
pub async fn a_wiped_store_says_so_while_it_is_open(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    let probe = Probe::fresh(&store, LIVE).await;
    for _ in 0..2 {
        probe.take(0, &story).await;
        backend.wipe().await;
        assert_eq!(probe.checkpoint().await, None);
        for which in [Which::All, Which::Key("thing-1".into())] {
            let read = store.rows(&VIEW, LIVE, table("things"), which).await;
            assert!(read.is_err(), "what is wiped was read as if it were empty");
        }
        let more = Batch::fold(&VIEW, log(), 60, &[], 61);
        assert_eq!(probe.apply(more).await, Applied::Moved);
        assert_eq!(probe.checkpoint().await, None);
        Probe::fresh(&store, LIVE).await;
    }
    probe.take(0, &story).await;
    assert_eq!(probe.tables().await, right(&story));
}

/// Other columns under the same names are no hindrance, in either direction.
pub async fn a_view_of_another_version_is_seen_and_made_anew(backend: &impl StoreBackend) {
    let (store, story) = (backend.open().await, story());
    for (had, has) in [(&EARLIER, &VIEW), (&VIEW, &EARLIER)] {
        store.reset(had, LIVE, log()).await.unwrap();
        let found = store.checkpoint(had, LIVE).await.unwrap().unwrap();
        assert_eq!(found.version, had.version);
        // One that is there can be kept until the other one is filled beside it.
        let found = store.checkpoint(has, LIVE).await.unwrap().unwrap();
        assert_eq!(found.version, had.version);
        store.reset(has, LIVE, log()).await.unwrap();
        assert_eq!(store.checkpoint(has, LIVE).await.unwrap().unwrap().version, has.version);
        for table in has.tables {
            assert!(store.rows(has, LIVE, table, Which::All).await.unwrap().rows.is_empty());
        }
    }
    let probe = Probe::fresh(&store, LIVE).await;
    probe.take(0, &story).await;
    assert_eq!(probe.tables().await, right(&story));
}
