//! How a scene is written: the pictures and lines it wants, and what leaves them as they are.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hydra_actors::director::plan::CastDocument;
use hydra_actors::gate;
use hydra_actors::screenplay::Presence;
use hydra_actors::writer::script::{Origin, SceneScript};
use hydra_actors::writer::spec::SceneBeat;
use hydra_events::record::EVENT_BYTES_MAX;
use hydra_events::vocabulary::chapter::Fill;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::terms::{Brief, ShownKind, Speech};

use crate::table::desk::Dictated;
use crate::table::studio::{Studio, Written, example, lighthouse_cast};

fn lighthouse() -> Studio {
    Studio::new(lighthouse_cast(), Dictated::default())
}

fn filling(lines: &[(&str, &str)]) -> Studio {
    let lines = lines.iter().map(|(speaker, words)| ((*speaker).to_owned(), (*words).to_owned()));
    let mut studio = Studio::new(lighthouse_cast(), Dictated(lines.collect()));
    studio.fill = Fill::Placeholders;
    studio
}

async fn written(studio: &Studio, text: &str) -> Vec<Written> {
    let mut scenes = Vec::new();
    for planned in &studio.plan(text).await.scenes {
        scenes.push(studio.write(planned).await);
    }
    scenes
}

async fn one(studio: &Studio, text: &str) -> Written {
    written(studio, text).await.remove(0)
}

#[tokio::test]
async fn a_scene_wants_its_place_each_face_and_each_spoken_line_once() {
    let studio = lighthouse();
    let scene = one(&studio, &example("lighthouse.fountain")).await;
    let shown: Vec<_> = scene
        .images
        .iter()
        .map(|wanted| {
            let shows = &wanted.shows;
            (shows.kind, shows.subject.as_str(), shows.outfit.as_str(), shows.expression.as_str())
        })
        .collect();
    assert_eq!(
        shown,
        [
            (ShownKind::Background, "harbour", "dusk", ""),
            (ShownKind::Bust, "nell", "everyday", "neutral"),
            (ShownKind::Bust, "oskar", "everyday", "neutral"),
            (ShownKind::Bust, "nell", "everyday", "tired"),
            (ShownKind::Bust, "oskar", "everyday", "amused"),
        ]
    );
    assert_eq!(scene.lines.len(), 8);
    let prefix = "image-night_harbour_dusk_c1_";
    assert!(scene.images[0].image.as_str().starts_with(prefix), "{}", scene.images[0].image);
    let brief = scene.images[0].brief.to_string();
    assert!(scene.images[0].image.as_str().ends_with(&brief[..8]));
    assert_eq!(scene.script.background, [scene.images[0].image.clone()]);
}

#[tokio::test]
async fn every_line_names_its_face_and_its_recording() {
    let scene = one(&lighthouse(), &example("lighthouse.fountain")).await;
    let said: Vec<_> = scene.script.beats.iter().filter(|beat| beat.beat.line().is_some()).collect();
    assert_eq!(said.len(), 8);
    for (beat, wanted) in said.iter().zip(&scene.lines) {
        assert_eq!(beat.voice.as_ref(), Some(&wanted.line));
        assert_eq!(beat.bust.len(), 1);
        assert!(scene.images.iter().any(|image| image.image == beat.bust[0]));
        assert_eq!(beat.origin, Origin::Screenplay);
        assert_eq!(beat.beat.line().unwrap().presence, Presence::OnScreen);
    }
    let told =
        scene.script.beats.iter().filter(|beat| matches!(beat.beat, SceneBeat::Narration { .. })).count();
    assert!(told > 0);
}

#[tokio::test]
async fn a_brief_says_who_is_seen_and_how_and_passes_the_gate() {
    let studio = lighthouse();
    for scene in written(&studio, &example("lighthouse.fountain")).await {
        for wanted in &scene.images {
            let brief: Brief = studio.ports.document(wanted.brief).await.unwrap();
            assert_eq!(brief.shows, wanted.shows);
            assert_eq!(gate::check(&brief.prompt), Ok(()));
            let size = match brief.shows.kind {
                ShownKind::Background => (1280, 720),
                ShownKind::Bust => (560, 720),
            };
            assert_eq!((brief.width, brief.height), size);
        }
    }
    let scene = one(&studio, &example("lighthouse.fountain")).await;
    let harbour: Brief = studio.ports.document(scene.images[0].brief).await.unwrap();
    assert!(harbour.prompt.contains("exterior of harbour, at dusk"), "{}", harbour.prompt);
    let nell: Brief = studio.ports.document(scene.images[3].brief).await.unwrap();
    for words in
        ["Nell", "chestnut hair", "a grey travelling coat over", "tired expression", "cool harbour dusk"]
    {
        assert!(nell.prompt.contains(words), "{words} is not in {}", nell.prompt);
    }
}

