//! What a chapter may be told, and what then becomes of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::decider::{Decider, Need};
use hydra_actors::director::chapter::{Chapter, ChapterRejection, Status};
use hydra_events::vocabulary::chapter::{
    ChapterCommand, ChapterEvent, ChapterSource, Fill, PlannedScene, SceneState,
};
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::scene::SceneEvent;

use crate::table::story::{Hosted, check, decided};
use crate::table::stream::{hash as blob, name as stream, owed, recorded, state as folded};

fn source(screenplay: &str) -> ChapterSource {
    let (stem, fill) = ("night".to_owned(), Fill::No);
    ChapterSource { stem, screenplay: blob(screenplay), cast: blob("cast"), fill, candidates: 1 }
}

fn request(screenplay: &str) -> ChapterCommand {
    ChapterCommand::RequestChapter { title: "Night".into(), source: source(screenplay) }
}

fn requested(screenplay: &str, revision: u32) -> ChapterEvent {
    ChapterEvent::ChapterRequested { title: "Night".into(), source: source(screenplay), revision }
}

/// Scenes by name and specification, such as `a=1`.
fn scenes(listed: &[&str]) -> Vec<PlannedScene> {
    let scene = |entry: &&str| {
        let (name, spec) = entry.split_once('=').unwrap();
        PlannedScene { scene: stream(&format!("scene-{name}")), spec: blob(spec) }
    };
    listed.iter().map(scene).collect()
}

fn accept(listed: &[&str]) -> ChapterCommand {
    ChapterCommand::AcceptPlan { plan: blob("plan"), scenes: scenes(listed) }
}

fn planned(listed: &[&str], dropped: &[&str], revision: u32) -> ChapterEvent {
    let dropped = dropped.iter().map(|name| stream(&format!("scene-{name}"))).collect();
    ChapterEvent::ChapterPlanned { plan: blob("plan"), scenes: scenes(listed), dropped, revision }
}

fn record(scene: &str, revision: u32, state: SceneState) -> ChapterCommand {
    ChapterCommand::RecordScene { scene: stream(&format!("scene-{scene}")), revision, state }
}

const OPEN: SceneState = SceneState::Open {};

fn closed_with(missing: u32) -> SceneState {
    SceneState::Closed { missing }
}

fn closed(scene: &str, missing: u32) -> ChapterEvent {
    ChapterEvent::ChapterSceneClosed { scene: stream(&format!("scene-{scene}")), missing }
}

fn reopened(scene: &str) -> ChapterEvent {
    ChapterEvent::ChapterSceneReopened { scene: stream(&format!("scene-{scene}")) }
}

fn completed(missing: u32, completion: u32) -> ChapterEvent {
    ChapterEvent::ChapterCompleted { missing, completion }
}

fn waits_again() -> ChapterEvent {
    ChapterEvent::ChapterReopened { reason: "one of its scenes waits again".into() }
}

fn cancelled(scenes: &[&str]) -> ChapterEvent {
    let scenes = scenes.iter().map(|name| stream(&format!("scene-{name}"))).collect();
    ChapterEvent::ChapterCancelled { reason: "enough".into(), scenes }
}

fn cancel() -> ChapterCommand {
    ChapterCommand::CancelChapter { reason: "enough".into() }
}

/// A chapter of two scenes, both closed, one with a gap.
fn complete() -> Vec<ChapterEvent> {
    vec![
        requested("one", 1),
        planned(&["a=1", "b=1"], &[], 1),
        closed("a", 0),
        closed("b", 1),
        completed(1, 1),
    ]
}

#[test]
fn a_first_request_opens_the_plan() {
    check::<Chapter>(&[], request("one"), Ok(vec![requested("one", 1)]));
    let state = folded::<Chapter>(&[requested("one", 1)]);
    let owed = Chapter::owed(&state);
    assert_eq!(owed.len(), 1);
    assert_eq!((owed[0].key.as_str(), owed[0].need), ("plan-1", Need::Light));
    assert_eq!(owed[0].effect.source, source("one"));
}

