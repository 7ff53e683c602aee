//! The story so far, as it was at some position: what those who write prompts may recall.
//!
//! A fold of the log up to exactly there, of which only what precedes a chapter in story order is told: chapters that
//! were asked for before it, by the same owner or for everyone, and what was known of the world by then. What can go wrong: the log cannot be read; an event that
//! cannot be is left out, as the views leave it out.

mod fold;
mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_events::record::{Position, Visibility};
use hydra_events::vector::Vector;
use hydra_events::vocabulary::terms::{ShownKind, Shows};
use hydra_events::{ContentHash, StreamName};

use crate::likeness::{Best, Nearest};

pub use kept::{Pasts, Planned};

/// Scenes of a plan that are told before one of them.
pub const BEFORE_MAX: usize = 12;

/// What had come of every story.
#[derive(Clone, Debug, Default)]
pub struct Past {
    position: Position,
    chapters: BTreeMap<String, Chapter>,
    scenes: BTreeMap<StreamName, Scene>,
    images: BTreeMap<StreamName, Image>,
    shown: BTreeMap<Subject, BTreeSet<StreamName>>,
    passages: BTreeMap<StreamName, Arc<Passage>>,
}

#[derive(Clone, Debug)]
struct Chapter {
    /// When it was first asked for: its place among the others.
    asked: Position,
    owner: Arc<str>,
    visibility: Visibility,
    /// Its scenes in their order; none once it is cancelled.
    scenes: Vec<StreamName>,
}

#[derive(Clone, Debug)]
struct Scene {
    script: ContentHash,
    speakers: BTreeSet<String>,
    talks: Vec<Talk>,
}

#[derive(Clone, Debug)]
struct Image {
    chapter: String,
    shows: Shows,
    brief: ContentHash,
    approved: Option<ContentHash>,
}

/// A passage of a document, as a model placed it.
#[derive(Debug)]
struct Passage {
    owner: Arc<str>,
    visibility: Visibility,
    content: ContentHash,
    model: String,
    vector: Vector,
}

/// What has one look: a subject in an outfit, a place at a time of day.
type Subject = (ShownKind, String, String);

/// That somebody's words were answered by somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Whose words.
    pub speaker: String,
    /// By whom.
    pub listener: String,
    /// How often.
    pub times: u64,
    /// What the speaker's face showed.
    pub moods: BTreeSet<String>,
}

/// An approved picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The picture.
    pub image: StreamName,
    /// Its chapter's id.
    pub chapter: String,
    /// What it shows.
    pub shows: Shows,
    /// What it was drawn from.
    pub brief: ContentHash,
    /// The file.
    pub blob: ContentHash,
}

impl Past {
    /// The last event it has seen.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Scenes of earlier chapters in which `character` speaks, with their scripts: the last one first, at most `limit`.
    pub fn scenes_with(
        &self,
        chapter: &str,
        character: &str,
        limit: usize,
    ) -> Vec<(StreamName, ContentHash)> {
        let scenes = self.before(chapter).into_iter().flat_map(|(_, chapter)| chapter.scenes.iter().rev());
        let written = scenes.filter_map(|name| Some((name, self.scenes.get(name)?)));
        let heard = written.filter(|(_, scene)| scene.speakers.contains(character));
        heard.take(limit).map(|(name, scene)| (name.clone(), scene.script)).collect()
    }

    /// Who of `characters` spoke with whom of them in earlier chapters, by their ids.
    pub fn relations(&self, chapter: &str, characters: &[String]) -> Vec<Talk> {
        let mut all: BTreeMap<(&str, &str), Talk> = BTreeMap::new();
        let scenes = self.before(chapter).into_iter().flat_map(|(_, chapter)| &chapter.scenes);
        let talks = scenes.filter_map(|name| self.scenes.get(name)).flat_map(|scene| &scene.talks);
        for talk in talks.filter(|talk| characters.contains(&talk.speaker)) {
            if !characters.contains(&talk.listener) {
                continue;
            }
            let empty = || Talk { times: 0, moods: BTreeSet::new(), ..talk.clone() };
            let sum = all.entry((&talk.speaker, &talk.listener)).or_insert_with(empty);
            sum.times += talk.times;
            sum.moods.extend(talk.moods.iter().cloned());
        }
        all.into_values().collect()
    }

