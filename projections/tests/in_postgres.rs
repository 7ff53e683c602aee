//! Views in Postgres: every clause of the contract, and the same rows as in the embedded store.
//!
//! Each test has schemas of its own in the database that `HYDRA_TEST_POSTGRES` names, and drops them.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "views/kept.rs"]
mod kept;
#[path = "in_postgres/place.rs"]
mod place;
#[path = "views/server.rs"]
mod server;
#[path = "views/story.rs"]
mod story;

use std::sync::Arc;

use hydra_events::Id;
use hydra_projections::store::Generation;
use hydra_projections::{
    Others, PostgresStore, Projector, Rebuild, StoreError, Stores, VIEWS, caught_up, procedural, rebuild,
    roll_back,
};
use tempfile::TempDir;

use kept::{COMPARED, HEALED_MAX, KEPT, LOOK, healed, seen, tables, told};
use place::Place;
use story::{blob, log_of, raw, story};

hydra_projections::store_contract!(option: Place::configured());

fn stores(place: &Place) -> Stores {
    Stores::all_in(Arc::new(PostgresStore::try_new(&place.url()).unwrap()))
}

#[tokio::test]
async fn the_rows_are_those_of_the_embedded_store() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let stores = stores(&place);
    let views = caught_up(log, stores.clone()).await.unwrap();
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert_eq!(views.chapter("light").await.unwrap().unwrap().state, "completed");
    assert_eq!(views.queue().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_person_finds_tasks_and_measures_by_sql() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, _) = told(&folder, story()).await;
    caught_up(log, stores(&place)).await.unwrap();
    let procedural = format!("{}_procedural", place.schema());
    let task = format!(
        "SELECT character || ' ' || status || ' ' || aesthetic_score || ' ' \
         || (completed_at > created_at) || ' ' || (output_path IS NOT NULL) \
         FROM {procedural}.generation_tasks WHERE id = 'image-light_keeper'"
    );
    assert_eq!(place.text(&task).await, "keeper approved 5.25 true true");
    let measured = format!(
        "SELECT string_agg(metric_type || ' ' || (details->>'quality_try'), ', ' ORDER BY created_at, metric_type) \
         FROM {procedural}.quality_metrics WHERE task_id = 'image-light_keeper' AND metric_type = 'aesthetic'"
    );
    assert_eq!(place.text(&measured).await, "aesthetic 2");
    let outcomes = format!(
        "SELECT string_agg(outcome, ' ' ORDER BY created_at) FROM {procedural}.task_outcomes \
         WHERE task_id = 'image-light_keeper'"
    );
    let expected = "requested attempt_lost rendered rejected reopened rendered approved";
    assert_eq!(place.text(&outcomes).await, expected);
    let spoken = format!(
        "SELECT string_agg(outcome || ' ' || coalesce(quality_try, 0), ', ' ORDER BY created_at) \
         FROM {procedural}.task_outcomes WHERE task_id = 'line-light_1_1'"
    );
    assert_eq!(place.text(&spoken).await, "requested 1, spoken 1");
    let defaults = format!(
        "SELECT column_default::text FROM information_schema.columns WHERE table_schema = '{procedural}' \
         AND table_name = 'generation_tasks' AND column_name = 'status'"
    );
    assert_eq!(place.text(&defaults).await, "'pending'::text");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_is_dropped_or_damaged_while_it_is_kept_is_filled_again() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let (stores, head) = (stores(&place), log.head().await.unwrap());
    let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
    projector.until(head).await.unwrap();
    let procedural = format!("{}_procedural", place.schema());
    for damage in [
        format!("DROP SCHEMA {procedural} CASCADE"),
        format!("DROP TABLE {procedural}.images"),
        format!("DROP TABLE {procedural}.checkpoint"),
        format!("TRUNCATE {procedural}.checkpoint, {procedural}.images"),
        format!("UPDATE {procedural}.checkpoint SET log = '\\x00'"),
        format!("UPDATE {procedural}.checkpoint SET version = version + 1; DELETE FROM {procedural}.lines"),
        format!("UPDATE {procedural}.checkpoint SET position = position + 1000"),
    ] {
        place.run(&damage).await;
        healed(&stores, &procedural::VIEW, head, &right, &damage).await;
    }
    projector.stop().await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_away_holds_up_no_other() {
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let head = log.head().await.unwrap();
    // Nobody listens on this port.
    let away = PostgresStore::try_new("postgres://nobody:secret@127.0.0.1:1/none").unwrap();
    let stores = Stores::embedded(&folder.path().join("others.db")).unwrap();
    let stores = stores.with(&procedural::VIEW, Arc::new(away));
    let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
    let reached = projector.reached();
    let others: Vec<_> = VIEWS.into_iter().filter(|view| view.name != procedural::VIEW.name).collect();
    reached.until(&others, head).await.unwrap();
    reached.unless_away(&others, head).await.unwrap();
    let waited = reached.unless_away(&VIEWS, head).await;
    assert!(matches!(waited, Err(StoreError::Server { .. })), "{waited:?}");
    let stands = reached.stands();
    let reason = stands[procedural::VIEW.name].away.clone().unwrap();
    assert!(stands[procedural::VIEW.name].store.starts_with("postgres none on 127.0.0.1:1"), "{stands:?}");
    assert!(!reason.contains("secret"), "{reason}");
    assert_eq!(stands["short_term"].away, None);
    projector.stop().await.unwrap();
    let views = caught_up(log, stores).await.unwrap();
    assert_eq!(
        views.owing().await.unwrap().len(),
        right["activity"].iter().filter(|row| row["owes"] == 1).count()
    );
    assert!(views.chapters().await.unwrap_err().to_string().contains("procedural"));
}

