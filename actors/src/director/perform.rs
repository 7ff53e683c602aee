//! How the Director plans a chapter: reads the screenplay, and writes down for each scene what its writing needs.
//!
//! What can go wrong for good: a text that is no screenplay, one without scenes, a cast that may not be shown.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill, PlannedScene};
use hydra_events::{ContentHash, StreamName};

use super::chapter::{Chapter, PlanChapter};
use super::character::check_reference;
use super::plan::{CastDocument, CastMember, ChapterPlan, PlanScene, PlanSpeaker};
use crate::cast::default_profile;
use crate::fountain::{self, Severity};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};
use crate::request::check_id;
use crate::screenplay::{Beat, CastEntry, Scene, Script, understand};
use crate::writer::spec::{SceneBeat, SceneSpec};

/// Problems a message names before it only counts them.
const PROBLEMS_NAMED: usize = 3;

impl Perform for Chapter {
    fn perform(
        ports: Ports,
        effect: PlanChapter,
        job: Job,
    ) -> BoxFuture<'static, Result<ChapterCommand, PortError>> {
        Box::pin(plan(ports, effect, job))
    }
}

async fn plan(ports: Ports, effect: PlanChapter, job: Job) -> Result<ChapterCommand, PortError> {
    let PlanChapter { title, source } = effect;
    let script = read_script(&ports.content.get(source.screenplay).await?, &source.stem)?;
    let cast = read_cast(ports.document(source.cast).await?)?;
    let planner = Planner { chapter: job.stream.id(), source: &source, company: Company::of(&script, &cast) };
    let (mut scenes, mut listed) = (Vec::new(), Vec::new());
    for scene in &script.scenes {
        let spec = ports.keep(&planner.spec(scene)).await?;
        let stream = planner.stream(scene)?;
        listed.push(in_plan(scene, stream.clone(), spec));
        scenes.push(PlannedScene { scene: stream, spec });
    }
    let title = if title.trim().is_empty() { script.title.clone() } else { title };
    let plan = ChapterPlan { title, scenes: listed, cast: planner.company.speakers(&script) };
    Ok(ChapterCommand::AcceptPlan { plan: ports.keep(&plan).await?, scenes })
}

fn read_script(bytes: &[u8], stem: &str) -> Result<Script, PortError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        PortError::permanent(format!("the screenplay is not UTF-8 from byte {}", e.valid_up_to()))
    })?;
    fountain::check_size(text).map_err(PortError::permanent)?;
    let script = understand(&fountain::parse(text), stem);
    let errors: Vec<String> = script
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| format!("line {}: {}", problem.line, problem.message))
        .collect();
    if !errors.is_empty() {
        let named = errors.iter().take(PROBLEMS_NAMED).cloned().collect::<Vec<_>>().join("; ");
        return Err(PortError::permanent(format!("{} errors in the screenplay: {named}", errors.len())));
    }
    if script.scenes.is_empty() {
        return Err(PortError::permanent(
            "the screenplay has no scene: write a heading such as `INT. HOUSE - DAY`",
        ));
    }
    Ok(script)
}

/// A cast none of whose references is used without a right to it.
fn read_cast(cast: CastDocument) -> Result<CastDocument, PortError> {
    for member in &cast.members {
        let name = &member.profile.name;
        check_id(&member.id).map_err(|e| of_member(name, &e))?;
        member.references.iter().try_for_each(check_reference).map_err(|e| of_member(name, &e))?;
        member.profile.check().map_err(|e| of_member(name, &e))?;
    }
    Ok(cast)
}

fn of_member(name: &str, problem: &dyn std::error::Error) -> PortError {
    PortError::permanent(format!("the cast's {name}: {problem}"))
}

/// Everyone a scene may speak through, and who of them a script's name means.
struct Company {
    members: Vec<CastMember>,
    /// Member by the id the script has for one of its names.
    by_script_id: BTreeMap<String, String>,
}

impl Company {
    /// Those who speak in the script by their first words, then those who are only in the cast.
    fn of(script: &Script, cast: &CastDocument) -> Self {
        let speaking: Vec<CastMember> = script.cast.iter().map(|entry| member_of(entry, cast)).collect();
        let ids = script.cast.iter().map(|entry| entry.id.clone());
        let by_script_id = ids.zip(speaking.iter().map(|member| member.id.clone())).collect();
        let mut members: Vec<CastMember> = Vec::new();
        for member in speaking.into_iter().chain(cast.members.iter().cloned()) {
            if !members.iter().any(|known| known.id == member.id) {
                members.push(member);
            }
        }
        Self { members, by_script_id }
    }

