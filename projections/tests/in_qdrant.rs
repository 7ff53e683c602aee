//! Views in Qdrant: every clause of the contract, the same rows as in the embedded store, and the same that is nearest.
//!
//! Each test has collections of its own on the server that `HYDRA_TEST_QDRANT` names, and removes them. Where it names
//! none, they are ignored: `cargo test --test in_qdrant -- --ignored` runs them nevertheless.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "in_qdrant/cut_off.rs"]
mod cut_off;
#[path = "views/kept.rs"]
mod kept;
#[path = "in_qdrant/near.rs"]
mod near;
#[path = "in_qdrant/place.rs"]
mod place;
#[path = "views/recent.rs"]
mod recent;
#[path = "views/server.rs"]
mod server;
#[path = "views/story.rs"]
#[expect(dead_code, reason = "only the story itself is needed here")]
mod story;

use std::env;
use std::ffi::OsStr;
use std::sync::Arc;

use hydra_events::Vector;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{
    Among, Only, Projector, QdrantOptions, QdrantStore, Similar, StoreError, Stores, caught_up, long_term,
    rebuild, roll_back,
};
use qdrant_client::qdrant::{Condition, Filter};
use tempfile::TempDir;

use kept::{COMPARED, KEPT, healed, tables, told};
use place::{Place, of_table};
use recent::{no_other_store_is_held_up, recent};

hydra_projections::store_contract!(
    with [#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]]
    Place::named()
);

const TABLE: &str = "dialogue_vectors";

/// What has vectors in Qdrant, as the program has it.
fn stores(place: &Place, folder: &TempDir) -> Stores {
    let others = Stores::embedded(&folder.path().join("others.db")).unwrap();
    others.with(&long_term::VIEW, Arc::new(place.store()))
}

#[tokio::test]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn the_rows_are_those_of_the_embedded_store_and_so_is_what_is_similar() {
    let (place, folder) = (Place::named(), TempDir::new().unwrap());
    let (log, right) = told(&folder, recent()).await;
    let embedded = Stores::embedded(&folder.path().join("views.db")).unwrap();
    let embedded = caught_up(Arc::clone(&log), embedded).await.unwrap();
    let all = Stores::all_in(Arc::new(place.store()));
    let views = caught_up(log, all.clone()).await.unwrap();
    assert_eq!(tables(&all).await.unwrap(), right);
    let placed = right[TABLE].iter().find(|row| row.contains_key("vector")).unwrap();
    let vector: Vector = placed["vector"].as_str().unwrap().parse().unwrap();
    let mut some = 0;
    for among in Among::ALL {
        for only in [Only::default(), Only { visibility: Some("household".into()), ..Only::default() }] {
            let model = placed["model"].as_str().unwrap().to_owned();
            let asked = Similar { among, vector: vector.clone(), model, only, limit: 10 };
            let (_, expected) = embedded.similar(asked.clone()).await.unwrap();
            let (_, found) = views.similar(asked).await.unwrap();
            assert_eq!(format!("{found:?}"), format!("{expected:?}"));
            some += found.len();
        }
    }
    assert!(some > 0, "nothing was similar to anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn what_is_removed_or_damaged_while_it_is_kept_is_filled_again() {
    let (place, folder) = (Place::named(), TempDir::new().unwrap());
    let (log, right) = told(&folder, recent()).await;
    let (stores, head, name) = (stores(&place, &folder), log.head().await.unwrap(), place.alias("long_term"));
    let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
    projector.until(head).await.unwrap();
    for damage in [Damage::Wiped, Damage::Alias, Damage::Points, Damage::Table, Damage::Position, Damage::Log]
    {
        match damage {
            Damage::Wiped => place.wipe().await,
            Damage::Alias => _ = place.client().delete_alias(name.as_str()).await.unwrap(),
            Damage::Points => place.delete(&name, Filter::default()).await,
            Damage::Table => place.delete(&name, of_table(TABLE)).await,
            Damage::Position => place.set(&name, of_table(":checkpoint"), "position", 1_000).await,
            Damage::Log => place.set(&name, of_table(":checkpoint"), "log", "none").await,
        }
        healed(&stores, &long_term::VIEW, head, &right, &format!("{damage:?}")).await;
    }
    projector.stop().await.unwrap();
    assert_eq!(place.collections().await.len(), 1);
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Wiped,
    Alias,
    Points,
    Table,
    Position,
    Log,
}

#[tokio::test]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn a_rebuild_finds_what_was_tampered_with_can_be_undone_and_leaves_nothing_over() {
    let (place, folder) = (Place::named(), TempDir::new().unwrap());
    let (log, right) = told(&folder, recent()).await;
    let (stores, name) = (stores(&place, &folder), place.alias("long_term"));
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let id = right[TABLE][0]["id"].as_str().unwrap().to_owned();
    let mut one = of_table(TABLE);
    one.must.push(Condition::matches("id", id.clone()));
    place.set(&name, one, "_row", format!(r#"{{"id":"{id}","scene":"tampered"}}"#)).await;
    let rebuilt = rebuild(Arc::clone(&log), &stores, "long_term", KEPT, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differences, [format!("{TABLE}/{id}")]);
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert_eq!(place.collections().await.len(), 2);
    roll_back(&stores, "long_term").await.unwrap();
    assert_eq!(tables(&stores).await.unwrap()[TABLE][0]["scene"], "tampered");
    let rebuilt = rebuild(log, &stores, "long_term", COMPARED, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differing, 1);
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert!(roll_back(&stores, "long_term").await.is_err());
    assert_eq!(place.collections().await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_holds_up_no_other_store() {
    // Nobody listens on this port.
    let options = QdrantOptions { url: "qdrant://127.0.0.1:1".into(), api_key: Some("secret".into()) };
    let away = Arc::new(QdrantStore::try_new(&options).unwrap());
    no_other_store_is_held_up(&long_term::VIEW, away, "qdrant 127.0.0.1:1, ").await;
}

#[test]
fn a_wrong_url_is_refused_and_no_key_is_shown() {
    for url in
        ["postgres://u:secret@h/d", "qdrant://secret@h", "qdrant://h:secret", "https://h?api-key=secret"]
    {
        let options = QdrantOptions { url: url.into(), api_key: Some("secret".into()) };
        let Err(StoreError::Refused(message)) = QdrantStore::try_new(&options) else {
            panic!("{url} was taken")
        };
        assert!(!message.contains("sec"), "{message}");
    }
}

/// Where a server is demanded, nothing may be ignored.
#[test]
fn a_server_is_named_where_it_is_demanded() {
    let required = env::var_os("HYDRA_TEST_REQUIRE");
    let required = required.as_deref().and_then(OsStr::to_str).unwrap_or_default();
    let demanded = required.split([',', ' ']).any(|word| word == "qdrant");
    assert!(
        !demanded || cfg!(qdrant_is_named),
        "HYDRA_TEST_REQUIRE names qdrant, and HYDRA_TEST_QDRANT is not set"
    );
}