#[test]
fn the_same_request_again_changes_nothing() {
    let events = complete();
    for length in [1, 2, 3, events.len()] {
        check::<Chapter>(&events[..length], request("one"), Ok(vec![]));
    }
}

#[test]
fn another_source_is_a_revision_also_after_completion() {
    let events = complete();
    for length in [2, 3, events.len()] {
        check::<Chapter>(&events[..length], request("two"), Ok(vec![requested("two", 2)]));
    }
    let title = ChapterCommand::RequestChapter { title: "Dawn".into(), source: source("one") };
    let told = decided::<Chapter>(&events, title).unwrap();
    assert!(matches!(&told[..], [ChapterEvent::ChapterRequested { revision: 2, .. }]));
}

#[test]
fn a_revision_withdraws_the_plan_under_way_before_it_opens_its_own() {
    let withdrawn = ChapterEvent::PlanWithdrawn { revision: 1 };
    let told = vec![withdrawn, requested("two", 2)];
    check::<Chapter>(&[requested("one", 1)], request("two"), Ok(told.clone()));
    let events = [vec![requested("one", 1)], told].concat();
    assert_eq!(owed::<Chapter>(&events[..2]), Vec::<String>::new());
    assert_eq!(owed::<Chapter>(&events), ["plan-2"]);
}

#[test]
fn a_cancelled_chapter_can_be_asked_for_again() {
    let events = [complete(), vec![cancelled(&["a", "b"])]].concat();
    check::<Chapter>(&events, request("one"), Ok(vec![requested("one", 2)]));
    check::<Chapter>(&events, request("two"), Ok(vec![requested("two", 2)]));
}

#[test]
fn a_number_of_candidates_that_makes_no_sense_is_refused() {
    for candidates in [0, 21] {
        let source = ChapterSource { candidates, ..source("one") };
        let command = ChapterCommand::RequestChapter { title: "Night".into(), source };
        check::<Chapter>(&[], command, Err(ChapterRejection::Candidates(candidates)));
    }
}

#[test]
fn a_plan_closes_its_effect() {
    let events = [requested("one", 1)];
    check::<Chapter>(&events, accept(&["a=1", "b=1"]), Ok(vec![planned(&["a=1", "b=1"], &[], 1)]));
    assert_eq!(owed::<Chapter>(&complete()[..2]), Vec::<String>::new());
}

#[test]
fn a_plan_without_scenes_or_with_one_twice_is_refused() {
    let events = [requested("one", 1)];
    check::<Chapter>(&events, accept(&[]), Err(ChapterRejection::NoScenes));
    let twice = ChapterRejection::SceneTwice(stream("scene-a"));
    check::<Chapter>(&events, accept(&["a=1", "a=2"]), Err(twice));
}

#[test]
fn a_plan_nobody_waits_for_is_refused() {
    let not = |why| Err(ChapterRejection::NotPlanning(why));
    check::<Chapter>(&[], accept(&["a=1"]), not("nobody has asked for it"));
    check::<Chapter>(&complete()[..2], accept(&["a=1"]), not("it is planned and waits for its scenes"));
    check::<Chapter>(&complete(), accept(&["a=1"]), not("it is completed"));
    let given_up = [requested("one", 1), cancelled(&[])];
    check::<Chapter>(&given_up, accept(&["a=1"]), not("it was cancelled"));
}

#[test]
fn scenes_close_one_by_one_and_the_last_completes_the_chapter() {
    let events = complete();
    check::<Chapter>(&events[..2], record("a", 1, closed_with(0)), Ok(vec![closed("a", 0)]));
    check::<Chapter>(&events[..3], record("a", 1, closed_with(0)), Ok(vec![]));
    check::<Chapter>(&events[..3], record("b", 1, closed_with(1)), Ok(vec![closed("b", 1), completed(1, 1)]));
    assert_eq!(folded::<Chapter>(&events).status, Status::Completed);
}

