//! What a scene may be told, and what then becomes of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::decider::{Decider, Need};
use hydra_actors::supply::Standing;
use hydra_actors::writer::scene::{Scene, SceneRejection, Status};
use hydra_events::StreamName;
use hydra_events::vocabulary::chapter::{ChapterEvent, PlannedScene};
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::scene::{SceneCommand, SceneEvent};
use hydra_events::vocabulary::terms::{Made, ShownKind, Shows, Supply, WantedImage, WantedLine};

use crate::table::story::{Hosted, check};
use crate::table::stream::{hash as blob, name as stream, owed, recorded, state as folded};

fn chapter() -> StreamName {
    stream("chapter-night")
}

fn write(spec: &str, revision: u32) -> SceneCommand {
    SceneCommand::WriteScene { chapter: chapter(), spec: blob(spec), revision }
}

fn opened(spec: &str, revision: u32, draft: u32) -> SceneEvent {
    SceneEvent::SceneOpened { chapter: chapter(), spec: blob(spec), revision, draft }
}

fn image(name: &str) -> WantedImage {
    let shows = Shows {
        subject: name.into(),
        kind: ShownKind::Background,
        outfit: "night".into(),
        expression: String::new(),
        candidate: 1,
    };
    WantedImage { image: stream(&format!("image-{name}")), brief: blob(name), shows, recalled: None }
}

/// A line by its name and the speech it is made from, such as `l=1`.
fn line(entry: &str) -> WantedLine {
    let (name, speech) = entry.split_once('=').unwrap();
    WantedLine { line: stream(&format!("line-{name}")), speech: blob(speech), character: "nell".into() }
}

fn accept(images: &[&str], lines: &[&str]) -> SceneCommand {
    SceneCommand::AcceptScript {
        script: blob("script"),
        images: images.iter().map(|name| image(name)).collect(),
        lines: lines.iter().map(|entry| line(entry)).collect(),
        placeholders: 0,
        recalled: None,
    }
}

fn written(images: &[&str], lines: &[&str], draft: u32, released: &[&str]) -> SceneEvent {
    SceneEvent::SceneWritten {
        chapter: chapter(),
        script: blob("script"),
        images: images.iter().map(|name| image(name)).collect(),
        lines: lines.iter().map(|entry| line(entry)).collect(),
        placeholders: 0,
        draft,
        released: released.iter().map(|name| stream(name)).collect(),
        recalled: None,
    }
}

fn told(asset: &str, supply: Supply) -> SceneCommand {
    SceneCommand::RecordSupply { asset: stream(asset), supply }
}

fn came() -> Supply {
    Supply::Supplied { blob: blob("file") }
}

fn lost() -> Supply {
    Supply::Missing { reason: "parked".into() }
}

fn supplied(asset: &str) -> SceneEvent {
    SceneEvent::SceneAssetSupplied { asset: stream(asset), blob: blob("file") }
}

fn missing(asset: &str) -> SceneEvent {
    SceneEvent::SceneAssetMissing { asset: stream(asset), reason: "parked".into() }
}

fn again(asset: &str) -> SceneEvent {
    SceneEvent::SceneAssetReopened { asset: stream(asset) }
}

fn closed(supplied: u32, missing: u32, closing: u32, revision: u32) -> SceneEvent {
    SceneEvent::SceneClosed { chapter: chapter(), revision, supplied, missing, closing }
}

fn reopened(revision: u32) -> SceneEvent {
    SceneEvent::SceneReopened { chapter: chapter(), revision }
}

fn cancel() -> SceneCommand {
    SceneCommand::CancelScene { reason: "cut".into() }
}

fn cancelled(released: &[&str]) -> SceneEvent {
    SceneEvent::SceneCancelled {
        reason: "cut".into(),
        released: released.iter().map(|name| stream(name)).collect(),
    }
}

/// A scene with a picture and a line, closed with a gap.
fn complete() -> Vec<SceneEvent> {
    vec![
        opened("one", 1, 1),
        written(&["a"], &["l=1"], 1, &[]),
        supplied("image-a"),
        missing("line-l"),
        closed(1, 1, 1, 1),
    ]
}

#[test]
fn a_planned_scene_owes_its_script() {
    check::<Scene>(&[], write("one", 1), Ok(vec![opened("one", 1, 1)]));
    let due = Scene::owed(&folded::<Scene>(&[opened("one", 1, 1)]));
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].key.as_str(), due[0].need, due[0].effect.spec), ("write-1", Need::Light, blob("one")));
}