#[tokio::test]
async fn a_speech_has_the_voice_its_speaker_has_for_the_emotion() {
    let studio = lighthouse();
    let scene = one(&studio, &example("lighthouse.fountain")).await;
    let speech: Speech = studio.ports.document(scene.lines[2].speech).await.unwrap();
    assert_eq!((speech.character.as_str(), speech.emotion.as_str()), ("nell", "tired"));
    assert_eq!(speech.text, "The letter says there is a boat.");
    assert_eq!((speech.voice_id.as_deref(), speech.speed, speech.pitch_shift), (Some("bf_emma"), 0.88, 2.0));
}

#[tokio::test]
async fn who_is_not_seen_has_a_voice_and_no_face() {
    let text = "INT. HALL - DAY\n\nNELL (V.O.)\nHello.\n\nIDA (O.S.)\nHello.\n";
    let scene = one(&lighthouse(), text).await;
    assert_eq!((scene.images.len(), scene.lines.len()), (1, 2));
    assert!(scene.script.beats.iter().all(|beat| beat.bust.is_empty()));
}

#[tokio::test]
async fn a_line_without_words_is_shown_and_not_spoken() {
    let scene = one(&lighthouse(), "INT. HALL - DAY\n\nNELL\n...\n\nNELL\nHello, *you*.\n").await;
    assert_eq!(scene.lines.len(), 1);
    let [silent, heard] = &scene.script.beats[..] else { panic!("two lines") };
    assert_eq!((silent.voice.clone(), silent.bust.len()), (None, 1));
    let line = heard.beat.line().unwrap();
    assert_eq!((line.text.as_str(), line.spoken.as_str()), ("Hello, *you*.", "Hello, you."));
}

#[tokio::test]
async fn a_text_before_the_first_heading_has_no_background() {
    let scene = one(&lighthouse(), "Somebody waits.\n\nINT. HALL - DAY\n\nNELL\nHello.\n").await;
    assert_eq!(
        (scene.script.heading.as_str(), scene.script.background.len(), scene.images.len()),
        ("", 0, 0)
    );
}

#[tokio::test]
async fn candidates_multiply_the_pictures_and_not_the_lines() {
    let mut studio = lighthouse();
    studio.candidates = 3;
    let scene = one(&studio, "INT. HALL - DAY\n\nNELL\nHello.\n").await;
    assert_eq!((scene.images.len(), scene.lines.len()), (6, 1));
    let numbers: Vec<_> = scene.images.iter().map(|wanted| wanted.shows.candidate).collect();
    assert_eq!(numbers, [1, 2, 3, 1, 2, 3]);
    let streams: BTreeSet<_> = scene.images.iter().map(|wanted| &wanted.image).collect();
    assert_eq!(streams.len(), 6);
    assert_eq!(scene.script.background.len(), 3);
}

#[tokio::test]
async fn the_same_face_in_two_scenes_is_one_picture() {
    let text = "INT. HALL - DAY\n\nNELL\nHello.\n\nINT. LOFT - DAY\n\nNELL\nGoodbye.\n";
    let scenes = written(&lighthouse(), text).await;
    assert_eq!(scenes[0].images[1], scenes[1].images[1]);
    assert_ne!(scenes[0].images[0], scenes[1].images[0]);
}

#[tokio::test]
async fn an_edited_line_changes_its_own_recording_and_its_own_scene_alone() {
    let text = example("lighthouse.fountain");
    let edited = text.replace("It comes by sea, miss.", "It comes by the sea, miss.");
    let studio = lighthouse();
    let (before, after) = (written(&studio, &text).await, written(&studio, &edited).await);
    for (at, (one, other)) in before.iter().zip(&after).enumerate() {
        assert_eq!(one == other, at != 1, "scene {at}");
        assert_eq!(one.images, other.images);
    }
    let (one, other) = (&before[1].lines, &after[1].lines);
    let changed: Vec<_> = one.iter().zip(other).filter(|(one, other)| one != other).collect();
    assert_eq!((one.len(), changed.len()), (other.len(), 1));
    let (was, is) = changed[0];
    assert!(was.line != is.line && was.speech != is.speech);
}

#[tokio::test]
async fn writing_twice_gives_the_same_script_byte_for_byte() {
    let text = example("lighthouse.fountain");
    assert_eq!(written(&lighthouse(), &text).await, written(&lighthouse(), &text).await);
}

