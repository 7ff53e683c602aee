//! The chapter as something that can be played: `renpy/`, with every picture and recording the script uses.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use hydra_actors::fountain::Side;
use hydra_actors::screenplay;
use hydra_actors::writer::script::ScriptBeat;
use hydra_actors::writer::spec::{SaidLine, SceneBeat};
use hydra_events::StreamName;
use hydra_projections::renpy::{
    FileContent, Novel, NovelBeat, NovelCharacter, NovelLine, NovelScene, Picture, Presence, project,
};

use super::story::{Story, StoryScene};
use super::{Plan, Wanted};

/// The stage has the size of a background.
const STAGE: (u32, u32) = (1280, 720);

/// Adds the project. The files that are only of the chapter as a whole are of the stream `chapter`.
pub(super) fn add(plan: &mut Plan, story: &Story, chapter: &str) -> Result<()> {
    for file in project(&novel(story)) {
        let path = format!("renpy/{}", file.path);
        match file.content {
            FileContent::Text(text) => plan.add(&path, Wanted::Bytes(text.into_bytes()), chapter),
            // Keys are streams: the same bytes may be two pictures.
            FileContent::Asset(key) => {
                let stream: StreamName = key.parse().with_context(|| format!("the asset of {path}"))?;
                let blob = story.picture(&stream).or_else(|| story.recording(&stream));
                let blob =
                    blob.with_context(|| format!("{stream} is in the playable chapter but has no file"))?;
                plan.add(&path, Wanted::Blob(blob), stream.as_str());
            }
        }
    }
    Ok(())
}

fn novel(story: &Story) -> Novel {
    Novel {
        title: story.row.title.clone(),
        save_name: story.row.id.clone(),
        size: STAGE,
        characters: characters(story),
        scenes: story.scenes.iter().map(|scene| played(story, scene)).collect(),
        missing: story.missing().into_iter().map(|(stream, reason)| format!("{stream}: {reason}")).collect(),
    }
}

/// Those the plan lists, then those who only speak in lines that were filled in.
fn characters(story: &Story) -> Vec<NovelCharacter> {
    let planned = story.plan.cast.iter().map(|speaker| NovelCharacter {
        id: speaker.id.clone(),
        name: speaker.name.clone(),
        colour: speaker.colour.clone(),
    });
    let mut characters: Vec<NovelCharacter> = planned.collect();
    let mut known: BTreeSet<String> = characters.iter().map(|character| character.id.clone()).collect();
    let beats = story.scenes.iter().flat_map(|scene| &scene.script.beats);
    for line in beats.filter_map(|beat| beat.beat.line()) {
        if known.insert(line.speaker.clone()) {
            let (id, name) = (line.speaker.clone(), line.speaker_name.clone());
            characters.push(NovelCharacter { id, name, colour: None });
        }
    }
    characters
}

fn played(story: &Story, scene: &StoryScene) -> NovelScene {
    NovelScene {
        id: scene.script.scene.clone(),
        heading: scene.script.heading.clone(),
        background: picture(story, &scene.script.background),
        beats: beats(story, &scene.script.beats),
    }
}

fn beats(story: &Story, beats: &[ScriptBeat]) -> Vec<NovelBeat> {
    let mut played = Vec::new();
    let mut rest = beats;
    while let Some((first, after)) = rest.split_first() {
        let left = run(rest, Side::Left);
        let right = run(rest.get(left.len()..).unwrap_or_default(), Side::Right);
        if left.is_empty() || right.is_empty() {
            played.push(beat(story, first));
            rest = after;
        } else {
            rest = rest.get(left.len() + right.len()..).unwrap_or_default();
            played.extend(together(story, &left, &right));
        }
    }
    played
}

/// The lines at the beginning that all stand on `side`.
fn run(beats: &[ScriptBeat], side: Side) -> Vec<(&ScriptBeat, &SaidLine)> {
    let lines = beats.iter().map_while(|beat| Some((beat, beat.beat.line()?)));
    lines.take_while(|(_, line)| line.dual == Some(side)).collect()
}

/// Box by box; what one says beyond the other comes after.
fn together(
    story: &Story,
    left: &[(&ScriptBeat, &SaidLine)],
    right: &[(&ScriptBeat, &SaidLine)],
) -> Vec<NovelBeat> {
    let said = |&(beat, line): &(&ScriptBeat, &SaidLine)| novel_line(story, beat, line);
    let both = left.len().min(right.len());
    let pairs = left.iter().zip(right);
    let pairs = pairs.map(|(left, right)| NovelBeat::Together { left: said(left), right: said(right) });
    let beyond = left.iter().skip(both).chain(right.iter().skip(both));
    pairs.chain(beyond.map(|line| NovelBeat::Line(said(line)))).collect()
}

fn beat(story: &Story, beat: &ScriptBeat) -> NovelBeat {
    match &beat.beat {
        SceneBeat::Narration { id, text } => NovelBeat::Narration { id: id.clone(), text: text.clone() },
        SceneBeat::Line(line) => NovelBeat::Line(novel_line(story, beat, line)),
        SceneBeat::Pause {} => NovelBeat::Pause,
        SceneBeat::Transition { text } => NovelBeat::Transition { text: text.clone() },
        SceneBeat::Centered { text } => NovelBeat::Centered { id: card(text), text: text.clone() },
        SceneBeat::Lyrics { id, speaker, text } => {
            NovelBeat::Lyrics { id: id.clone(), character: speaker.clone(), text: text.clone() }
        }
    }
}

fn novel_line(story: &Story, beat: &ScriptBeat, line: &SaidLine) -> NovelLine {
    let voice = beat.voice.as_ref().filter(|voice| story.recording(voice).is_some());
    NovelLine {
        id: line.id.clone(),
        character: line.speaker.clone(),
        text: line.text.clone(),
        expression: word(line),
        bust: picture(story, &beat.bust),
        voice: voice.map(ToString::to_string),
        presence: presence(line.presence),
    }
}

fn picture(story: &Story, candidates: &[StreamName]) -> Option<Picture> {
    story.best(candidates).map(|image| Picture { key: image.id.to_string() })
}

/// A card has no id in a screenplay; its words are the next best thing.
fn card(text: &str) -> String {
    let digest = hydra_events::ContentHash::of(text.as_bytes()).to_string();
    format!("t{}", digest.get(..16).unwrap_or(&digest))
}

/// The expression's one word, as the screenplay's vocabulary writes it.
fn word(line: &SaidLine) -> String {
    let word = serde_json::to_value(line.expression).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn presence(presence: screenplay::Presence) -> Presence {
    match presence {
        screenplay::Presence::OnScreen => Presence::OnScreen,
        screenplay::Presence::OffScreen => Presence::OffScreen,
        screenplay::Presence::VoiceOver => Presence::VoiceOver,
    }
}