#[test]
fn the_same_specification_again_changes_nothing() {
    let events = complete();
    for length in [1, 2, 3, events.len()] {
        check::<Scene>(&events[..length], write("one", 2), Ok(vec![]));
    }
}

#[test]
fn another_specification_has_it_written_again() {
    let events = complete();
    for length in [2, 3, events.len()] {
        check::<Scene>(&events[..length], write("two", 2), Ok(vec![opened("two", 2, 2)]));
    }
}

#[test]
fn another_specification_withdraws_the_draft_under_way_before_it_opens_its_own() {
    let next = vec![SceneEvent::DraftWithdrawn { draft: 1 }, opened("two", 2, 2)];
    check::<Scene>(&complete()[..1], write("two", 2), Ok(next.clone()));
    let events = [complete()[..1].to_vec(), next].concat();
    assert_eq!(owed::<Scene>(&events[..2]), Vec::<String>::new());
    assert_eq!(owed::<Scene>(&events), ["write-2"]);
}

#[test]
fn a_scene_of_another_chapter_is_refused() {
    let command = SceneCommand::WriteScene { chapter: stream("chapter-day"), spec: blob("one"), revision: 1 };
    check::<Scene>(&complete(), command, Err(SceneRejection::OtherChapter(chapter())));
}

#[test]
fn a_written_scene_waits_for_what_it_wants() {
    let events = complete();
    check::<Scene>(&events[..1], accept(&["a"], &["l=1"]), Ok(vec![written(&["a"], &["l=1"], 1, &[])]));
    assert_eq!(folded::<Scene>(&events[..2]).status, Status::Waiting);
    assert_eq!(owed::<Scene>(&events[..2]), Vec::<String>::new());
}

#[test]
fn a_scene_that_wants_nothing_closes_at_once() {
    let told = vec![written(&[], &[], 1, &[]), closed(0, 0, 1, 1)];
    check::<Scene>(&complete()[..1], accept(&[], &[]), Ok(told));
}

#[test]
fn a_script_nobody_waits_for_is_refused() {
    let not = |why| Err(SceneRejection::NotWriting(why));
    check::<Scene>(&[], accept(&[], &[]), not("nobody has planned it"));
    check::<Scene>(&complete()[..2], accept(&[], &[]), not("it is written and waits for its assets"));
    check::<Scene>(&complete(), accept(&[], &[]), not("it is closed"));
    check::<Scene>(&[opened("one", 1, 1), cancelled(&[])], accept(&[], &[]), not("it was cancelled"));
}

#[test]
fn it_closes_when_every_asset_has_come_or_is_missing() {
    let events = complete();
    check::<Scene>(&events[..2], told("image-a", came()), Ok(vec![supplied("image-a")]));
    let last = vec![supplied("line-l"), closed(2, 0, 1, 1)];
    check::<Scene>(&events[..3], told("line-l", came()), Ok(last));
    check::<Scene>(&events[..3], told("line-l", lost()), Ok(vec![missing("line-l"), closed(1, 1, 1, 1)]));
}

#[test]
fn a_supply_that_is_known_changes_nothing() {
    check::<Scene>(&complete(), told("image-a", came()), Ok(vec![]));
    check::<Scene>(&complete(), told("line-l", lost()), Ok(vec![]));
    check::<Scene>(&complete()[..2], told("line-l", Supply::Reopened {}), Ok(vec![]));
}

#[test]
fn an_asset_made_again_reopens_a_closed_scene() {
    let mut events = complete();
    check::<Scene>(&events[..3], told("image-a", Supply::Reopened {}), Ok(vec![again("image-a")]));
    check::<Scene>(&events, told("line-l", Supply::Reopened {}), Ok(vec![again("line-l"), reopened(1)]));
    events.extend([again("line-l"), reopened(1)]);
    check::<Scene>(&events, told("line-l", came()), Ok(vec![supplied("line-l"), closed(2, 0, 2, 1)]));
}

#[test]
fn a_gap_that_is_filled_at_once_closes_it_once_more() {
    check::<Scene>(&complete(), told("line-l", came()), Ok(vec![supplied("line-l"), closed(2, 0, 2, 1)]));
}