#[test]
fn a_scene_that_reopens_reopens_a_completed_chapter() {
    let mut events = complete();
    check::<Chapter>(&events[..3], record("a", 1, OPEN), Ok(vec![reopened("a")]));
    check::<Chapter>(&events, record("b", 1, OPEN), Ok(vec![reopened("b"), waits_again()]));
    events.extend([reopened("b"), waits_again()]);
    check::<Chapter>(&events, record("b", 1, OPEN), Ok(vec![]));
    check::<Chapter>(&events, record("b", 1, closed_with(0)), Ok(vec![closed("b", 0), completed(0, 2)]));
}

#[test]
fn a_gap_that_is_filled_at_once_completes_the_chapter_once_more() {
    check::<Chapter>(&complete(), record("b", 1, closed_with(0)), Ok(vec![closed("b", 0), completed(0, 2)]));
}

#[test]
fn news_of_scenes_are_refused_where_they_mean_nothing() {
    check::<Chapter>(&[], record("a", 1, OPEN), Err(ChapterRejection::Unknown));
    let unknown = ChapterRejection::UnknownScene(stream("scene-c"));
    check::<Chapter>(&complete(), record("c", 1, OPEN), Err(unknown));
    let events = [complete(), vec![cancelled(&["a", "b"])]].concat();
    check::<Chapter>(&events, record("a", 1, OPEN), Err(ChapterRejection::Cancelled));
}

#[test]
fn a_revision_keeps_closed_scenes_that_did_not_change_and_drops_those_it_no_longer_has() {
    let mut events = complete();
    events.push(requested("two", 2));
    let next = planned(&["a=1", "c=1"], &["b"], 2);
    check::<Chapter>(&events, accept(&["a=1", "c=1"]), Ok(vec![next.clone()]));
    events.push(next);
    let told = vec![closed("c", 0), completed(0, 2)];
    check::<Chapter>(&events, record("c", 2, closed_with(0)), Ok(told));
}

#[test]
fn a_revision_of_which_everything_is_closed_is_complete_at_once() {
    let mut events = complete();
    events.push(requested("two", 2));
    let told = vec![planned(&["b=1", "a=1"], &[], 2), completed(1, 2)];
    check::<Chapter>(&events, accept(&["b=1", "a=1"]), Ok(told));
}

#[test]
fn a_changed_scene_must_close_again_and_its_old_closing_does_not_count() {
    let mut events = complete();
    events.extend([requested("two", 2), planned(&["a=2", "b=1"], &[], 2)]);
    let outdated = ChapterRejection::Outdated { scene: stream("scene-a"), asked: 1, actual: 2 };
    check::<Chapter>(&events, record("a", 1, closed_with(0)), Err(outdated));
    check::<Chapter>(&events, record("a", 2, closed_with(0)), Ok(vec![closed("a", 0), completed(1, 2)]));
    check::<Chapter>(&events, record("b", 1, OPEN), Ok(vec![reopened("b")]));
}

#[test]
fn a_closing_from_before_a_cancellation_does_not_count_after_it() {
    let mut events = complete();
    events.extend([cancelled(&["a", "b"]), requested("one", 2), planned(&["a=1", "b=1"], &[], 2)]);
    let outdated = ChapterRejection::Outdated { scene: stream("scene-a"), asked: 1, actual: 2 };
    check::<Chapter>(&events, record("a", 1, closed_with(0)), Err(outdated));
    check::<Chapter>(&events, record("a", 2, closed_with(0)), Ok(vec![closed("a", 0)]));
}

#[test]
fn a_scene_that_went_and_came_back_dates_from_its_return() {
    let mut events = complete();
    events.extend([requested("two", 2), planned(&["a=1"], &["b"], 2), completed(0, 2)]);
    events.extend([requested("one", 3), planned(&["a=1", "b=1"], &[], 3)]);
    let outdated = ChapterRejection::Outdated { scene: stream("scene-b"), asked: 1, actual: 3 };
    check::<Chapter>(&events, record("b", 1, closed_with(1)), Err(outdated));
    check::<Chapter>(&events, record("b", 3, closed_with(0)), Ok(vec![closed("b", 0), completed(0, 3)]));
}

