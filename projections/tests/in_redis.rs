//! Views in Redis: every clause of the contract, and the same rows as in the embedded store.
//!
//! Each test has keys of its own on the server that `HYDRA_TEST_REDIS` names, and removes them.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "views/kept.rs"]
mod kept;
#[path = "in_redis/place.rs"]
mod place;
#[path = "views/recent.rs"]
mod recent;
#[path = "views/server.rs"]
mod server;
#[path = "views/story.rs"]
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_events::clock::{Clock, SystemClock};
use hydra_projections::contract::StoreBackend;
use hydra_projections::view::Lasts;
use hydra_projections::{
    Projector, RedisStore, Repair, Sampling, StoreError, Stores, audit, caught_up, rebuild, roll_back,
    short_term,
};
use tempfile::TempDir;

use kept::{COMPARED, KEPT, Tables, healed, right, tables, told};
use place::Place;
use recent::{no_other_store_is_held_up, recent};
use story::{CHAPTER, KEEPER, TOWER, raw};

hydra_projections::store_contract!(option: Place::configured());

const MINUTE_MS: i64 = 60_000;
/// How the key of a generation ends, and all keys that belong to it.
const GENERATION: &str = ":*";

fn stores(place: &Place) -> Stores {
    Stores::all_in(Arc::new(RedisStore::try_new(&place.url()).unwrap()))
}

#[tokio::test]
async fn the_rows_are_those_of_the_embedded_store() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, recent()).await;
    let stores = stores(&place);
    let views = caught_up(log, stores.clone()).await.unwrap();
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert!(views.doing().await.unwrap().iter().any(|doing| doing.id == "artist"));
    let context = views.generation_context("light").await.unwrap().unwrap();
    assert_eq!((context.state.as_deref(), context.title.as_deref()), (Some("completed"), Some("Light")));
    let prompts = views.generation_prompts("light").await.unwrap();
    let states: BTreeMap<_, _> = prompts.iter().map(|row| (row.id.as_str(), row.state.as_str())).collect();
    assert_eq!((states[KEEPER], states[TOWER], states.len()), ("made", "missing", 3));
    assert!(prompts.is_sorted_by(|one, next| one.position >= next.position));
}