#[test]
fn supplies_nobody_waits_for_are_refused() {
    check::<Scene>(&[], told("image-a", came()), Err(SceneRejection::Unknown));
    check::<Scene>(
        &complete(),
        told("image-z", came()),
        Err(SceneRejection::UnknownAsset(stream("image-z"))),
    );
    let events = [complete(), vec![cancelled(&["image-a", "line-l"])]].concat();
    check::<Scene>(&events, told("image-a", came()), Err(SceneRejection::Cancelled));
}

#[test]
fn a_new_draft_keeps_what_it_still_wants_and_releases_the_rest() {
    let mut events = complete();
    events.push(opened("two", 2, 2));
    let next = written(&["a", "b"], &[], 2, &["line-l"]);
    check::<Scene>(&events, accept(&["a", "b"], &[]), Ok(vec![next.clone()]));
    events.push(next);
    check::<Scene>(&events, told("image-b", came()), Ok(vec![supplied("image-b"), closed(2, 0, 2, 2)]));
}

#[test]
fn a_new_draft_that_wants_only_what_is_there_closes_at_once() {
    let mut events = complete();
    events.push(opened("two", 2, 2));
    let told = vec![written(&["a"], &[], 2, &["line-l"]), closed(1, 0, 2, 2)];
    check::<Scene>(&events, accept(&["a"], &[]), Ok(told));
}

#[test]
fn a_line_with_other_words_to_speak_is_waited_for_again() {
    let mut events =
        vec![opened("one", 1, 1), written(&[], &["l=1"], 1, &[]), supplied("line-l"), closed(1, 0, 1, 1)];
    events.push(opened("two", 2, 2));
    check::<Scene>(&events, accept(&[], &["l=2"]), Ok(vec![written(&[], &["l=2"], 2, &[])]));
    events.push(written(&[], &["l=2"], 2, &[]));
    let state = folded::<Scene>(&events);
    let standing = state.supplies.get(&stream("line-l")).map(|wanted| wanted.standing.clone());
    assert_eq!(standing, Some(Standing::Awaited));
}

#[test]
fn what_comes_while_it_is_written_again_is_kept_and_closes_nothing() {
    let mut events = complete()[..2].to_vec();
    events.push(opened("two", 2, 2));
    check::<Scene>(&events, told("image-a", came()), Ok(vec![supplied("image-a")]));
    events.extend([supplied("image-a")]);
    check::<Scene>(&events, told("line-l", came()), Ok(vec![supplied("line-l")]));
    let told = vec![written(&["a"], &[], 2, &["line-l"]), closed(1, 0, 1, 2)];
    check::<Scene>(&events, accept(&["a"], &[]), Ok(told));
}

#[test]
fn a_cancelled_scene_releases_everything_and_can_be_planned_again() {
    check::<Scene>(&[], cancel(), Err(SceneRejection::Unknown));
    check::<Scene>(&complete(), cancel(), Ok(vec![cancelled(&["image-a", "line-l"])]));
    let events = [complete(), vec![cancelled(&["image-a", "line-l"])]].concat();
    check::<Scene>(&events, cancel(), Ok(vec![]));
    check::<Scene>(&events, write("one", 2), Ok(vec![opened("one", 2, 2)]));
    let early = [opened("one", 1, 1), cancelled(&[])];
    assert_eq!(owed::<Scene>(&early), Vec::<String>::new());
}

#[test]
fn it_hears_of_its_chapters_plan() {
    let heard = |event: &ChapterEvent| Scene::react(&recorded(&chapter(), event)).unwrap();
    let (a, b) = (stream("scene-a"), stream("scene-b"));
    let scenes = vec![PlannedScene { scene: a.clone(), spec: blob("one") }];
    let plan =
        ChapterEvent::ChapterPlanned { plan: blob("plan"), scenes, dropped: vec![b.clone()], revision: 3 };
    let dropped = SceneCommand::CancelScene { reason: "the chapter no longer has it".into() };
    assert_eq!(heard(&plan), [(a, write("one", 3)), (b.clone(), dropped)]);
    let end = ChapterEvent::ChapterCancelled { reason: "cut".into(), scenes: vec![b.clone()] };
    assert_eq!(heard(&end), [(b, cancel())]);
    assert_eq!(heard(&ChapterEvent::ChapterCompleted { missing: 0, completion: 1 }), []);
}

