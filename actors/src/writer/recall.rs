//! What the Writer recalls: what those who are to speak have said before and with whom they spoke, what is known of what a
//! scene is about, and what a subject looked like in earlier chapters. Each answer is kept with its question; the event says where, and as of when.
//!
//! What can go wrong: a file that a fact stands in is no longer kept; the fact is not recalled then. Where something is known,
//! the model that places texts is asked, and may be away: the attempt fails for now.

use std::collections::BTreeMap;

use hydra_events::content::ContentError;
use hydra_events::vocabulary::terms::{Brief, Recalled, Shows};
use hydra_events::{ContentHash, StreamName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::script::SceneScript;
use super::spec::{SceneBeat, SceneSpec};
use crate::archivist::knowledge::PassageText;
use crate::perform::Job;
use crate::ports::{EarlierLine, KnownPassage, Look, Moment, PortError, Ports, StoryFacts, WorldFact};

/// Earlier lines recalled of each character.
pub const LINES_MAX: usize = 3;
/// Characters asked about; a scene in which more are silent is rare.
const CHARACTERS_MAX: usize = 16;
/// Scenes read for the lines of one scene's characters.
const SCENES_READ_MAX: usize = 12;
/// Passages recalled of a scene.
pub const PASSAGES_MAX: usize = 3;
/// Words of a scene that passages are looked for by, in characters.
const WORDS_CHARS_MAX: usize = 1_000;
/// Pictures that are looked at for one that looks as it should.
const LOOKS_READ_MAX: usize = 16;
/// Pictures recalled for a prompt.
pub const LOOKS_MAX: usize = 3;
/// The face that says least, where there is none with the wanted one.
const NEUTRAL: &str = "neutral";
/// Characters of an earlier line that are recalled.
const LINE_CHARS_MAX: usize = 200;

/// The question about a scene's characters with its answer, as JSON in the content store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryRecall {
    /// The scene that is written.
    pub scene: StreamName,
    /// Who was asked about, by id.
    pub characters: Vec<String>,
    /// What was found.
    pub found: StoryFacts,
}

/// The question about a picture's subject with its answer, as JSON in the content store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooksRecall {
    /// The chapter that is written.
    pub chapter: StreamName,
    /// What is to be shown.
    pub shows: Shows,
    /// The approved pictures that show the same looks, the best first.
    pub found: Vec<Look>,
}

/// What is recalled of those who are to speak in `spec`, which has no lines yet.
pub async fn story(
    ports: &Ports,
    job: &Job,
    spec: &SceneSpec,
    moment: Option<&Moment>,
) -> Result<(StoryFacts, Option<Recalled>), PortError> {
    let Some(moment) = moment else { return Ok((StoryFacts::default(), None)) };
    let characters: Vec<String> =
        spec.cast.iter().take(CHARACTERS_MAX).map(|member| member.id.clone()).collect();
    let mut search = Search { ports, moment, lines: BTreeMap::new(), reads: 0 };
    search.same_chapter(&characters).await?;
    for character in &characters {
        search.earlier_chapters(character).await?;
    }
    let lines: Vec<EarlierLine> = search.lines.into_values().flatten().collect();
    let relations = ports.recall.relations(moment, &characters).await?;
    let world = world(ports, job, spec, moment).await?;
    let found = StoryFacts { lines, relations, world };
    if found == StoryFacts::default() {
        return Ok((found, None));
    }
    let scenes = found.lines.iter().map(|line| line.scene.clone());
    let mut from: Vec<StreamName> =
        scenes.chain(found.world.iter().map(|fact| fact.passage.clone())).collect();
    from.sort();
    from.dedup();
    let recall = StoryRecall { scene: job.stream.clone(), characters, found };
    let facts = ports.keep(&recall).await?;
    Ok((recall.found, Some(Recalled { position: moment.position, facts, from })))
}

/// What is known of what happens in `spec` and where.
async fn world(
    ports: &Ports,
    job: &Job,
    spec: &SceneSpec,
    moment: &Moment,
) -> Result<Vec<WorldFact>, PortError> {
    if !ports.recall.knows(moment, &ports.embedder.model().name).await? {
        return Ok(Vec::new());
    }
    let told = spec.beats.iter().filter_map(|beat| match beat {
        SceneBeat::Narration { text, .. } | SceneBeat::Centered { text } => Some(text.as_str()),
        SceneBeat::Line(_)
        | SceneBeat::Pause {}
        | SceneBeat::Transition { .. }
        | SceneBeat::Lyrics { .. } => None,
    });
    let words = [spec.heading.as_str()].into_iter().chain(told).collect::<Vec<_>>().join("\n");
    let words: String = words.chars().take(WORDS_CHARS_MAX).collect();
    if !words.chars().any(char::is_alphanumeric) {
        return Ok(Vec::new());
    }
    let mut facts = Vec::new();
    let (model, vector) = ports.place(words, &format!("{}/recall", job.key())).await?;
    for KnownPassage { passage, content } in
        ports.recall.knowledge(moment, &model.name, vector, PASSAGES_MAX).await?
    {
        let known: Option<PassageText> = kept(ports, content).await?;
        facts.extend(known.map(|PassageText { title, headings, text }| {
            let place = [title].into_iter().chain(headings).collect();
            WorldFact { passage, place, text }
        }));
    }
    Ok(facts)
}

