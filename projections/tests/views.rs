//! The views at the head are a function of the log, however they came there.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "views/connections.rs"]
mod connections;
#[path = "views/story.rs"]
mod story;
#[path = "views/tables.rs"]
mod tables;
#[path = "views/window.rs"]
#[expect(dead_code, reason = "it is read from end to end here")]
mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hydra_events::clock::ManualClock;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::DecidedBy;
use hydra_events::{EventLog, Timestamp};
use hydra_projections::store::{Generation, ViewStore};
use hydra_projections::view::Lasts;
use hydra_projections::{
    Building, Compared, Projector, Rebuild, Rebuilt, SqliteStore, StoreError, Stores, VIEWS, Views, caught_up,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use story::{CHAPTER, KEEPER, LINE, SCENE, TOWER, log_of, name, raw, story};
use tables::{Tables, tables, tamper};
use window::Window;

const CASES: u32 = 24;
const PAGE_MAX: usize = 9;

/// A log with the story, and where its views are kept.
struct Place {
    folder: TempDir,
    log: Arc<dyn EventLog>,
    head: Position,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let log = log_of(folder.path(), story()).await;
        let head = log.head().await.unwrap();
        Self { folder, log, head }
    }

    fn views(&self) -> PathBuf {
        self.folder.path().join("views.db")
    }

    /// The views of the story as they must be, folded in one go beside the others.
    async fn right(&self) -> Tables {
        let folder = TempDir::new().unwrap();
        fill(&self.log, &folder.path().join("views.db")).await
    }
}

/// Builds a view in the file at `path` anew.
async fn rebuild(log: Arc<dyn EventLog>, path: &Path, name: &str) -> Result<Rebuilt, StoreError> {
    let heard = |building: Building| assert!(building.position <= building.head);
    let how = Rebuild { compared: Compared::RowByRow, ..Rebuild::default() };
    hydra_projections::rebuild(log, &Stores::embedded(path)?, name, how, &heard).await
}

/// Brings the views at `path` to the head of `log`.
async fn fill(log: &Arc<dyn EventLog>, path: &Path) -> Tables {
    caught_up(Arc::clone(log), Stores::embedded(path).unwrap()).await.unwrap();
    tables(path)
}

#[tokio::test]
async fn the_views_tell_the_story() {
    let place = Place::new().await;
    let views = caught_up(Arc::clone(&place.log), Stores::embedded(&place.views()).unwrap()).await.unwrap();
    assert!(views.stands().await.values().all(|stand| stand.position == place.head));
    let chapter = views.chapter("light").await.unwrap().unwrap();
    assert_eq!((chapter.state.as_str(), chapter.missing, chapter.completion), ("completed", 1, 1));
    assert_eq!(chapter.scene_order, [name(SCENE)]);
    let states = |rows: Vec<hydra_projections::rows::SceneAssetRow>| -> Vec<_> {
        rows.into_iter().map(|row| (row.asset.to_string(), row.state)).collect()
    };
    let expected = [(KEEPER, "supplied"), (TOWER, "missing"), (LINE, "supplied")];
    let expected = expected.map(|(asset, state)| (asset.to_owned(), Some(state.to_owned())));
    assert_eq!(states(views.assets_of(SCENE).await.unwrap()), expected);
    let keeper = views.image(KEEPER).await.unwrap().unwrap();
    assert_eq!((keeper.state.as_str(), keeper.quality_try, keeper.tries), ("approved", 2, 2));
    assert_eq!((keeper.attempts, keeper.crash_attempts, keeper.rejections.len()), (3, 1, 1));
    assert_eq!(keeper.decided_by, Some(DecidedBy::Person { name: "Ada".into() }));
    assert_eq!(views.lines("light").await.unwrap()[0].state, "spoken");
    assert_eq!(views.dead().await.unwrap()[0].stream, name(TOWER));
    assert_eq!(views.approvals_of("light").await.unwrap()[0].state, "answered");
    let queue: Vec<_> = views.queue().await.unwrap().into_iter().map(|row| row.stream.unwrap()).collect();
    assert_eq!(queue, [name(LINE), name(TOWER)]);
    assert_eq!((views.queue_paused().await.unwrap(), views.plans().await.unwrap().len()), (None, 1));
    assert_eq!(views.incidents().await.unwrap()[0].subject, name(TOWER));
    assert_eq!(views.policies().await.unwrap()[0].value.to_string(), "2");
    let from_chapter = views.edges(CHAPTER).await.unwrap();
    assert!(from_chapter.iter().any(|edge| edge.kind == "has_scene" && edge.target == SCENE));
}

