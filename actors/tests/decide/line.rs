//! A line of dialogue: takes, retries, and what its scene is told.

use hydra_actors::voice::line::{Line, LineRejection};
use hydra_events::vocabulary::line::{LineCommand, LineEvent};
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::WantedLine;

use crate::table::stream::{Stream, Table, hash, made, name, owed, reactions};

const STREAM: &str = "line-night_1";

fn request(scene: &str, speech: &str) -> LineCommand {
    let (scene, speech) = (name(scene), hash(speech));
    LineCommand::RequestLine { scene, chapter: "night".into(), speech, character: "KEEPER".into() }
}

fn requested(scene: &str, speech: &str, take: u32) -> LineEvent {
    let (scene, speech) = (name(scene), hash(speech));
    LineEvent::LineRequested { scene, chapter: "night".into(), speech, character: "KEEPER".into(), take }
}

fn first() -> LineEvent {
    requested("scene-a", "hello", 1)
}

fn accept(recording: &str) -> LineCommand {
    LineCommand::AcceptSpeech { made: made(recording), voice: "warm".into(), length_ms: 900 }
}

fn spoken(recording: &str, take: u32) -> LineEvent {
    LineEvent::LineSpoken {
        scene: name("scene-a"),
        chapter: "night".into(),
        character: "KEEPER".into(),
        made: made(recording),
        voice: "warm".into(),
        length_ms: 900,
        take,
    }
}

fn missing() -> LineEvent {
    LineEvent::LineMissing { scene: name("scene-a"), reason: "no voice".into() }
}

fn reopened(take: u32, note: &str) -> LineEvent {
    LineEvent::LineReopened { scene: name("scene-a"), take, note: note.into() }
}

fn retry() -> LineCommand {
    LineCommand::RetryLine { note: "slower".into() }
}

fn release(scene: &str) -> LineCommand {
    LineCommand::ReleaseLine { scene: name(scene) }
}

fn cancelled(recording: Option<&str>) -> LineEvent {
    LineEvent::LineCancelled { blob: recording.map(hash) }
}

fn check(given: &[LineEvent], when: LineCommand, then: Result<Vec<LineEvent>, LineRejection>) {
    Table::of(STREAM).check::<Line>(given, when, then);
}

#[test]
fn a_line_is_spoken_once_its_scene_asks() {
    check(&[], request("scene-a", "hello"), Ok(vec![first()]));
    assert_eq!(owed::<Line>(&[first()]), ["speak-1"]);
    check(&[first()], accept("one"), Ok(vec![spoken("one", 1)]));
    assert!(owed::<Line>(&[first(), spoken("one", 1)]).is_empty());
}

#[test]
fn the_same_speech_again_changes_nothing() {
    let when = || request("scene-a", "hello");
    check(&[first()], when(), Ok(vec![]));
    check(&[first(), spoken("one", 1)], when(), Ok(vec![]));
    check(&[first(), missing()], when(), Ok(vec![]));
}

#[test]
fn another_speech_or_scene_is_another_take() {
    let next = requested("scene-a", "goodbye", 2);
    check(&[first(), spoken("one", 1)], request("scene-a", "goodbye"), Ok(vec![next.clone()]));
    let withdrawn = LineEvent::TakeWithdrawn { take: 1 };
    check(&[first()], request("scene-a", "goodbye"), Ok(vec![withdrawn.clone(), next.clone()]));
    check(&[first(), missing()], request("scene-a", "goodbye"), Ok(vec![withdrawn.clone(), next]));
    check(&[first()], request("scene-b", "hello"), Ok(vec![withdrawn, requested("scene-b", "hello", 2)]));
}

#[test]
fn a_new_recording_takes_the_place_of_the_earlier_one() {
    let given = [first(), spoken("one", 1), requested("scene-a", "goodbye", 2)];
    let replaced = LineEvent::RecordingReplaced { blob: hash("one") };
    check(&given, accept("two"), Ok(vec![spoken("two", 2), replaced]));
    check(&given, accept("one"), Ok(vec![spoken("one", 2)]));
    check(&given, release("scene-a"), Ok(vec![cancelled(Some("one"))]));
}

#[test]
fn a_spoken_or_missing_line_is_retried_and_its_scene_told() {
    check(&[first(), spoken("one", 1)], retry(), Ok(vec![reopened(2, "slower")]));
    let withdrawn = LineEvent::TakeWithdrawn { take: 1 };
    check(&[first(), missing()], retry(), Ok(vec![withdrawn, reopened(2, "slower")]));
    assert_eq!(owed::<Line>(&[first(), spoken("one", 1), reopened(2, "slower")]), ["speak-2"]);
}