#[test]
fn what_closes_while_the_next_revision_is_planned_is_kept_for_it() {
    let mut events = complete()[..3].to_vec();
    events.push(requested("two", 2));
    check::<Chapter>(&events, record("b", 1, closed_with(0)), Ok(vec![closed("b", 0)]));
    events.push(closed("b", 0));
    let told = vec![planned(&["a=1", "b=1"], &[], 2), completed(0, 1)];
    check::<Chapter>(&events, accept(&["a=1", "b=1"]), Ok(told));
}

#[test]
fn a_cancelled_chapter_names_its_scenes_and_owes_nothing() {
    check::<Chapter>(&[], cancel(), Err(ChapterRejection::Unknown));
    check::<Chapter>(&complete(), cancel(), Ok(vec![cancelled(&["a", "b"])]));
    check::<Chapter>(&[requested("one", 1)], cancel(), Ok(vec![cancelled(&[])]));
    let events = [requested("one", 1), cancelled(&[])];
    check::<Chapter>(&events, cancel(), Ok(vec![]));
    assert_eq!(owed::<Chapter>(&events), Vec::<String>::new());
}

#[test]
fn it_hears_of_closed_and_reopened_scenes_alone() {
    let (chapter, scene) = (stream("chapter-night"), stream("scene-night_a"));
    let heard = |event: &SceneEvent| Chapter::react(&recorded(&scene, event)).unwrap();
    let close = SceneEvent::SceneClosed {
        chapter: chapter.clone(),
        revision: 2,
        supplied: 3,
        missing: 1,
        closing: 1,
    };
    assert_eq!(heard(&close), [(chapter.clone(), record("night_a", 2, closed_with(1)))]);
    let open = SceneEvent::SceneReopened { chapter: chapter.clone(), revision: 2 };
    assert_eq!(heard(&open), [(chapter, record("night_a", 2, OPEN))]);
    assert_eq!(heard(&SceneEvent::DraftWithdrawn { draft: 1 }), []);
}

#[test]
fn a_crash_between_request_and_plan_leaves_the_plan_owed() {
    let mut chapter = Hosted::<Chapter>::new("chapter-night");
    chapter.tell(&request("one")).unwrap();
    chapter.start("plan-1", "first").unwrap();
    assert_eq!(chapter.due(), ["plan-1"]);
    assert_eq!(chapter.start("plan-1", "second").unwrap(), ["attempt_lost", "attempt_started"]);
    let late = chapter.report("plan-1", 1, &accept(&["a=1"])).unwrap();
    assert_eq!(late, ["outcome_refused"]);
    assert_eq!(chapter.report("plan-1", 2, &accept(&["a=1"])).unwrap(), ["chapter_planned"]);
    assert_eq!(chapter.due(), Vec::<String>::new());
}

#[test]
fn a_plan_that_cannot_be_made_parks_and_a_mended_screenplay_is_planned_anew() {
    let mut chapter = Hosted::<Chapter>::new("chapter-night");
    chapter.tell(&request("one")).unwrap();
    chapter.start("plan-1", "first").unwrap();
    assert_eq!(chapter.fail("plan-1", 1).unwrap(), ["effect_parked"]);
    assert_eq!(chapter.due(), Vec::<String>::new());
    assert_eq!(chapter.effect(&EffectCommand::RetryEffect { effect: None }).unwrap(), ["effect_unparked"]);
    assert_eq!(chapter.due(), ["plan-1"]);
    assert_eq!(chapter.tell(&request("two")).unwrap(), ["plan_withdrawn", "chapter_requested"]);
    assert_eq!(chapter.due(), ["plan-2"]);
}

#[test]
fn a_plan_of_an_earlier_revision_comes_too_late() {
    let mut chapter = Hosted::<Chapter>::new("chapter-night");
    chapter.tell(&request("one")).unwrap();
    chapter.start("plan-1", "first").unwrap();
    chapter.tell(&request("two")).unwrap();
    assert_eq!(chapter.report("plan-1", 1, &accept(&["a=1"])).unwrap(), ["outcome_refused"]);
    assert_eq!(chapter.due(), ["plan-2"]);
}