#[tokio::test]
async fn what_does_not_last_is_shown_by_the_time_of_whoever_asks() {
    let place = Place::new().await;
    // The story takes about a minute.
    for (seconds, shown) in [(60, true), (3_600, true), (3_700, false)] {
        let clock = ManualClock::at(Timestamp(seconds * 1_000_000));
        let store = SqliteStore::in_memory().unwrap().judged_by(Arc::new(clock));
        let views = caught_up(Arc::clone(&place.log), Stores::all_in(Arc::new(store))).await.unwrap();
        assert_eq!(views.generation_context("light").await.unwrap().is_some(), shown, "after {seconds} s");
        assert_eq!(views.doing().await.unwrap().is_empty(), !shown);
        assert_eq!(views.generation_prompts("light").await.unwrap().is_empty(), !shown);
        assert_eq!(views.plans().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_connected_in_the_story_is_found() {
    let place = Place::new().await;
    let views = caught_up(Arc::clone(&place.log), Stores::embedded(&place.views()).unwrap()).await.unwrap();
    connections::are_those_of_the_story(&views).await;
}

#[tokio::test]
async fn every_kind_of_row_is_in_the_story() {
    let place = Place::new().await;
    let right = place.right().await;
    // Nothing in the story orders a portrait, defines a character or needs a quarantine.
    let empty: Vec<_> = right.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
    assert_eq!(empty, ["characters", "orders", "quarantine"]);
}

#[test]
fn the_views_at_the_head_are_the_same_whatever_the_batch_sizes() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let place = runtime.block_on(Place::new());
    let right = runtime.block_on(place.right());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let pages = proptest::collection::vec(1..=PAGE_MAX, 1..=PAGE_MAX);
    let checked = runner.run(&pages, |pages| {
        let folder = TempDir::new().unwrap();
        let paged = Window::on(&place.log).in_pages(pages).share();
        prop_assert_eq!(&runtime.block_on(fill(&paged, &folder.path().join("views.db"))), &right);
        Ok(())
    });
    checked.unwrap();
}

#[tokio::test]
async fn events_delivered_again_change_nothing() {
    let place = Place::new().await;
    let right = fill(&place.log, &place.views()).await;
    assert_eq!(fill(&place.log, &place.views()).await, right);
    // One view from the start means every event again for the others.
    for view in VIEWS {
        let forgotten = format!("DELETE FROM checkpoints WHERE view = '{}'", view.name);
        assert_eq!(tamper(&place.views(), &forgotten), 1);
        assert_eq!(fill(&place.log, &place.views()).await, right, "after {} was filled again", view.name);
    }
}

#[tokio::test]
async fn a_wiped_store_is_refilled() {
    let place = Place::new().await;
    let right = fill(&place.log, &place.views()).await;
    for ending in ["", "-wal", "-shm"] {
        let file = place.folder.path().join(format!("views.db{ending}"));
        assert!(std::fs::remove_file(&file).is_ok() || !file.exists());
    }
    assert_eq!(fill(&place.log, &place.views()).await, right);
    for table in VIEWS.iter().flat_map(|view| view.tables) {
        tamper(&place.views(), &format!("DROP TABLE {}", table.name));
        assert_eq!(fill(&place.log, &place.views()).await, right, "after {} was dropped", table.name);
    }
}

#[tokio::test]
async fn a_view_that_is_being_filled_again_is_not_taken_for_one_without_rows() {
    let place = Place::new().await;
    let head = place.log.head().await.unwrap();
    let views = caught_up(Arc::clone(&place.log), Stores::embedded(&place.views()).unwrap()).await.unwrap();
    let views = views.that_have_seen(&VIEWS, head);
    assert_eq!(views.chapters().await.unwrap().len(), 1);
    SqliteStore::open(&place.views())
        .unwrap()
        .reset(VIEWS[0], Generation::Live, place.log.id())
        .await
        .unwrap();
    let read = views.chapters().await;
    assert!(matches!(read, Err(StoreError::Gone(_))), "{read:?}");
    caught_up(Arc::clone(&place.log), Stores::embedded(&place.views()).unwrap()).await.unwrap();
    assert_eq!(views.chapters().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_view_of_another_version_is_refilled() {
    let place = Place::new().await;
    let right = fill(&place.log, &place.views()).await;
    for version in ["version + 1", "version - 1"] {
        tamper(&place.views(), "UPDATE chapters SET title = 'as it was then'");
        let changed = format!("UPDATE checkpoints SET version = {version}");
        assert_eq!(tamper(&place.views(), &changed), VIEWS.len());
        assert_eq!(fill(&place.log, &place.views()).await, right);
    }
}

#[tokio::test]
async fn a_store_that_is_ahead_of_the_log_is_refilled() {
    let place = Place::new().await;
    fill(&place.log, &place.views()).await;
    let shorter = Window::on(&place.log).until(place.head / 2).share();
    let short = fill(&shorter, &place.views()).await;
    let fresh = TempDir::new().unwrap();
    assert_eq!(short, fill(&shorter, &fresh.path().join("views.db")).await);
    assert_ne!(short, place.right().await);
    assert_eq!(fill(&place.log, &place.views()).await, place.right().await);
}

#[tokio::test]
async fn a_store_of_another_log_is_refilled() {
    let place = Place::new().await;
    fill(&place.log, &place.views()).await;
    let folder = TempDir::new().unwrap();
    let other = raw("policy-main", 0, "policy.policy_set.v1", r#"{"key":"a","from":0.0,"to":1.0}"#);
    let longer = story().len() as u64 + 1;
    let others = (0..longer).map(|version| {
        let payload = format!(r#"{{"key":"key_{version}","from":0.0,"to":1.0}}"#);
        raw(other.stream.as_str(), version, other.events[0].kind.as_str(), &payload)
    });
    let log = log_of(folder.path(), others.collect()).await;
    let found = fill(&log, &place.views()).await;
    assert_eq!(found, fill(&log, &folder.path().join("views.db")).await);
    assert_eq!((found["policies"].len() as u64, found["chapters"].len()), (longer, 0));
}

#[tokio::test]
async fn a_poison_event_is_quarantined_and_the_rest_goes_on() {
    let place = Place::new().await;
    let right = place.right().await;
    let poison = raw("image-poison", 0, "image.image_requested.v1", r#"{"requester":7}"#);
    place.log.append(poison).await.unwrap();
    let after = raw("plan-day", 0, "plan.plan_scheduled.v1", r#"{"due":9}"#);
    place.log.append(after).await.unwrap();
    let found = fill(&place.log, &place.views()).await;
    let named: Vec<_> = found["quarantine"].iter().map(|row| row[..3].to_vec()).collect();
    let expected = ["associative", "long_term", "procedural", "short_term"].map(|view| {
        [Value::Text(view.into()), Value::Integer(place.head as i64 + 1), Value::Text("image-poison".into())]
    });
    assert_eq!(named, expected);
    assert_eq!(found["plans"].len(), right["plans"].len() + 1);
    assert_eq!(found["images"], right["images"]);
    assert_eq!(found["checkpoints"][0][2], Value::Integer(place.head as i64 + 2));
    for view in VIEWS {
        let rebuilt = rebuild(Arc::clone(&place.log), &place.views(), view.name).await.unwrap();
        assert_eq!(rebuilt.difference.unwrap().differing, 0);
    }
    assert_eq!(tables(&place.views()), found);
}

#[tokio::test]
async fn damaged_records_are_left_out_and_the_rest_goes_on() {
    let place = Place::new().await;
    let damaged = [2, 3, 4, place.head - 1, place.head];
    let log = Window::on(&place.log).damaged(damaged).in_pages(vec![3, 1, 1]).share();
    let found = fill(&log, &place.views()).await;
    let fresh = TempDir::new().unwrap();
    let all_at_once = Window::on(&place.log).damaged(damaged).share();
    assert_eq!(found, fill(&all_at_once, &fresh.path().join("views.db")).await);
    assert_eq!(found["plans"].len(), 1);
    let projector = Projector::start(Arc::clone(&log), Stores::embedded(&place.views()).unwrap()).await;
    projector.until(place.head).await.unwrap();
    projector.stop().await.unwrap();
    for view in VIEWS {
        let rebuilt = rebuild(Arc::clone(&log), &place.views(), view.name).await.unwrap();
        assert_eq!((rebuilt.difference.unwrap().differing, rebuilt.events), (0, place.head));
    }
}

#[tokio::test]
async fn a_rebuild_finds_no_difference_in_a_good_store() {
    let place = Place::new().await;
    let right = fill(&place.log, &place.views()).await;
    for view in VIEWS {
        let rebuilt = rebuild(Arc::clone(&place.log), &place.views(), view.name).await.unwrap();
        // What did not last is over since the story happened, and is not shown.
        let lasting = view.tables.iter().filter(|table| table.lasts == Lasts::Always);
        let rows: usize = lasting.map(|table| right[table.name].len()).sum();
        assert_eq!((rebuilt.view.as_str(), rebuilt.events), (view.name, place.head));
        let found = rebuilt.difference.unwrap();
        assert_eq!((found.rows, found.differing), (rows as u64, 0));
        assert!(found.differences.is_empty());
    }
    assert_eq!(tables(&place.views()), right);
}

#[tokio::test]
async fn a_rebuild_names_the_rows_that_were_tampered_with_and_puts_them_right() {
    let place = Place::new().await;
    let right = fill(&place.log, &place.views()).await;
    for (view, statement, row) in [
        ("procedural", "UPDATE chapters SET title = 'Dark'", "chapters/light"),
        ("procedural", "UPDATE images SET seed = NULL WHERE subject = 'keeper'", "images/image-light_keeper"),
        ("procedural", "DELETE FROM lines", "lines/line-light_1_1"),
        ("short_term", "INSERT INTO plans (id, state) VALUES ('ghost', 'active')", "plans/ghost"),
        ("associative", "UPDATE nodes SET label = 'x' WHERE kind = 'scene'", "nodes/scene-light_1"),
        ("long_term", "UPDATE dialogue_vectors SET vector = x'00000000'", "dialogue_vectors/line-light_1_1"),
    ] {
        assert_eq!(tamper(&place.views(), statement), 1);
        let rebuilt = rebuild(Arc::clone(&place.log), &place.views(), view).await.unwrap();
        let found = rebuilt.difference.unwrap();
        assert_eq!((found.differing, found.differences), (1, vec![row.to_owned()]));
        assert_eq!(tables(&place.views()), right, "{statement} was not put right");
    }
}

#[tokio::test]
async fn a_rebuild_of_a_view_nobody_knows_says_which_there_are() {
    let place = Place::new().await;
    let error = rebuild(Arc::clone(&place.log), &place.views(), "dreams").await.unwrap_err();
    for view in VIEWS {
        assert!(error.to_string().contains(view.name));
    }
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_what_was_committed() {
    let folder = TempDir::new().unwrap();
    let (log, path) = (log_of(folder.path(), Vec::new()).await, folder.path().join("views.db"));
    let projector = Projector::start(Arc::clone(&log), Stores::embedded(&path).unwrap()).await;
    let beside = Views::over(Stores::beside(&path).unwrap(), log.id());
    assert!(beside.chapters().await.unwrap().is_empty());
    for append in story() {
        let (stream, events) = (append.stream.to_string(), append.events.clone());
        let position = log.append(append).await.unwrap()[0].position;
        projector.until(position).await.unwrap();
        assert!(beside.stands().await.values().all(|stand| stand.position == position));
        let connection = Connection::open(&path).unwrap();
        let query = "SELECT event FROM activity WHERE id = ?1 AND position = ?2";
        let event: String = connection.query_row(query, (stream, position as i64), |row| row.get(0)).unwrap();
        assert_eq!(event, events[0].kind.name());
    }
    assert_eq!(projector.views().chapter("light").await.unwrap().unwrap().state, "completed");
    assert_eq!(beside.chapter("light").await.unwrap().unwrap().state, "completed");
    projector.stop().await.unwrap();
    let one_by_one = tables(&path);
    let fresh = TempDir::new().unwrap();
    assert_eq!(one_by_one, fill(&log, &fresh.path().join("views.db")).await);
}

#[tokio::test]
async fn a_reader_in_a_transaction_neither_waits_nor_holds_up_the_writer() {
    let place = Place::new().await;
    let projector = Projector::start(Arc::clone(&place.log), Stores::embedded(&place.views()).unwrap()).await;
    projector.until(place.head).await.unwrap();
    let reader = Connection::open(place.views()).unwrap();
    let count = || reader.query_row("SELECT count(*) FROM plans", [], |row| row.get::<_, i64>(0)).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(), 1);
    let later = raw("plan-day", 0, "plan.plan_scheduled.v1", r#"{"due":9}"#);
    place.log.append(later).await.unwrap();
    projector.until(place.head + 1).await.unwrap();
    assert_eq!(count(), 1);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(), 2);
    projector.stop().await.unwrap();
}