#[tokio::test]
async fn what_does_not_last_is_removed_by_the_server_itself_also_after_it_was_mended() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, recent()).await;
    let stores = stores(&place);
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let fleeting = are_put_out_in_time(&place, &right).await;
    for row in place.keys("short_term", ":*:r:*").await {
        assert_eq!(place.ask::<i64>(&["PTTL", &row]).await, -1);
    }
    for row in &fleeting {
        // Without a time-out of its own.
        let id = row.rsplit(':').next().unwrap();
        place.ask::<()>(&["SET", row, &format!(r#"{{"id":"{id}","at":{}}}"#, SystemClock.now().0)]).await;
    }
    let view = &short_term::VIEW;
    let audited = audit(&log, &stores, view, Sampling::All, Repair::Mend, &mut |_| ()).await.unwrap();
    assert_eq!((audited.differing, audited.mended), (fleeting.len() as u64, fleeting.len() as u64));
    assert_eq!(are_put_out_in_time(&place, &right).await, fleeting);
    assert_eq!(tables(&stores).await.unwrap(), right);
}

/// Checks that the server itself removes every row that does not last when its time has come; these rows' keys.
async fn are_put_out_in_time(place: &Place, right: &Tables) -> Vec<String> {
    let mut found = Vec::new();
    for table in short_term::VIEW.tables.iter().filter(|table| table.lasts != Lasts::Always) {
        let rows = place.keys("short_term", &format!(":*:x:{}:*", table.name)).await;
        assert_eq!(rows.len(), right[table.name].len());
        for row in &rows {
            let left: i64 = place.ask(&["PTTL", row]).await;
            // An hour after its event, and as much more as the last event is behind.
            assert!((50 * MINUTE_MS..62 * MINUTE_MS).contains(&left), "{row} has {left} ms left");
        }
        found.extend(rows);
    }
    found
}

#[tokio::test]
async fn a_row_that_was_put_out_before_its_time_is_missed_and_the_view_filled_again() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, _) = told(&folder, recent()).await;
    let stores = stores(&place);
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let context = place.keys("short_term", ":*:x:generation_contexts:light").await;
    assert_eq!(context.len(), 1);
    place.ask::<()>(&["DEL", &context[0]]).await;
    let stream = log.read_stream(&CHAPTER.parse().unwrap(), 0, 1_000).await.unwrap();
    let payload = r#"{"reason":"another scene"}"#;
    let mut again = raw(CHAPTER, stream.len() as u64, "chapter.chapter_reopened.v1", payload);
    again.meta.time = SystemClock.now();
    log.append(again).await.unwrap();
    let views = caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let context = views.generation_context("light").await.unwrap().unwrap();
    assert_eq!((context.state.as_deref(), context.title.as_deref()), (Some("reopened"), Some("Light")));
    assert_eq!(tables(&stores).await.unwrap(), right(&folder, &log).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_or_damaged_while_it_is_kept_is_filled_again() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, recent()).await;
    let (stores, head) = (stores(&place), log.head().await.unwrap());
    let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
    projector.until(head).await.unwrap();
    let damages: [(&str, &str, &[&str]); 10] = [
        ("", "DEL", &[]),
        (GENERATION, "DEL", &[]),
        (":*:r:plans", "DEL", &[]),
        (":*:k:plans", "DEL", &[]),
        (":*:i:plans:state", "DEL", &[]),
        (":*:r:plans", "SET", &["no hash"]),
        (GENERATION, "HSET", &["position", "1000"]),
        (GENERATION, "HSET", &["log", "none"]),
        (GENERATION, "HINCRBY", &["version", "1"]),
        (GENERATION, "HDEL", &["position"]),
    ];
    for (ending, damage, values) in damages {
        let mut keys = place.keys("short_term", ending).await;
        // The key of a generation has nothing behind its number.
        keys.retain(|key| ending != GENERATION || key.matches(':').count() == 2);
        assert!(!keys.is_empty(), "nothing is called {ending}");
        for key in &keys {
            place.ask::<()>(&[&[damage, key.as_str()][..], values].concat()).await;
        }
        healed(&stores, &short_term::VIEW, head, &right, &format!("{damage} {values:?} of {ending}")).await;
    }
    place.wipe().await;
    place.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    healed(&stores, &short_term::VIEW, head, &right, "a flush").await;
    projector.stop().await.unwrap();
}

#[tokio::test]
async fn a_rebuild_finds_what_was_tampered_with_can_be_undone_and_leaves_nothing_over() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, recent()).await;
    let stores = stores(&place);
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let plans = place.keys("short_term", ":*:r:plans").await;
    place.ask::<()>(&["HSET", &plans[0], "night", r#"{"id":"night","cron":"tampered"}"#]).await;
    let rebuilt = rebuild(Arc::clone(&log), &stores, "short_term", KEPT, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differences, ["plans/night"]);
    assert_eq!(tables(&stores).await.unwrap(), right);
    roll_back(&stores, "short_term").await.unwrap();
    assert_eq!(tables(&stores).await.unwrap()["plans"][0]["cron"], "tampered");
    let rebuilt = rebuild(log, &stores, "short_term", COMPARED, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differing, 1);
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert!(roll_back(&stores, "short_term").await.is_err());
    let keys = place.keys("short_term", ":*").await;
    let numbers: BTreeSet<_> = keys.iter().filter_map(|key| key.split(':').nth(2)).collect();
    assert_eq!(numbers.len(), 1, "{keys:?}");
}

#[tokio::test]
async fn a_server_that_is_away_holds_up_no_other_store() {
    // Nobody listens on this port.
    let away = Arc::new(RedisStore::try_new("redis://nobody:secret@127.0.0.1:1").unwrap());
    no_other_store_is_held_up(&short_term::VIEW, away, "redis database 0 on 127.0.0.1:1").await;
}

#[tokio::test]
async fn a_wrong_url_is_refused_and_no_password_is_shown() {
    for url in [
        "postgres://u:secret@h/d",
        "redis://u:secret@h:port",
        "redis://u:secret@h/database",
        "redis://u:sec/ret@h",
        "redis://u:secret@h?prefix=A",
    ] {
        let Err(StoreError::Refused(message)) = RedisStore::try_new(url) else { panic!("{url} was taken") };
        assert!(!message.contains("sec"), "{message}");
    }
}