/// What is recalled of how the subject of `brief` looks.
pub async fn looks(
    ports: &Ports,
    brief: &Brief,
    moment: Option<&Moment>,
) -> Result<Option<Recalled>, PortError> {
    let Some(moment) = moment else { return Ok(None) };
    let mut found = Vec::new();
    for look in ports.recall.looks(moment, &brief.shows, LOOKS_READ_MAX).await? {
        let drawn_from: Option<Brief> = kept(ports, look.brief).await?;
        if drawn_from.is_some_and(|earlier| looks_the_same(&earlier, brief)) {
            found.push(look);
        }
    }
    // The order of chapters stays among those with an equally good face.
    found.sort_by_key(|look| {
        (look.shows.expression != brief.shows.expression, look.shows.expression != NEUTRAL)
    });
    found.truncate(LOOKS_MAX);
    if found.is_empty() {
        return Ok(None);
    }
    let from = found.iter().map(|look| look.image.clone()).collect();
    let recall = LooksRecall { chapter: moment.chapter.clone(), shows: brief.shows.clone(), found };
    Ok(Some(Recalled { position: moment.position, facts: ports.keep(&recall).await?, from }))
}

/// Whether what two briefs show is meant to look the same; the face and the moment may differ.
fn looks_the_same(earlier: &Brief, now: &Brief) -> bool {
    (&earlier.traits, &earlier.clothing, &earlier.palette, &earlier.interior)
        == (&now.traits, &now.clothing, &now.palette, &now.interior)
}

/// A search for earlier lines, from the scene backwards.
struct Search<'a> {
    ports: &'a Ports,
    moment: &'a Moment,
    lines: BTreeMap<String, Vec<EarlierLine>>,
    reads: usize,
}

impl Search<'_> {
    async fn same_chapter(&mut self, characters: &[String]) -> Result<(), PortError> {
        for planned in self.moment.before.iter().rev() {
            if self.reads >= SCENES_READ_MAX || characters.iter().all(|character| self.is_full(character)) {
                break;
            }
            self.reads += 1;
            let spec: Option<SceneSpec> = kept(self.ports, planned.spec).await?;
            let beats = spec.map(|spec| spec.beats).unwrap_or_default();
            for character in characters {
                self.gather(character, &planned.scene, beats.iter());
            }
        }
        Ok(())
    }

    async fn earlier_chapters(&mut self, character: &str) -> Result<(), PortError> {
        if self.is_full(character) {
            return Ok(());
        }
        for written in self.ports.recall.scenes_with(self.moment, character, LINES_MAX).await? {
            if self.is_full(character) {
                break;
            }
            let script: Option<SceneScript> = kept(self.ports, written.script).await?;
            let beats = script.map(|script| script.beats).unwrap_or_default();
            self.gather(character, &written.scene, beats.iter().map(|beat| &beat.beat));
        }
        Ok(())
    }

    fn is_full(&self, character: &str) -> bool {
        self.lines.get(character).is_some_and(|lines| lines.len() >= LINES_MAX)
    }

    /// The last lines of `character` in a scene.
    fn gather<'b>(
        &mut self,
        character: &str,
        scene: &StreamName,
        beats: impl DoubleEndedIterator<Item = &'b SceneBeat>,
    ) {
        let said = beats.rev().filter_map(SceneBeat::line).filter(|line| line.speaker == character);
        let lines = self.lines.entry(character.to_owned()).or_default();
        let room = LINES_MAX.saturating_sub(lines.len());
        lines.extend(said.take(room).map(|line| EarlierLine {
            speaker: line.speaker.clone(),
            text: line.spoken.chars().take(LINE_CHARS_MAX).collect(),
            scene: scene.clone(),
        }));
    }
}

/// The document under `hash`, where it is still kept.
async fn kept<T: DeserializeOwned>(ports: &Ports, hash: ContentHash) -> Result<Option<T>, PortError> {
    match ports.content.get(hash).await {
        // What cannot be read was written by another version.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(ContentError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
