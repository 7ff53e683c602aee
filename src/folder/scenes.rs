//! A scene's own folder: its pictures, its recordings, and `dialogue.json`, which says what happens with which of them.

use std::collections::BTreeMap;

use anyhow::Result;
use hydra_actors::screenplay::{Expression, Presence, TimeOfDay};
use hydra_actors::writer::script::{Origin, ScriptBeat};
use hydra_actors::writer::spec::SceneBeat;
use hydra_events::StreamName;
use hydra_events::vocabulary::terms::{ShownKind, Shows, WantedImage};
use serde::Serialize;

use super::names::{Names, name};
use super::story::{Story, StoryScene};
use super::{Plan, Wanted, document};

/// `dialogue.json`. Files are relative to it; what is missing is null and has its reason.
#[derive(Serialize)]
struct Dialogue<'a> {
    scene: &'a str,
    heading: &'a str,
    place: &'a str,
    time_of_day: TimeOfDay,
    background: Option<String>,
    #[serde(skip_serializing_if = "Missing::is_empty")]
    missing: Missing,
    beats: Vec<Beat<'a>>,
}

#[derive(Serialize)]
struct Beat<'a> {
    kind: &'static str,
    id: Option<&'a str>,
    speaker: Option<&'a str>,
    speaker_name: Option<&'a str>,
    text: Option<&'a str>,
    expression: Option<Expression>,
    directions: &'a [String],
    presence: Option<Presence>,
    image: Option<String>,
    voice: Option<String>,
    placeholder: bool,
    #[serde(skip_serializing_if = "Missing::is_empty")]
    missing: Missing,
}

/// By the field that is null, why.
type Missing = BTreeMap<&'static str, String>;

/// The files of one scene's streams, relative to the scene's folder.
type Files = BTreeMap<StreamName, String>;

/// Adds the folders of all scenes.
pub(super) fn add(plan: &mut Plan, story: &Story) -> Result<()> {
    for scene in &story.scenes {
        let folder = format!("scenes/{:02}-{}", scene.number, scene.script.scene.replace('_', "-"));
        let mut files = Files::new();
        pictures(story, scene, &mut files);
        recordings(story, scene, &mut files);
        for (stream, file) in &files {
            let blob = story.picture(stream).or_else(|| story.recording(stream));
            if let Some(blob) = blob {
                plan.add(&format!("{folder}/{file}"), Wanted::Blob(blob), stream.as_str());
            }
        }
        let dialogue = document(&dialogue(story, scene, &files))?;
        plan.add(&format!("{folder}/dialogue.json"), Wanted::Bytes(dialogue), scene.row.id.as_str());
    }
    Ok(())
}

/// Names the approved pictures: the best of a subject has the plain name, the others say which candidate they are.
fn pictures(story: &Story, scene: &StoryScene, files: &mut Files) {
    let mut subjects: BTreeMap<Shows, Vec<&WantedImage>> = BTreeMap::new();
    for wanted in &scene.row.images {
        subjects.entry(Shows { candidate: 0, ..wanted.shows.clone() }).or_default().push(wanted);
    }
    let mut names = Names::default();
    for (shows, candidates) in subjects {
        let streams: Vec<StreamName> = candidates.iter().map(|wanted| wanted.image.clone()).collect();
        let Some(best) = story.best(&streams) else { continue };
        let plain = shown_name(&shows);
        let best_file = names.take(&plain, "png", best.id.as_str());
        files.insert(best.id.clone(), format!("images/{best_file}"));
        for other in candidates.into_iter().filter(|wanted| wanted.image != best.id) {
            if story.picture(&other.image).is_some() {
                let wish = format!("{plain}-alt-{}", other.shows.candidate);
                let file = names.take(&wish, "png", other.image.as_str());
                files.insert(other.image.clone(), format!("images/{file}"));
            }
        }
    }
}

/// `keeper-everyday-happy`, `lamp-room-night`.
fn shown_name(shows: &Shows) -> String {
    match shows.kind {
        ShownKind::Bust => name(&[&shows.subject, &shows.outfit, &shows.expression]),
        ShownKind::Background => name(&[&shows.subject, &shows.outfit]),
    }
}

fn recordings(story: &Story, scene: &StoryScene, files: &mut Files) {
    let mut names = Names::default();
    for beat in &scene.script.beats {
        let (Some(voice), Some(line)) = (&beat.voice, beat.beat.line()) else { continue };
        if story.recording(voice).is_some() && !files.contains_key(voice) {
            let file = names.take(&name(&[&line.speaker, &line.id]), "wav", voice.as_str());
            files.insert(voice.clone(), format!("voice/{file}"));
        }
    }
}

fn dialogue<'a>(story: &'a Story, scene: &'a StoryScene, files: &Files) -> Dialogue<'a> {
    let script = &scene.script;
    let mut missing = Missing::new();
    let background = picture_of(story, &script.background, files, "background", &mut missing);
    Dialogue {
        scene: &script.scene,
        heading: &script.heading,
        place: &script.place,
        time_of_day: script.time_of_day,
        background,
        missing,
        beats: script.beats.iter().map(|beat| told(story, beat, files)).collect(),
    }
}

fn told<'a>(story: &Story, beat: &'a ScriptBeat, files: &Files) -> Beat<'a> {
    let mut told = words(&beat.beat);
    told.placeholder = beat.origin == Origin::Placeholder;
    told.image = picture_of(story, &beat.bust, files, "image", &mut told.missing);
    if let Some(voice) = &beat.voice {
        told.voice = files.get(voice).cloned();
        if told.voice.is_none() {
            told.missing.insert("voice", story.reason(voice));
        }
    }
    told
}

/// The file of the best candidate. Nothing is missing where nothing is wanted.
fn picture_of(
    story: &Story,
    candidates: &[StreamName],
    files: &Files,
    field: &'static str,
    missing: &mut Missing,
) -> Option<String> {
    let first = candidates.first()?;
    let file = story.best(candidates).and_then(|best| files.get(&best.id)).cloned();
    if file.is_none() {
        missing.insert(field, story.reason(first));
    }
    file
}

fn words(beat: &SceneBeat) -> Beat<'_> {
    let silent = Beat {
        kind: "pause",
        id: None,
        speaker: None,
        speaker_name: None,
        text: None,
        expression: None,
        directions: &[],
        presence: None,
        image: None,
        voice: None,
        placeholder: false,
        missing: Missing::new(),
    };
    match beat {
        SceneBeat::Pause {} => silent,
        SceneBeat::Narration { id, text } => {
            Beat { kind: "narration", id: Some(id), text: Some(text), ..silent }
        }
        SceneBeat::Transition { text } => Beat { kind: "transition", text: Some(text), ..silent },
        SceneBeat::Centered { text } => Beat { kind: "centered", text: Some(text), ..silent },
        SceneBeat::Lyrics { id, speaker, text } => {
            Beat { kind: "lyrics", id: Some(id), speaker: speaker.as_deref(), text: Some(text), ..silent }
        }
        SceneBeat::Line(line) => Beat {
            kind: "line",
            id: Some(&line.id),
            speaker: Some(&line.speaker),
            speaker_name: Some(&line.speaker_name),
            text: Some(&line.text),
            expression: Some(line.expression),
            directions: &line.directions,
            presence: Some(line.presence),
            ..silent
        },
    }
}