#[test]
fn what_cannot_be_retried_says_why() {
    check(&[], retry(), Err(LineRejection::Unknown));
    check(&[first()], retry(), Err(LineRejection::UnderWay(1)));
    check(&[first(), cancelled(None)], retry(), Err(LineRejection::Cancelled(name("scene-a"))));
}

#[test]
fn speech_nobody_waits_for_is_refused() {
    check(&[], accept("one"), Err(LineRejection::Unknown));
    check(&[first(), spoken("one", 1)], accept("one"), Err(LineRejection::NotUnderWay(1)));
    check(&[first(), cancelled(None)], accept("one"), Err(LineRejection::NotUnderWay(1)));
}

#[test]
fn a_released_line_is_over_until_it_is_wanted_again() {
    check(&[first()], release("scene-a"), Ok(vec![cancelled(None)]));
    check(&[first(), missing()], release("scene-a"), Ok(vec![cancelled(None)]));
    check(&[first(), spoken("one", 1)], release("scene-a"), Ok(vec![cancelled(Some("one"))]));
    let over = [first(), spoken("one", 1), cancelled(Some("one"))];
    check(&over, release("scene-a"), Ok(vec![]));
    check(&over, request("scene-a", "hello"), Ok(vec![requested("scene-a", "hello", 2)]));
    let again = [over.to_vec(), vec![requested("scene-a", "hello", 2)]].concat();
    check(&again, accept("one"), Ok(vec![spoken("one", 2)]));
}

#[test]
fn only_the_scene_that_has_a_line_releases_it() {
    check(&[], release("scene-a"), Err(LineRejection::Unknown));
    let no = LineRejection::OtherScene { asked: name("scene-b"), actual: name("scene-a") };
    check(&[first()], release("scene-b"), Err(no));
}

#[test]
fn a_parked_take_is_missing_until_it_is_unparked() {
    let mut stream = Stream::<Line>::of(STREAM);
    assert_eq!(stream.tell(&request("scene-a", "hello")).unwrap(), ["line_requested +speak-1"]);
    stream.start("speak-1").unwrap();
    stream.crash();
    assert_eq!(stream.fail("speak-1", "no voice").unwrap(), ["effect_parked", "line_missing"]);
    assert!(stream.active().is_empty());
    stream.crash();
    assert_eq!(stream.unpark().unwrap(), ["effect_unparked", "line_reopened"]);
    assert_eq!(stream.active(), ["speak-1"]);
    stream.start("speak-1").unwrap();
    assert_eq!(stream.finish("speak-1", &accept("one")).unwrap(), ["line_spoken -speak-1"]);
    assert!(stream.active().is_empty());
}

#[test]
fn a_retry_of_a_parked_take_begins_another() {
    let mut stream = Stream::<Line>::of(STREAM);
    stream.tell(&request("scene-a", "hello")).unwrap();
    stream.start("speak-1").unwrap();
    stream.fail("speak-1", "no voice").unwrap();
    assert_eq!(stream.tell(&retry()).unwrap(), ["take_withdrawn -speak-1", "line_reopened +speak-2"]);
    assert!(stream.unpark().is_err());
    assert_eq!(stream.active(), ["speak-2"]);
}

#[test]
fn speech_for_words_that_changed_meanwhile_comes_too_late() {
    let mut stream = Stream::<Line>::of(STREAM);
    stream.tell(&request("scene-a", "hello")).unwrap();
    stream.start("speak-1").unwrap();
    let names = stream.tell(&request("scene-a", "goodbye")).unwrap();
    assert_eq!(names, ["take_withdrawn -speak-1", "line_requested +speak-2"]);
    assert_eq!(stream.finish("speak-1", &accept("one")).unwrap(), ["outcome_refused"]);
}

#[test]
fn a_written_scene_asks_for_its_lines_and_gives_up_others() {
    let written = SceneEvent::SceneWritten {
        chapter: name("chapter-night"),
        script: hash("script"),
        images: vec![],
        lines: vec![WantedLine { line: name(STREAM), speech: hash("hello"), character: "KEEPER".into() }],
        placeholders: 0,
        draft: 1,
        released: vec![name("image-keeper"), name("line-night_2")],
        recalled: None,
    };
    let heard = reactions::<Line, _>("scene-a", &written);
    let then = [(name(STREAM), request("scene-a", "hello")), (name("line-night_2"), release("scene-a"))];
    assert_eq!(heard, then);
    let over = SceneEvent::SceneCancelled { reason: "cut".into(), released: vec![name(STREAM)] };
    assert_eq!(reactions::<Line, _>("scene-a", &over), [(name(STREAM), release("scene-a"))]);
}