    /// Approved pictures of what `shows` is a picture of, whatever the face: those of the last of the earlier chapters
    /// first, then by name; at most `limit`.
    pub fn looks(&self, chapter: &str, shows: &Shows, limit: usize) -> Vec<Approved> {
        let places: BTreeMap<&str, usize> =
            self.before(chapter).into_iter().map(|(id, _)| id).zip(0..).collect();
        let shown = self.shown.get(&subject(shows)).into_iter().flatten();
        let known = shown.filter_map(|name| {
            let image = self.images.get(name)?;
            Some((*places.get(image.chapter.as_str())?, name, image, image.approved?))
        });
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(place, name, ..)| (*place, *name));
        let approved = known.into_iter().take(limit).map(|(_, name, image, blob)| {
            let Image { chapter, shows, brief, .. } = image.clone();
            Approved { image: name.clone(), chapter, shows, brief, blob }
        });
        approved.collect()
    }

    /// Whether any passage that may be told in `chapter` was placed by `model`.
    pub fn knows(&self, chapter: &str, model: &str) -> bool {
        self.told(chapter, model).next().is_some()
    }

    /// The passages that may be told in `chapter` and are nearest to `vector`, of those that `model` placed: the nearest
    /// first, at most `limit`, with their content. None is without anything in common.
    pub fn knowledge(
        &self,
        chapter: &str,
        model: &str,
        vector: Vector,
        limit: usize,
    ) -> Vec<(StreamName, ContentHash)> {
        let asked = Nearest { vector, model: model.to_owned(), filters: Vec::new(), limit };
        let mut best = Best::of(&asked);
        for (name, passage) in self.told(chapter, model) {
            best.look(name.as_str(), &passage.vector.to_bytes());
        }
        let near = best.found().into_iter().filter(|near| near.score > 0.0);
        near.filter_map(|near| {
            let name: StreamName = near.id.parse().ok()?;
            let content = self.passages.get(&name)?.content;
            Some((name, content))
        })
        .collect()
    }

    fn told<'a>(
        &'a self,
        chapter: &str,
        model: &'a str,
    ) -> impl Iterator<Item = (&'a StreamName, &'a Passage)> {
        let owner = self.chapters.get(chapter).map(|chapter| Arc::clone(&chapter.owner));
        let passages = self.passages.iter().map(|(name, passage)| (name, passage.as_ref()));
        passages.filter(move |(_, passage)| {
            let may =
                owner.as_ref().is_some_and(|owner| may_be_told(owner, &passage.owner, passage.visibility));
            may && passage.model == model
        })
    }

    /// The chapters that precede `chapter` and may be told in it, the last one first.
    fn before(&self, chapter: &str) -> Vec<(&str, &Chapter)> {
        let Some(now) = self.chapters.get(chapter) else { return Vec::new() };
        let told = |earlier: &Chapter| may_be_told(&now.owner, &earlier.owner, earlier.visibility);
        let earlier = self.chapters.iter().filter(|(_, earlier)| earlier.asked < now.asked && told(earlier));
        let mut earlier: Vec<_> = earlier.map(|(id, chapter)| (id.as_str(), chapter)).collect();
        earlier.sort_by_key(|(_, chapter)| std::cmp::Reverse(chapter.asked));
        earlier
    }
}

/// Whether what is `theirs` may be told in a story of `owner`.
fn may_be_told(owner: &str, theirs: &str, visibility: Visibility) -> bool {
    owner == theirs
        || match visibility {
            Visibility::Private => false,
            Visibility::Household | Visibility::Public => true,
        }
}

fn subject(shows: &Shows) -> Subject {
    (shows.kind, shows.subject.clone(), shows.outfit.clone())
}