#[test]
fn it_hears_of_its_own_pictures_alone() {
    let (scene, order) = (stream("scene-a"), stream("order-x"));
    let heard = |event: &ImageEvent| Scene::react(&recorded(&stream("image-a"), event)).unwrap();
    let supplied = |requester| ImageEvent::ImageSupplied { requester, blob: blob("file") };
    assert_eq!(heard(&supplied(scene.clone())), [(scene.clone(), told("image-a", came()))]);
    assert_eq!(heard(&supplied(order.clone())), []);
    let requesters = vec![order, scene.clone()];
    let gone = ImageEvent::ImageMissing { requesters: requesters.clone(), reason: "parked".into() };
    assert_eq!(heard(&gone), [(scene.clone(), told("image-a", lost()))]);
    let anew = ImageEvent::RenderReopened { quality_try: 2, note: "again".into(), requesters };
    assert_eq!(heard(&anew), [(scene, told("image-a", Supply::Reopened {}))]);
}

fn spoken() -> Made {
    Made {
        blob: blob("file"),
        media_type: "audio/wav".into(),
        engine: "fake".into(),
        engine_version: "1".into(),
        request: blob("request"),
        response: blob("file"),
        duration_ms: 1,
    }
}

fn requested_line(scene: &StreamName, take: u32) -> LineEvent {
    let (scene, character) = (scene.clone(), "nell".to_owned());
    LineEvent::LineRequested { scene, chapter: "night".into(), speech: blob("1"), character, take }
}

#[test]
fn it_hears_of_its_lines_and_of_lines_asked_for_again() {
    let scene = stream("scene-a");
    let heard = |event: &LineEvent| Scene::react(&recorded(&stream("line-l"), event)).unwrap();
    let said = LineEvent::LineSpoken {
        scene: scene.clone(),
        chapter: "night".into(),
        character: "nell".into(),
        made: spoken(),
        voice: "one".into(),
        length_ms: 900,
        take: 1,
    };
    assert_eq!(heard(&said), [(scene.clone(), told("line-l", came()))]);
    let gone = LineEvent::LineMissing { scene: scene.clone(), reason: "parked".into() };
    assert_eq!(heard(&gone), [(scene.clone(), told("line-l", lost()))]);
    assert_eq!(heard(&requested_line(&scene, 1)), []);
    assert_eq!(heard(&requested_line(&scene, 2)), [(scene.clone(), told("line-l", Supply::Reopened {}))]);
    let anew = LineEvent::LineReopened { scene: scene.clone(), take: 2, note: "louder".into() };
    assert_eq!(heard(&anew), [(scene, told("line-l", Supply::Reopened {}))]);
    assert_eq!(heard(&LineEvent::LineCancelled { blob: None }), []);
}

#[test]
fn a_crash_while_it_is_written_leaves_the_script_owed() {
    let mut scene = Hosted::<Scene>::new("scene-a");
    scene.tell(&write("one", 1)).unwrap();
    scene.start("write-1", "first").unwrap();
    assert_eq!(scene.due(), ["write-1"]);
    assert_eq!(scene.start("write-1", "second").unwrap(), ["attempt_lost", "attempt_started"]);
    assert_eq!(scene.report("write-1", 1, &accept(&["a"], &[])).unwrap(), ["outcome_refused"]);
    assert_eq!(scene.report("write-1", 2, &accept(&["a"], &[])).unwrap(), ["scene_written"]);
    assert_eq!(scene.due(), Vec::<String>::new());
}

#[test]
fn a_script_that_cannot_be_written_parks_until_somebody_retries_it() {
    let mut scene = Hosted::<Scene>::new("scene-a");
    scene.tell(&write("one", 1)).unwrap();
    scene.start("write-1", "first").unwrap();
    assert_eq!(scene.fail("write-1", 1).unwrap(), ["effect_parked"]);
    assert_eq!(scene.due(), Vec::<String>::new());
    assert_eq!(scene.effect(&EffectCommand::RetryEffect { effect: None }).unwrap(), ["effect_unparked"]);
    assert_eq!(scene.due(), ["write-1"]);
    scene.start("write-1", "first").unwrap();
    assert_eq!(scene.report("write-1", 2, &accept(&[], &[])).unwrap(), ["scene_written", "scene_closed"]);
}

#[test]
fn a_script_of_a_withdrawn_draft_comes_too_late() {
    let mut scene = Hosted::<Scene>::new("scene-a");
    scene.tell(&write("one", 1)).unwrap();
    scene.start("write-1", "first").unwrap();
    scene.tell(&write("two", 2)).unwrap();
    assert_eq!(scene.report("write-1", 1, &accept(&[], &[])).unwrap(), ["outcome_refused"]);
    assert_eq!((scene.due(), scene.state().draft), (vec!["write-2".to_owned()], 2));
}
