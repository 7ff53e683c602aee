//! Lines for a scene that has none, where the chapter asks for them: written by the author port, checked here.
//!
//! What can go wrong: the author answers with something no player should read. That passes by itself with a language
//! model, so the attempt fails for now and is made again.

use hydra_events::Id;
use hydra_events::vocabulary::chapter::Fill;
use hydra_events::vocabulary::terms::Recalled;

use super::recall;
use super::spec::{SaidLine, SceneBeat, SceneSpec};
use crate::cast::{default_profile, name_key};
use crate::director::plan::CastMember;
use crate::fountain::plain;
use crate::gate;
use crate::perform::Job;
use crate::ports::{Moment, PortError, Ports, SilentScene};
use crate::screenplay::{Expression, Presence};

/// The most lines an author may give a scene.
pub const LINES_MAX: usize = 24;
/// The longest line, in characters.
pub const LINE_CHARS_MAX: usize = 400;

/// The id of whoever speaks where nobody is there to.
const NARRATOR: &str = "narrator";
/// What gives away that a text is about the text.
const META: [&str; 6] =
    ["as an ai", "language model", "here is the", "here are the", "i cannot", "placeholder"];

/// What an author gave a scene.
#[derive(Debug, Default)]
pub struct Filled {
    /// The lines; none where none were wanted.
    pub beats: Vec<SceneBeat>,
    /// What the author was told of the story so far, if anything.
    pub recalled: Option<Recalled>,
}

/// Gives a scene without dialogue its lines, if the chapter wants that.
pub async fn fill(
    ports: &Ports,
    spec: &mut SceneSpec,
    job: &Job,
    moment: Option<&Moment>,
) -> Result<Filled, PortError> {
    if spec.fill == Fill::No || spec.beats.iter().any(|beat| beat.line().is_some()) {
        return Ok(Filled::default());
    }
    if spec.cast.is_empty() {
        let profile = default_profile(NARRATOR, "Narrator");
        spec.cast.push(CastMember { id: NARRATOR.to_owned(), profile, references: Vec::new() });
    }
    let (facts, recalled) = recall::story(ports, job, spec, moment).await?;
    let speaker = |member: &CastMember| (member.id.clone(), member.profile.name.clone());
    let speakers = spec.cast.iter().map(speaker).collect();
    let silent = SilentScene { heading: spec.heading.clone(), speakers, recalled: facts };
    let written = ports.author.fill(&silent, &job.key()).await?;
    if written.is_empty() || written.len() > LINES_MAX {
        let count = written.len();
        return Err(PortError::transient(format!(
            "the author wrote {count} lines where 1 to {LINES_MAX} are wanted"
        )));
    }
    let mut filled: Vec<SceneBeat> = Vec::new();
    for (at, (speaker, words)) in written.iter().enumerate() {
        let member = heard(spec, speaker)?;
        let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
        check(&text).map_err(|why| PortError::transient(format!("the author's line {}: {why}", at + 1)))?;
        let said = |beat: &&SceneBeat| beat.line().is_some_and(|l| l.speaker == member.id && l.text == text);
        let occurrence = filled.iter().filter(said).count() as u64 + 1;
        filled.push(SceneBeat::Line(line(spec, member, text, occurrence)));
    }
    let end = spec.beats.len() - closing_transitions(&spec.beats);
    spec.beats.splice(end..end, filled.iter().cloned());
    Ok(Filled { beats: filled, recalled })
}

/// Whom the author means.
fn heard<'a>(spec: &'a SceneSpec, speaker: &str) -> Result<&'a CastMember, PortError> {
    let called = |member: &&CastMember| {
        member.id == speaker || member.profile.names().any(|name| name_key(name) == name_key(speaker))
    };
    let unknown =
        || PortError::transient(format!("the author lets {speaker:?} speak, who is not in the scene"));
    spec.cast.iter().find(called).ok_or_else(unknown)
}

fn line(spec: &SceneSpec, member: &CastMember, text: String, occurrence: u64) -> SaidLine {
    let told = [&spec.chapter, &spec.scene, &member.id, &text].map(|part| part.as_bytes());
    let occurrence = occurrence.to_le_bytes();
    let id = Id::derive("placeholder", &[told[0], told[1], told[2], told[3], &occurrence]).to_string();
    let presence = if member.id == NARRATOR { Presence::VoiceOver } else { Presence::OnScreen };
    SaidLine {
        id: format!("p{}", id.get(..16).unwrap_or(&id)),
        speaker: member.id.clone(),
        speaker_name: member.profile.name.clone(),
        spoken: plain(&text),
        text,
        expression: Expression::Neutral,
        directions: Vec::new(),
        presence,
        dual: None,
    }
}

/// Whether a line may be shown: something to say, not too much of it, about the story, within the gate.
fn check(text: &str) -> Result<(), String> {
    if !text.chars().any(char::is_alphanumeric) {
        return Err("it has no words".into());
    }
    let length = text.chars().count();
    if length > LINE_CHARS_MAX {
        return Err(format!("it has {length} characters where {LINE_CHARS_MAX} fit"));
    }
    let lower = text.to_lowercase();
    if let Some(meta) = META.into_iter().find(|meta| lower.contains(meta)) {
        return Err(format!("{meta:?} is not said by anybody in a story"));
    }
    gate::check(text).map_err(|refusal| refusal.to_string())
}

/// How many beats at the end only lead on to the next scene.
fn closing_transitions(beats: &[SceneBeat]) -> usize {
    let leads_on = |beat: &&SceneBeat| match beat {
        SceneBeat::Transition { .. } => true,
        SceneBeat::Narration { .. }
        | SceneBeat::Line(_)
        | SceneBeat::Pause {}
        | SceneBeat::Centered { .. }
        | SceneBeat::Lyrics { .. } => false,
    };
    beats.iter().rev().take_while(leads_on).count()
}