#[tokio::test]
async fn a_rebuild_finds_what_was_tampered_with_and_can_be_undone() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let stores = stores(&place);
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let procedural = format!("{}_procedural", place.schema());
    place
        .run(&format!("UPDATE {procedural}.chapters SET title = 'Dark'; DELETE FROM {procedural}.lines"))
        .await;
    let rebuilt = rebuild(Arc::clone(&log), &stores, "procedural", KEPT, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differences, ["chapters/light", "lines/line-light_1_1"]);
    assert_eq!(tables(&stores).await.unwrap(), right);
    roll_back(&stores, "procedural").await.unwrap();
    assert_eq!(tables(&stores).await.unwrap()["chapters"][0]["title"], "Dark");
    let rebuilt = rebuild(log, &stores, "procedural", COMPARED, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differing, 2);
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert!(roll_back(&stores, "procedural").await.is_err());
}

/// Text that does not shrink.
fn noise(length: usize) -> String {
    let hash = |number: usize| Id::of_outside("noise", &number.to_string()).to_string();
    (0..length / 32).map(hash).collect()
}

#[tokio::test]
async fn a_value_that_no_index_takes_costs_one_event() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let head = log.head().await.unwrap();
    let (speech, character) = (blob("speech"), noise(20_000));
    let long = format!(
        r#"{{"scene":"scene-light_1","chapter":"light","speech":"{speech}","character":"{character}","take":1}}"#
    );
    log.append(raw("line-long", 0, "line.line_requested.v1", &long)).await.unwrap();
    for version in [2, 3] {
        let payload = format!(r#"{{"key":"after_{version}","from":0.0,"to":1.0}}"#);
        log.append(raw("policy-main", version, "policy.policy_set.v1", &payload)).await.unwrap();
    }
    let stores = stores(&place);
    let views = caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let quarantined = views.quarantined().await;
    // The one has an index over the character, the other has it in its keys.
    assert_eq!(quarantined.iter().map(|(view, _)| *view).collect::<Vec<_>>(), ["procedural", "associative"]);
    for (_, event) in &quarantined {
        assert_eq!((event.position, event.stream.as_str()), (head + 1, "line-long"));
        assert_eq!(event.reason.matches("index row").count(), 1, "{}", event.reason);
    }
    let found = tables(&stores).await.unwrap();
    assert_eq!(found["lines"], right["lines"]);
    assert_eq!(found["policies"].len(), right["policies"].len() + 2);
    assert_eq!(seen(&stores, &procedural::VIEW).await, Some(head + 3));
    let rebuilt = rebuild(log, &stores, "procedural", COMPARED, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differing, 0);
    assert_eq!(views.quarantined().await, quarantined);
}