    /// A beat of the script in which two names of one person are one person.
    fn beat(&self, beat: &Beat) -> SceneBeat {
        let mut beat = SceneBeat::of(beat);
        let member = beat.speaker().and_then(|id| self.by_script_id.get(id)).cloned();
        if let Some(member) = member {
            beat.give_to(member);
        }
        beat
    }

    fn speakers(&self, script: &Script) -> Vec<PlanSpeaker> {
        let speaks = |member: &&CastMember| {
            script.cast.iter().any(|entry| self.by_script_id.get(&entry.id) == Some(&member.id))
        };
        let speaker = |member: &CastMember| PlanSpeaker {
            id: member.id.clone(),
            name: member.profile.name.clone(),
            colour: member.profile.looks.palette.first().cloned(),
        };
        self.members.iter().filter(speaks).map(speaker).collect()
    }
}

/// The profile of one who speaks; a default one under the script's own id where the cast has none.
fn member_of(entry: &CastEntry, cast: &CastDocument) -> CastMember {
    let names = std::iter::once(&entry.name).chain(&entry.aliases_seen).map(String::as_str);
    let default = || {
        let profile = default_profile(&entry.id, &entry.name);
        CastMember { id: entry.id.clone(), profile, references: Vec::new() }
    };
    cast.member(&entry.id, names).cloned().unwrap_or_else(default)
}

struct Planner<'a> {
    chapter: &'a str,
    source: &'a ChapterSource,
    company: Company,
}

impl Planner<'_> {
    fn stream(&self, scene: &Scene) -> Result<StreamName, PortError> {
        StreamName::try_new("scene", &join_id(&[self.chapter, &scene.id])).map_err(PortError::permanent)
    }

    fn spec(&self, scene: &Scene) -> SceneSpec {
        let beats: Vec<SceneBeat> = scene.beats.iter().map(|beat| self.company.beat(beat)).collect();
        SceneSpec {
            chapter: self.chapter.to_owned(),
            scene: scene.id.clone(),
            heading: scene.heading.clone(),
            place: scene.place.clone(),
            time_of_day: scene.time_of_day,
            interior: scene.interior,
            cast: self.cast(&beats),
            beats,
            fill: self.source.fill,
            candidates: self.source.candidates,
        }
    }

    /// Those who speak, or in a scene where nobody does and lines are to be filled in, those who are mentioned.
    fn cast(&self, beats: &[SceneBeat]) -> Vec<CastMember> {
        let speak =
            |member: &&CastMember| beats.iter().any(|beat| beat.speaker() == Some(member.id.as_str()));
        let mut cast: Vec<CastMember> = self.company.members.iter().filter(speak).cloned().collect();
        cast.sort_by(|a, b| a.id.cmp(&b.id));
        let silent = !beats.iter().any(|beat| beat.line().is_some());
        if silent && self.source.fill == Fill::Placeholders {
            for member in mentioned(beats, &self.company.members) {
                if !cast.contains(member) {
                    cast.push(member.clone());
                }
            }
        }
        cast
    }
}

/// The members whose name or alias stands in the narration, by where they are mentioned first.
fn mentioned<'a>(beats: &[SceneBeat], members: &'a [CastMember]) -> Vec<&'a CastMember> {
    let told = beats.iter().filter_map(|beat| match beat {
        SceneBeat::Narration { text, .. } => Some(fountain::plain(text)),
        SceneBeat::Line(_)
        | SceneBeat::Pause {}
        | SceneBeat::Transition { .. }
        | SceneBeat::Centered { .. }
        | SceneBeat::Lyrics { .. } => None,
    });
    let told = spaced(&told.collect::<Vec<_>>().join(" "));
    let first =
        |member: &CastMember| member.profile.names().filter_map(|name| told.find(&spaced(name))).min();
    let mut found: Vec<_> = members.iter().filter_map(|member| Some((first(member)?, member))).collect();
    found.sort_by(|(at, a), (place, b)| at.cmp(place).then_with(|| a.id.cmp(&b.id)));
    found.into_iter().map(|(_, member)| member).collect()
}

/// The words of a text in lower case, each with a space before and behind it, so that only whole words are found.
fn spaced(text: &str) -> String {
    let words: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn in_plan(scene: &Scene, stream: StreamName, spec: ContentHash) -> PlanScene {
    let (number, id, heading) = (scene.number, scene.id.clone(), scene.heading.clone());
    PlanScene { number, id, heading, scene: stream, spec }
}
