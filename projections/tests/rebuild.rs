//! A view built anew beside the one that is asked: on request, and where the program has another version of it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "views/story.rs"]
mod story;
#[path = "views/tables.rs"]
mod tables;
#[path = "views/window.rs"]
#[expect(dead_code, reason = "nothing is damaged here")]
mod window;

use std::path::PathBuf;
use std::sync::Arc;

use hydra_events::EventLog;
use hydra_events::record::Position;
use hydra_projections::{
    Building, Compared, Projector, Rebuild, Rebuilt, Replaced, StoreError, Stores, VIEWS, Views, caught_up,
    rebuild, roll_back,
};
use tempfile::TempDir;

use story::{log_of, raw, story};
use tables::{Tables, tables, tamper};
use window::Window;

const COMPARED: Rebuild = Rebuild {
    compared: Compared::RowByRow,
    replaced: Replaced::Discarded,
    others: hydra_projections::Others::Respected,
};
const ROUNDS: u64 = 5;
const APPENDS: u64 = 40;

/// A log with the story, and views at its head.
struct Place {
    folder: TempDir,
    log: Arc<dyn EventLog>,
    head: Position,
    right: Tables,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let log = log_of(folder.path(), story()).await;
        let head = log.head().await.unwrap();
        let mut place = Self { folder, log, head, right: Tables::new() };
        place.right = place.filled(Arc::clone(&place.log)).await.unwrap();
        place
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("views.db")
    }

    fn stores(&self) -> Stores {
        Stores::embedded(&self.path()).unwrap()
    }

    /// The views as whoever reads `log` leaves them.
    async fn filled(&self, log: Arc<dyn EventLog>) -> Result<Tables, StoreError> {
        caught_up(log, self.stores()).await?;
        Ok(tables(&self.path()))
    }

    async fn rebuilt(&self, log: Arc<dyn EventLog>, how: Rebuild) -> Result<Rebuilt, StoreError> {
        let heard = |building: Building| assert!(building.position <= self.head);
        rebuild(log, &self.stores(), "procedural", how, &heard).await
    }

    /// The log until the process is killed, after this position.
    fn until_killed(&self, after: Position) -> Arc<dyn EventLog> {
        Window::on(&self.log).in_pages(vec![5]).readable(0..after).share()
    }

    /// The log for whoever goes on there and not at the start.
    fn from(&self, after: Position) -> Arc<dyn EventLog> {
        Window::on(&self.log).in_pages(vec![5]).readable(after..Position::MAX).share()
    }
}

/// What a view is that an earlier program has made.
fn make_earlier(place: &Place) {
    tamper(&place.path(), "UPDATE chapters SET title = 'as it was then'");
    assert_eq!(tamper(&place.path(), "UPDATE checkpoints SET version = version - 1"), VIEWS.len());
}

#[tokio::test]
async fn another_version_is_asked_until_this_one_is_filled_beside_it() {
    let place = Place::new().await;
    make_earlier(&place);
    assert!(place.filled(place.until_killed(20)).await.is_err());
    let beside = Views::over(Stores::beside(&place.path()).unwrap(), place.log.id());
    assert_eq!(beside.chapter("light").await.unwrap().unwrap().title, "as it was then");
    let stands = beside.stands().await;
    assert!(stands.values().all(|stand| (stand.position, stand.building) == (0, Some(20))), "{stands:?}");
    assert_eq!(place.filled(place.from(20)).await.unwrap(), place.right);
    let stands = beside.stands().await;
    assert!(
        stands.values().all(|stand| (stand.position, stand.building) == (place.head, None)),
        "{stands:?}"
    );
    for view in VIEWS {
        assert!(roll_back(&place.stores(), view.name).await.is_err(), "nothing is left of the other version");
    }
}

#[tokio::test]
async fn a_projector_waits_with_its_word_until_its_own_version_is_there() {
    let place = Place::new().await;
    make_earlier(&place);
    let projector = Projector::start(place.until_killed(20), place.stores()).await;
    let reached = projector.reached();
    let waited = reached.unless_away(&VIEWS, 1).await.unwrap_err();
    assert!(waited.to_string().contains("failed"), "{waited}");
    projector.stop().await.unwrap();
    let projector = Projector::start(place.from(20), place.stores()).await;
    projector.until(place.head).await.unwrap();
    projector.stop().await.unwrap();
    assert_eq!(tables(&place.path()), place.right);
}

#[tokio::test]
async fn a_rebuild_that_was_killed_goes_on_where_it_was() {
    let place = Place::new().await;
    tamper(&place.path(), "UPDATE chapters SET title = 'Dark'");
    assert!(place.rebuilt(place.until_killed(20), COMPARED).await.is_err());
    let views = Views::over(place.stores(), place.log.id());
    assert_eq!(views.chapter("light").await.unwrap().unwrap().title, "Dark");
    assert_eq!(views.stands().await["procedural"].building, Some(20));
    let rebuilt = place.rebuilt(place.from(20), COMPARED).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differences, ["chapters/light"]);
    assert_eq!(tables(&place.path()), place.right);
}