/// Waits until a view of `projector` is away, and has the reason.
async fn parked(projector: &Projector) -> String {
    let parked = async {
        loop {
            let stands = projector.reached().stands();
            if let Some(reason) = stands.values().find_map(|stand| stand.away.clone()) {
                return reason;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(HEALED_MAX, parked).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_logs_on_one_schema_leave_each_other_alone_until_one_is_told_to_take_it() {
    let Some(place) = Place::configured() else { return };
    let (folder, another) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (first_log, right) = told(&folder, story()).await;
    let set = raw("policy-main", 0, "policy.policy_set.v1", r#"{"key":"a","from":0.0,"to":1.0}"#);
    let second_log = log_of(another.path(), vec![set]).await;
    let first = Projector::start(Arc::clone(&first_log), stores(&place)).await;
    first.until(first_log.head().await.unwrap()).await.unwrap();

    let second = Projector::start(Arc::clone(&second_log), stores(&place)).await;
    let reason = parked(&second).await;
    assert!(reason.contains("another log") && reason.contains("--take-over"), "{reason}");
    assert!(matches!(second.views().policies().await, Err(StoreError::Foreign { .. })));
    let read = caught_up(Arc::clone(&second_log), stores(&place)).await.unwrap();
    assert!(read.policies().await.unwrap_err().to_string().contains("another log"));
    let refused = rebuild(Arc::clone(&second_log), &stores(&place), "procedural", COMPARED, &|_| ()).await;
    assert!(matches!(refused, Err(StoreError::Foreign { view: "procedural", .. })), "{refused:?}");
    assert_eq!(tables(&stores(&place)).await.unwrap(), right);
    assert!(first.reached().stands().values().all(|stand| stand.away.is_none()));

    let take = Rebuild { others: Others::TakenOver, ..KEPT };
    for view in VIEWS {
        let taken =
            rebuild(Arc::clone(&second_log), &stores(&place), view.name, take, &|_| ()).await.unwrap();
        assert_eq!(taken.difference, None, "rows of two logs are not compared");
    }
    second.until(1).await.unwrap();
    assert_eq!(second.views().policies().await.unwrap().len(), 1);
    assert!(parked(&first).await.contains("another log"));
    // The word is taken back.
    for view in VIEWS {
        roll_back(&stores(&place), view.name).await.unwrap();
    }
    assert!(parked(&second).await.contains("another log"));
    first.until(first_log.head().await.unwrap()).await.unwrap();
    assert_eq!(tables(&stores(&place)).await.unwrap(), right);
    first.stop().await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_beside_a_projector_finds_no_difference_that_is_not_there() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, _) = told(&folder, story()).await;
    let projector = Projector::start(Arc::clone(&log), stores(&place)).await;
    let appending = async {
        for version in 2..102 {
            let payload = format!(r#"{{"key":"key_{}","from":0.0,"to":{version}.5}}"#, version % 7);
            log.append(raw("policy-main", version, "policy.policy_set.v1", &payload)).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let rebuilding = async {
        for _ in 0..4 {
            let rebuilt = rebuild(Arc::clone(&log), &stores(&place), "procedural", COMPARED, &|_| ()).await;
            let found = rebuilt.unwrap().difference.unwrap();
            assert_eq!((found.differing, &found.differences[..]), (0, &[][..]));
        }
    };
    tokio::join!(appending, rebuilding);
    let head = log.head().await.unwrap();
    projector.until(head).await.unwrap();
    projector.stop().await.unwrap();
    let fresh = Stores::embedded(&folder.path().join("fresh.db")).unwrap();
    caught_up(log, fresh.clone()).await.unwrap();
    assert_eq!(tables(&stores(&place)).await.unwrap(), tables(&fresh).await.unwrap());
}

#[tokio::test]
async fn a_schema_that_holds_something_else_is_left_alone() {
    let Some(place) = Place::configured() else { return };
    let schema = format!("{}_procedural", place.schema());
    let made = format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.events AS SELECT 'kept' AS what");
    place.run(&made).await;
    let stores = stores(&place);
    let store = stores.of(&procedural::VIEW);
    let refused = store.reset(&procedural::VIEW, Generation::Live, Id::of_outside("test", "log")).await;
    let Err(StoreError::Refused(reason)) = refused else { panic!("{schema} was taken") };
    assert!(reason.contains(&schema), "{reason}");
    assert_eq!(place.text(&format!("SELECT what FROM {schema}.events")).await, "kept");
}

#[tokio::test]
async fn a_wrong_url_is_refused_and_no_password_is_shown() {
    let long = "a".repeat(60);
    for url in [
        "mysql://u:secret@h/d",
        "postgres://u:secret@h/d?schema=A-B",
        &format!("postgres://u:secret@h/d?schema={long}"),
    ] {
        let Err(StoreError::Refused(message)) = PostgresStore::try_new(url) else {
            panic!("{url} was taken")
        };
        assert!(!message.contains("secret"), "{message}");
    }
}