#[tokio::test]
async fn a_script_has_no_number_and_comes_back_from_json_as_it_was() {
    let scene = one(&lighthouse(), &example("lighthouse.fountain")).await;
    let json = serde_json::to_value(&scene.script).unwrap();
    assert_eq!((json.get("number"), json.get("line")), (None, None));
    assert_eq!(json["beats"][1]["kind"], "line");
    assert_eq!(json["beats"][1]["speaker"], "nell");
    let back: SceneScript = serde_json::from_value(json).unwrap();
    assert_eq!(back, scene.script);
}

const SILENT: &str = "INT. HALL - DAY\n\nIda looks at Nell.\n\nCUT TO:\n\nINT. LOFT - DAY\n\nNELL\nHello.\n";

#[tokio::test]
async fn a_silent_scene_stays_silent_unless_it_is_to_be_filled() {
    let mut studio = filling(&[("?", "So here we are.")]);
    studio.fill = Fill::No;
    let scene = one(&studio, SILENT).await;
    assert_eq!((scene.lines.len(), scene.placeholders, scene.images.len()), (0, 0, 1));
}

#[tokio::test]
async fn placeholders_are_marked_spoken_and_stand_before_the_cut() {
    let studio = filling(&[("?", "So here  we are."), ("nell", "Yes.")]);
    let scenes = written(&studio, SILENT).await;
    let scene = &scenes[0];
    assert_eq!((scene.lines.len(), scene.placeholders, scene.images.len()), (2, 2, 3));
    let [told, first, second, cut] = &scene.script.beats[..] else { panic!("{:?}", scene.script.beats) };
    assert_eq!((told.origin, cut.origin), (Origin::Screenplay, Origin::Screenplay));
    assert!(matches!(cut.beat, SceneBeat::Transition { .. }));
    for (beat, speaker, text) in [(first, "ida", "So here we are."), (second, "nell", "Yes.")] {
        let line = beat.beat.line().unwrap();
        assert_eq!(
            (beat.origin, line.speaker.as_str(), line.text.as_str()),
            (Origin::Placeholder, speaker, text)
        );
        assert!(line.id.starts_with('p') && beat.voice.is_some() && beat.bust.len() == 1);
    }
    assert_eq!((scenes[1].placeholders, scenes[1].lines.len()), (0, 1));
}

#[tokio::test]
async fn where_nobody_is_there_a_narrator_speaks_unseen() {
    let studio = filling(&[("?", "The sea is quiet."), ("?", "The sea is quiet.")]);
    let scene = one(&studio, "EXT. SEA - NIGHT\n\nWaves.\n\nINT. LOFT - DAY\n\nNELL\nHello.\n").await;
    let streams: BTreeSet<_> = scene.lines.iter().map(|wanted| &wanted.line).collect();
    assert_eq!((scene.images.len(), streams.len(), scene.lines[0].character.as_str()), (1, 2, "narrator"));
}

#[tokio::test]
async fn an_author_who_writes_what_no_player_should_read_is_asked_again() {
    let long = "word ".repeat(200);
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "wrote 0 lines"),
        (&[("Captain Nobody", "Ahoy.")], "who is not in the scene"),
        (&[("?", " ... ")], "no words"),
        (&[("?", &long)], "characters where 400 fit"),
        (&[("?", "As an AI I cannot write this.")], "not said by anybody"),
        (&[("?", "He stood there naked.")], "is not made here"),
    ];
    for (lines, message) in cases {
        let studio = filling(lines);
        let planned = studio.plan(SILENT).await;
        let error = studio.try_write(&planned.scenes[0]).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Transient);
        assert!(error.message.contains(message), "{}", error.message);
    }
}

/// A scene with so many lines.
fn talk(lines: usize) -> String {
    let mut text = String::from("INT. HALL - DAY\n");
    for number in 0..lines {
        write!(text, "\nNELL\nNumber {number}.\n").unwrap();
    }
    text
}

#[tokio::test]
async fn a_scene_that_wants_more_than_an_event_can_say_has_to_be_split() {
    let studio = Studio::new(CastDocument::default(), Dictated::default());
    let large = one(&studio, &talk(500)).await;
    let wanted = serde_json::to_vec(&(&large.images, &large.lines)).unwrap().len();
    // Once in the command, once in the event, and what an earlier draft wanted is released by name.
    let names: usize = large.lines.iter().map(|wanted| wanted.line.as_str().len() + 3).sum();
    assert!(2 * wanted + names < EVENT_BYTES_MAX, "{wanted} and {names}");
    let planned = studio.plan(&talk(1000)).await;
    let error = studio.try_write(&planned.scenes[0]).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Permanent);
    assert!(
        error.message.contains("INT. HALL - DAY") && error.message.contains("split it"),
        "{}",
        error.message
    );
}