#[tokio::test]
async fn a_rebuild_compares_only_where_it_is_asked_to() {
    let place = Place::new().await;
    tamper(&place.path(), "UPDATE chapters SET title = 'Dark'");
    let rebuilt = place.rebuilt(Arc::clone(&place.log), Rebuild::default()).await.unwrap();
    assert_eq!((rebuilt.events, rebuilt.difference), (place.head, None));
    assert_eq!(tables(&place.path()), place.right);
}

#[tokio::test]
async fn what_was_replaced_and_kept_comes_back_with_what_it_has_not_seen() {
    let place = Place::new().await;
    tamper(&place.path(), "UPDATE chapters SET title = 'Dark'");
    let kept = Rebuild { replaced: Replaced::Kept, ..Rebuild::default() };
    place.rebuilt(Arc::clone(&place.log), kept).await.unwrap();
    let projector = Projector::start(Arc::clone(&place.log), place.stores()).await;
    projector.until(place.head).await.unwrap();
    roll_back(&place.stores(), "procedural").await.unwrap();
    let set = raw("policy-main", 2, "policy.policy_set.v1", r#"{"key":"later","from":0.0,"to":1.0}"#);
    let position = place.log.append(set).await.unwrap()[0].position;
    projector.until(position).await.unwrap();
    projector.stop().await.unwrap();
    let found = tables(&place.path());
    assert_ne!(found["chapters"], place.right["chapters"]);
    assert_eq!(found["policies"].len(), place.right["policies"].len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_beside_a_projector_finds_no_difference_that_is_not_there() {
    let place = Place::new().await;
    let projector = Projector::start(Arc::clone(&place.log), place.stores()).await;
    let appending = async {
        for number in 0..ROUNDS * APPENDS {
            let payload = format!(r#"{{"due":{number}}}"#);
            let stream = format!("plan-day_{number}");
            place.log.append(raw(&stream, 0, "plan.plan_scheduled.v1", &payload)).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let rebuilding = async {
        let stores = place.stores();
        for _ in 0..ROUNDS {
            let rebuilt =
                rebuild(Arc::clone(&place.log), &stores, "short_term", COMPARED, &|_| ()).await.unwrap();
            let found = rebuilt.difference.unwrap();
            assert_eq!((found.differing, &found.differences[..]), (0, &[][..]));
        }
    };
    tokio::join!(appending, rebuilding);
    projector.until(place.log.head().await.unwrap()).await.unwrap();
    projector.stop().await.unwrap();
    let fresh = TempDir::new().unwrap();
    let other = fresh.path().join("views.db");
    caught_up(Arc::clone(&place.log), Stores::embedded(&other).unwrap()).await.unwrap();
    let (found, right) = (tables(&place.path()), tables(&other));
    assert_eq!(right["plans"].len() as u64, ROUNDS * APPENDS + 1);
    assert_eq!(found, right);
}

#[tokio::test]
async fn what_the_store_does_not_take_costs_one_event() {
    let place = Place::new().await;
    let refusing = "CREATE TRIGGER refusing BEFORE INSERT ON plans WHEN new.id = 'day_7' \
                    BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    tamper(&place.path(), refusing);
    for number in 0..20 {
        let payload = format!(r#"{{"due":{number}}}"#);
        let stream = format!("plan-day_{number}");
        place.log.append(raw(&stream, 0, "plan.plan_scheduled.v1", &payload)).await.unwrap();
    }
    let views = caught_up(Arc::clone(&place.log), place.stores()).await.unwrap();
    assert_eq!(tables(&place.path())["plans"].len(), place.right["plans"].len() + 19);
    let quarantined = views.quarantined().await;
    let [("short_term", event)] = &quarantined[..] else { panic!("{quarantined:?}") };
    assert_eq!((event.position, event.stream.as_str()), (place.head + 8, "plan-day_7"));
    assert!(event.reason.contains("not this one"), "{}", event.reason);
    let stands = views.stands().await;
    assert!(stands.values().all(|stand| stand.position == place.head + 20), "{stands:?}");
}

#[tokio::test]
async fn a_poison_event_is_named_with_what_is_wrong_with_it() {
    let place = Place::new().await;
    place.log.append(raw("line-poison", 0, "line.line_requested.v1", r#"{"scene":7}"#)).await.unwrap();
    let views = caught_up(Arc::clone(&place.log), place.stores()).await.unwrap();
    let quarantined = views.quarantined().await;
    assert!(!quarantined.is_empty());
    for (view, event) in quarantined {
        assert_eq!(event.stream, "line-poison", "{view}");
        assert!(
            event.reason.contains("line.line_requested") && event.reason.contains('7'),
            "{}",
            event.reason
        );
    }
}
