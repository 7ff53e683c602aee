//! A writer that is cut off anywhere, and one that is taken for gone.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use hydra_projections::ViewStore;
use hydra_projections::contract::probe::{Probe, VIEW, batch, right, story};
use hydra_projections::store::{Applied, Generation};
use qdrant_client::qdrant::Condition;

use super::place::{Place, of_table};

const LIVE: Generation = Generation::Live;

/// What `work` comes to, unless it has to wait more often than this.
async fn cut_off<T>(work: impl Future<Output = T>, mut polls: u32) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if polls == 0 => Poll::Ready(None),
        Poll::Pending => {
            polls -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Batches whose changes cannot be repeated, each cut off at another place and then cut otherwise.
#[tokio::test]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn a_batch_that_is_cut_off_anywhere_is_there_or_not_and_never_in_part() {
    let place = Place::named();
    let (store, reader, story): (Arc<dyn ViewStore>, _, _) =
        (Arc::new(place.store()), place.store(), story());
    let reader = Probe::found(&(Arc::new(reader) as Arc<dyn ViewStore>), LIVE);
    let probe = Probe::fresh(&store, LIVE).await;
    let (mut after, mut cut) = (0_u64, 0);
    for polls in (0..30).cycle().take(200) {
        for size in [7, 3] {
            let batch = batch(after, &story[..(after as usize + size).min(60)]);
            if cut_off(store.apply(&VIEW, LIVE, batch), polls).await.is_none() {
                cut += 1;
            }
            // What was asked of the server before the cut may still be done.
            let (mut seen, mut tables) = (reader.position().await, reader.tables().await);
            while reader.position().await != seen {
                (seen, tables) = (reader.position().await, reader.tables().await);
            }
            assert_eq!(tables, right(&story[..seen as usize]), "at {seen}, after {polls} polls");
            assert!(seen >= after);
            after = seen;
        }
        if after == 60 {
            break;
        }
    }
    if after < 60 {
        probe.take(after, &story).await;
    }
    assert_eq!(probe.tables().await, right(&story));
    assert!(cut > 5, "only {cut} batches were cut off");
}

/// What a writer wrote before it was cut off counts for nobody, and whoever comes next does not wait for ever.
#[tokio::test]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn a_writer_that_is_gone_holds_up_the_next_one_for_a_while() {
    let place = Place::named();
    let store: Arc<dyn ViewStore> = Arc::new(place.store());
    let (probe, story) = (Probe::fresh(&store, LIVE).await, story());
    probe.take(0, &story[..20]).await;
    let name = place.alias(VIEW.name);
    // As if somebody had taken a turn, and written every point in it.
    place.set(&name, of_table(":checkpoint"), "writer", "somebody").await;
    place.set(&name, of_table(":checkpoint"), "_turn", 7).await;
    for (_, payload) in place.points(&name, of_table("things")).await {
        let Some(row) = payload.get("_row").cloned() else { continue };
        let mut one = of_table("things");
        one.must.push(Condition::matches("id", payload["id"].as_str().unwrap().clone()));
        place.set(&name, one.clone(), "_before", row).await;
        place.set(&name, one.clone(), "_row", r#"{"id":"wrong"}"#).await;
        place.set(&name, one, "_turn", 7).await;
    }
    let things = probe.tables().await.remove("things").unwrap();
    assert_eq!(things, right(&story[..20])["things"]);
    assert_eq!(probe.apply(batch(20, &story[..40])).await, Applied::Done);
    assert_eq!(probe.tables().await, right(&story[..40]));
    probe.take(40, &story).await;
    assert_eq!(probe.tables().await, right(&story));
}
